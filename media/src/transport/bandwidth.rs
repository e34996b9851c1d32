//! How much a client can take: Google's congestion control (of `rtc`) over what the client tells of the arrival of its packets.
//!
//! A client that does not tell (no transport-wide numbers) is asked for nothing and believed what it says itself (REMB).

use rtc::interceptor::{BandwidthEstimator, Gcc, PacketReport};
use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;
use std::time::{Duration, Instant};

/// What is assumed before anything is known: enough for a middle layer, so that the first picture is not the smallest.
const FIRST: f64 = 1_500_000.0;
/// Below it there is no picture at all.
const LEAST: f64 = 100_000.0;
/// Above it nothing is gained: two cameras and a screen at their best take less.
const MOST: f64 = 8_000_000.0;
/// After a decrease it is tried after this whether there is more room than the slow increase finds: what is received when
/// little is sent says little about the way.
const PATIENCE: Duration = Duration::from_secs(4);
/// A try that fails makes the next one wait twice as long, up to this.
const PATIENCE_MAX: Duration = Duration::from_secs(60);
/// What is tried, against what is known.
const TRIED: f64 = 2.0;
/// A target below this part of the last one is a decrease.
const DECREASED: f64 = 0.95;
/// Packets on their way that are remembered: two seconds of a large picture.
const REMEMBERED: usize = 2_048;
/// Unit of a report's own time.
const REFERENCE: Duration = Duration::from_millis(64);
/// Unit of the distances between arrivals, in microseconds.
const TICK: i64 = 250;

#[derive(Debug, Clone, Copy)]
struct Sent {
    id: u64,
    bytes: usize,
    at: Instant,
}

/// One client's bandwidth.
pub struct Bandwidth {
    next: u64,
    sent: Vec<Option<Sent>>,
    estimator: Gcc,
    /// When the estimate fell last, or was tried to be more.
    steady_since: Option<Instant>,
    patience: Duration,
    said: Option<u64>,
    is_told: bool,
    /// Sum of the distances of the last report's time from the first one's, without its wraps.
    reference: Option<(u32, i64)>,
}

impl Bandwidth {
    /// Nothing is known.
    pub fn new() -> Self {
        Self {
            next: 0,
            sent: Vec::new(),
            estimator: Gcc::new(FIRST, LEAST, MOST),
            steady_since: None,
            patience: PATIENCE,
            said: None,
            is_told: false,
            reference: None,
        }
    }

    /// A packet of this size goes out; the number that it carries.
    pub fn send(&mut self, bytes: usize, now: Instant) -> u16 {
        if self.sent.is_empty() {
            self.sent = vec![None; REMEMBERED];
        }
        let id = self.next;
        self.next += 1;
        self.sent[id as usize % REMEMBERED] = Some(Sent { id, bytes, at: now });
        id as u16
    }

    /// The client says what it can take at most.
    pub fn most(&mut self, bits: u64) {
        self.said = Some(bits.min(MOST as u64));
    }

    /// What the client can take, in bits a second.
    pub fn estimate(&self) -> u64 {
        if self.is_told {
            return self.estimator.target_bitrate() as u64;
        }
        self.said.unwrap_or(FIRST as u64)
    }

    /// The client tells when packets arrived.
    pub fn arrivals(&mut self, packet: &[u8], now: Instant) {
        let reports = self.read(packet).unwrap_or_default();
        if !reports.is_empty() {
            self.is_told = true;
            let before = self.estimator.target_bitrate();
            self.estimator.on_reports(now, &reports);
            self.try_more(before, now);
        }
    }

    /// After a steady while, begins anew from more than is known; what the way does not bear is noticed at once.
    fn try_more(&mut self, before: f64, now: Instant) {
        let target = self.estimator.target_bitrate();
        let steady = self.steady_since.map(|since| now.saturating_duration_since(since));
        if target < before * DECREASED {
            // One that follows a try was caused by it.
            let is_failed = steady.is_some_and(|steady| steady < self.patience / 2);
            self.patience = if is_failed { (self.patience * 2).min(PATIENCE_MAX) } else { PATIENCE.max(self.patience / 2) };
            self.steady_since = Some(now);
        } else if steady.is_some_and(|steady| steady >= self.patience) && target < FIRST {
            self.estimator = Gcc::new((target * TRIED).min(FIRST), LEAST, MOST);
            self.steady_since = Some(now);
        }
    }

