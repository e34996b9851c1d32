//! The questions to the facts: what they come to by whatever they have, how often each value is there, how many in each
//! quarter of an hour, and which ones they are.

use super::FactRow;
use crate::{
    asked::{Kind, Page, optional},
    error::Result,
    sql::{Store, Value, sql},
    table::{At, Field, Table, take},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrina_domain::{
    call::Device,
    ids::{AccountId, ApiKeyId, ShopperId},
    metrics::range::Range,
    report::{Anchors, Measure},
};
use vitrina_eventlog::{Environment, Position};

/// Microseconds of a quarter of an hour.
const QUARTER_US: i64 = 900_000_000;

/// Which facts are wanted; what is `None` does not narrow.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// Those that belong to this period.
    pub range: Range,
    /// Production or test ones.
    pub environment: Option<Environment>,
    /// Those of calls with what they own, or of chats.
    pub kind: Option<Kind>,
    /// Those credited to this shopper.
    pub shopper: Option<ShopperId>,
    /// Those of customers who write this way.
    pub channel: Option<String>,
    /// Those of conversations in which this bot takes part.
    pub bot: Option<ApiKeyId>,
    /// Where those stand that may stand in two places.
    pub anchors: Anchors,
    /// Those that held at this position.
    pub as_of: Position,
}

impl Selection {
    /// Everything of a period.
    pub fn of(range: Range, environment: Option<Environment>, as_of: Position) -> Self {
        Self { range, environment, kind: None, shopper: None, channel: None, bot: None, anchors: Anchors::default(), as_of }
    }
}

/// That facts are credited to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nobody;

/// Which facts of a measure are wanted; what is `None` does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactFilter {
    /// Those credited to nobody.
    pub credit: Option<Nobody>,
    /// Those that the measure says to be so.
    pub detail: Option<String>,
    /// Those of customers with this device.
    pub device: Option<Device>,
    /// Amounts in this currency.
    pub currency: Option<String>,
    /// Those with this value.
    pub value: Option<i64>,
}

/// What the facts of one kind come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// To whom they are credited.
    pub shopper: Option<ShopperId>,
    /// The customer's device.
    pub device: Option<Device>,
    /// ISO 4217 code of amounts.
    pub currency: Option<String>,
    /// What the measure says that they are.
    pub detail: Option<String>,
    /// How many.
    pub count: i64,
    /// The sum of their values.
    pub sum: i64,
}

/// How often a value is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// To whom the facts are credited.
    pub shopper: Option<ShopperId>,
    /// The value.
    pub value: i64,
    /// How many facts have it.
    pub count: i64,
}

/// The facts of a quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Its begin.
    pub from: DateTime<Utc>,
    /// How many.
    pub count: i64,
    /// The sum of their values.
    pub sum: i64,
}

/// Sort key of facts: by instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactPlace {
    /// The instant.
    pub anchor: DateTime<Utc>,
    /// The stream.
    pub stream: Uuid,
    /// The part.
    pub part: u32,
}

/// $1 account, $2 measure, $3 and $4 period, $5 position, $6 environment, $7 shopper, $8 channel, $9 kind, $10 and $11 whether a bot is meant
/// and which. A cart that was used in several calls counts in the last of them, where its order is attributed (PRODUCT.md 5.6).
pub(super) const SELECTED: &str = " FROM report_facts WHERE account_id = $1 AND measure = $2 AND anchor >= $3 AND anchor < $4
       AND from_position <= $5 AND to_position > $5
       AND (CAST($6 AS TEXT) IS NULL OR environment = $6)
       AND (shopper_id = $7 OR LENGTH($7) = 0)
       AND (CAST($8 AS TEXT) IS NULL OR channel = $8)
       AND (CAST($9 AS TEXT) IS NULL OR ($9 = 'call' AND call_id IS NOT NULL)
            OR ($9 = 'chat' AND call_id IS NULL AND conversation_id IS NOT NULL))
       AND ($10 = 0 OR EXISTS (SELECT 1 FROM conversations b WHERE b.account_id = $1 AND b.conversation_id = report_facts.conversation_id
         AND b.bot_id = $11 AND b.from_position <= $5 AND b.to_position > $5))
       AND (measure <> 'cart' OR NOT EXISTS (SELECT 1 FROM report_facts e WHERE e.account_id = $1 AND e.measure = 'cart'
         AND e.detail = report_facts.detail AND (e.anchor, e.stream_id) > (report_facts.anchor, report_facts.stream_id)
         AND e.from_position <= $5 AND e.to_position > $5 AND e.environment = report_facts.environment))";

/// A cart's detail is its id, and no figure asks for one: told apart by it, a month would have as many rows as carts.
const CELLS: &str = sql!(
    "SELECT shopper_id, device, currency, kind, COUNT(*), CAST(SUM(value) AS BIGINT) FROM (
       SELECT shopper_id, device, currency, CASE WHEN measure = 'cart' THEN NULL ELSE detail END AS kind, value",
    SELECTED,
    ") AS selected GROUP BY shopper_id, device, currency, kind"
);

const TALLIES: &str = sql!("SELECT shopper_id, value, COUNT(*)", SELECTED, " GROUP BY shopper_id, value");

const BUCKETS: &str = sql!(
    "SELECT quarter, COUNT(*), CAST(SUM(value) AS BIGINT) FROM (SELECT anchor / 900000000 AS quarter, value",
    SELECTED,
    ") AS selected GROUP BY quarter ORDER BY quarter"
);

const TOLD_APART: &str = sql!(
    "SELECT quarter, value, COUNT(*) FROM (SELECT anchor / 900000000 AS quarter, value",
    SELECTED,
    ") AS selected GROUP BY quarter, value ORDER BY quarter, value"
);

