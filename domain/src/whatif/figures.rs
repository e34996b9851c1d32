//! What a day comes to.

use super::day::{Day, Fate};
use crate::metrics::{percentile::Summary, share::Share, wait};
use chrono::TimeDelta;

/// The figures of a day, as it was or as it was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Customers who asked.
    pub offered: u64,
    /// Of these, those whose call somebody took.
    pub served: u64,
    /// Those who gave up.
    pub abandoned: u64,
    /// Those for whom nobody came by the end.
    pub waiting: u64,
    /// How long those who were served had waited, in seconds.
    pub waits_s: Option<Summary>,
    /// Those who gave up among all who were served or gave up.
    pub abandonment: Option<Share>,
    /// Time in calls among the time that shoppers were there.
    pub occupancy: Option<Share>,
}

impl Figures {
    /// As the log tells it.
    pub fn told(day: &Day) -> Self {
        let served = day.demand.iter().filter_map(|one| match one.fate {
            Fate::Served { span, .. } => Some((span.from - one.request.since, span.length())),
            _ => None,
        });
        let left = day.demand.iter().filter(|one| matches!(one.fate, Fate::Left { .. })).count();
        Self::of(day, served.collect(), left)
    }

    /// Of waits and lengths of the calls that were taken, and of how many gave up.
    pub(super) fn of(day: &Day, served: Vec<(TimeDelta, TimeDelta)>, left: usize) -> Self {
        let seconds = |time: TimeDelta| u64::try_from(time.num_seconds()).unwrap_or(0);
        let there = seconds(day.staff.iter().flat_map(|staff| &staff.there).map(|span| span.length()).sum());
        let worked = seconds(served.iter().map(|(_, length)| *length).sum());
        let (offered, taken, abandoned) = (day.demand.len() as u64, served.len() as u64, left as u64);
        Self {
            offered,
            served: taken,
            abandoned,
            waiting: offered.saturating_sub(taken + abandoned),
            waits_s: Summary::of(served.iter().map(|(wait, _)| seconds(*wait)).collect()),
            abandonment: wait::abandonment(abandoned, taken),
            occupancy: wait::occupancy(worked, there),
        }
    }
}
