//! What is noted about deliveries, as statements on the notebook: one process writes about an endpoint, the one that holds its row.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use vitrina_domain::{
    connection::ProcessId,
    ids::{AccountId, EventId, WebhookId},
};
use vitrina_projections::{
    Result,
    sql::{
        Row, Value,
        notebook::{Call, Group, Notebook},
    },
    table::Field,
};

/// Whose notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Of {
    pub account: AccountId,
    pub webhook: WebhookId,
}

impl Of {
    pub(crate) fn args(self, rest: impl IntoIterator<Item = Value>) -> Vec<Value> {
        [self.account.to_value(), self.webhook.to_value()].into_iter().chain(rest).collect()
    }
}

/// Where an endpoint's telling stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Everything up to here was told or waits.
    pub position: i64,
    /// Replays and the like that were asked up to this version of its stream are taken on.
    pub asked: i64,
    /// The first failure after the last success.
    pub failing_since: Option<DateTime<Utc>>,
    /// The number of this taking.
    pub epoch: i64,
}

/// An event that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub position: i64,
    pub stream: Uuid,
    /// Attempts so far.
    pub attempts: u32,
    pub first_at: DateTime<Utc>,
    /// When it is tried again; never by itself without it.
    pub due_at: Option<DateTime<Utc>>,
    /// What was answered last.
    pub status: Option<u16>,
}

/// What is told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replay {
    pub version: i64,
    /// Everything up to here was told again.
    pub position: i64,
    pub upto: i64,
}

/// One attempt.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub position: i64,
    pub tried_at: DateTime<Utc>,
    pub event_id: EventId,
    pub attempt: u32,
    pub status: Option<u16>,
    pub failure: Option<String>,
    pub latency_us: i64,
    pub answer: String,
}

const BEGIN: &str = "INSERT INTO cursors (account_id, webhook_id, position, asked, epoch) VALUES ($1, $2, $3, 0, 0)
    ON CONFLICT (account_id, webhook_id) DO NOTHING";
const TAKE: &str = "UPDATE cursors SET holder = $3, epoch = epoch + 1
    WHERE account_id = $1 AND webhook_id = $2 AND (holder IS NULL OR holder = $4)
    RETURNING position, asked, failing_since, epoch";
const LEAVE: &str = "UPDATE cursors SET holder = NULL WHERE account_id = $1 AND webhook_id = $2 AND holder = $3 AND epoch = $4";
const HOLDERS: &str = "SELECT webhook_id, holder FROM cursors WHERE webhook_id > $1 ORDER BY webhook_id LIMIT $2";
const FENCE: &str = "UPDATE cursors SET position = $3, asked = $4, failing_since = $5
    WHERE account_id = $1 AND webhook_id = $2 AND holder = $6 AND epoch = $7";
const PLACE: &str = "SELECT position, asked, failing_since, epoch FROM cursors WHERE account_id = $1 AND webhook_id = $2";

const WAIT: &str = "INSERT INTO waiting (account_id, webhook_id, position, stream_id, attempts, first_at, due_at, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id, webhook_id, position) DO UPDATE
    SET attempts = excluded.attempts, due_at = excluded.due_at, status = excluded.status";
const TOLD: &str = "DELETE FROM waiting WHERE account_id = $1 AND webhook_id = $2 AND position = $3";
const RECOVER: &str = "UPDATE waiting SET attempts = 0, due_at = $3
    WHERE account_id = $1 AND webhook_id = $2 AND due_at IS NULL AND first_at >= $4 AND first_at < $5";
const DUE: &str = "SELECT position, stream_id, attempts, first_at, due_at, status FROM waiting
    WHERE account_id = $1 AND webhook_id = $2 AND due_at <= $3 ORDER BY due_at, position LIMIT $4";
/// Of each stream the first that waits, and only that one.
const DUE_IN_ORDER: &str = "SELECT position, stream_id, attempts, first_at, due_at, status FROM waiting AS w
    WHERE account_id = $1 AND webhook_id = $2 AND due_at <= $3
      AND NOT EXISTS (SELECT 1 FROM waiting AS b WHERE b.account_id = w.account_id AND b.webhook_id = w.webhook_id
                      AND b.stream_id = w.stream_id AND b.position < w.position AND b.due_at IS NOT NULL)
    ORDER BY due_at, position LIMIT $4";
const STREAMS: &str = "SELECT stream_id, COUNT(*) FROM waiting
    WHERE account_id = $1 AND webhook_id = $2 AND due_at IS NOT NULL GROUP BY stream_id";
