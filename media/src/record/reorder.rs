//! Puts a track's packets in order again, and says where one is lost for good.
//!
//! A packet that is asked for again comes some round trips later, so the window waits for it, but neither for ever nor
//! with unbounded memory.

use super::tap::Piece;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long a missing packet is waited for: some round trips around the world.
pub(super) const WAIT_MAX: Duration = Duration::from_millis(500);
/// Packets that are held while one is missing, at most: a large key frame and what follows it.
pub(super) const HELD_MAX: usize = 512;

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    /// The packet behind the last one.
    Packet(Piece),
    /// One or more packets will not come.
    Gap,
}

/// The window of one RTP stream.
#[derive(Debug, Default)]
pub(super) struct Reorder {
    /// Number of the packet that is to come, counted on over the wrap.
    expected: Option<i64>,
    held: BTreeMap<i64, Piece>,
}

impl Reorder {
    /// Takes a packet in.
    pub(super) fn push(&mut self, piece: Piece) {
        let expected = *self.expected.get_or_insert(i64::from(piece.sequence));
        // The number nearest to the one that is expected.
        #[allow(clippy::cast_possible_truncation, reason = "the lower 16 bits are meant")]
        let distance = piece.sequence.wrapping_sub(expected as u16).cast_signed();
        let number = expected + i64::from(distance);
        if number >= expected {
            // A repetition says the same.
            self.held.entry(number).or_insert(piece);
        }
    }

    /// What can be told by now.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Next> {
        let (first, piece) = self.held.first_key_value()?;
        let expected = self.expected?;
        if *first == expected {
            self.expected = Some(expected + 1);
            return self.held.pop_first().map(|(_, piece)| Next::Packet(piece));
        }
        // The oldest of those that are held came no later than what is missing would have.
        let waited = now.saturating_duration_since(piece.at);
        if waited < WAIT_MAX && self.held.len() < HELD_MAX {
            return None;
        }
        self.expected = Some(*first);
        Some(Next::Gap)
    }

    /// What is there, in order, without waiting any longer.
    pub(super) fn drain(&mut self) -> Vec<Next> {
        let mut rest = Vec::new();
        while let Some((number, piece)) = self.held.pop_first() {
            if self.expected != Some(number) {
                rest.push(Next::Gap);
            }
            self.expected = Some(number + 1);
            rest.push(Next::Packet(piece));
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::piece;
    use proptest::prelude::*;

    fn popped(reorder: &mut Reorder, now: Instant) -> Vec<Option<u16>> {
        let mut all = Vec::new();
        while let Some(next) = reorder.pop(now) {
            all.push(match next {
                Next::Packet(piece) => Some(piece.sequence),
                Next::Gap => None,
            });
        }
        all
    }

    #[test]
    fn what_comes_late_is_put_in_its_place_also_over_the_wrap() {
        let (mut reorder, now) = (Reorder::default(), Instant::now());
        for sequence in [65_534, 0, 65_535, 65_535, 2, 1] {
            reorder.push(piece(sequence, now));
        }
        assert_eq!(popped(&mut reorder, now), [65_534, 65_535, 0, 1, 2].map(Some));
    }

    #[test]
    fn what_does_not_come_is_a_gap_after_a_time() {
        let (mut reorder, now) = (Reorder::default(), Instant::now());
        for sequence in [1, 3, 4] {
            reorder.push(piece(sequence, now));
        }
        assert_eq!(popped(&mut reorder, now), [Some(1)]);
        assert_eq!(popped(&mut reorder, now + WAIT_MAX), [None, Some(3), Some(4)]);
        // The one that was given up comes after all.
        reorder.push(piece(2, now));
        assert_eq!(popped(&mut reorder, now + WAIT_MAX), []);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_told_once_in_order_and_memory_is_bounded(start in any::<u16>(), steps in prop::collection::vec(-20_i16..60, 1..2_000)) {
            let now = Instant::now();
            let mut reorder = Reorder::default();
            reorder.push(piece(start, now));
            let mut told = popped(&mut reorder, now);
            let mut sequence = start;
            for step in steps {
                sequence = sequence.wrapping_add_signed(step);
                reorder.push(piece(sequence, now));
                told.extend(popped(&mut reorder, now));
                prop_assert!(reorder.held.len() <= HELD_MAX);
            }
            for next in reorder.drain() {
                told.push(match next { Next::Packet(piece) => Some(piece.sequence), Next::Gap => None });
            }
            let told: Vec<_> = told.into_iter().flatten().collect();
            for pair in told.windows(2) {
                prop_assert!(pair[1].wrapping_sub(pair[0]).cast_signed() > 0);
            }
        }
    }
}
