//! How long somebody who waits will wait, with what the estimate rests on and its error (PRODUCT.md 5.7).
//!
//! The measure is the time that the floor needs for one more: from the moment when it could have taken a call (the claim
//! before, or the queuing, whichever came later) to its claim. A customer waits for as many of these as stand before them,
//! and one more. The middle half of what was measured is the error.

use super::percentile::nearest_rank;
use chrono::{DateTime, Utc};

/// Served waits that an estimate needs at least: below, one long talk would be everybody's wait.
pub const BASIS_MIN: usize = 3;

/// A wait that ended with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// When it began.
    pub queued_at: DateTime<Utc>,
    /// When it ended.
    pub claimed_at: DateTime<Utc>,
}

/// An estimate, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// As likely too short as too long.
    pub eta_s: u64,
    /// A quarter of the waits were faster.
    pub low_s: u64,
    /// A quarter of the waits were slower.
    pub high_s: u64,
    /// How many served waits it rests on.
    pub basis: usize,
}

/// The wait of somebody with that many people ahead; `None` while too few were served to tell. `served` in any order.
pub fn estimate(mut served: Vec<Served>, ahead: u64) -> Option<Estimate> {
    if served.len() < BASIS_MIN {
        return None;
    }
    served.sort_unstable_by_key(|wait| (wait.claimed_at, wait.queued_at));
    let mut before = None;
    let mut gaps: Vec<u64> = Vec::with_capacity(served.len());
    for wait in &served {
        let could = before.map_or(wait.queued_at, |claim: DateTime<Utc>| claim.max(wait.queued_at));
        gaps.push(u64::try_from((wait.claimed_at - could).num_seconds()).unwrap_or(0));
        before = Some(wait.claimed_at);
    }
    gaps.sort_unstable();
    let turns = ahead.saturating_add(1);
    let rank = |percent| nearest_rank(&gaps, percent).map(|gap| gap.saturating_mul(turns));
    Some(Estimate { eta_s: rank(50)?, low_s: rank(25)?, high_s: rank(75)?, basis: served.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(waits: &[(i64, i64)]) -> Vec<Served> {
        let at = |s| DateTime::from_timestamp(1_774_000_000 + s, 0).unwrap();
        waits.iter().map(|(queued, claimed)| Served { queued_at: at(*queued), claimed_at: at(*claimed) }).collect()
    }

    #[test]
    fn a_queue_that_moves_every_minute_takes_a_minute_for_each_ahead() {
        let waits = served(&[(0, 60), (0, 120), (0, 180), (0, 240)]);
        assert_eq!(estimate(waits.clone(), 0), Some(Estimate { eta_s: 60, low_s: 60, high_s: 60, basis: 4 }));
        assert_eq!(estimate(waits, 4).map(|estimate| estimate.eta_s), Some(300));
    }

    #[test]
    fn an_hour_in_which_nobody_asked_does_not_count_as_waiting() {
        let waits = served(&[(0, 10), (3_000, 3_010), (9_000, 9_010)]);
        assert_eq!(estimate(waits, 0).map(|estimate| estimate.eta_s), Some(10));
    }

    #[test]
    fn the_middle_half_is_the_error() {
        let waits = served(&[(0, 10), (100, 120), (200, 230), (300, 340)]);
        assert_eq!(estimate(waits, 1), Some(Estimate { eta_s: 40, low_s: 20, high_s: 60, basis: 4 }));
    }

    #[test]
    fn nothing_is_told_when_too_few_were_served() {
        assert_eq!(estimate(served(&[(0, 10), (0, 20)]), 0), None);
    }
}