const FACTS: &str = sql!(
    "SELECT from_position, ",
    FactRow::COLUMNS,
    SELECTED,
    " AND (anchor, stream_id, part) > ($12, $13, $14)
       AND ($16 = 0 OR shopper_id IS NULL) AND (CAST($17 AS TEXT) IS NULL OR detail = $17)
       AND (CAST($18 AS TEXT) IS NULL OR COALESCE(device, 'unknown') = $18) AND (CAST($19 AS TEXT) IS NULL OR currency = $19)
       AND (CAST($20 AS BIGINT) IS NULL OR value = $20)
     ORDER BY anchor, stream_id, part LIMIT $15"
);

pub(crate) const STATEMENTS: &[&str] = &[CELLS, TALLIES, BUCKETS, TOLD_APART, FACTS];

const TABLE: &str = "report_facts";

pub(super) fn args(account: AccountId, measure: Measure, selection: &Selection) -> Vec<Value> {
    vec![
        account.to_value(),
        selection.anchors.of(measure).to_value(),
        selection.range.from.to_value(),
        selection.range.to.to_value(),
        Value::Int(selection.as_of.0),
        optional(selection.environment),
        // No type can be told for an absent value of bytes; an empty one is nobody's id.
        selection.shopper.map_or(Value::Bytes(Vec::new()), |shopper| shopper.to_value()),
        optional(selection.channel.clone()),
        optional(selection.kind),
        Value::Int(i64::from(selection.bot.is_some())),
        selection.bot.map_or(Value::Bytes(Vec::new()), |bot| bot.to_value()),
    ]
}

/// What the facts of the measure come to, by all that they have, in an order that is always the same: engines sort what is
/// absent differently.
///
/// # Errors
/// When the database is away.
pub async fn cells(store: &Store, account: AccountId, measure: Measure, selection: &Selection) -> Result<Vec<Cell>> {
    let rows = store.query(CELLS, args(account, measure, selection)).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok(Cell {
            shopper: take(values, TABLE, "shopper_id")?,
            device: take(values, TABLE, "device")?,
            currency: take(values, TABLE, "currency")?,
            detail: take(values, TABLE, "detail")?,
            count: take(values, TABLE, "count")?,
            sum: take(values, TABLE, "sum")?,
        })
    };
    let mut cells = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    cells.sort_by_cached_key(|cell| (cell.shopper, cell.device.map(|d| d.as_str()), cell.currency.clone(), cell.detail.clone()));
    Ok(cells)
}

/// How often each value is there, by shopper: what percentiles and scores are made of, exactly.
///
/// # Errors
/// When the database is away.
pub async fn tallies(store: &Store, account: AccountId, measure: Measure, selection: &Selection) -> Result<Vec<Tally>> {
    let rows = store.query(TALLIES, args(account, measure, selection)).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok(Tally {
            shopper: take(values, TABLE, "shopper_id")?,
            value: take(values, TABLE, "value")?,
            count: take(values, TABLE, "count")?,
        })
    };
    let mut tallies = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    tallies.sort_unstable_by_key(|tally| (tally.shopper, tally.value));
    Ok(tallies)
}

/// The facts of each quarter of an hour that has some: hours and days of any zone are made of whole ones.
///
/// # Errors
/// When the database is away.
pub async fn buckets(store: &Store, account: AccountId, measure: Measure, selection: &Selection) -> Result<Vec<Bucket>> {
    let rows = store.query(BUCKETS, args(account, measure, selection)).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok(Bucket {
            from: quarter(take(values, TABLE, "quarter")?),
            count: take(values, TABLE, "count")?,
            sum: take(values, TABLE, "sum")?,
        })
    };
    rows.into_iter().map(read).collect()
}

fn quarter(number: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(number.saturating_mul(QUARTER_US)).unwrap_or_default()
}

/// Which part a quarter of an hour belongs to, by its begin; the first quarter of a period may have begun before it.
pub fn part_of(parts: &[Range], quarter: DateTime<Utc>) -> usize {
    parts.partition_point(|part| part.to <= quarter).min(parts.len().saturating_sub(1))
}

/// Begin of a quarter of an hour, a value, and how often it is there.
pub type ToldApart = (DateTime<Utc>, i64, i64);

/// How often each value is there in each quarter of an hour.
///
/// # Errors
/// When the database is away.
pub async fn told_apart(store: &Store, account: AccountId, measure: Measure, selection: &Selection) -> Result<Vec<ToldApart>> {
    let rows = store.query(TOLD_APART, args(account, measure, selection)).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok((quarter(take(values, TABLE, "quarter")?), take(values, TABLE, "value")?, take(values, TABLE, "count")?))
    };
    rows.into_iter().map(read).collect()
}

/// The facts themselves, by instant.
///
/// # Errors
/// When the database is away.
pub async fn facts(
    store: &Store,
    account: AccountId,
    measure: Measure,
    selection: &Selection,
    filter: &FactFilter,
    page: Page<FactPlace>,
) -> Result<Vec<At<FactRow>>> {
    let mut args = args(account, measure, selection);
    match page.after {
        Some(after) => args.extend([after.anchor.to_value(), after.stream.to_value(), after.part.to_value()]),
        // The begin of the period and not of time: an engine may look for the page's place first, and there is none before.
        None => args.extend([selection.range.from.to_value(), Value::Bytes(Vec::new()), Value::Int(-1)]),
    }
    args.extend([
        page.limit_value(),
        Value::Int(i64::from(filter.credit.is_some())),
        optional(filter.detail.clone()),
        optional(filter.device),
        optional(filter.currency.clone()),
        optional(filter.value),
    ]);
    store.query(FACTS, args).await?.into_iter().map(|row| At::from_values(&mut row.into_iter())).collect()
}
