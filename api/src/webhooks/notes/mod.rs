//! What is noted about deliveries, as statements on the notebook: one process writes about an endpoint, the one that holds its row.

mod changes;
mod pages;
mod statements;
#[cfg(test)]
mod tests;

pub(crate) use changes::Changes;
pub(crate) use pages::attempts;

use chrono::{DateTime, Utc};
use statements::{
    BEGIN, BLANK_ANSWERS, COMMIT, DUE, DUE_IN_ORDER, EXHAUSTED, FORGET_ATTEMPTS, FORGET_CURSOR, FORGET_LETTERS, FORGET_REPLAYS,
    FORGET_WAITING, HOLDERS, LEASE, LEAVE, NOTED_UPTO, PLACE, RELEASE, REPLAYS, REWIND, SCHEDULED, TAKE, WAITING_COUNT,
};
use uuid::Uuid;
use vitrina_domain::{
    connection::ProcessId,
    ids::{AccountId, EventId, WebhookId},
    webhook::OrderedBy,
};
use vitrina_projections::{
    Result,
    sql::{Row, Value, notebook::Notebook},
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Rows of attempts that one statement forgets.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

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
pub(crate) async fn holders(notes: &Notebook, after: Option<WebhookId>, limit: u32) -> Result<Vec<(Of, Option<ProcessId>)>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |webhook| webhook.to_value());
    let rows = notes.query(HOLDERS, vec![after, Value::Int(limit.into())]).await?;
    read(rows, |row| Ok((Of { account: row.take()?, webhook: row.take()? }, holder_of(row.take()?))))
}

/// Where its telling stands; `None` before it has begun.
pub(crate) async fn standing(notes: &Notebook, of: Of) -> Result<Option<Place>> {
    Ok(read(notes.query(PLACE, of.args([])).await?, place)?.pop())
}

/// What is due, `limit` at most; in order, of each stream its first.
pub(crate) async fn due(notes: &Notebook, of: Of, now: DateTime<Utc>, limit: usize, in_order: OrderedBy) -> Result<Vec<Waiting>> {
    let statement = if in_order == OrderedBy::Stream { DUE_IN_ORDER } else { DUE };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    read(notes.query(statement, of.args([now.to_value(), Value::Int(limit)])).await?, waiting)
}

/// Which events of which streams wait.
pub(crate) async fn scheduled(notes: &Notebook, of: Of) -> Result<Vec<(Uuid, i64)>> {
    read(notes.query(SCHEDULED, of.args([])).await?, |row| Ok((row.take()?, row.take()?)))
}

/// How many events wait.
pub(crate) async fn waiting_count(notes: &Notebook, of: Of) -> Result<i64> {
    Ok(read(notes.query(WAITING_COUNT, of.args([])).await?, |row| row.take())?.pop().unwrap_or_default())
}

/// The last event that waits or could not be told; 0 without any.
pub(crate) async fn noted_upto(notes: &Notebook, of: Of) -> Result<i64> {
    Ok(read(notes.query(NOTED_UPTO, of.args([])).await?, |row| row.take())?.pop().unwrap_or_default())
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

/// Forgets attempts that were made before, some at a time: others write in between.
pub(crate) async fn forget_attempts(notes: &Notebook, of: Of, before: DateTime<Utc>) -> Result<()> {
    loop {
        let some = of.args([before.to_value(), Value::Int(FORGOTTEN_AT_ONCE - 1)]);
        if (notes.change(FORGET_ATTEMPTS, some).await?.len() as i64) < FORGOTTEN_AT_ONCE {
            return Ok(());
        }
    }
}

/// Forgets what an endpoint has answered: it may have said again what it was told.
pub(crate) async fn blank_answers(notes: &Notebook, of: Of) -> Result<()> {
    notes.change(BLANK_ANSWERS, of.args([])).await.map(drop)
}

/// Forgets dead letters that were first tried before: they are told again by a replay.
pub(crate) async fn forget_letters(notes: &Notebook, of: Of, before: DateTime<Utc>) -> Result<()> {
    notes.change(FORGET_LETTERS, of.args([before.to_value()])).await.map(drop)
}

/// Forgets all about an endpoint that is over.
pub(crate) async fn forget(notes: &Notebook, of: Of) -> Result<()> {
    // Nobody holds it from here on, so nobody writes of it; its row goes last, by which it is found should this break off.
    for statement in [RELEASE, FORGET_WAITING, FORGET_REPLAYS] {
        notes.change(statement, of.args([])).await?;
    }
    forget_attempts(notes, of, Utc::now() + chrono::TimeDelta::days(1)).await?;
    notes.change(FORGET_CURSOR, of.args([])).await.map(drop)
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
