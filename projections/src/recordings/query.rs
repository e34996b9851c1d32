//! The recordings of a call as of a position, and what is to be done about files.

use super::rows::{RecordingRow, RecordingSwitchRow};
use crate::{
    error::Result,
    sql::{Store, Value, sql},
    table::{At, Field, Table, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::ids::{AccountId, CallId, NodeId, RecordingId};
use vitrina_eventlog::Position;

const OF_CALL: &str = sql!(
    "SELECT from_position, ",
    RecordingRow::COLUMNS,
    " FROM recordings WHERE account_id = $1 AND call_id = $2 AND from_position <= $3 AND to_position > $3
     ORDER BY offset_ms, recording_id"
);

const GET: &str = sql!(
    "SELECT from_position, ",
    RecordingRow::COLUMNS,
    " FROM recordings WHERE account_id = $1 AND recording_id = $2 AND from_position <= $3 AND to_position > $3"
);

const SWITCH: &str = sql!(
    "SELECT from_position, ",
    RecordingSwitchRow::COLUMNS,
    " FROM recording_switches WHERE account_id = $1 AND call_id = $2 AND from_position <= $3 AND to_position > $3"
);

/// A node serves all accounts, so these find the account.
const OPEN_AT: &str = "SELECT account_id, call_id, recording_id FROM recordings
     WHERE node_id = $1 AND to_position = 9223372036854775807 AND stage IN ('recording', 'stopped')
     ORDER BY account_id, call_id, recording_id LIMIT $2";

const OPEN_ELSEWHERE: &str = "SELECT account_id, call_id, recording_id FROM recordings
     WHERE node_id <> $1 AND told_at < $2 AND to_position = 9223372036854775807 AND stage IN ('recording', 'stopped')
     ORDER BY told_at, recording_id LIMIT $3";

const DUE: &str = "SELECT account_id, call_id, recording_id FROM recordings
     WHERE keep_until <= $1 AND to_position = 9223372036854775807 AND stage = 'ready'
     ORDER BY keep_until, recording_id LIMIT $2";

const DELETED_SINCE: &str = "SELECT account_id, call_id, recording_id FROM recordings
     WHERE deleted_at >= $1 AND to_position = 9223372036854775807 AND stage = 'deleted'
     ORDER BY deleted_at, recording_id LIMIT $2";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[OF_CALL, GET, SWITCH, OPEN_AT, OPEN_ELSEWHERE, DUE, DELETED_SINCE];

/// A file about which something is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Whose.
    pub account: AccountId,
    /// The call.
    pub call: CallId,
    /// The file.
    pub recording: RecordingId,
}

/// The files of a call, in the order in which they begin.
///
/// # Errors
/// When the database is away.
pub async fn of_call(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Vec<At<RecordingRow>>> {
    store.rows(OF_CALL, vec![account.to_value(), call.to_value(), Value::Int(as_of.0)]).await
}

/// A file; `None` when there was none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, recording: RecordingId, as_of: Position) -> Result<Option<At<RecordingRow>>> {
    store.row(GET, vec![account.to_value(), recording.to_value(), Value::Int(as_of.0)]).await
}

/// Whether the call is recorded; `None` when nobody has switched yet.
///
/// # Errors
/// When the database is away.
pub async fn switch(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Option<At<RecordingSwitchRow>>> {
    store.row(SWITCH, vec![account.to_value(), call.to_value(), Value::Int(as_of.0)]).await
}

/// The files that the node has begun and not brought into the storage, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn open_at(store: &Store, node: NodeId, limit: u32) -> Result<Vec<Open>> {
    found(store, OPEN_AT, vec![node.to_value()], limit).await
}

/// The files that other nodes have begun, told of before `before` for the last time, and not brought into the storage, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn open_elsewhere(store: &Store, node: NodeId, before: DateTime<Utc>, limit: u32) -> Result<Vec<Open>> {
    found(store, OPEN_ELSEWHERE, vec![node.to_value(), before.to_value()], limit).await
}

/// The files whose time has come, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn due(store: &Store, now: DateTime<Utc>, limit: u32) -> Result<Vec<Open>> {
    found(store, DUE, vec![now.to_value()], limit).await
}

/// The files that were deleted since, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn deleted_since(store: &Store, since: DateTime<Utc>, limit: u32) -> Result<Vec<Open>> {
    found(store, DELETED_SINCE, vec![since.to_value()], limit).await
}

async fn found(store: &Store, statement: &'static str, mut by: Vec<Value>, limit: u32) -> Result<Vec<Open>> {
    by.push(Value::Int(limit.into()));
    let rows = store.query(statement, by).await?;
    let read = |row: Vec<Value>| {
        let (values, table) = (&mut row.into_iter(), "recordings");
        let (account, call) = (take(values, table, "account_id")?, take(values, table, "call_id")?);
        Ok(Open { account, call, recording: take(values, table, "recording_id")? })
    };
    rows.into_iter().map(read).collect()
}
