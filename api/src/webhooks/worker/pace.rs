//! How much is sent at once, and when nothing is: an endpoint that takes everything is sent more, one that fails is asked with one delivery
//! at growing intervals, and one that asks for time has it.

use super::Tried;
use std::time::Duration;
use tokio::time::Instant;

/// Deliveries to one endpoint at once, at most: enough for a round trip of some milliseconds, and few against what the process may send.
const WINDOW_MAX: usize = 32;
/// With how many it begins.
const WINDOW_FIRST: usize = 8;
/// An endpoint that takes longer than this to answer holds connections that others wait for: it has few.
const SLOW: Duration = Duration::from_secs(1);
const WINDOW_SLOW: usize = 4;
/// Failures in a row after which there is a pause.
const FAILURES_MAX: u32 = 5;
/// The longest such pause: an endpoint that is back is told within it.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// For an endpoint that asks for time and does not say how much.
const THROTTLE: Duration = Duration::from_secs(5);

/// How much is sent.
pub(super) struct Pace {
    window: usize,
    failures: u32,
    counted: Instant,
    paused_until: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { window: WINDOW_FIRST, failures: 0, counted: Instant::now(), paused_until: None }
    }
}

impl Pace {
    /// How many may be sent now beside those that are under way.
    pub(super) fn room(&mut self, under_way: usize, now: Instant) -> usize {
        if self.paused_until.is_some_and(|until| until > now) {
            return 0;
        }
        self.paused_until = None;
        self.window.saturating_sub(under_way)
    }

    /// Until when nothing is sent.
    pub(super) fn paused_until(&self) -> Option<Instant> {
        self.paused_until.filter(|until| *until > Instant::now())
    }

    /// One was taken, after so long.
    pub(super) fn taken(&mut self, latency: Duration) {
        let window = if latency > SLOW { WINDOW_SLOW.max(self.window / 2) } else { WINDOW_MAX.min(self.window + 1) };
        (self.failures, self.window) = (0, window);
    }

    /// One that was sent at `begun` was not taken. Those that were under way together count once.
    pub(super) fn failed(&mut self, tried: &Tried, begun: Instant, now: Instant) {
        if tried.is_throttled() {
            self.pause(now + tried.retry_after.unwrap_or(THROTTLE));
        }
        if begun < self.counted {
            return;
        }
        (self.failures, self.counted, self.window) = (self.failures.saturating_add(1), now, 1.max(self.window / 2));
        if self.failures >= FAILURES_MAX {
            self.window = 1;
            self.pause(now + PAUSE_MAX.min(Duration::from_secs(1 << (self.failures - FAILURES_MAX).min(6))));
        }
    }

    /// Somebody has changed something, or wants to see it: it is asked at once.
    pub(super) fn hurry(&mut self) {
        (self.failures, self.paused_until) = (0, None);
    }

    fn pause(&mut self, until: Instant) {
        self.paused_until = Some(self.paused_until.map_or(until, |paused| paused.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(status: u16, retry_after_s: Option<u64>) -> Tried {
        let retry_after = retry_after_s.map(Duration::from_secs);
        Tried { status: Some(status), failure: None, retry_after, latency: Duration::ZERO, answer: String::new() }
    }

    #[test]
    fn an_endpoint_that_asks_for_time_has_it() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.failed(&tried(429, Some(30)), now, now);
        assert_eq!(pace.room(0, now + Duration::from_secs(29)), 0);
        assert!(pace.room(0, now + Duration::from_secs(30)) > 0);
        pace.failed(&tried(503, None), now, now);
        assert_eq!(pace.paused_until(), Some(now + THROTTLE));
    }

    #[test]
    fn one_that_fails_is_asked_with_one_delivery_at_growing_intervals_and_one_success_ends_it() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..14 {
            pace.failed(&tried(500, None), now, now);
            pauses.push(pace.paused_until().map_or(0, |until| (until - now).as_secs()));
            now = pace.paused_until().unwrap_or(now) + Duration::from_millis(1);
        }
        assert_eq!(pauses, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(pace.room(0, now), 1);
        pace.taken(Duration::ZERO);
        assert_eq!(pace.room(0, now), 2);
        (0..100).for_each(|_| pace.taken(Duration::ZERO));
        assert_eq!(pace.room(2, now), WINDOW_MAX - 2);
    }

    #[test]
    fn one_that_answers_slowly_has_few_at_once() {
        let mut pace = Pace::default();
        (0..100).for_each(|_| pace.taken(Duration::ZERO));
        (0..100).for_each(|_| pace.taken(Duration::from_secs(19)));
        assert_eq!(pace.room(0, Instant::now()), WINDOW_SLOW);
    }

    #[test]
    fn failures_that_were_under_way_together_count_once() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        let later = now + Duration::from_secs(1);
        (0..8).for_each(|_| pace.failed(&tried(500, None), now, later));
        assert_eq!(pace.failures, 1);
    }
}
