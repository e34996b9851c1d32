//! The media of one call as of a position, and what is open on a node.

use super::{MediaParticipantRow, MediaSessionRow};
use crate::{
    error::Result,
    sql::{Store, Value, sql},
    table::{At, Field, Table, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    connection::ProcessId,
    ids::{AccountId, CallId, MediaSessionId, NodeId},
};
use vitrina_eventlog::Position;

const SESSIONS: &str = sql!(
    "SELECT from_position, ",
    MediaSessionRow::COLUMNS,
    " FROM media_sessions WHERE account_id = $1 AND call_id = $2 AND from_position <= $3 AND to_position > $3
     ORDER BY opened_at, session_id"
);

const PARTICIPANTS: &str = sql!(
    "SELECT from_position, ",
    MediaParticipantRow::COLUMNS,
    " FROM media_participants WHERE account_id = $1 AND call_id = $2 AND from_position <= $3 AND to_position > $3
     ORDER BY COALESCE(joined_at, failed_at), participant_id"
);

/// A node serves all accounts, so this one finds the account.
const OPEN_AT: &str = "SELECT account_id, call_id, session_id, told_at FROM media_sessions
     WHERE node_id = $1 AND to_position = 9223372036854775807 AND closed_at IS NULL
     ORDER BY account_id, call_id LIMIT $2";

/// The first six bytes of a session's id are its process's.
const HOLDERS: &str = "SELECT DISTINCT substr(session_id, 1, 6) AS process FROM media_sessions
     WHERE to_position = 9223372036854775807 AND closed_at IS NULL AND from_position <= $1 ORDER BY process LIMIT $2";

const HELD_BY: &str = "SELECT account_id, call_id, session_id, told_at FROM media_sessions
     WHERE substr(session_id, 1, 6) = $1 AND to_position = 9223372036854775807 AND closed_at IS NULL
     ORDER BY account_id, call_id LIMIT $2";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[SESSIONS, PARTICIPANTS, OPEN_AT, HOLDERS, HELD_BY];

/// The stays of the call's media on nodes, in order.
///
/// # Errors
/// When the database is away.
pub async fn sessions(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Vec<At<MediaSessionRow>>> {
    store.rows(SESSIONS, of(account, call, as_of)).await
}

/// Who was connected, or wanted to be, in the order of coming.
///
/// # Errors
/// When the database is away.
pub async fn participants(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Vec<At<MediaParticipantRow>>> {
    store.rows(PARTICIPANTS, of(account, call, as_of)).await
}

/// A session that nobody has closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSession {
    /// Whose.
    pub account: AccountId,
    /// The call.
    pub call: CallId,
    /// The session.
    pub session: MediaSessionId,
    /// When the last that is known of it happened.
    pub told_at: DateTime<Utc>,
}

/// The sessions that are open on the node, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn open_at(store: &Store, node: NodeId, limit: u32) -> Result<Vec<OpenSession>> {
    open(store, OPEN_AT, node.to_value(), limit).await
}

/// The sessions that are open on the process, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn held_by(store: &Store, process: ProcessId, limit: u32) -> Result<Vec<OpenSession>> {
    open(store, HELD_BY, Value::Bytes(prefix(process).to_vec()), limit).await
}

/// The processes on which sessions are open that nothing happened in after `as_of`, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn holders(store: &Store, as_of: Position, limit: u32) -> Result<Vec<ProcessId>> {
    let rows = store.query(HOLDERS, vec![Value::Int(as_of.0), Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Bytes(bytes)) => Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(read).map(ProcessId::new).collect())
}

async fn open(store: &Store, statement: &'static str, by: Value, limit: u32) -> Result<Vec<OpenSession>> {
    let rows = store.query(statement, vec![by, Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| {
        let (values, table) = (&mut row.into_iter(), "media_sessions");
        Ok(OpenSession {
            account: take(values, table, "account_id")?,
            call: take(values, table, "call_id")?,
            session: take(values, table, "session_id")?,
            told_at: take(values, table, "told_at")?,
        })
    };
    rows.into_iter().map(read).collect()
}

fn prefix(process: ProcessId) -> [u8; 6] {
    let [_, _, bytes @ ..] = process.number().to_be_bytes();
    bytes
}

fn of(account: AccountId, call: CallId, as_of: Position) -> Vec<Value> {
    vec![account.to_value(), call.to_value(), Value::Int(as_of.0)]
}