    /// What became of the packets that the report is about; `None` when it is malformed.
    fn read(&mut self, packet: &[u8]) -> Option<Vec<PacketReport>> {
        let base = u16::from_be_bytes([*packet.get(12)?, *packet.get(13)?]);
        let count = usize::from(u16::from_be_bytes([*packet.get(14)?, *packet.get(15)?])).min(REMEMBERED);
        let reference = u32::from_be_bytes([0, *packet.get(16)?, *packet.get(17)?, *packet.get(18)?]);
        let mut symbols = Vec::with_capacity(count);
        let mut at = 20;
        while symbols.len() < count {
            let chunk = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
            at += 2;
            let left = count - symbols.len();
            match chunk >> 14 {
                0 | 1 => symbols.extend(std::iter::repeat_n((chunk >> 13 & 3) as u8, usize::from(chunk & 0x1fff).min(left))),
                2 => symbols.extend((0..14).map(|bit| (chunk >> (13 - bit) & 1) as u8).take(left)),
                _ => symbols.extend((0..7).map(|pair| (chunk >> (12 - 2 * pair) & 3) as u8).take(left)),
            }
            // A run of no packets leads nowhere.
            if chunk >> 15 == 0 && chunk & 0x1fff == 0 {
                return None;
            }
        }
        let mut arrival = self.since_first(reference);
        let mut reports = Vec::with_capacity(symbols.len());
        for (offset, symbol) in symbols.into_iter().enumerate() {
            let ticks = match symbol {
                1 => {
                    at += 1;
                    i64::from(*packet.get(at - 1)?)
                }
                2 => {
                    at += 2;
                    i64::from(i16::from_be_bytes([*packet.get(at - 2)?, *packet.get(at - 1)?]))
                }
                _ => 0,
            };
            let has_arrived = symbol == 1 || symbol == 2;
            if has_arrived {
                arrival = arrival.saturating_add(ticks * TICK);
            }
            let number = base.wrapping_add(offset as u16);
            let Some(sent) = self.take(number) else { continue };
            reports.push(PacketReport {
                ssrc: 0,
                id: sent.id,
                rtp_sequence_number: number,
                is_twcc: true,
                twcc_sequence_number: number,
                size: sent.bytes,
                arrived: has_arrived,
                departure: sent.at,
                arrival: has_arrived.then(|| Duration::from_micros(arrival.max(0) as u64)),
                ecn: Ecn::NotEct,
            });
        }
        Some(reports)
    }

    /// Microseconds of the receiver's clock; the wrap of the time in reports (after 12 days) is taken out, and so is a step
    /// of the clock back before the first report.
    fn since_first(&mut self, reference: u32) -> i64 {
        let (last, sum) = self.reference.unwrap_or((reference, 1 << 20));
        let step = i64::from((reference.wrapping_sub(last) << 8) as i32 >> 8);
        let sum = sum + step;
        self.reference = Some((reference, sum));
        sum.saturating_mul(REFERENCE.as_micros() as i64)
    }

