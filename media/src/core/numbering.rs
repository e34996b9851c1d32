//! Sequence numbers and timestamps of one outgoing stream (RFC 3550 section 5.1).
//!
//! A receiver sees one stream that goes on without a break, whichever of the sender's layers it comes from, and whatever
//! is left out on the way: padding-only probes, packets before a key frame. A gap that the sender or the network made
//! stays a gap, so that the receiver asks for what is missing; a gap that this server made is closed, so that it does not.

use std::collections::VecDeque;

/// Gaps closed lately that a late packet may still fall behind of. A packet later than all of them is of no use to
/// anybody: receivers have long given it up.
const GAPS_MAX: usize = 64;
/// How far back a packet may be and still be late, not early: half of the number space (RFC 1982).
const HALF: u16 = 1 << 15;

/// The numbers of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Sequence number.
    pub sequence: u16,
    /// RTP timestamp, in ticks of the stream's clock.
    pub timestamp: u32,
}

/// From some packet of the source on, how much less the outgoing sequence number is.
#[derive(Debug, Clone, Copy)]
struct Shift {
    from: i64,
    less: i64,
}

/// The source that the stream comes from now.
#[derive(Debug)]
struct Source {
    /// Highest extended sequence number seen.
    newest: i64,
    /// Changes of the shift, oldest first; never empty.
    shifts: VecDeque<Shift>,
    /// What is added to its timestamps.
    later: u32,
}

/// Gives one outgoing stream its numbers.
#[derive(Debug)]
pub struct Numbering {
    /// The next extended sequence number for a new source.
    next: i64,
    timestamp: u32,
    source: Option<Source>,
}

impl Numbering {
    /// A stream whose first packet has these numbers.
    pub fn new(first: Numbers) -> Self {
        Self { next: i64::from(first.sequence), timestamp: first.timestamp, source: None }
    }

    /// The stream goes on from another source, whose packet `first` is the next one out. `ticks` is the time since the last
    /// packet, in ticks of the clock; at least one, since two pictures never have the same timestamp.
    pub fn switch(&mut self, first: Numbers, ticks: u32) {
        let from = i64::from(first.sequence);
        let timestamp = if self.source.is_some() { self.timestamp.wrapping_add(ticks.max(1)) } else { self.timestamp };
        self.source = Some(Source {
            // Nothing before the first packet has been seen.
            newest: from - 1,
            shifts: VecDeque::from([Shift { from, less: from - self.next }]),
            later: timestamp.wrapping_sub(first.timestamp),
        });
    }

    /// The numbers that a packet of the present source goes out with; `None` when it is from before the switch, or too late
    /// for it to be known what was left out since.
    pub fn forward(&mut self, packet: Numbers) -> Option<Numbers> {
        let source = self.source.as_mut()?;
        let extended = source.extend(packet.sequence);
        let less = source.less(extended)?;
        let timestamp = packet.timestamp.wrapping_add(source.later);
        if extended > source.newest {
            source.newest = extended;
            self.next = extended - less + 1;
            self.timestamp = timestamp;
        }
        Some(Numbers { sequence: low(extended - less), timestamp })
    }

    /// The timestamp under which the receiver knows this instant of the present source's clock: what a sender report, which
    /// ties timestamps to the time of day, has to name (RFC 3550 section 6.4.1).
    pub fn timestamp(&self, of_source: u32) -> Option<u32> {
        self.source.as_ref().map(|source| of_source.wrapping_add(source.later))
    }

    /// A packet of the present source is left out: what comes after it moves up. A late one leaves its gap, since what
    /// came after it is out already.
    pub fn leave_out(&mut self, sequence: u16) {
        let Some(source) = self.source.as_mut() else { return };
        let extended = source.extend(sequence);
        if extended <= source.newest {
            return;
        }
        let less = source.shifts.back().map_or(0, |shift| shift.less) + 1;
        source.newest = extended;
        source.shifts.push_back(Shift { from: extended + 1, less });
        if source.shifts.len() > GAPS_MAX {
            source.shifts.pop_front();
        }
        self.next = extended + 1 - less;
    }
}

impl Source {
    /// The sequence number without its wrap: the nearest one to the newest.
    fn extend(&self, sequence: u16) -> i64 {
        let ahead = sequence.wrapping_sub(low(self.newest));
        let distance = if ahead < HALF { i64::from(ahead) } else { i64::from(ahead) - (1 << 16) };
        self.newest + distance
    }

    /// The shift at this packet; `None` before the oldest that is known.
    fn less(&self, extended: i64) -> Option<i64> {
        self.shifts.iter().rev().find(|shift| shift.from <= extended).map(|shift| shift.less)
    }
}

