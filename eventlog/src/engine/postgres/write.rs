//! Writing a plan: one statement, one round trip, all or nothing.

use super::error::{failed, is_of_the_data};
use crate::{
    AppendRequest, LogError,
    chain::stored_actor,
    engine::{CommitOutcome, Decided},
    sequence::{Placed, Plan},
};
use deadpool_postgres::GenericClient;
use tokio_postgres::{error::SqlState, types::ToSql};

/// What every batch writes. Moves the head from where it is expected; every other part writes only if it did. The head's row
/// is locked by its update, and read again after a wait for another process, so that a moved head moves nothing here.
macro_rules! write_events {
    () => {
        "
WITH moved AS (
    UPDATE log.head SET position = $2, streams = $3, recorded_at = $4, last_event = $5
    WHERE one = 1 AND position = $1 AND last_event = $6 RETURNING position
), written AS (
    INSERT INTO log.events (position, stream_key, version, account, category, stream_id, event_type, schema_version, event_id,
        command_id, correlation_id, causation_id, actor, reason, environment, occurred_at, recorded_at, payload, hash)
    SELECT e.position, e.stream_key, e.version, e.account, e.category, e.stream_id, e.event_type, e.schema_version, e.event_id,
        e.command_id, e.correlation_id, e.causation_id, e.actor, e.reason, e.environment, e.occurred_at, $4, e.payload::json, e.hash
    FROM unnest($7::bigint[], $8::bigint[], $9::bigint[], $10::uuid[], $11::text[], $12::uuid[], $13::text[], $14::smallint[], $15::uuid[],
        $16::uuid[], $17::uuid[], $18::uuid[], $19::text[], $20::text[], $21::text[], $22::bigint[], $23::text[], $24::bytea[])
        AS e(position, stream_key, version, account, category, stream_id, event_type, schema_version, event_id,
        command_id, correlation_id, causation_id, actor, reason, environment, occurred_at, payload, hash)
    WHERE EXISTS (SELECT FROM moved)
), raised AS (
    UPDATE log.streams s SET version = r.version, last_event = r.last_event
    FROM unnest($25::bigint[], $26::bigint[], $27::uuid[]) AS r(stream_key, version, last_event)
    WHERE s.stream_key = r.stream_key AND EXISTS (SELECT FROM moved)
), remembered AS (
    INSERT INTO log.commands (account, command_id, fingerprint, first_position, last_position, version, recorded_at, result)
    SELECT c.account, c.command_id, c.fingerprint, c.first_position, c.last_position, c.version, $4, c.result
    FROM unnest($28::uuid[], $29::uuid[], $30::bytea[], $31::bigint[], $32::bigint[], $33::bigint[], $34::bytea[])
        AS c(account, command_id, fingerprint, first_position, last_position, version, result)
    WHERE EXISTS (SELECT FROM moved)
), chained AS (
    INSERT INTO log.chains (account, hash)
    SELECT h.* FROM unnest($35::uuid[], $36::bytea[]) AS h
    WHERE EXISTS (SELECT FROM moved)
    ON CONFLICT (account) DO UPDATE SET hash = excluded.hash
)"
    };
}

/// What only some batches write besides: streams opened, names taken and given back.
macro_rules! write_names {
    () => {
        ", opened AS (
    INSERT INTO log.streams (stream_key, account, category, stream_id, version, last_event)
    SELECT s.* FROM unnest($37::bigint[], $38::uuid[], $39::text[], $40::uuid[], $41::bigint[], $42::uuid[]) AS s
    WHERE EXISTS (SELECT FROM moved)
), taken AS (
    INSERT INTO log.claims (account, scope, name, holder)
    SELECT t.* FROM unnest($43::uuid[], $44::text[], $45::bytea[], $46::uuid[]) AS t
    WHERE EXISTS (SELECT FROM moved)
    ON CONFLICT (account, scope, name) DO UPDATE SET holder = excluded.holder
), given AS (
    DELETE FROM log.claims c USING unnest($47::uuid[], $48::text[], $49::bytea[]) AS g(account, scope, name)
    WHERE c.account = g.account AND c.scope = g.scope AND c.name = g.name AND EXISTS (SELECT FROM moved)
)"
    };
}

/// Tells the other processes, if anything was written.
macro_rules! notify {
    () => {
        "
SELECT pg_notify('vitrina_log', position::text) FROM moved"
    };
}

/// For a batch of events of streams that exist: most of them, and a third less work for the server.
const WRITE_EVENTS: &str = concat!(write_events!(), notify!());
/// For any batch.
const WRITE_ALL: &str = concat!(write_events!(), write_names!(), notify!());

