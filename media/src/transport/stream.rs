//! One stream of a client: what came of it, for its layer's rate, for reports to its sender, and for what is asked for again.

use super::{
    control::{Clock, Received},
    missing::Missing,
    seen::Seen,
};
use crate::core::{codec::Codec, layers::Layer, room::Source};
use std::time::{Duration, Instant};

/// Rates are told over the last one to two of these.
const HALF: Duration = Duration::from_millis(500);
/// A layer of several that is silent for this long is sent no more.
const SENT_WITHIN: Duration = Duration::from_millis(1_000);

/// What a stream of this name is.
#[derive(Debug, Clone, Copy)]
pub enum Binding {
    /// Media; which of the streams.
    Media(usize),
    /// Retransmissions of one of the streams.
    Repairs(usize),
}

/// One stream.
#[derive(Debug)]
pub struct Stream {
    /// Its name.
    pub ssrc: u32,
    /// The name of its retransmissions, when known.
    pub repairs: Option<u32>,
    /// Of which of the client's tracks.
    pub source: Source,
    /// Which of the track's layers.
    pub layer: Layer,
    /// Packets that came.
    pub seen: Seen,
    /// Packets that did not.
    pub missing: Missing,
    /// How its last packet was coded.
    codec: Option<Codec>,
    /// The time of the last picture that a receiver can begin with.
    whole: Option<u32>,
    /// What its sender said of its time last, and when.
    pub clock: Option<(Clock, Instant)>,
    ticks_per_second: u32,
    reception: Reception,
    rate: Rate,
}

impl Stream {
    /// Nothing came yet.
    pub fn new(ssrc: u32, source: Source, layer: Layer, ticks_per_second: u32, now: Instant) -> Self {
        Self {
            ssrc,
            repairs: None,
            source,
            layer,
            seen: Seen::default(),
            missing: Missing::default(),
            codec: None,
            whole: None,
            clock: None,
            ticks_per_second,
            reception: Reception { began: now, ..Reception::new(now) },
            rate: Rate::new(now),
        }
    }

    /// A packet of this many bytes came by the stream itself.
    pub fn came(&mut self, sequence: u16, timestamp: u32, bytes: usize, now: Instant) {
        self.reception.came(sequence, timestamp, self.ticks_per_second, now);
        self.rate.came(bytes, now);
    }

    /// Whether a packet is the first of its encoder's: the very first, or of another codec than the one before.
    pub fn begins(&mut self, codec: Codec) -> bool {
        self.codec.replace(codec) != Some(codec)
    }

    /// Whether a packet, by what it holds one to begin with, is the first such packet of its picture: parameters may go before.
    pub fn begins_whole(&mut self, timestamp: u32) -> bool {
        self.whole.replace(timestamp) != Some(timestamp)
    }

    /// Bits a second; `None` when it is not sent.
    pub fn rate(&self, now: Instant) -> Option<u64> {
        (now.saturating_duration_since(self.rate.last) < SENT_WITHIN).then(|| self.rate.bits(now))
    }

    /// Bits a second of a stream that may pause.
    pub fn last_rate(&self, now: Instant) -> u64 {
        self.rate.bits(now)
    }

    /// What its sender is told.
    pub fn report(&mut self, now: Instant) -> Received {
        let (last_report, since_report) = self.clock.map_or((0, 0), |(clock, at)| {
            let since = now.saturating_duration_since(at).as_micros() * 65_536 / 1_000_000;
            ((clock.ntp >> 16) as u32, u32::try_from(since).unwrap_or(u32::MAX))
        });
        Received { ssrc: self.ssrc, last_report, since_report, ..self.reception.report() }
    }
}

/// Loss and jitter (RFC 3550 appendix A).
#[derive(Debug)]
struct Reception {
    began: Instant,
    first: Option<i64>,
    highest: i64,
    came: i64,
    told_expected: i64,
    told_came: i64,
    transit: Option<i64>,
    /// In sixteenths of a tick.
    jitter: i64,
}

impl Reception {
    fn new(now: Instant) -> Self {
        Self { began: now, first: None, highest: 0, came: 0, told_expected: 0, told_came: 0, transit: None, jitter: 0 }
    }

    fn came(&mut self, sequence: u16, timestamp: u32, ticks_per_second: u32, now: Instant) {
        self.came += 1;
        match self.first {
            None => (self.first, self.highest) = (Some(i64::from(sequence)), i64::from(sequence)),
            Some(_) => {
                let ahead = i64::from(sequence.wrapping_sub(self.highest as u16) as i16);
                self.highest = self.highest.max(self.highest + ahead);
            }
        }
        let arrival = now.saturating_duration_since(self.began).as_micros() as i64 * i64::from(ticks_per_second) / 1_000_000;
        let transit = arrival - i64::from(timestamp);
        if let Some(last) = self.transit.replace(transit) {
            // The wrap of the timestamp is no delay.
            let distance = i64::from((transit - last) as i32).abs();
            self.jitter += distance - ((self.jitter + 8) >> 4);
        }
    }

    fn report(&mut self) -> Received {
        let expected = self.first.map_or(0, |first| self.highest - first + 1);
        let (new, came) = (expected - self.told_expected, self.came - self.told_came);
        (self.told_expected, self.told_came) = (expected, self.came);
        let fraction = if new > 0 { ((new - came).max(0) * 256 / new).min(255) } else { 0 };
        Received {
            fraction_lost: fraction as u8,
            lost: (expected - self.came).clamp(0, 0x7f_ffff) as u32,
            highest: self.highest as u32,
            jitter: (self.jitter >> 4) as u32,
            ..Received::default()
        }
    }
}

/// Bytes over the last half seconds.
#[derive(Debug)]
struct Rate {
    began: Instant,
    before: usize,
    current: usize,
    last: Instant,
}

impl Rate {
    fn new(now: Instant) -> Self {
        Self { began: now, before: 0, current: 0, last: now }
    }

    fn came(&mut self, bytes: usize, now: Instant) {
        let passed = now.saturating_duration_since(self.began);
        if passed >= HALF {
            self.before = if passed < HALF * 2 { self.current } else { 0 };
            (self.current, self.began) = (0, now);
        }
        self.current += bytes;
        self.last = now;
    }

    fn bits(&self, now: Instant) -> u64 {
        let passed = now.saturating_duration_since(self.began).min(HALF);
        let span = if self.before > 0 { HALF + passed } else { passed.max(HALF / 5) };
        ((self.before + self.current) as f64 * 8.0 / span.as_secs_f64()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_is_told_for_the_time_since_the_last_report() {
        let start = Instant::now();
        let mut stream = Stream::new(1, Source::Camera, Layer(0), 90_000, start);
        for sequence in [65_534_u16, 65_535, 1, 2] {
            stream.came(sequence, 0, 100, start);
        }
        let report = stream.report(start);
        assert_eq!((report.fraction_lost, report.lost, report.highest), (51, 1, 65_536 + 2));
        stream.came(3, 0, 100, start);
        assert_eq!(stream.report(start).fraction_lost, 0);
    }

    #[test]
    fn the_rate_is_that_of_the_last_second_and_none_when_nothing_comes() {
        let start = Instant::now();
        let mut stream = Stream::new(1, Source::Camera, Layer(0), 90_000, start);
        let mut now = start;
        for sequence in 0..200 {
            stream.came(sequence, 0, 1_250, now);
            now += Duration::from_millis(10);
        }
        let rate = stream.rate(now).unwrap();
        assert!((900_000..1_100_000).contains(&rate), "{rate}");
        assert_eq!(stream.rate(now + SENT_WITHIN), None);
    }
}
