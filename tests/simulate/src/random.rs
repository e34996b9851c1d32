//! Numbers that look random and follow from a seed, the same on every machine and in every release: a seed that showed a
//! fault shows it again. A library's generator may change its stream; this one may not.

/// A source of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of one purpose: those of another do not shift when this one takes more of them.
    pub fn new(seed: u64, purpose: &str, number: u64) -> Self {
        // FNV-1a over the purpose, so that neighbouring numbers begin far apart.
        let named = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut random = Self(seed ^ named.rotate_left(17) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.number();
        random
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, not including, `end`; 0 when there is nothing below it.
    pub fn below(&mut self, end: u64) -> u64 {
        // The bias of the remainder is far below what a day of a shop could show.
        self.number() % end.max(1)
    }

    /// From `first` to `last`, both included.
    pub fn between(&mut self, first: u32, last: u32) -> u32 {
        let span = u64::from(last.saturating_sub(first)) + 1;
        first + u32::try_from(self.below(span)).unwrap_or(0)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True in so many cases out of a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        let at = usize::try_from(self.below(all.len() as u64)).unwrap_or(0);
        all[at].clone()
    }

    /// A waiting time with this mean, exponential.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -(1.0 - self.unit()).ln() * mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_for_ever() {
        let mut random = Random::new(7, "visit", 3);
        let numbers: Vec<u64> = (0..3).map(|_| random.below(1_000_000)).collect();
        assert_eq!(numbers, [244_987, 386_045, 395_192]);
    }

    #[test]
    fn two_purposes_of_one_seed_have_nothing_in_common() {
        let (mut one, mut other) = (Random::new(7, "visit", 3), Random::new(7, "visit", 4));
        assert!((0..100).all(|_| one.number() != other.number()));
    }

    #[test]
    fn shares_come_out_as_asked() {
        let mut random = Random::new(1, "share", 0);
        let hits = (0..10_000).filter(|_| random.percent(30)).count();
        assert!((2_700..3_300).contains(&hits), "{hits}");
        let mean = (0..10_000).map(|_| random.exponential(20.0)).sum::<f64>() / 10_000.0;
        assert!((19.0..21.0).contains(&mean), "{mean}");
    }
}
