//! A track's own clock on the file's time line.
//!
//! RTP timestamps say exactly how frames follow each other, not when the first one was; its arrival says that. Should the
//! two drift apart (a sender that starts its clock anew, a layer that begins elsewhere), arrival wins.

use std::time::Duration;

/// How far a track may be from its arrival before it is set anew: beyond it lips and voice are apart for everybody.
const APART_MAX_MS: i64 = 500;

/// The clock of one track.
#[derive(Debug)]
pub(super) struct Clock {
    ticks_per_ms: i64,
    /// Timestamp that was seen last, and its place on the time line in ticks.
    last: Option<(u32, i64)>,
    /// The earliest time that may be given next: a track never goes back, and no two frames are at one time.
    next: u64,
}

impl Clock {
    /// A clock of so many hertz.
    pub(super) fn new(hertz: u32) -> Self {
        Self { ticks_per_ms: i64::from(hertz / 1_000), last: None, next: 0 }
    }

    /// Another stream takes this one's place, whose timestamps say nothing about it.
    pub(super) fn restart(&mut self) {
        self.last = None;
    }

    /// The time of a frame with this timestamp that came at `arrival`, in milliseconds; both since the file's begin.
    pub(super) fn ms(&mut self, timestamp: u32, arrival: Duration) -> u64 {
        let arrival = i64::try_from(arrival.as_millis()).unwrap_or(i64::MAX / self.ticks_per_ms);
        let (before, place) = self.last.unwrap_or((timestamp, arrival * self.ticks_per_ms));
        let mut place = place + i64::from(timestamp.wrapping_sub(before).cast_signed());
        if (place / self.ticks_per_ms - arrival).abs() > APART_MAX_MS {
            place = arrival * self.ticks_per_ms;
        }
        self.last = Some((timestamp, place));
        let ms = u64::try_from(place / self.ticks_per_ms).unwrap_or(0).max(self.next);
        self.next = ms + 1;
        ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(clock: &mut Clock, timestamp: u32, arrival_ms: u64) -> u64 {
        clock.ms(timestamp, Duration::from_millis(arrival_ms))
    }

    #[test]
    fn frames_follow_each_other_by_their_timestamps_and_not_by_their_arrival() {
        let mut clock = Clock::new(90_000);
        assert_eq!(at(&mut clock, u32::MAX - 1_800, 100), 100);
        assert_eq!(at(&mut clock, 1_199, 180), 133);
        assert_eq!(at(&mut clock, 4_199, 181), 166);
    }

    #[test]
    fn a_clock_that_starts_anew_is_set_by_arrival_and_time_never_goes_back() {
        let mut clock = Clock::new(48_000);
        assert_eq!(at(&mut clock, 48_000, 1_000), 1_000);
        assert_eq!(at(&mut clock, 7, 1_020), 1_020);
        assert_eq!(at(&mut clock, 967, 1_040), 1_040);
        assert_eq!(at(&mut clock, 487, 1_050), 1_041);
    }

    #[test]
    fn silence_without_packets_is_as_long_as_it_was() {
        let mut clock = Clock::new(48_000);
        at(&mut clock, 0, 0);
        assert_eq!(at(&mut clock, 48_000 * 600, 600_050), 600_000);
    }
}
