//! The plan's meter (PRODUCT.md 5.13): what the billable seconds of a billing period come to. They are the facts that reports count as the
//! duration of calls, when they passed, so that the bill and the reports cannot disagree.

use super::query::{SELECTED, Selection, args};
use crate::{
    error::Result,
    sql::{Store, sql},
    table::take,
};
use std::collections::BTreeMap;
use vitrina_domain::{
    ids::AccountId,
    metrics::{
        minutes::{self, Rounding},
        range::Range,
    },
    report::Measure,
};
use vitrina_eventlog::{Environment, Position};

/// How often calls have so many seconds in the period: a call that goes over its border counts in both, with what passed in each.
const METERED: &str = sql!(
    "SELECT seconds, COUNT(*) FROM (SELECT CAST(SUM(value) AS BIGINT) AS seconds",
    SELECTED,
    " GROUP BY stream_id) AS counting GROUP BY seconds ORDER BY seconds"
);

pub(crate) const STATEMENTS: &[&str] = &[METERED];

/// The billable seconds of a period, of each call by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metered {
    /// Seconds, and how many calls have so many.
    by_seconds: BTreeMap<i64, usize>,
}

impl Metered {
    /// What the meter says of this period as of this position: of calls that were over by then, and not of trials, which are free.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(store: &Store, account: AccountId, range: Range, as_of: Position) -> Result<Self> {
        let environment = Some(Environment::Production);
        let selection = Selection::of(range, environment, as_of);
        let mut by_seconds = BTreeMap::new();
        for row in store.query(METERED, args(account, Measure::CallSeconds, &selection)).await? {
            let values = &mut row.into_iter();
            let seconds = take(values, "report_facts", "seconds")?;
            let calls: i64 = take(values, "report_facts", "count")?;
            by_seconds.insert(seconds, usize::try_from(calls).unwrap_or_default());
        }
        Ok(Self { by_seconds })
    }

    fn calls_seconds(&self) -> impl Iterator<Item = i64> {
        self.by_seconds.iter().flat_map(|(seconds, calls)| std::iter::repeat_n(*seconds, *calls))
    }

    /// How many calls have billable seconds in it.
    pub fn calls(&self) -> usize {
        self.by_seconds.values().sum()
    }

    /// All its billable seconds.
    pub fn seconds(&self) -> i64 {
        self.calls_seconds().sum()
    }

    /// Its minutes, as the contract rounds them.
    pub fn minutes(&self, rounding: Rounding) -> i64 {
        minutes::minutes(self.calls_seconds(), rounding)
    }
}
