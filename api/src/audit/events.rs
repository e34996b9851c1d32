//! What was done, event by event: who, when, why, by which command, and what caused it.
//!
//! The log is read in its order and filtered; a stream is read by itself. What is personal is left out, as it is from all of the
//! audit: those who may read it find it in the history of the call or conversation.

use crate::{
    auth::caller::Giver,
    error::{ApiError, Result},
    history::ActorView,
    wiring::State,
    writing::{self, log_problem},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_commands::CommandMeta;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, CommandId},
    log::{Exported, Log, LogAction, LogForm},
    personal::{CLEAR_MARK, is_secret},
    stream::Category,
};
use vitrina_eventlog::{Decoded, Position, Recorded, StreamId, Version};
use vitrina_projections::export::{cell::Cell, csv::Csv};

/// Events of one read of the log.
const READ: usize = 1_000;
/// Events that are looked at for one page of an answer: one that finds less has a next page all the same.
const LOOKED_AT_MAX: usize = 20_000;

/// Which events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Of this stream only.
    pub stream: Option<(Category, Uuid)>,
    /// Of this type.
    pub kind: Option<String>,
    /// By this kind of actor.
    pub actor_kind: Option<String>,
    /// By this actor.
    pub actor_id: Option<String>,
    /// Of this command.
    pub command: Option<Uuid>,
    /// That go back to this outside request.
    pub correlation: Option<Uuid>,
    /// Recorded in this period.
    pub from: Option<DateTime<Utc>>,
    /// Recorded before.
    pub to: Option<DateTime<Utc>>,
}

impl Wanted {
    fn passes(&self, account: AccountId, event: &Recorded) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        event.stream.account == account
            && is(&self.kind, &event.event_type)
            && is(&self.actor_kind, event.actor.kind())
            && (self.actor_id.is_none() || is(&self.actor_id, &event.actor.id()))
            && self.command.is_none_or(|command| event.command_id.0 == command)
            && self.correlation.is_none_or(|correlation| event.correlation_id.0 == correlation)
            && self.from.is_none_or(|from| event.recorded_at >= from)
            && self.to.is_none_or(|to| event.recorded_at < to)
    }
}

/// Events that are read one after the other.
pub(crate) struct Reading {
    account: AccountId,
    wanted: Wanted,
    /// Read up to here: a position, or a version of the stream.
    pub at: i64,
    upto: Position,
    /// Whether there are no more.
    pub is_over: bool,
}

impl Reading {
    /// After a place that a reading before has come to; without one, from where the period begins.
    pub(crate) async fn begin(state: &State, account: AccountId, wanted: Wanted, after: Option<i64>, upto: Position) -> Result<Self> {
        let at = match (after, wanted.from) {
            (Some(after), _) => after,
            (None, Some(from)) if wanted.stream.is_none() => {
                let before = from - chrono::TimeDelta::microseconds(1);
                state.log.position_at(before).await.map_err(log_problem)?.0
            }
            _ => 0,
        };
        Ok(Self { account, wanted, at, upto, is_over: false })
    }

    /// The next ones, `limit` at most, and their places; fewer when too many had to be looked at, or there are no more.
    pub(crate) async fn next(&mut self, state: &State, limit: usize) -> Result<Vec<(i64, Decoded)>> {
        let (mut found, mut looked_at) = (Vec::new(), 0);
        while found.len() < limit && looked_at < LOOKED_AT_MAX && !self.is_over {
            let page = match self.wanted.stream {
                Some((category, id)) => {
                    let stream = StreamId::new(self.account, category, id);
                    state.log.read_stream(stream, Version(self.at), READ).await
                }
                None => state.log.read(Position(self.at), READ).await,
            };
            let page = page.map_err(log_problem)?;
            self.is_over = page.len() < READ;
            looked_at += page.len();
            self.take(page, limit, &mut found);
        }
        let (places, events): (Vec<i64>, Vec<_>) = found.into_iter().unzip();
        let decoded = state.log.decode(events).await.map_err(log_problem)?;
        Ok(places.into_iter().zip(decoded).collect())
    }

    fn take(&mut self, page: Vec<Arc<Recorded>>, limit: usize, found: &mut Vec<(i64, Arc<Recorded>)>) {
        for event in page {
            if event.position > self.upto || self.wanted.to.is_some_and(|to| event.recorded_at >= to) {
                self.is_over = true;
                return;
            }
            if found.len() == limit {
                self.is_over = false;
                return;
            }
            self.at = if self.wanted.stream.is_some() { event.version.0 } else { event.position.0 };
            if self.wanted.passes(self.account, &event) {
                found.push((self.at, event));
            }
        }
    }
}

/// One event, as an audit has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEvent {
    /// Place in the log.
    position: i64,
    /// Its id.
    id: Uuid,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "call.claimed")]
    kind: String,
    /// To what: account, user, shopper, customer, call, conversation, role, api_key, order, export, log.
    #[schema(example = "call")]
    stream_kind: String,
    /// To which one.
    stream_id: Uuid,
    /// Its version with this event.
    version: i64,
    /// Who did it.
    actor: ActorView,
    /// Why, where it was said.
    reason: Option<String>,
    /// The command that led to it.
    command_id: Uuid,
    /// The outside request that it goes back to.
    correlation_id: Uuid,
    /// The event that caused the command, where that was no person.
    cause_id: Option<Uuid>,
    /// production or test.
    environment: String,
    /// When it happened.
    occurred_at: DateTime<Utc>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// The details; what is personal or secret is not here.
    #[schema(value_type = Object)]
    data: Value,
}

