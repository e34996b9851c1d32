//! The media of one call as of a position, and what is open on a node.

use super::{MediaParticipantRow, MediaSessionRow};
use crate::{
    error::Result,
    sql::{Store, Value, sql},
    table::{At, Field, Table, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::ids::{AccountId, CallId, MediaSessionId, NodeId};
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

const OPEN_ELSEWHERE: &str = "SELECT DISTINCT node_id, address FROM media_sessions
     WHERE node_id <> $1 AND to_position = 9223372036854775807 AND closed_at IS NULL ORDER BY node_id, address LIMIT $2";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[SESSIONS, PARTICIPANTS, OPEN_AT, OPEN_ELSEWHERE];

/// The stays of the call's media on nodes, in order.
///
/// # Errors
/// When the database is away.
pub async fn sessions(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Vec<At<MediaSessionRow>>> {
    let rows = store.query(SESSIONS, of(account, call, as_of)).await?;
    rows.into_iter().map(|row| At::from_values(&mut row.into_iter())).collect()
}

/// Who was connected, or wanted to be, in the order of coming.
///
/// # Errors
/// When the database is away.
pub async fn participants(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Vec<At<MediaParticipantRow>>> {
    let rows = store.query(PARTICIPANTS, of(account, call, as_of)).await?;
    rows.into_iter().map(|row| At::from_values(&mut row.into_iter())).collect()
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
    let rows = store.query(OPEN_AT, vec![node.to_value(), Value::Int(limit.into())]).await?;
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

/// Other nodes on which sessions are open, and where they are, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn open_elsewhere(store: &Store, node: NodeId, limit: u32) -> Result<Vec<(NodeId, String)>> {
    let rows = store.query(OPEN_ELSEWHERE, vec![node.to_value(), Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| {
        let (values, table) = (&mut row.into_iter(), "media_sessions");
        Ok((take(values, table, "node_id")?, take(values, table, "address")?))
    };
    rows.into_iter().map(read).collect()
}

fn of(account: AccountId, call: CallId, as_of: Position) -> Vec<Value> {
    vec![account.to_value(), call.to_value(), Value::Int(as_of.0)]
}
