//! What reports count of a call's time is the sum of the billable intervals that its media record shows.

use super::Breach;
use crate::{
    asked::{Newest, Page, Period},
    calls::{self, CallFilter, CallRow},
    error::Result,
    media::{self, Past},
    sql::{Store, Value},
    table::{Field, take},
};
use chrono::{DateTime, TimeDelta, Utc};
use vitrina_domain::{
    account::Invariant,
    ids::AccountId,
    metrics::{minutes, range::Range},
    report::Measure,
};
use vitrina_eventlog::{Environment, EventLog, Position};

/// Calls of one look: some tens of milliseconds, after which whoever goes through many makes a pause.
pub const CALLS_AT_ONCE: u32 = 50;

const COUNTED: &str = "SELECT measure, CAST(SUM(value) AS BIGINT) FROM report_facts
     WHERE account_id = $1 AND measure IN ('call_duration', 'call_seconds') AND anchor >= $2 AND anchor <= $3 AND stream_id = $4
       AND from_position <= $5 AND to_position > $5 GROUP BY measure";

pub(super) const STATEMENTS: &[&str] = &[COUNTED];

/// Of the calls that were made in this period and are over, the next [`CALLS_AT_ONCE`] after this one: those whose figures do not
/// agree, and after which call to go on; `None` at the end.
///
/// # Errors
/// When the database is away.
pub async fn plan_seconds(
    store: &Store,
    log: &EventLog,
    account: AccountId,
    range: Range,
    after: Option<Newest>,
    as_of: Position,
) -> Result<(Vec<Breach>, Option<Newest>)> {
    let created = Period { from: Some(range.from), to: Some(range.to) };
    // Trials cost nothing of the plan.
    let filter = CallFilter { created, environment: Some(Environment::Production), ..CallFilter::default() };
    let page = calls::list(store, account, &filter, Page { as_of, after, limit: CALLS_AT_ONCE }).await?.rows;
    let mut breaches = Vec::new();
    for call in &page {
        let Some(closed_at) = call.row.closed_at else { continue };
        let past = Past::of(log, account, call.row.call_id, as_of).await?;
        let stays = media::stays(&media::participants(store, account, call.row.call_id, as_of).await?);
        let expected = minutes::seconds(&past.billable(&stays, closed_at));
        let found = counted(store, &call.row, closed_at, as_of).await?;
        if let Some(found) = found.into_iter().find(|seconds| *seconds != expected) {
            let subject = call.row.call_id.to_string();
            breaches.push(Breach { invariant: Invariant::PlanSeconds, subject, expected, found });
        }
    }
    let is_full = page.len() == usize::try_from(CALLS_AT_ONCE).unwrap_or(usize::MAX);
    let last = page.last().map(|call| Newest { at: call.row.created_at, id: call.row.call_id.0 });
    Ok((breaches, last.filter(|_| is_full)))
}

/// What the facts say that the call lasted: at its end, and when the seconds passed.
async fn counted(store: &Store, call: &CallRow, closed_at: DateTime<Utc>, as_of: Position) -> Result<[i64; 2]> {
    // Its pieces begin on whole seconds.
    let from = call.created_at - TimeDelta::seconds(1);
    let args = vec![call.account_id.to_value(), from.to_value(), closed_at.to_value(), call.call_id.0.to_value(), Value::Int(as_of.0)];
    let mut seconds = [0, 0];
    for row in store.query(COUNTED, args).await? {
        let values = &mut row.into_iter();
        let measure: Measure = take(values, "report_facts", "measure")?;
        seconds[usize::from(measure == Measure::CallSeconds)] = take(values, "report_facts", "value")?;
    }
    Ok(seconds)
}
