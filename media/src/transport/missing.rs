//! Packets of a client's stream that did not come, and are asked for again (RFC 4585 section 6.2.1).

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Packets that merely overtook each other are given this long.
const PATIENCE: Duration = Duration::from_millis(15);
/// Time between two requests for the same packet: about a way there and back on a slow link.
const AGAIN: Duration = Duration::from_millis(100);
/// After so many requests it is given up: receivers have gone on by then.
const ASKED_MAX: u8 = 5;
/// A hole larger than this is not filled but begun anew after; about half a second of a large picture.
const HOLE_MAX: i64 = 100;
/// Missing packets that are remembered at most.
const MISSING_MAX: usize = 200;

#[derive(Debug)]
struct Lacking {
    due: Instant,
    asked: u8,
}

/// What one stream lacks.
#[derive(Debug, Default)]
pub struct Missing {
    newest: Option<i64>,
    lacking: BTreeMap<i64, Lacking>,
}

impl Missing {
    /// A packet of this number came.
    pub fn came(&mut self, sequence: u16, now: Instant) {
        let Some(newest) = self.newest else {
            self.newest = Some(i64::from(sequence));
            return;
        };
        let extended = newest + i64::from(sequence.wrapping_sub(newest as u16) as i16);
        if extended <= newest {
            self.lacking.remove(&extended);
            return;
        }
        self.newest = Some(extended);
        if extended - newest > HOLE_MAX {
            self.lacking.clear();
            return;
        }
        for lacking in newest + 1..extended {
            self.lacking.insert(lacking, Lacking { due: now + PATIENCE, asked: 0 });
        }
        while self.lacking.len() > MISSING_MAX {
            self.lacking.pop_first();
        }
    }

    /// When something is to be asked for; `None` while nothing is missing.
    pub fn due(&self) -> Option<Instant> {
        self.lacking.values().map(|lacking| lacking.due).min()
    }

    /// What is to be asked for now, in ascending order.
    pub fn ask(&mut self, now: Instant) -> Vec<u16> {
        let mut asked = Vec::new();
        self.lacking.retain(|number, lacking| {
            if lacking.due > now {
                return true;
            }
            if lacking.asked >= ASKED_MAX {
                return false;
            }
            (lacking.due, lacking.asked) = (now + AGAIN, lacking.asked + 1);
            asked.push(*number as u16);
            true
        });
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_asked_for_a_few_times_and_given_up() {
        let start = Instant::now();
        let mut missing = Missing::default();
        for sequence in [65_534, 65_535, 2, 1] {
            missing.came(sequence, start);
        }
        assert_eq!(missing.ask(start), [] as [u16; 0]);
        let mut now = start + PATIENCE;
        for _ in 0..ASKED_MAX {
            assert_eq!(missing.ask(now), [0]);
            assert_eq!(missing.ask(now), [] as [u16; 0]);
            now = missing.due().unwrap();
        }
        assert_eq!(missing.ask(now), [] as [u16; 0]);
        assert_eq!(missing.due(), None);
    }

    #[test]
    fn what_came_late_is_not_asked_for_and_a_large_hole_is_left() {
        let start = Instant::now();
        let mut missing = Missing::default();
        for sequence in [1, 4, 3, 2] {
            missing.came(sequence, start);
        }
        assert_eq!(missing.due(), None);
        missing.came(1_000, start);
        assert_eq!(missing.due(), None);
    }
}
