//! Failed sign-ins: after a few for one e-mail address or from one address of the network, further ones wait. In memory and bounded: it slows guessing
//! down, it is not a record.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

/// Addresses remembered at once; a flood of made-up addresses forgets the oldest, not the memory.
const ADDRESSES_MAX: usize = 10_000;

/// Counts failures for each key.
#[derive(Debug)]
pub(crate) struct Throttle {
    failures_max: u32,
    lockout: Duration,
    failures: Mutex<HashMap<Vec<u8>, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Throttle {
    /// Locks a key out for `lockout` after this many failures in a row, none further apart than it.
    pub(crate) fn new(failures_max: u32, lockout: Duration) -> Self {
        Self { failures_max, lockout, failures: Mutex::default() }
    }

    /// How long the key has to wait, if it has to.
    pub(crate) fn wait(&self, key: &[u8], now: Instant) -> Option<Duration> {
        let failures = *self.failures.lock().expect("no holder panics").get(key)?;
        let passed = now.saturating_duration_since(failures.last);
        (failures.count >= self.failures_max && passed < self.lockout).then(|| self.lockout - passed)
    }

    /// One more failure of the key; how many it are in a row by now.
    pub(crate) fn failed(&self, key: &[u8], now: Instant) -> u32 {
        let mut all = self.failures.lock().expect("no holder panics");
        if all.len() >= ADDRESSES_MAX && !all.contains_key(key) {
            let lockout = self.lockout;
            all.retain(|_, f| now.saturating_duration_since(f.last) < lockout);
            if all.len() >= ADDRESSES_MAX
                && let Some(oldest) = all.iter().min_by_key(|(_, f)| f.last).map(|(k, _)| k.clone())
            {
                all.remove(&oldest);
            }
        }
        let entry = all.entry(key.to_vec()).or_insert(Failures { count: 0, last: now });
        if now.saturating_duration_since(entry.last) >= self.lockout {
            entry.count = 0;
        }
        *entry = Failures { count: entry.count.saturating_add(1), last: now };
        entry.count
    }

    /// The key signed in.
    pub(crate) fn succeeded(&self, key: &[u8]) {
        self.failures.lock().expect("no holder panics").remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_waits_after_the_last_allowed_failure_and_is_let_in_again_later() {
        let (throttle, start) = (Throttle::new(2, Duration::from_secs(60)), Instant::now());
        throttle.failed(b"a", start);
        assert_eq!(throttle.wait(b"a", start), None);
        throttle.failed(b"a", start);
        assert_eq!(throttle.wait(b"a", start + Duration::from_secs(10)), Some(Duration::from_secs(50)));
        assert_eq!(throttle.wait(b"b", start), None);
        assert_eq!(throttle.wait(b"a", start + Duration::from_secs(60)), None);
        throttle.failed(b"a", start + Duration::from_secs(61));
        assert_eq!(throttle.wait(b"a", start + Duration::from_secs(61)), None, "the count begins anew");
    }

    #[test]
    fn a_success_forgets_the_failures() {
        let (throttle, now) = (Throttle::new(1, Duration::from_secs(60)), Instant::now());
        throttle.failed(b"a", now);
        throttle.succeeded(b"a");
        assert_eq!(throttle.wait(b"a", now), None);
    }
}
