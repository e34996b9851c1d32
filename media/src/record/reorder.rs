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

/// After this without a packet numbers say nothing of what was missed: while a track is muted, its sender goes on counting.
pub(super) const SILENT_MAX: Duration = Duration::from_secs(2);
/// Numbers farther apart than this are no loss, but a sender that counts anew: twice as far as packets may come late.
const APART_MAX: u16 = 2_048;

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
    /// How far the present stream's numbers are moved, so that they go on behind those of one before.
    moved: i64,
    /// Stream and time of the last packet.
    last: Option<(u32, Instant)>,
    held: BTreeMap<i64, Piece>,
}

impl Reorder {
    /// Takes a packet in.
    pub(super) fn push(&mut self, piece: Piece) {
        let expected = *self.expected.get_or_insert(i64::from(piece.sequence));
        let next = self.held.last_key_value().map_or(expected, |(last, _)| last + 1);
        // The number nearest to the newest one.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the lower 16 bits are meant")]
        let distance = piece.sequence.wrapping_sub((next - self.moved) as u16).cast_signed();
        let is_another = |(stream, at): (u32, Instant)| stream != piece.stream || piece.at.saturating_duration_since(at) > SILENT_MAX;
        let begins_anew = self.last.replace((piece.stream, piece.at)).is_some_and(is_another) || distance.unsigned_abs() > APART_MAX;
        let number = if begins_anew {
            // One number is left out: what was before is not known to be whole.
            self.moved = next + 1 - i64::from(piece.sequence);
            next + 1
        } else {
            next + i64::from(distance)
        };
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

    #[test]
    fn after_a_long_mute_the_voice_goes_on_wherever_its_numbers_are_by_then() {
        let (mut reorder, begin) = (Reorder::default(), Instant::now());
        reorder.push(piece(10, begin));
        assert_eq!(popped(&mut reorder, begin), [Some(10)]);
        for (minutes, sequence) in [(12, 36_010), (34, 36_000), (35, 39_000)] {
            let now = begin + Duration::from_secs(minutes * 60);
            reorder.push(piece(sequence, now));
            reorder.push(piece(sequence + 1, now));
            assert_eq!(popped(&mut reorder, now + WAIT_MAX), [None, Some(sequence), Some(sequence + 1)]);
        }
    }

    #[test]
    fn another_stream_of_the_same_track_goes_on_behind_what_is_held() {
        let (mut reorder, now) = (Reorder::default(), Instant::now());
        for sequence in [100, 101, 103] {
            reorder.push(piece(sequence, now));
        }
        let another = |sequence| Piece { stream: 2, ..piece(sequence, now) };
        [90, 91, 93, 92].into_iter().for_each(|sequence| reorder.push(another(sequence)));
        let told = popped(&mut reorder, now + WAIT_MAX);
        assert_eq!(told, [Some(100), Some(101), None, Some(103), None, Some(90), Some(91), Some(92), Some(93)]);
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
