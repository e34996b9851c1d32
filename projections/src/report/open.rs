//! Times within business hours: of each span, from its begin to its end, the seconds that the hours were open (PRODUCT.md 5.7).
//!
//! They depend on the hours, which the shop may change; so they are counted when they are asked for, by the hours of the position that
//! the report is of, from the spans themselves, some thousands at a time.

use super::query::{SELECTED, Selection, args};
use crate::{
    error::Result,
    sql::{Store, Value, sql},
    table::{Field, take},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrina_domain::{
    ids::AccountId,
    metrics::{business_hours::open_time, percentile::Summary, range::Range},
    report::Measure,
    schedule::Schedule,
};

/// Spans in memory at once.
const AT_ONCE: u32 = 5_000;

const SPANS: &str = sql!(
    "SELECT anchor, value, stream_id, part",
    SELECTED,
    " AND (anchor, stream_id, part) > ($12, $13, $14) ORDER BY anchor, stream_id, part LIMIT $15"
);

pub(crate) const STATEMENTS: &[&str] = &[SPANS];

/// How often each number of open seconds is there. Waits that a call made one after the other count as one that ended with the last.
///
/// # Errors
/// When the database is away.
pub async fn open_values(
    store: &Store,
    account: AccountId,
    measure: Measure,
    selection: &Selection,
    hours: &Schedule,
) -> Result<BTreeMap<u64, u64>> {
    let mut values = BTreeMap::new();
    let mut after = [Value::Int(i64::MIN), Value::Bytes(Vec::new()), Value::Int(-1)];
    loop {
        let mut asked = args(account, measure, selection);
        asked.extend(after);
        asked.push(Value::Int(i64::from(AT_ONCE)));
        let rows = store.query(SPANS, asked).await?;
        let (count, mut last) = (rows.len(), None);
        for row in rows {
            let (row, table) = (&mut row.into_iter(), "report_facts");
            let (to, seconds): (DateTime<Utc>, i64) = (take(row, table, "anchor")?, take(row, table, "value")?);
            let (stream, part): (Uuid, i64) = (take(row, table, "stream_id")?, take(row, table, "part")?);
            let span = Range { from: to - TimeDelta::seconds(seconds), to };
            // The hours were checked when they were set; a zone that is known no more has none.
            let open = open_time(hours, span).unwrap_or_default().num_seconds();
            *values.entry(u64::try_from(open).unwrap_or_default()).or_insert(0) += 1;
            last = Some([to.to_value(), stream.to_value(), Value::Int(part)]);
        }
        match last {
            Some(last) if count == AT_ONCE as usize => after = last,
            _ => return Ok(values),
        }
    }
}

/// Number, extremes, mean and percentiles of them; `None` without any.
///
/// # Errors
/// When the database is away.
pub async fn open_summary(
    store: &Store,
    account: AccountId,
    measure: Measure,
    selection: &Selection,
    hours: &Schedule,
) -> Result<Option<Summary>> {
    Ok(Summary::tallied(open_values(store, account, measure, selection, hours).await?.into_iter().collect()))
}