const EXHAUSTED: &str = "SELECT position, stream_id, attempts, first_at, due_at, status FROM waiting
    WHERE account_id = $1 AND webhook_id = $2 AND due_at IS NULL AND position > $3 ORDER BY position LIMIT $4";
const FORGET_WAITING: &str = "DELETE FROM waiting WHERE account_id = $1 AND webhook_id = $2";

const REPLAY: &str = "INSERT INTO replays (account_id, webhook_id, version, position, upto) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account_id, webhook_id, version) DO UPDATE SET position = excluded.position";
const REPLAYED: &str = "DELETE FROM replays WHERE account_id = $1 AND webhook_id = $2 AND version = $3";
const REPLAYS: &str = "SELECT version, position, upto FROM replays WHERE account_id = $1 AND webhook_id = $2 ORDER BY version LIMIT 1";
const FORGET_REPLAYS: &str = "DELETE FROM replays WHERE account_id = $1 AND webhook_id = $2";

const TRIED: &str = "INSERT INTO attempts
    (account_id, webhook_id, position, tried_at, event_id, attempt, status, failure, latency_us, answer)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account_id, webhook_id, position, tried_at) DO NOTHING";
const ATTEMPTS: &str = "SELECT position, tried_at, event_id, attempt, status, failure, latency_us, answer FROM attempts
    WHERE account_id = $1 AND webhook_id = $2 AND tried_at < $3 ORDER BY tried_at DESC, position LIMIT $4";
const ATTEMPTS_AT: &str = "SELECT position, tried_at, event_id, attempt, status, failure, latency_us, answer FROM attempts
    WHERE account_id = $1 AND webhook_id = $2 AND position = $5 AND tried_at < $3 ORDER BY tried_at DESC LIMIT $4";
const FORGET_ATTEMPTS: &str = "DELETE FROM attempts WHERE account_id = $1 AND webhook_id = $2 AND tried_at < $3";
const FORGET_CURSOR: &str = "DELETE FROM cursors WHERE account_id = $1 AND webhook_id = $2";

const LEASE: &str = "UPDATE cursors SET lease = $3, lease_until = $4, lease_upto = $5
    WHERE account_id = $1 AND webhook_id = $2 AND position = $6 AND (lease IS NULL OR lease_until <= $7) RETURNING position";
const COMMIT: &str = "UPDATE cursors SET position = $4, lease = NULL, lease_until = NULL, lease_upto = NULL
    WHERE account_id = $1 AND webhook_id = $2 AND lease = $3 AND position <= $4 AND lease_upto >= $4 RETURNING position";
const REWIND: &str = "UPDATE cursors SET position = $3, lease = NULL, lease_until = NULL, lease_upto = NULL
    WHERE account_id = $1 AND webhook_id = $2";

/// Every statement of this file, for the test that prepares them on both engines.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    BEGIN,
    TAKE,
    LEAVE,
    HOLDERS,
    FENCE,
    PLACE,
    WAIT,
    TOLD,
    RECOVER,
    DUE,
    DUE_IN_ORDER,
    STREAMS,
    EXHAUSTED,
    FORGET_WAITING,
    REPLAY,
    REPLAYED,
    REPLAYS,
    FORGET_REPLAYS,
    TRIED,
    ATTEMPTS,
    ATTEMPTS_AT,
    FORGET_ATTEMPTS,
    FORGET_CURSOR,
    LEASE,
    COMMIT,
    REWIND,
];

/// What a process writes about an endpoint at once.
#[derive(Default)]
pub(crate) struct Changes {
    calls: Vec<Call>,
}

impl Changes {
    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(crate) fn wait(&mut self, of: Of, w: &Waiting) {
        let (due, status) = (w.due_at.to_value(), w.status.map(i64::from).to_value());
        let rest = [Value::Int(w.position), w.stream.to_value(), Value::Int(w.attempts.into()), w.first_at.to_value(), due, status];
        self.calls.push((WAIT, of.args(rest)));
    }

    pub(crate) fn told(&mut self, of: Of, position: i64) {
        self.calls.push((TOLD, of.args([Value::Int(position)])));
    }

    pub(crate) fn recover(&mut self, of: Of, now: DateTime<Utc>, (since, until): (DateTime<Utc>, DateTime<Utc>)) {
        self.calls.push((RECOVER, of.args([now.to_value(), since.to_value(), until.to_value()])));
    }

    pub(crate) fn replay(&mut self, of: Of, replay: Replay) {
        let rest = [Value::Int(replay.version), Value::Int(replay.position), Value::Int(replay.upto)];
        self.calls.push((REPLAY, of.args(rest)));
    }