impl From<Decoded> for AuditEvent {
    fn from(Decoded { recorded, event }: Decoded) -> Self {
        let mut data = event.payload();
        disclose(&mut data);
        Self {
            position: recorded.position.0,
            id: recorded.event_id.0,
            kind: recorded.event_type.to_string(),
            stream_kind: recorded.stream.category.as_str().to_owned(),
            stream_id: recorded.stream.id,
            version: recorded.version.0,
            actor: ActorView { kind: recorded.actor.kind().to_owned(), id: recorded.actor.id() },
            reason: recorded.reason.clone(),
            command_id: recorded.command_id.0,
            correlation_id: recorded.correlation_id.0,
            cause_id: recorded.causation_id.map(|id| id.0),
            environment: recorded.environment.as_str().to_owned(),
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
            data,
        }
    }
}

/// The columns of the CSV.
const COLUMNS: [&str; 16] = [
    "position",
    "id",
    "type",
    "stream_kind",
    "stream_id",
    "version",
    "actor_kind",
    "actor_id",
    "reason",
    "command_id",
    "correlation_id",
    "cause_id",
    "environment",
    "occurred_at",
    "recorded_at",
    "data",
];

/// The CSV's first line.
pub(crate) fn headings(out: &mut Vec<u8>) {
    csv().headings(COLUMNS.into_iter(), out);
}

fn csv() -> Csv {
    Csv::new(Tz::UTC, vitrina_projections::export::Profile::Rfc4180)
}

impl AuditEvent {
    /// As a line of JSON Lines.
    pub(crate) fn json_line(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(&mut *out, self).expect("plain data into memory");
        out.push(b'\n');
    }

    /// As a line of CSV.
    pub(crate) fn csv_line(&self, out: &mut Vec<u8>) {
        let data = self.data.to_string();
        let cells: [Cell<'_>; COLUMNS.len()] = [
            Cell::Int(self.position),
            Cell::Id(self.id),
            Cell::Name(&self.kind),
            Cell::Name(&self.stream_kind),
            Cell::Id(self.stream_id),
            Cell::Int(self.version),
            Cell::Name(&self.actor.kind),
            Cell::Text(Cow::Borrowed(&self.actor.id)),
            Cell::text(self.reason.as_deref()),
            Cell::Id(self.command_id),
            Cell::Id(self.correlation_id),
            self.cause_id.map_or(Cell::Empty, Cell::Id),
            Cell::Name(&self.environment),
            Cell::Instant(self.occurred_at),
            Cell::Instant(self.recorded_at),
            Cell::Text(Cow::Borrowed(&data)),
        ];
        csv().row(&cells, out);
    }
}

/// Leaves out what is personal and what stands for a secret.
fn disclose(data: &mut Value) {
    match data {
        Value::Object(members) => {
            members.retain(|name, value| value.get(CLEAR_MARK).is_none() && !is_secret(name));
            members.values_mut().for_each(disclose);
        }
        Value::Array(items) => {
            items.retain(|item| item.get(CLEAR_MARK).is_none());
            items.iter_mut().for_each(disclose);
        }
        _ => {}
    }
}

/// Writes down who takes events away.
pub(crate) async fn tell(
    state: &State,
    giver: &Giver,
    form: LogForm,
    after: Position,
    upto: Position,
    filters: BTreeMap<String, String>,
) -> Result<()> {
    let exported = Exported { form, after: after.0, upto: upto.0, filters };
    let actor: Actor = giver.actor.clone();
    let meta = CommandMeta::new(giver.account, CommandId(Uuid::now_v7()), actor, Utc::now());
    let told = |unit: &mut vitrina_commands::Unit<'_>| unit.run::<Log>(giver.account, LogAction::Export(exported.clone()));
    state.commands.execute(&meta, Vec::new(), told).await.map_err(writing::refused)?;
    Ok(())
}

/// A stream as it is asked for, `call:<id>`.
pub(crate) fn stream(text: &str) -> Result<(Category, Uuid)> {
    let expected = || ApiError::parameter("stream", "malformed", "a kind and an id, such as call:0192f0c0-0000-7000-8000-000000000000");
    let (category, id) = text.split_once(':').ok_or_else(expected)?;
    Ok((Category::from_stored(category).ok_or_else(expected)?, id.parse().map_err(|_| expected())?))
}

#[cfg(test)]
mod tests {
    use super::disclose;
    use serde_json::json;

    #[test]
    fn what_is_personal_or_stands_for_a_secret_is_left_out_wherever_it_stands() {
        let personal = json!({"$personal": {"subject": "x", "value": "Ana"}});
        let mut data = json!({"a": personal, "b": {"c": [personal, 1], "secret_hash": "ab"}, "d": [{"e": personal, "f": 2}]});
        disclose(&mut data);
        assert_eq!(data, json!({"b": {"c": [1]}, "d": [{"f": 2}]}));
    }
}
