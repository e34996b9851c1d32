//! Reading the log: what is known of a batch's keys, and the events themselves.

use super::failed;
use crate::{
    Environment, LogError, Position, Recorded, StreamId, Version,
    append::Committed,
    chain::{GENESIS, Hash},
    engine::{Keys, uuid_from},
    envelope::intern,
    sequence::{Head, Known, StreamState},
};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;
use vitrina_domain::{actor::Actor, stream::Category};

const HEAD: &str = "SELECT position, streams, recorded_at, last_event FROM log_head WHERE one = 1";
const STREAM: &str = "SELECT stream_key, version, last_event FROM streams WHERE account = ?1 AND category = ?2 AND stream_id = ?3";
const COMMAND: &str = "SELECT first_position, last_position, version, recorded_at, fingerprint, result FROM commands \
     WHERE account = ?1 AND command_id = ?2";
const CLAIM: &str = "SELECT holder FROM claims WHERE account = ?1 AND scope = ?2 AND name = ?3";
const CHAIN: &str = "SELECT hash FROM chains WHERE account = ?1";
const RECORDED_AT: &str = "SELECT recorded_at FROM events WHERE position = ?1";
const READ: &str = "SELECT position, version, account, category, stream_id, event_type, schema_version, event_id, command_id, \
     correlation_id, causation_id, actor, reason, environment, occurred_at, recorded_at, payload, hash \
     FROM events WHERE position > ?1 ORDER BY position LIMIT ?2";
const READ_STREAM: &str = "SELECT e.position, e.version, e.account, e.category, e.stream_id, e.event_type, e.schema_version, e.event_id, \
     e.command_id, e.correlation_id, e.causation_id, e.actor, e.reason, e.environment, e.occurred_at, e.recorded_at, e.payload, e.hash \
     FROM streams s JOIN events e ON e.stream_key = s.stream_key AND e.version > ?4 \
     WHERE s.account = ?1 AND s.category = ?2 AND s.stream_id = ?3 ORDER BY e.version LIMIT ?5";

/// The end of the log.
pub fn head(connection: &Connection) -> Result<Head, LogError> {
    let row = |r: &Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?));
    let (position, streams, recorded_at, last_event): (i64, i64, i64, [u8; 16]) =
        connection.prepare_cached(HEAD).and_then(|mut s| s.query_row([], row)).map_err(|e| failed(&e))?;
    Ok(Head {
        position: Position(position),
        streams,
        recorded_at: instant(recorded_at, position)?,
        last_event: Uuid::from_bytes(last_event).into(),
    })
}

/// What is known of these keys, in one read transaction, so all at one head.
pub fn look(connection: &Connection, keys: &Keys) -> Result<Known, LogError> {
    let transaction = connection.unchecked_transaction().map_err(|e| failed(&e))?;
    let mut known = Known { head: head(&transaction)?, ..Known::default() };
    for stream in &keys.streams {
        let found = transaction
            .prepare_cached(STREAM)
            .and_then(|mut s| {
                let row = |r: &Row<'_>| {
                    let last = Some(Uuid::from_bytes(r.get(2)?).into());
                    Ok(StreamState { key: r.get(0)?, version: Version(r.get(1)?), last })
                };
                s.query_row(params![stream.account.0.as_bytes(), stream.category.as_str(), stream.id.as_bytes()], row).optional()
            })
            .map_err(|e| failed(&e))?;
        known.streams.insert(*stream, found.unwrap_or_default());
    }
    for (account, command) in &keys.commands {
        let found = transaction
            .prepare_cached(COMMAND)
            .and_then(|mut s| s.query_row(params![account.0.as_bytes(), command.0.as_bytes()], committed).optional())
            .map_err(|e| failed(&e))?;
        known.commands.extend(found.map(|found| ((*account, *command), found)));
    }
    for claim in &keys.claims {
        let found: Option<Vec<u8>> = transaction
            .prepare_cached(CLAIM)
            .and_then(|mut s| s.query_row(params![claim.account.0.as_bytes(), claim.scope, claim.name], |r| r.get(0)).optional())
            .map_err(|e| failed(&e))?;
        let holder = found.map(|bytes| uuid_from(&bytes, known.head.position)).transpose()?;
        known.claims.insert(claim.clone(), holder);
    }
    for account in &keys.chains {
        let found: Option<Hash> = transaction
            .prepare_cached(CHAIN)
            .and_then(|mut s| s.query_row(params![account.0.as_bytes()], |r| r.get(0)).optional())
            .map_err(|e| failed(&e))?;
        known.chains.insert(*account, found.unwrap_or(GENESIS));
    }
    Ok(known)
}

