//! Which packets of a stream have come: one that is sent again may come twice, and goes out once. Beyond being useless, a
//! second copy would be encrypted under the same number as the first.

/// Packets back that are remembered; older ones count as seen.
const WINDOW: i64 = 1_024;

/// What has come of one stream.
#[derive(Debug)]
pub struct Seen {
    newest: Option<i64>,
    bits: [u64; WINDOW as usize / 64],
}

impl Default for Seen {
    fn default() -> Self {
        Self { newest: None, bits: [0; WINDOW as usize / 64] }
    }
}

/// Whether a packet is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// It is.
    First,
    /// It came before, or is too old to tell.
    Again,
}

impl Seen {
    /// A packet of this number comes.
    pub fn come(&mut self, sequence: u16) -> Time {
        let Some(newest) = self.newest else {
            self.newest = Some(i64::from(sequence));
            self.mark(i64::from(sequence));
            return Time::First;
        };
        let extended = newest + i64::from(sequence.wrapping_sub(newest as u16) as i16);
        if extended > newest {
            for between in (newest + 1).max(extended - WINDOW + 1)..extended {
                self.clear(between);
            }
            self.newest = Some(extended);
            self.clear(extended);
            self.mark(extended);
            return Time::First;
        }
        if newest - extended >= WINDOW || self.has(extended) {
            return Time::Again;
        }
        self.mark(extended);
        Time::First
    }

    fn has(&self, extended: i64) -> bool {
        let at = extended.rem_euclid(WINDOW) as usize;
        self.bits[at / 64] >> (at % 64) & 1 == 1
    }

    fn mark(&mut self, extended: i64) {
        let at = extended.rem_euclid(WINDOW) as usize;
        self.bits[at / 64] |= 1 << (at % 64);
    }

    fn clear(&mut self, extended: i64) {
        let at = extended.rem_euclid(WINDOW) as usize;
        self.bits[at / 64] &= !(1 << (at % 64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn every_packet_is_new_once(steps in prop::collection::vec(-60_i64..80, 1..400), start in any::<u16>()) {
            let (mut seen, mut come) = (Seen::default(), BTreeSet::new());
            let mut at = i64::from(start);
            for step in steps {
                at += step;
                let first = come.insert(at);
                // Before the first packet nothing is known, and everything counts as new.
                prop_assert_eq!(seen.come(at as u16) == Time::First, first);
            }
        }
    }
}