    pub(crate) fn replayed(&mut self, of: Of, version: i64) {
        self.calls.push((REPLAYED, of.args([Value::Int(version)])));
    }

    pub(crate) fn tried(&mut self, of: Of, a: Attempt) {
        let rest = [
            Value::Int(a.position),
            a.tried_at.to_value(),
            a.event_id.0.to_value(),
            Value::Int(a.attempt.into()),
            a.status.map(i64::from).to_value(),
            a.failure.to_value(),
            Value::Int(a.latency_us),
            Value::Text(a.answer),
        ];
        self.calls.push((TRIED, of.args(rest)));
    }

    /// All of it, if the process still holds the endpoint.
    pub(crate) fn group(self, of: Of, holder: ProcessId, place: Place) -> Group {
        let rest = [
            Value::Int(place.position),
            Value::Int(place.asked),
            place.failing_since.to_value(),
            holder_value(holder),
            Value::Int(place.epoch),
        ];
        let mut changes: Vec<(&'static str, Vec<Row>)> = Vec::new();
        for (statement, row) in self.calls {
            // In the order in which they were noted: what waits and was told must not wait again.
            match changes.last_mut() {
                Some((last, rows)) if *last == statement => rows.push(row),
                _ => changes.push((statement, vec![row])),
            }
        }
        Group { fence: (FENCE, of.args(rest)), changes }
    }
}

fn holder_value(process: ProcessId) -> Value {
    Value::Int(i64::from_ne_bytes(process.number().to_ne_bytes()))
}

fn holder_of(value: Option<i64>) -> Option<ProcessId> {
    value.map(|number| ProcessId::new(u64::from_ne_bytes(number.to_ne_bytes())))
}

/// Takes values off a row.
struct Read(std::vec::IntoIter<Value>);

impl Read {
    fn take<T: Field>(&mut self) -> Result<T> {
        vitrina_projections::table::take(&mut self.0, "deliveries", "column")
    }
}

fn read<T>(rows: Vec<Row>, one: impl Fn(&mut Read) -> Result<T>) -> Result<Vec<T>> {
    rows.into_iter().map(|row| one(&mut Read(row.into_iter()))).collect()
}

fn natural(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn status(number: Option<i64>) -> Option<u16> {
    number.and_then(|status| u16::try_from(status).ok())
}

fn place(read: &mut Read) -> Result<Place> {
    Ok(Place { position: read.take()?, asked: read.take()?, failing_since: read.take()?, epoch: read.take()? })
}

fn waiting(read: &mut Read) -> Result<Waiting> {
    Ok(Waiting {
        position: read.take()?,
        stream: read.take()?,
        attempts: natural(read.take()?),
        first_at: read.take()?,
        due_at: read.take()?,
        status: status(read.take()?),
    })
}

fn attempt(read: &mut Read) -> Result<Attempt> {
    Ok(Attempt {
        position: read.take()?,
        tried_at: read.take()?,
        event_id: EventId(read.take()?),
        attempt: natural(read.take()?),
        status: status(read.take()?),
        failure: read.take()?,
        latency_us: read.take()?,
        answer: read.take()?,
    })
}

/// Makes the endpoint's row where it is not there.
pub(crate) async fn begin(notes: &Notebook, of: Of, after: i64) -> Result<()> {
    notes.change(BEGIN, of.args([Value::Int(after)])).await.map(drop)
}

/// Takes an endpoint that nobody holds, or this dead one did.
pub(crate) async fn take(notes: &Notebook, of: Of, own: ProcessId, dead: Option<ProcessId>) -> Result<Option<Place>> {
    let rows = notes.change(TAKE, of.args([holder_value(own), dead.map_or(Value::Null, holder_value)])).await?;
    Ok(read(rows, place)?.pop())
}

/// Gives it up.
pub(crate) async fn leave(notes: &Notebook, of: Of, own: ProcessId, epoch: i64) -> Result<()> {
    notes.change(LEAVE, of.args([holder_value(own), Value::Int(epoch)])).await.map(drop)
}

/// Who holds what, `limit` at most, after one.
pub(crate) async fn holders(notes: &Notebook, after: Option<WebhookId>, limit: u32) -> Result<Vec<(WebhookId, Option<ProcessId>)>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |webhook| webhook.to_value());
    let rows = notes.query(HOLDERS, vec![after, Value::Int(limit.into())]).await?;
    read(rows, |row| Ok((row.take()?, holder_of(row.take()?))))
}

