//! How long somebody who was served would have waited: nobody knows, so it is assumed from those who gave up.
//!
//! Who gave up had just that patience. Of the others it is known that it was longer than their wait: the share of those whose patience
//! lasts longer than a time is estimated from both (Kaplan and Meier), and each is given a lot of it beyond what they did wait. Beyond the
//! longest wait that somebody gave up, nobody gives up.

use super::day::{Demand, Fate};
use chrono::{DateTime, TimeDelta, Utc};

/// The share whose patience lasts longer, after each wait that somebody gave up.
pub(super) struct Patience(Vec<(TimeDelta, f64)>);

impl Patience {
    /// Of these customers.
    pub fn of(demand: &[Demand], end: DateTime<Utc>) -> Self {
        let mut waits: Vec<(TimeDelta, bool)> = demand
            .iter()
            .map(|one| match one.fate {
                Fate::Left { at } => (at - one.request.since, true),
                Fate::Served { span, .. } => (span.from - one.request.since, false),
                Fate::Waiting => (end - one.request.since, false),
            })
            .collect();
        // Among equal waits those who gave up come first: the others were still there then.
        waits.sort_by_key(|(wait, gave_up)| (*wait, !gave_up));
        let (mut share, mut steps) = (1.0, Vec::new());
        for (index, (wait, gave_up)) in waits.iter().enumerate() {
            if *gave_up {
                share *= 1.0 - 1.0 / (waits.len() - index) as f64;
                steps.push((*wait, share));
            }
        }
        Self(steps)
    }

    /// How long this one waits at most; for ever where that is absent. `lot` is between 0 and 1.
    pub fn lasts(&self, one: &Demand, lot: f64, end: DateTime<Utc>) -> Option<TimeDelta> {
        let waited = match one.fate {
            Fate::Left { at } => return Some(at - one.request.since),
            Fate::Served { span, .. } => span.from - one.request.since,
            Fate::Waiting => end - one.request.since,
        };
        // The waits rise and the shares fall.
        let lasted = self.0.partition_point(|(wait, _)| *wait <= waited);
        let before = lasted.checked_sub(1).map_or(1.0, |last| self.0[last].1);
        let ends = self.0.partition_point(|(_, share)| *share > before * lot);
        self.0.get(ends.max(lasted)).map(|(wait, _)| *wait)
    }
}