    fn take(&mut self, number: u16) -> Option<Sent> {
        let newest = self.next.checked_sub(1)?;
        let id = newest.checked_sub(u64::from((newest as u16).wrapping_sub(number)))?;
        let slot = self.sent.get_mut(id as usize % REMEMBERED)?;
        slot.take_if(|sent| sent.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::arrivals::Arrivals, *};
    use proptest::prelude::*;
    use std::cell::Cell;

    /// A link that carries `capacity` bits a second with a queue of half a second, for `seconds`, under `offered`.
    fn estimate_on(capacity: f64, offered: f64, seconds: u64) -> u64 {
        estimate_over(seconds, |_, _| (capacity, offered))
    }

    /// The same, with capacity and offer by the second.
    fn estimate_over(seconds: u64, at: impl Fn(f64, u64) -> (f64, f64)) -> u64 {
        let start = Instant::now();
        let (mut bandwidth, mut arrivals) = (Bandwidth::new(), Arrivals::new(start));
        let mut free = start;
        let mut now = start;
        let mut out = Vec::new();
        let mut on_the_way: std::collections::VecDeque<(Instant, u16)> = std::collections::VecDeque::new();
        while now < start + Duration::from_secs(seconds) {
            let (capacity, offered) = at((now - start).as_secs_f64(), bandwidth.estimate());
            let number = bandwidth.send(1_200, now);
            free = free.max(now) + Duration::from_secs_f64(1_200.0 * 8.0 / capacity);
            if free < now + Duration::from_millis(500) {
                on_the_way.push_back((free, number));
            } else {
                free -= Duration::from_secs_f64(1_200.0 * 8.0 / capacity);
            }
            now += Duration::from_secs_f64(1_200.0 * 8.0 / offered);
            while on_the_way.front().is_some_and(|(at, _)| *at <= now) {
                let (at, number) = on_the_way.pop_front().unwrap();
                arrivals.came(number, at);
            }
            if arrivals.due().is_some_and(|due| due <= now) {
                out.clear();
                arrivals.write(&mut out, 1, 2);
                bandwidth.arrivals(&out, now);
            }
        }
        bandwidth.estimate()
    }

    #[test]
    fn a_link_that_is_too_small_is_noticed() {
        let estimate = estimate_on(500_000.0, 1_400_000.0, 10);
        assert!(estimate < 700_000, "{estimate}");
    }

    #[test]
    fn a_link_that_is_large_enough_lets_it_grow() {
        let estimate = estimate_on(20_000_000.0, 1_000_000.0, 20);
        assert!(estimate > 1_800_000, "{estimate}");
    }

    #[test]
    fn a_pause_while_little_is_sent_is_soon_forgotten() {
        // Half a second of a busy machine at the beginning, when there is only sound.
        let estimate = estimate_over(12, |second, _| (if (0.5..1.0).contains(&second) { 20_000.0 } else { 20_000_000.0 }, 60_000.0));
        assert!(estimate > 700_000, "{estimate}");
    }

    #[test]
    fn a_small_link_is_not_tried_all_the_time() {
        // Two layers, of which the way bears the small one.
        let (all, large) = (Cell::new(0.0), Cell::new(0.0));
        estimate_over(90, |_, estimate| {
            let offered = if estimate > 1_200_000 { 1_000_000.0 } else { 100_000.0 };
            // Each packet stands for the time until the next.
            let share = if offered > 500_000.0 { &large } else { &all };
            share.set(share.get() + 1.0 / offered);
            (400_000.0, offered)
        });
        let part = large.get() / (large.get() + all.get());
        assert!(part < 0.25, "{part}");
    }

    #[test]
    fn nobody_is_believed_to_take_more_than_there_can_be() {
        let mut bandwidth = Bandwidth::new();
        bandwidth.most(u64::MAX);
        assert_eq!(bandwidth.estimate(), MOST as u64);
    }

    #[test]
    fn a_clock_that_runs_away_ends_at_the_last_number() {
        let (mut bandwidth, now) = (Bandwidth::new(), Instant::now());
        bandwidth.reference = Some((0, i64::MAX / 2));
        let number = bandwidth.send(1_000, now);
        let [high, low] = number.to_be_bytes();
        // One packet, which arrived 32,767 ticks after a time that is the last there is.
        let packet = [&[0; 12][..], &[high, low, 0, 1, 0x7f, 0xff, 0xff, 0, 0x40, 1, 0x7f, 0xff]].concat();
        bandwidth.arrivals(&packet, now);
        assert!(bandwidth.is_told);
    }

    #[test]
    fn without_reports_the_client_is_believed() {
        let mut bandwidth = Bandwidth::new();
        bandwidth.most(300_000);
        assert_eq!(bandwidth.estimate(), 300_000);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(mut packet in prop::collection::vec(any::<u8>(), 0..200), count in any::<u16>(), sent in 0_usize..3_000) {
            let mut bandwidth = Bandwidth::new();
            let now = Instant::now();
            for _ in 0..sent {
                bandwidth.send(1_000, now);
            }
            if packet.len() > 16 {
                packet[14..16].copy_from_slice(&count.to_be_bytes());
            }
            bandwidth.arrivals(&packet, now);
            bandwidth.arrivals(&packet, now);
        }
    }
}