/// Where its telling stands; `None` before it has begun.
pub(crate) async fn standing(notes: &Notebook, of: Of) -> Result<Option<Place>> {
    Ok(read(notes.query(PLACE, of.args([])).await?, place)?.pop())
}

/// What is due, `limit` at most; in order, of each stream its first.
pub(crate) async fn due(
    notes: &Notebook,
    of: Of,
    now: DateTime<Utc>,
    limit: usize,
    in_order: vitrina_domain::webhook::OrderedBy,
) -> Result<Vec<Waiting>> {
    let statement = if in_order == vitrina_domain::webhook::OrderedBy::Stream { DUE_IN_ORDER } else { DUE };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    read(notes.query(statement, of.args([now.to_value(), Value::Int(limit)])).await?, waiting)
}

/// How many events of which streams wait.
pub(crate) async fn streams(notes: &Notebook, of: Of) -> Result<Vec<(Uuid, i64)>> {
    read(notes.query(STREAMS, of.args([])).await?, |row| Ok((row.take()?, row.take()?)))
}

/// What could not be told by any attempt.
pub(crate) async fn exhausted(notes: &Notebook, of: Of, after: i64, limit: u32) -> Result<Vec<Waiting>> {
    read(notes.query(EXHAUSTED, of.args([Value::Int(after), Value::Int(limit.into())])).await?, waiting)
}

/// The replay that is under way.
pub(crate) async fn replay(notes: &Notebook, of: Of) -> Result<Option<Replay>> {
    let rows = notes.query(REPLAYS, of.args([])).await?;
    Ok(read(rows, |row| Ok(Replay { version: row.take()?, position: row.take()?, upto: row.take()? }))?.pop())
}

/// The attempts before an instant, the newest first.
pub(crate) async fn attempts(notes: &Notebook, of: Of, position: Option<i64>, before: DateTime<Utc>, limit: u32) -> Result<Vec<Attempt>> {
    let mut args = of.args([before.to_value(), Value::Int(limit.into())]);
    args.extend(position.map(Value::Int));
    read(notes.query(if position.is_some() { ATTEMPTS_AT } else { ATTEMPTS }, args).await?, attempt)
}

/// Forgets attempts that were made before.
pub(crate) async fn forget_attempts(notes: &Notebook, of: Of, before: DateTime<Utc>) -> Result<()> {
    notes.change(FORGET_ATTEMPTS, of.args([before.to_value()])).await.map(drop)
}

/// Forgets all about an endpoint that is over.
pub(crate) async fn forget(notes: &Notebook, of: Of) -> Result<()> {
    for statement in [FORGET_CURSOR, FORGET_WAITING, FORGET_REPLAYS] {
        notes.change(statement, of.args([])).await?;
    }
    forget_attempts(notes, of, DateTime::<Utc>::MAX_UTC.min(Utc::now() + chrono::TimeDelta::days(1))).await
}

/// Somebody has the events of a feed from `position` up to `upto`, until then; whether nobody else has.
pub(crate) async fn lease(
    notes: &Notebook,
    of: Of,
    lease: &str,
    (position, upto): (i64, i64),
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool> {
    let rest = [Value::Text(lease.to_owned()), until.to_value(), Value::Int(upto), Value::Int(position), now.to_value()];
    Ok(!notes.change(LEASE, of.args(rest)).await?.is_empty())
}

/// What was leased is done with up to here; whether it was.
pub(crate) async fn commit(notes: &Notebook, of: Of, lease: &str, position: i64) -> Result<bool> {
    Ok(!notes.change(COMMIT, of.args([Value::Text(lease.to_owned()), Value::Int(position)])).await?.is_empty())
}

/// A feed goes back, or on, to here.
pub(crate) async fn rewind(notes: &Notebook, of: Of, position: i64) -> Result<()> {
    notes.change(REWIND, of.args([Value::Int(position)])).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::{Notebook, STATEMENTS};
    use uuid::Uuid;

    #[tokio::test]
    async fn every_statement_is_taken_by_both_engines() {
        let folder = std::env::temp_dir().join(format!("vitrina-notes-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut notebooks = vec![Notebook::sqlite(&folder).await.unwrap()];
        if let Ok(url) = std::env::var("VITRINA_TEST_DATABASE_URL") {
            notebooks.push(Notebook::postgres(&url).await.unwrap());
        }
        for notebook in notebooks {
            for statement in STATEMENTS {
                notebook.prepare(statement).await.unwrap_or_else(|error| panic!("{}\n{statement}", error.chain()));
            }
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
