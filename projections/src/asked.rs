//! What every list is asked with: at which position, after which row, how many.

use crate::{
    sql::Value,
    table::{Field, stored_names},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrina_domain::ids::AccountId;
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

/// What a figure or a row is about: calls with the conversations that they own, or conversations without a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A call, or the conversation that a call owns.
    Call,
    /// A conversation without a call.
    Chat,
}

stored_names! {
    Kind { Call = "call", Chat = "chat" }
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

/// Rows that are asked for by their ids at once: those of a page as a rule.
const TOGETHER: usize = 64;

/// Their ids in a statement; $1 is the account, $2 the position.
pub(crate) const SOME: &str =
    "($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
     $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51,
     $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66)";

/// What a statement with [`SOME`] takes, as often as it takes for all of these.
pub(crate) fn some<I: Field>(account: AccountId, as_of: Position, ids: &[I]) -> impl Iterator<Item = Vec<Value>> {
    ids.chunks(TOGETHER).map(move |together| {
        // Always as many: the last one again where there are fewer.
        let padded = (0..TOGETHER).filter_map(|index| together.get(index).or(together.last())).map(Field::to_value);
        [account.to_value(), Value::Int(as_of.0)].into_iter().chain(padded).collect()
    })
}
