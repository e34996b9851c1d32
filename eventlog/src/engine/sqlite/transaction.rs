//! Writing a batch: one transaction, prepared statements, row after row (in the process a row costs no round trip).

use super::{connection::of_the_data, failed};
use crate::{
    AppendRequest, LogError,
    chain::stored_actor,
    engine::{CommitOutcome, Decided},
    sequence::{Head, Placed, Plan},
};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};

const MOVE_HEAD: &str = "UPDATE log_head SET position = ?2, streams = ?3, recorded_at = ?4, last_event = ?5 \
     WHERE one = 1 AND position = ?1 AND last_event = ?6";
const OPEN_STREAM: &str = "INSERT INTO streams (stream_key, account, category, stream_id, version, last_event) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const RAISE_STREAM: &str = "UPDATE streams SET version = ?2, last_event = ?3 WHERE stream_key = ?1";
const INSERT_EVENT: &str = "INSERT INTO events (position, stream_key, version, account, category, stream_id, event_type, \
     schema_version, event_id, command_id, correlation_id, causation_id, actor, reason, environment, occurred_at, recorded_at, payload, hash) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
const INSERT_COMMAND: &str = "INSERT INTO commands (account, command_id, fingerprint, first_position, last_position, version, recorded_at, \
     result) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const TAKE_CLAIM: &str = "INSERT INTO claims (account, scope, name, holder) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (account, scope, name) DO UPDATE SET holder = excluded.holder";
const GIVE_CLAIM: &str = "DELETE FROM claims WHERE account = ?1 AND scope = ?2 AND name = ?3";
const SET_CHAIN: &str = "INSERT INTO chains (account, hash) VALUES (?1, ?2) ON CONFLICT (account) DO UPDATE SET hash = excluded.hash";

/// Why a transaction was not committed.
enum Stop {
    HeadMoved,
    CommandExists,
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Writes the batch if the head still stands where it was decided. A transaction that stops is rolled back when it is dropped.
pub fn commit(connection: &mut Connection, decided: &Decided) -> Result<CommitOutcome, LogError> {
    let Decided { expected, batch, plan } = decided;
    let written = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Stop::from).and_then(|transaction| {
        write(&transaction, *expected, batch, plan)?;
        transaction.commit().map_err(Stop::from)
    });
    match written {
        Ok(()) => Ok(CommitOutcome::Committed),
        Err(Stop::HeadMoved) => Ok(CommitOutcome::HeadMoved),
        Err(Stop::CommandExists) => Ok(CommitOutcome::CommandExists),
        Err(Stop::Sqlite(error)) if of_the_data(&error) => Ok(CommitOutcome::Refused(error.to_string())),
        Err(Stop::Sqlite(error)) => Err(failed(&error)),
    }
}

fn write(transaction: &Transaction<'_>, expected: Head, batch: &[AppendRequest], plan: &Plan) -> Result<(), Stop> {
    let head = plan.head;
    let recorded_at = head.recorded_at.timestamp_micros();
    let moved = transaction.prepare_cached(MOVE_HEAD)?.execute(params![
        expected.position.0,
        head.position.0,
        head.streams,
        recorded_at,
        head.last_event.0.as_bytes(),
        expected.last_event.0.as_bytes()
    ])?;
    if moved == 0 {
        return Err(Stop::HeadMoved);
    }
    for touched in &plan.streams {
        let stream = touched.stream;
        let last = touched.state.last.map(|id| id.0.into_bytes());
        if touched.opened {
            transaction.prepare_cached(OPEN_STREAM)?.execute(params![
                touched.state.key,
                stream.account.0.as_bytes(),
                stream.category.as_str(),
                stream.id.as_bytes(),
                touched.state.version.0,
                last
            ])?;
        } else {
            transaction.prepare_cached(RAISE_STREAM)?.execute(params![touched.state.key, touched.state.version.0, last])?;
        }
    }
    write_events(transaction, batch, &plan.events, recorded_at)?;
    write_commands(transaction, batch, plan)?;
    for (claim, holder) in &plan.claims {
        match holder {
            Some(holder) => transaction.prepare_cached(TAKE_CLAIM)?.execute(params![
                claim.account.0.as_bytes(),
                claim.scope,
                claim.name,
                holder.as_bytes()
            ])?,
            None => transaction.prepare_cached(GIVE_CLAIM)?.execute(params![claim.account.0.as_bytes(), claim.scope, claim.name])?,
        };
    }
    for (account, hash) in &plan.chains {
        transaction.prepare_cached(SET_CHAIN)?.execute(params![account.0.as_bytes(), hash])?;
    }
    Ok(())
}

fn write_events(transaction: &Transaction<'_>, batch: &[AppendRequest], events: &[Placed], recorded_at: i64) -> Result<(), Stop> {
    let mut insert = transaction.prepare_cached(INSERT_EVENT)?;
    let mut actor = (usize::MAX, String::new());
    for placed in events {
        let request = &batch[placed.request];
        let write = &request.writes[placed.write];
        let event = &write.events[placed.event];
        if actor.0 != placed.request {
            actor = (placed.request, stored_actor(&request.actor));
        }
        insert.execute(params![
            placed.position.0,
            placed.stream_key,
            placed.version.0,
            request.account.0.as_bytes(),
            write.stream.category.as_str(),
            write.stream.id.as_bytes(),
            event.event_type,
            event.schema_version,
            event.event_id.0.as_bytes(),
            request.command_id.0.as_bytes(),
            request.correlation_id.0.as_bytes(),
            request.causation_id.map(|id| id.0.into_bytes()),
            actor.1,
            request.reason,
            write.environment.as_str(),
            event.occurred_at.timestamp_micros(),
            recorded_at,
            event.payload,
            placed.hash
        ])?;
    }
    Ok(())
}

fn write_commands(transaction: &Transaction<'_>, batch: &[AppendRequest], plan: &Plan) -> Result<(), Stop> {
    let mut insert = transaction.prepare_cached(INSERT_COMMAND)?;
    for index in &plan.accepted {
        let request = &batch[*index];
        let Ok(committed) = &plan.answers[*index] else { continue };
        insert
            .execute(params![
                request.account.0.as_bytes(),
                request.command_id.0.as_bytes(),
                committed.fingerprint,
                committed.first_position.0,
                committed.position.0,
                committed.version.0,
                committed.recorded_at.timestamp_micros(),
                committed.result
            ])
            .map_err(|error| match error.sqlite_error_code() {
                Some(ErrorCode::ConstraintViolation) => Stop::CommandExists,
                _ => Stop::Sqlite(error),
            })?;
    }
    Ok(())
}
