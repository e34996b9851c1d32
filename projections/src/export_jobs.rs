//! Exports that make a file: what was asked, how far it has come, and what is to be done about it. State, not history: the audit has that.

use crate::{
    asked::LIMIT_MAX,
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{Field, Json, Table, stored_names, table, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    connection::ProcessId,
    event::Event,
    export::{ExportEvent, ExportFailure, Question},
    ids::{AccountId, ExportId},
};
use vitrina_eventlog::Decoded;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportStage {
    /// It is to be made.
    Requested,
    /// It is there.
    Ready,
    /// It could not be made.
    Failed,
    /// It is there no more.
    Deleted,
}

stored_names! {
    ExportStage { Requested = "requested", Ready = "ready", Failed = "failed", Deleted = "deleted" }
    ExportFailure { Storage = "storage", Database = "database", Outdated = "outdated" }
}

table! {
    /// An export that makes a file.
    pub struct ExportRow in "export_jobs" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The export.
            export_id: ExportId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// How far it has come.
            stage: ExportStage,
            /// What was asked.
            question: Json<Question>,
            /// The number of the process that took it on.
            process: i64,
            /// When it was asked.
            requested_at: DateTime<Utc>,
            /// The kind of who asked.
            requested_by_kind: String,
            /// Who asked.
            requested_by: String,
            /// Rows of the file, without the headings.
            rows: Option<i64>,
            /// Its length.
            bytes: Option<i64>,
            /// SHA-256 of it.
            sha256: Option<String>,
            /// When it is deleted.
            keep_until: Option<DateTime<Utc>>,
            /// Why there is none.
            failure: Option<ExportFailure>,
            /// Since when it is ready, failed or deleted.
            ended_at: Option<DateTime<Utc>>,
        }
    }
}

/// Keeps them.
pub struct ExportJobsProjection;

impl Projection for ExportJobsProjection {
    fn name(&self) -> &'static str {
        "export_jobs"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<ExportRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        let Event::Export(event) = event else { return false };
        !matches!(event, ExportEvent::Streamed(_) | ExportEvent::Downloaded(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Export(ExportEvent::Requested(_)) => keys.create::<ExportRow>(key(event)),
            _ => keys.load::<ExportRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Export(happened) = &event.event else { return Ok(()) };
        let (account_id, export_id) = key(event);
        if let ExportEvent::Requested(requested) = happened {
            return rows.put(ExportRow {
                account_id,
                export_id,
                version: event.version(),
                stage: ExportStage::Requested,
                question: Json(requested.question.clone()),
                process: number(requested.process),
                requested_at: event.at(),
                requested_by_kind: event.recorded.actor.kind().to_owned(),
                requested_by: event.recorded.actor.id(),
                rows: None,
                bytes: None,
                sha256: None,
                keep_until: None,
                failure: None,
                ended_at: None,
            });
        }
        rows.change::<ExportRow>(&(account_id, export_id), |row| {
            (row.version, row.ended_at) = (event.version(), Some(event.at()));
            match happened {
                ExportEvent::Completed(completed) => {
                    row.stage = ExportStage::Ready;
                    (row.rows, row.bytes) = (Some(number(completed.rows)), Some(number(completed.bytes)));
                    (row.sha256, row.keep_until) = (Some(completed.sha256.clone()), Some(completed.keep_until));
                }
                ExportEvent::Failed(failed) => {
                    (row.stage, row.failure) = (ExportStage::Failed, Some(failed.reason));
                    row.question.0.search = None;
                }
                ExportEvent::Deleted(_) => {
                    row.stage = ExportStage::Deleted;
                    row.question.0.search = None;
                }
                ExportEvent::Streamed(_) | ExportEvent::Requested(_) | ExportEvent::Downloaded(_) => {}
            }
        })
    }
}

fn key(event: &Decoded) -> (AccountId, ExportId) {
    (event.account(), ExportId(event.recorded.stream.id))
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

const GET: &str = sql!("SELECT ", ExportRow::COLUMNS, " FROM export_jobs WHERE account_id = $1 AND export_id = $2");

/// Ids begin with the time at which they were drawn.
const LIST: &str =
    sql!("SELECT ", ExportRow::COLUMNS, " FROM export_jobs WHERE account_id = $1 AND export_id < $2 ORDER BY export_id DESC LIMIT $3");

const UNDER_WAY: &str = "SELECT COUNT(*) FROM export_jobs WHERE account_id = $1 AND export_id > $2 AND stage = 'requested'";

/// The house works for all accounts, so these find the account.
const WAITING: &str =
    "SELECT account_id, export_id, process FROM export_jobs WHERE stage = 'requested' AND export_id > $1 ORDER BY export_id LIMIT $2";

const DUE: &str = "SELECT account_id, export_id, process FROM export_jobs WHERE stage = 'ready' AND keep_until <= $1 ORDER BY keep_until, export_id LIMIT $2";

const DELETED_SINCE: &str = "SELECT account_id, export_id, process FROM export_jobs WHERE stage = 'deleted' AND ended_at >= $1 ORDER BY ended_at, export_id LIMIT $2";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, LIST, UNDER_WAY, WAITING, DUE, DELETED_SINCE];

/// An export about which something is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Open {
    /// Whose.
    pub account: AccountId,
    /// The export.
    pub export: ExportId,
    /// Who took it on.
    pub process: ProcessId,
}

