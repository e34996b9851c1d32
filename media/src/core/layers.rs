//! Which of a sender's simulcast layers a receiver gets: the best one that fits into its bandwidth.
//!
//! Down at once, up only after the room for it has been there for a while: a picture that flickers between two sizes is
//! worse than the smaller one. The change itself happens at a key frame of the new layer; until it comes, the old one
//! goes on.

use std::time::{Duration, Instant};

/// Layers of one picture, at most: what browsers send.
pub const LAYERS_MAX: usize = 3;
/// The bandwidth must exceed what the better layer takes by this factor, in percent.
const HEADROOM_PERCENT: u64 = 120;
/// For how long it must do so.
pub const UP_AFTER: Duration = Duration::from_secs(1);

/// One of a sender's layers, 0 is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layer(pub u8);

/// What a layer takes now, in bits a second; `None` while the sender does not send it.
pub type Rates = [Option<u64>; LAYERS_MAX];

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It goes out.
    Forward,
    /// It goes out, and is the first one of its layer: numbers go on from here.
    Switch,
    /// It stays.
    Drop,
}

/// The choice for one receiver of one picture.
#[derive(Debug)]
pub struct Selection {
    /// Larger ones are not wanted: the receiver shows it small.
    most: Layer,
    current: Option<Layer>,
    target: Option<Layer>,
    /// Since when a better one would fit.
    fits_since: Option<(Layer, Instant)>,
}

impl Selection {
    /// Nothing yet; never larger than `most`.
    pub fn new(most: Layer) -> Self {
        Self { most, current: None, target: None, fits_since: None }
    }

    /// The receiver shows it in another size.
    pub fn limit(&mut self, most: Layer) {
        self.most = most;
    }

    /// The source begins anew: what goes out next is a key frame again.
    pub fn restart(&mut self) {
        self.current = None;
    }

    /// The layer that goes out.
    pub fn current(&self) -> Option<Layer> {
        self.current
    }

    /// The layer whose key frame is waited for.
    pub fn awaited(&self) -> Option<Layer> {
        self.target.filter(|target| Some(*target) != self.current)
    }

    /// Chooses anew, with this much bandwidth in bits a second for the picture.
    pub fn choose(&mut self, rates: &Rates, bandwidth: u64, now: Instant) {
        let sent = |layer: Layer| rates[usize::from(layer.0)];
        let all = (0..LAYERS_MAX as u8).map(Layer).filter(|layer| sent(*layer).is_some());
        // Where even the smallest is larger than wanted, it is better than nothing.
        let most = all.clone().next().map_or(self.most, |smallest| smallest.max(self.most));
        let usable = all.filter(move |layer| *layer <= most);
        let fits = |layer: &Layer| sent(*layer).is_some_and(|rate| rate <= bandwidth);
        // With too little for any, the smallest is better than nothing.
        let Some(best) = usable.clone().rev().find(fits).or_else(|| usable.clone().next()) else {
            (self.target, self.fits_since) = (None, None);
            return;
        };
        let Some(now_at) = self.target.filter(|target| usable.clone().any(|layer| layer == *target)) else {
            (self.target, self.fits_since) = (Some(best), None);
            return;
        };
        if best <= now_at {
            (self.target, self.fits_since) = (Some(best), None);
            return;
        }
        let roomy = |layer: &Layer| sent(*layer).is_some_and(|rate| rate * HEADROOM_PERCENT <= bandwidth * 100);
        let Some(better) = usable.rev().find(|layer| *layer > now_at && roomy(layer)) else {
            self.fits_since = None;
            return;
        };
        match self.fits_since {
            Some((_, since)) if now.duration_since(since) >= UP_AFTER => (self.target, self.fits_since) = (Some(better), None),
            Some((_, since)) => self.fits_since = Some((better, since)),
            None => self.fits_since = Some((better, now)),
        }
    }

    /// What becomes of a packet of this layer.
    pub fn packet(&mut self, layer: Layer, kind: Kind) -> Verdict {
        if Some(layer) == self.awaited() && kind == Kind::KeyFrameStart {
            self.current = Some(layer);
            return Verdict::Switch;
        }
        if Some(layer) == self.current { Verdict::Forward } else { Verdict::Drop }
    }
}