/// Writes the batch if the head still stands where it was decided.
pub async fn write(client: &impl GenericClient, decided: &Decided) -> Result<CommitOutcome, LogError> {
    let Decided { expected, batch, plan } = decided;
    let head = plan.head;
    let recorded_at = head.recorded_at.timestamp_micros();
    let mut parameters = Parameters::default();
    parameters.one(expected.position.0).one(head.position.0).one(head.streams).one(recorded_at);
    parameters.one(head.last_event.0).one(expected.last_event.0);
    events(&mut parameters, batch, &plan.events);
    raised(&mut parameters, plan);
    commands(&mut parameters, batch, plan);
    parameters.many(plan.chains.iter().map(|(account, _)| account.0)).many(plan.chains.iter().map(|(_, hash)| hash.to_vec()));
    let text = if plan.claims.is_empty() && plan.streams.iter().all(|touched| !touched.opened) {
        WRITE_EVENTS
    } else {
        opened(&mut parameters, plan);
        claims(&mut parameters, plan);
        WRITE_ALL
    };

    let written = match client.prepare_cached(text).await {
        Ok(statement) => client.execute(&statement, &parameters.references()).await,
        Err(error) => Err(error),
    };
    match written {
        Ok(0) => Ok(CommitOutcome::HeadMoved),
        Ok(_) => Ok(CommitOutcome::Committed),
        Err(error) => match error.as_db_error() {
            Some(db) if db.code() == &SqlState::UNIQUE_VIOLATION && db.table() == Some("commands") => Ok(CommitOutcome::CommandExists),
            _ if is_of_the_data(&error) => Ok(CommitOutcome::Refused(super::error::text(&error))),
            _ => Err(failed(&error)),
        },
    }
}

/// Parameters in the order of their numbers.
#[derive(Default)]
struct Parameters<'a>(Vec<Box<dyn ToSql + Sync + Send + 'a>>);

impl<'a> Parameters<'a> {
    fn one(&mut self, value: impl ToSql + Sync + Send + 'a) -> &mut Self {
        self.0.push(Box::new(value));
        self
    }

    fn many<T: ToSql + Sync + Send + 'a>(&mut self, values: impl Iterator<Item = T>) -> &mut Self {
        self.0.push(Box::new(values.collect::<Vec<T>>()));
        self
    }

    fn references(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.0.iter().map(|p| &**p as &(dyn ToSql + Sync)).collect()
    }
}

fn events<'a>(parameters: &mut Parameters<'a>, batch: &'a [AppendRequest], events: &'a [Placed]) {
    let request = |p: &Placed| &batch[p.request];
    let write = |p: &Placed| &batch[p.request].writes[p.write];
    let event = |p: &Placed| &batch[p.request].writes[p.write].events[p.event];
    parameters
        .many(events.iter().map(|p| p.position.0))
        .many(events.iter().map(|p| p.stream_key))
        .many(events.iter().map(|p| p.version.0))
        .many(events.iter().map(|p| request(p).account.0))
        .many(events.iter().map(|p| write(p).stream.category.as_str()))
        .many(events.iter().map(|p| write(p).stream.id))
        .many(events.iter().map(|p| event(p).event_type))
        .many(events.iter().map(|p| i16::try_from(event(p).schema_version).unwrap_or(i16::MAX)))
        .many(events.iter().map(|p| event(p).event_id.0))
        .many(events.iter().map(|p| request(p).command_id.0))
        .many(events.iter().map(|p| request(p).correlation_id.0))
        .many(events.iter().map(|p| request(p).causation_id.map(|id| id.0)))
        .many(events.iter().map(|p| stored_actor(&request(p).actor)))
        .many(events.iter().map(|p| request(p).reason.as_deref()))
        .many(events.iter().map(|p| write(p).environment.as_str()))
        .many(events.iter().map(|p| event(p).occurred_at.timestamp_micros()))
        .many(events.iter().map(|p| event(p).payload.as_str()))
        .many(events.iter().map(|p| &p.hash[..]));
}

fn raised<'a>(parameters: &mut Parameters<'a>, plan: &'a Plan) {
    let raised = || plan.streams.iter().filter(|t| !t.opened);
    parameters
        .many(raised().map(|t| t.state.key))
        .many(raised().map(|t| t.state.version.0))
        .many(raised().map(|t| t.state.last.map(|id| id.0)));
}

fn opened<'a>(parameters: &mut Parameters<'a>, plan: &'a Plan) {
    let opened = || plan.streams.iter().filter(|t| t.opened);
    parameters
        .many(opened().map(|t| t.state.key))
        .many(opened().map(|t| t.stream.account.0))
        .many(opened().map(|t| t.stream.category.as_str()))
        .many(opened().map(|t| t.stream.id))
        .many(opened().map(|t| t.state.version.0))
        .many(opened().map(|t| t.state.last.map(|id| id.0)));
}

fn commands<'a>(parameters: &mut Parameters<'a>, batch: &'a [AppendRequest], plan: &'a Plan) {
    let accepted = || plan.accepted.iter().filter_map(|i| Some((&batch[*i], plan.answers[*i].as_ref().ok()?)));
    parameters
        .many(accepted().map(|(request, _)| request.account.0))
        .many(accepted().map(|(request, _)| request.command_id.0))
        .many(accepted().map(|(request, _)| &request.fingerprint[..]))
        .many(accepted().map(|(_, committed)| committed.first_position.0))
        .many(accepted().map(|(_, committed)| committed.position.0))
        .many(accepted().map(|(_, committed)| committed.version.0))
        .many(accepted().map(|(request, _)| request.result.as_slice()));
}

fn claims<'a>(parameters: &mut Parameters<'a>, plan: &'a Plan) {
    let taken = || plan.claims.iter().filter_map(|(key, holder)| Some((key, (*holder)?)));
    let given = || plan.claims.iter().filter(|(_, holder)| holder.is_none()).map(|(key, _)| key);
    parameters
        .many(taken().map(|(key, _)| key.account.0))
        .many(taken().map(|(key, _)| key.scope))
        .many(taken().map(|(key, _)| key.name.as_slice()))
        .many(taken().map(|(_, holder)| holder))
        .many(given().map(|key| key.account.0))
        .many(given().map(|key| key.scope))
        .many(given().map(|key| key.name.as_slice()));
}
