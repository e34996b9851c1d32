//! How many signals one connection may send: as many as a fast typist needs, and no more.

use std::time::Instant;

/// Signals that may come at once.
const BURST: f64 = 20.0;
/// Signals for each second on the long run.
const PER_SECOND: f64 = 10.0;

/// A bucket of allowances; what comes when it is empty is lost, as any signal may be.
#[derive(Debug)]
pub(crate) struct Allowance {
    left: f64,
    at: Instant,
}

/// Whether a signal goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It does.
    Allowed,
    /// It is lost.
    TooMany,
}

impl Allowance {
    /// A full one.
    pub(crate) fn new(now: Instant) -> Self {
        Self { left: BURST, at: now }
    }

    /// Takes one.
    pub(crate) fn take(&mut self, now: Instant) -> Verdict {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * PER_SECOND;
        (self.left, self.at) = ((self.left + gained).min(BURST), now);
        if self.left < 1.0 {
            return Verdict::TooMany;
        }
        self.left -= 1.0;
        Verdict::Allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_and_then_so_many_a_second() {
        let begun = Instant::now();
        let mut allowance = Allowance::new(begun);
        let passed = |allowance: &mut Allowance, now| (0..100).filter(|_| allowance.take(now) == Verdict::Allowed).count();
        assert_eq!(passed(&mut allowance, begun), 20);
        assert_eq!(passed(&mut allowance, begun + Duration::from_secs(1)), 10);
        assert_eq!(passed(&mut allowance, begun + Duration::from_secs(60)), 20);
    }
}