/// Whether a receiver can begin at a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first packet of a key frame.
    KeyFrameStart,
    /// Any other.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATES: Rates = [Some(150_000), Some(500_000), Some(1_500_000)];

    fn on(layer: u8) -> Selection {
        let mut selection = Selection::new(Layer(2));
        selection.target = Some(Layer(layer));
        selection.packet(Layer(layer), Kind::KeyFrameStart);
        selection
    }

    #[test]
    fn it_goes_down_at_once_and_up_after_a_while() {
        let start = Instant::now();
        let mut selection = on(2);
        selection.choose(&RATES, 600_000, start);
        assert_eq!(selection.awaited(), Some(Layer(1)));
        selection.packet(Layer(1), Kind::KeyFrameStart);
        selection.choose(&RATES, 2_000_000, start + Duration::from_millis(100));
        selection.choose(&RATES, 2_000_000, start + Duration::from_millis(900));
        assert_eq!(selection.awaited(), None);
        selection.choose(&RATES, 2_000_000, start + Duration::from_millis(1_200));
        assert_eq!(selection.awaited(), Some(Layer(2)));
    }

    #[test]
    fn just_enough_is_not_enough_to_go_up() {
        let start = Instant::now();
        let mut selection = on(1);
        for seconds in 0..5 {
            selection.choose(&RATES, 1_600_000, start + Duration::from_secs(seconds));
        }
        assert_eq!(selection.awaited(), None);
    }

    #[test]
    fn the_old_layer_goes_on_until_a_key_frame_of_the_new_one() {
        let mut selection = on(2);
        selection.choose(&RATES, 100, Instant::now());
        assert_eq!(selection.packet(Layer(2), Kind::Other), Verdict::Forward);
        assert_eq!(selection.packet(Layer(0), Kind::Other), Verdict::Drop);
        assert_eq!(selection.packet(Layer(0), Kind::KeyFrameStart), Verdict::Switch);
        assert_eq!(selection.packet(Layer(2), Kind::KeyFrameStart), Verdict::Drop);
        assert_eq!(selection.packet(Layer(0), Kind::Other), Verdict::Forward);
    }

    #[test]
    fn a_layer_that_the_sender_gives_up_is_replaced_by_one_that_it_sends() {
        let mut selection = on(2);
        selection.choose(&[Some(150_000), None, None], 9_000_000, Instant::now());
        assert_eq!(selection.awaited(), Some(Layer(0)));
        selection.choose(&[None, None, None], 9_000_000, Instant::now());
        assert_eq!(selection.awaited(), None);
    }

    proptest! {
        #[test]
        fn never_beyond_the_limit_never_what_is_not_sent_and_one_layer_at_a_time(
            steps in prop::collection::vec(
                (prop::array::uniform3(prop::option::of(1_u64..3_000_000)), 0_u64..4_000_000, 0_u8..3, 0_u8..3, any::<bool>(), 0_u64..2_000),
                1..100,
            ),
        ) {
            let mut selection = Selection::new(Layer(2));
            let mut now = Instant::now();
            let mut out = None;
            for (rates, bandwidth, most, layer, key, millis) in steps {
                now += Duration::from_millis(millis);
                selection.limit(Layer(most));
                selection.choose(&rates, bandwidth, now);
                if let Some(awaited) = selection.awaited() {
                    let smallest = rates.iter().position(Option::is_some);
                    prop_assert!(awaited <= Layer(most) || Some(usize::from(awaited.0)) == smallest);
                    prop_assert!(rates[usize::from(awaited.0)].is_some());
                }
                let kind = if key { Kind::KeyFrameStart } else { Kind::Other };
                match selection.packet(Layer(layer), kind) {
                    Verdict::Switch => {
                        prop_assert!(key);
                        out = Some(layer);
                    }
                    Verdict::Forward => prop_assert_eq!(out, Some(layer)),
                    Verdict::Drop => {}
                }
            }
        }
    }
}
