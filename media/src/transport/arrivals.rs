//! When a client's packets arrived here, told to it so that it knows how much it can send (transport-wide congestion control,
//! draft-holmer-rmcat-transport-wide-cc-extensions-01).

use std::time::{Duration, Instant};

/// Time between two reports: browsers use 50 to 100 ms, and react the faster the shorter it is.
pub const INTERVAL: Duration = Duration::from_millis(50);
/// Numbers that one report is about at most; after a larger hole the count begins anew.
const REPORTED_MAX: i64 = 500;
/// Packets that wait to be reported at most: a report is about fewer, and is soon written. One number may come many times.
const WAITING_MAX: usize = 2 * REPORTED_MAX as usize;
/// Unit of the distances between arrivals.
const TICK: i64 = 250;
/// Distances of this many ticks fit into a byte.
const SMALL: std::ops::RangeInclusive<i64> = 0..=255;
/// Symbols in one chunk of two bits each.
const CHUNK: usize = 7;
/// Unit of a report's own time, in microseconds.
const REFERENCE: i64 = 64_000;

/// Arrivals since the last report.
#[derive(Debug)]
pub struct Arrivals {
    began: Instant,
    newest: Option<i64>,
    /// The number after the last one that was reported.
    next: i64,
    /// Extended number and microseconds since the beginning.
    waiting: Vec<(i64, i64)>,
    reports: u8,
    due: Option<Instant>,
}

impl Arrivals {
    /// None yet.
    pub fn new(now: Instant) -> Self {
        Self { began: now, newest: None, next: 0, waiting: Vec::new(), reports: 0, due: None }
    }

    /// A packet of this number came.
    pub fn came(&mut self, number: u16, now: Instant) {
        let extended = match self.newest {
            None => {
                self.next = i64::from(number);
                i64::from(number)
            }
            Some(newest) => newest + i64::from(number.wrapping_sub(newest as u16) as i16),
        };
        self.newest = Some(self.newest.map_or(extended, |newest| newest.max(extended)));
        // What was reported as missing and comes late is of no use to the client any more.
        if extended < self.next {
            return;
        }
        if extended - self.next >= REPORTED_MAX {
            self.waiting.clear();
            self.next = extended;
        }
        if self.waiting.len() >= WAITING_MAX {
            return;
        }
        let micros = i64::try_from(now.saturating_duration_since(self.began).as_micros()).unwrap_or(i64::MAX);
        self.waiting.push((extended, micros));
        self.due.get_or_insert(now + INTERVAL);
    }

