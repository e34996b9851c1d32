//! What every list is asked with: at which position, after which row, how many.

use crate::sql::Value;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrina_eventlog::Position;

/// Rows in one answer, at most; the API asks for 200.
pub const LIMIT_MAX: u32 = 1_000;

/// A page of a list as it was at a position: the same question has the same answer for ever.
#[derive(Debug, Clone, Copy)]
pub struct Page<K> {
    /// Everything up to here counts, and nothing after it.
    pub as_of: Position,
    /// The sort key of the last row of the page before.
    pub after: Option<K>,
    /// Rows at most; more than [`LIMIT_MAX`] are not given.
    pub limit: u32,
}

impl<K> Page<K> {
    /// The first page.
    pub fn first(as_of: Position, limit: u32) -> Self {
        Self { as_of, after: None, limit }
    }

    pub(crate) fn limit_value(&self) -> Value {
        Value::Int(self.limit.min(LIMIT_MAX).into())
    }

    pub(crate) fn as_of_value(&self) -> Value {
        Value::Int(self.as_of.0)
    }
}

/// The rows of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<R> {
    /// Those that were found.
    pub rows: Vec<R>,
    /// Where looking for them has ended, when the page is not full by then: give it as the last row of the page before.
    pub goes_on: Option<Newest>,
}

/// Sort key of lists with the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newest {
    /// When it began.
    pub at: DateTime<Utc>,
    /// Which one.
    pub id: Uuid,
}

impl Newest {
    /// The key's two values, or those of the end of the period, whichever comes first in the list: rows at or after the
    /// end are not in the period.
    pub(crate) fn values_within(after: Option<Self>, period: Period) -> [Value; 2] {
        match (after, period.to) {
            (after, Some(to)) if after.is_none_or(|after| after.at >= to) => [Value::Int(to.timestamp_micros()), Value::Bytes(Vec::new())],
            (after, _) => Self::values(after),
        }
    }

    /// The key's two values; for a first page, ones beyond every row.
    pub(crate) fn values(after: Option<Self>) -> [Value; 2] {
        match after {
            Some(key) => [Value::Int(key.at.timestamp_micros()), Value::Bytes(key.id.as_bytes().to_vec())],
            None => [Value::Int(i64::MAX), Value::Bytes(vec![0xff; 16])],
        }
    }
}

/// A half-open period `[from, to)`; a missing end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// First instant inside.
    pub from: Option<DateTime<Utc>>,
    /// First instant outside.
    pub to: Option<DateTime<Utc>>,
}

impl Period {
    pub(crate) fn values(&self) -> [Value; 2] {
        let micros = |instant: Option<DateTime<Utc>>, open: i64| Value::Int(instant.map_or(open, |at| at.timestamp_micros()));
        [micros(self.from, i64::MIN), micros(self.to, i64::MAX)]
    }
}

/// A value or its absence, for filters that may be left out.
pub(crate) fn optional<F: crate::table::Field>(filter: Option<F>) -> Value {
    filter.map_or(Value::Null, |value| value.to_value())
}