/// The export; `None` when there is none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, export: ExportId) -> Result<Option<ExportRow>> {
    let rows = store.query(GET, vec![account.to_value(), export.to_value()]).await?;
    rows.into_iter().next().map(|row| ExportRow::from_values(&mut row.into_iter())).transpose()
}

/// The exports of the account, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, after: Option<ExportId>, limit: u32) -> Result<Vec<ExportRow>> {
    let after = after.map_or(Value::Bytes(vec![0xff; 17]), |export| export.to_value());
    let rows = store.query(LIST, vec![account.to_value(), after, Value::Int(limit.min(LIMIT_MAX).into())]).await?;
    rows.into_iter().map(|row| ExportRow::from_values(&mut row.into_iter())).collect()
}

/// How many files of the account, asked for since then, are to be made.
///
/// # Errors
/// When the database is away.
pub async fn under_way(store: &Store, account: AccountId, since: DateTime<Utc>) -> Result<i64> {
    // The least id of that time.
    let least = u64::try_from(since.timestamp_millis()).unwrap_or_default() << 16;
    let rows = store.query(UNDER_WAY, vec![account.to_value(), Value::Bytes(least.to_be_bytes().to_vec())]).await?;
    take(&mut rows.into_iter().flatten(), "export_jobs", "count")
}

/// The files that are to be made, in the order of their asking, `limit` at most, after one.
///
/// # Errors
/// When the database is away.
pub async fn waiting(store: &Store, after: Option<ExportId>, limit: u32) -> Result<Vec<Open>> {
    found(store, WAITING, after.map_or(Value::Bytes(Vec::new()), |export| export.to_value()), limit).await
}

/// The files whose time has come, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn due(store: &Store, now: DateTime<Utc>, limit: u32) -> Result<Vec<Open>> {
    found(store, DUE, now.to_value(), limit).await
}

/// The files that were deleted since, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn deleted_since(store: &Store, since: DateTime<Utc>, limit: u32) -> Result<Vec<Open>> {
    found(store, DELETED_SINCE, since.to_value(), limit).await
}

async fn found(store: &Store, statement: &'static str, by: Value, limit: u32) -> Result<Vec<Open>> {
    let rows = store.query(statement, vec![by, Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| {
        let (values, table) = (&mut row.into_iter(), "export_jobs");
        let (account, export) = (take(values, table, "account_id")?, take(values, table, "export_id")?);
        let process: i64 = take(values, table, "process")?;
        Ok(Open { account, export, process: ProcessId::new(u64::try_from(process).unwrap_or_default()) })
    };
    rows.into_iter().map(read).collect()
}