    /// When the next report is to be sent; `None` while there is nothing to tell.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Writes a report, if there is something to tell.
    pub fn write(&mut self, out: &mut Vec<u8>, from: u32, of: u32) {
        self.due = None;
        self.waiting.sort_unstable();
        self.waiting.dedup_by_key(|(number, _)| *number);
        let Some((last, _)) = self.waiting.last().copied() else { return };
        let base = self.next;
        let count = (last - base + 1) as usize;
        let reference = self.waiting.first().map_or(0, |(_, micros)| micros / REFERENCE);
        let mut at = reference * REFERENCE;
        let mut symbols = vec![0_u8; count];
        let mut deltas = Vec::with_capacity(self.waiting.len() * 2);
        for (number, micros) in self.waiting.drain(..) {
            let ticks = (micros - at) / TICK;
            let symbol = &mut symbols[(number - base) as usize];
            if SMALL.contains(&ticks) {
                *symbol = 1;
                deltas.push(ticks as u8);
            } else {
                *symbol = 2;
                let ticks = ticks.clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16;
                deltas.extend_from_slice(&ticks.to_be_bytes());
            }
            at += ticks * TICK;
        }
        self.next = last + 1;
        let body = 16 + symbols.len().div_ceil(CHUNK) * 2 + deltas.len();
        let padding = body.next_multiple_of(4) - body;
        let words = ((body + padding) / 4) as u16;
        let padded = if padding > 0 { 0x20 } else { 0 };
        out.extend_from_slice(&[0x80 | padded | 15, 205]);
        out.extend_from_slice(&words.to_be_bytes());
        out.extend_from_slice(&from.to_be_bytes());
        out.extend_from_slice(&of.to_be_bytes());
        out.extend_from_slice(&(base as u16).to_be_bytes());
        out.extend_from_slice(&(count as u16).to_be_bytes());
        let [.., a, b, c] = reference.to_be_bytes();
        out.extend_from_slice(&[a, b, c, self.reports]);
        self.reports = self.reports.wrapping_add(1);
        for chunk in symbols.chunks(CHUNK) {
            let packed = chunk.iter().enumerate().fold(0xc000_u16, |packed, (at, symbol)| packed | u16::from(*symbol) << (12 - 2 * at));
            out.extend_from_slice(&packed.to_be_bytes());
        }
        out.extend_from_slice(&deltas);
        if padding > 0 {
            out.extend(std::iter::repeat_n(0, padding - 1));
            out.push(padding as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc::{interceptor::convert_twcc, rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc, shared::marshal::Unmarshal};

    fn read(report: &[u8]) -> Vec<(u16, bool)> {
        let report = TransportLayerCc::unmarshal(&mut &report[..]).unwrap();
        convert_twcc(&report).iter().take(usize::from(report.packet_status_count)).map(|one| (one.sequence_number, one.arrived)).collect()
    }

    #[test]
    fn arrivals_and_holes_are_told_once_also_over_the_wrap() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(start);
        for (after, number) in [(0, 65_533), (1, 65_534), (3, 0), (90, 2), (91, 1)] {
            arrivals.came(number, start + Duration::from_millis(after));
        }
        let mut out = Vec::new();
        arrivals.write(&mut out, 1, 2);
        assert_eq!(out.len() % 4, 0);
        assert_eq!(read(&out), [(65_533, true), (65_534, true), (65_535, false), (0, true), (1, true), (2, true)]);
        out.clear();
        arrivals.came(65_535, start + Duration::from_millis(95));
        arrivals.write(&mut out, 1, 2);
        assert!(out.is_empty());
    }

    #[test]
    fn distances_are_told_to_the_quarter_of_a_millisecond() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(start);
        for (number, micros) in [(1, 70_000), (2, 70_500), (3, 300_000)] {
            arrivals.came(number, start + Duration::from_micros(micros));
        }
        let mut out = Vec::new();
        arrivals.write(&mut out, 1, 2);
        let report = TransportLayerCc::unmarshal(&mut &out[..]).unwrap();
        let times: Vec<_> = convert_twcc(&report).iter().filter_map(|one| one.arrival).map(|arrival| arrival.as_micros()).collect();
        assert_eq!(times, [70_000, 70_500, 300_000]);
    }

    #[test]
    fn a_number_that_comes_again_and_again_is_kept_no_more_often_than_others() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(start);
        (0..100_000).for_each(|_| arrivals.came(7, start));
        assert_eq!(arrivals.waiting.len(), WAITING_MAX);
        let mut out = Vec::new();
        arrivals.write(&mut out, 1, 2);
        assert_eq!(read(&out), [(7, true)]);
    }

    proptest! {
        #[test]
        fn whatever_comes_every_report_is_well_formed(numbers in prop::collection::vec((any::<u16>(), 0_u64..400_000), 1..300), near in any::<bool>()) {
            let start = Instant::now();
            let mut arrivals = Arrivals::new(start);
            let mut now = start;
            let mut out = Vec::new();
            for (number, micros) in numbers {
                now += Duration::from_micros(micros);
                arrivals.came(if near { number % 900 } else { number }, now);
                prop_assert!(arrivals.waiting.len() <= WAITING_MAX);
                if arrivals.due().is_some_and(|due| due <= now) {
                    out.clear();
                    arrivals.write(&mut out, 1, 2);
                    if !out.is_empty() {
                        prop_assert!(read(&out).len() <= REPORTED_MAX as usize);
                    }
                }
            }
        }
    }
}