fn committed(row: &Row<'_>) -> rusqlite::Result<Committed> {
    Ok(Committed {
        first_position: Position(row.get(0)?),
        position: Position(row.get(1)?),
        version: Version(row.get(2)?),
        recorded_at: DateTime::from_timestamp_micros(row.get(3)?).unwrap_or_default(),
        fingerprint: row.get(4)?,
        result: row.get(5)?,
        replayed: true,
    })
}

/// Events after a position.
pub fn read(connection: &Connection, after: Position, limit: usize) -> Result<Vec<Recorded>, LogError> {
    let mut statement = connection.prepare_cached(READ).map_err(|e| failed(&e))?;
    let rows = statement.query(params![after.0, bound(limit)]).map_err(|e| failed(&e))?;
    collect(rows)
}

/// Events of a stream after a version.
pub fn read_stream(connection: &Connection, stream: StreamId, after: Version, limit: usize) -> Result<Vec<Recorded>, LogError> {
    let mut statement = connection.prepare_cached(READ_STREAM).map_err(|e| failed(&e))?;
    let rows = statement
        .query(params![stream.account.0.as_bytes(), stream.category.as_str(), stream.id.as_bytes(), after.0, bound(limit)])
        .map_err(|e| failed(&e))?;
    collect(rows)
}

/// Recorded times never go back, so a binary search over positions finds the instant without an index of its own.
pub fn position_at(connection: &Connection, instant: DateTime<Utc>) -> Result<Position, LogError> {
    let mut statement = connection.prepare_cached(RECORDED_AT).map_err(|e| failed(&e))?;
    let (mut low, mut high) = (0, head(connection)?.position.0);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let recorded_at: i64 = statement.query_row([middle], |r| r.get(0)).map_err(|e| failed(&e))?;
        if recorded_at <= instant.timestamp_micros() {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(Position(low))
}

fn bound(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Recorded>, LogError> {
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(|e| failed(&e))? {
        events.push(recorded(row)?);
    }
    Ok(events)
}

fn instant(micros: i64, position: i64) -> Result<DateTime<Utc>, LogError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| LogError::Damaged { position: Position(position), what: format!("{micros} is no instant") })
}

fn recorded(row: &Row<'_>) -> Result<Recorded, LogError> {
    let position: i64 = row.get(0).map_err(|e| failed(&e))?;
    let damaged = |what: &str| LogError::Damaged { position: Position(position), what: what.to_owned() };
    let text = |index| row.get_ref(index).and_then(|v| Ok(v.as_str()?)).map_err(|e| failed(&e));
    let id = |index| {
        let bytes = row.get_ref(index).and_then(|v| Ok(v.as_blob()?)).map_err(|e| failed(&e))?;
        uuid_from(bytes, Position(position))
    };
    let category = Category::from_stored(text(3)?).ok_or_else(|| damaged("the category is unknown"))?;
    let (kind, name) = text(11)?.split_once(':').ok_or_else(|| damaged("the actor has no kind"))?;
    let causation: Option<Vec<u8>> = row.get(10).map_err(|e| failed(&e))?;
    Ok(Recorded {
        position: Position(position),
        version: Version(row.get(1).map_err(|e| failed(&e))?),
        stream: StreamId { account: id(2)?.into(), category, id: id(4)? },
        event_type: intern(text(5)?),
        schema_version: row.get(6).map_err(|e| failed(&e))?,
        event_id: id(7)?.into(),
        command_id: id(8)?.into(),
        correlation_id: id(9)?.into(),
        causation_id: causation.map(|bytes| uuid_from(&bytes, Position(position))).transpose()?.map(Into::into),
        actor: Actor::from_stored(kind, name).ok_or_else(|| damaged("the actor is unknown"))?,
        reason: row.get(12).map_err(|e| failed(&e))?,
        environment: Environment::from_stored(text(13)?).ok_or_else(|| damaged("the environment is unknown"))?,
        occurred_at: instant(row.get(14).map_err(|e| failed(&e))?, position)?,
        recorded_at: instant(row.get(15).map_err(|e| failed(&e))?, position)?,
        payload: row.get(16).map_err(|e| failed(&e))?,
        hash: row.get(17).map_err(|e| failed(&e))?,
    })
}