fn low(extended: i64) -> u16 {
    // The low 16 bits are the number on the wire.
    (extended & 0xffff) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(sequence: u16, timestamp: u32) -> Numbers {
        Numbers { sequence, timestamp }
    }

    #[test]
    fn a_gap_that_this_server_made_is_closed_and_any_other_stays() {
        let mut leg = Numbering::new(numbers(100, 0));
        leg.switch(numbers(7, 50), 0);
        assert_eq!(leg.forward(numbers(7, 50)), Some(numbers(100, 0)));
        leg.leave_out(8);
        assert_eq!(leg.forward(numbers(9, 60)), Some(numbers(101, 10)));
        // 10 was lost on the way here.
        assert_eq!(leg.forward(numbers(11, 70)), Some(numbers(103, 20)));
        assert_eq!(leg.forward(numbers(10, 65)), Some(numbers(102, 15)));
    }

    #[test]
    fn a_late_packet_from_before_a_closed_gap_keeps_its_place() {
        let mut leg = Numbering::new(numbers(0, 0));
        leg.switch(numbers(10, 0), 0);
        leg.forward(numbers(10, 0));
        leg.leave_out(12);
        assert_eq!(leg.forward(numbers(13, 3)).unwrap().sequence, 2);
        assert_eq!(leg.forward(numbers(11, 1)).unwrap().sequence, 1);
    }

    #[test]
    fn another_source_goes_on_where_the_last_one_stood() {
        let mut leg = Numbering::new(numbers(65_534, u32::MAX));
        leg.switch(numbers(500, 9_000), 0);
        assert_eq!(leg.forward(numbers(500, 9_000)), Some(numbers(65_534, u32::MAX)));
        assert_eq!(leg.forward(numbers(501, 9_000)), Some(numbers(65_535, u32::MAX)));
        leg.switch(numbers(3, 77), 3_000);
        assert_eq!(leg.forward(numbers(3, 77)), Some(numbers(0, 2_999)));
        // What the old layer still sends is from before the switch, or of no known place.
        assert_eq!(leg.forward(numbers(2, 70)), None);
    }

    #[test]
    fn numbers_wrap_on_both_sides() {
        let mut leg = Numbering::new(numbers(65_535, 0));
        leg.switch(numbers(65_535, u32::MAX), 0);
        assert_eq!(leg.forward(numbers(65_535, u32::MAX)), Some(numbers(65_535, 0)));
        assert_eq!(leg.forward(numbers(0, 2)), Some(numbers(0, 3)));
    }

    /// What happens to one packet of a source.
    #[derive(Debug, Clone, Copy)]
    enum Fate {
        Forwarded,
        LeftOut,
        Lost,
    }

    fn fate() -> impl Strategy<Value = Fate> {
        prop_oneof![6 => Just(Fate::Forwarded), 2 => Just(Fate::LeftOut), 1 => Just(Fate::Lost)]
    }

    proptest! {
        #[test]
        fn what_goes_out_is_in_order_without_doubles_and_has_exactly_the_gaps_of_the_network(
            sources in prop::collection::vec((any::<u16>(), any::<u32>(), prop::collection::vec(fate(), 1..200)), 1..5),
            first in any::<u16>(),
        ) {
            let mut leg = Numbering::new(numbers(first, 0));
            // The extended number that is due, as one counts who sees everything.
            let mut due = i64::from(first);
            for (sequence, timestamp, fates) in sources {
                leg.switch(numbers(sequence, timestamp), 1);
                for (index, fate) in std::iter::once(&Fate::Forwarded).chain(&fates).enumerate() {
                    let at = sequence.wrapping_add(index as u16);
                    match fate {
                        Fate::Forwarded => {
                            let out = leg.forward(numbers(at, timestamp.wrapping_add(index as u32))).unwrap();
                            prop_assert_eq!(out.sequence, low(due));
                            due += 1;
                        }
                        Fate::LeftOut => leg.leave_out(at),
                        Fate::Lost => due += 1,
                    }
                }
                // A loss at the very end of a source is one that nobody has noticed.
                due = leg.next;
            }
        }

        #[test]
        fn reordering_gives_every_packet_the_number_that_it_would_have_had(
            order in Just((0..40_u16).collect::<Vec<_>>()).prop_shuffle(),
            sequence in any::<u16>(),
        ) {
            let mut leg = Numbering::new(numbers(1_000, 0));
            leg.switch(numbers(sequence, 0), 0);
            for index in order {
                let out = leg.forward(numbers(sequence.wrapping_add(index), u32::from(index))).unwrap();
                prop_assert_eq!(out, numbers(1_000 + index, u32::from(index)));
            }
        }
    }
}
