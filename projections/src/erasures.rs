//! Persons who are to be forgotten, and those who are: how far it has come, and the receipt. State, not history.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{Field, Json, Table, stored_names, table, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    event::Event,
    ids::{AccountId, SubjectId},
    subject::{Erased, ErasureReason, Pending, SubjectEvent, SubjectKind},
};
use vitrina_eventlog::Decoded;

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErasureStage {
    /// It is under way.
    Begun,
    /// It is done, but for what is on machines that are away.
    Pending,
    /// It is done.
    Erased,
}

stored_names! {
    ErasureStage { Begun = "begun", Pending = "pending", Erased = "erased" }
    SubjectKind { Customer = "customer", Shopper = "shopper" }
    ErasureReason {
        NoLongerNeeded = "no_longer_needed", ConsentWithdrawn = "consent_withdrawn", Objected = "objected", Unlawful = "unlawful",
        LegalObligation = "legal_obligation",
    }
}

table! {
    /// The forgetting of a person.
    pub struct ErasureRow in "erasures" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The customer or shopper.
            subject_id: SubjectId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// Who is forgotten.
            kind: SubjectKind,
            /// How far it has come.
            stage: ErasureStage,
            /// Why.
            reason: ErasureReason,
            /// When it was asked.
            requested_at: DateTime<Utc>,
            /// The kind of who asked.
            requested_by_kind: String,
            /// Who asked.
            requested_by: String,
            /// How many parts the read models were told.
            parts: i64,
            /// When it was done.
            erased_at: Option<DateTime<Utc>>,
            /// What was done.
            outcome: Option<Json<Erased>>,
            /// What is still to be deleted on machines that are away.
            pending: Option<Json<Vec<Pending>>>,
        }
    }
}

/// Keeps them.
pub struct ErasuresProjection;

impl Projection for ErasuresProjection {
    fn name(&self) -> &'static str {
        "erasures"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<ErasureRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Subject(happened) if !matches!(happened, SubjectEvent::AccessGiven(_)))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Subject(SubjectEvent::ErasureRequested(_)) => keys.create::<ErasureRow>(key(event)),
            _ => keys.load::<ErasureRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Subject(happened) = &event.event else { return Ok(()) };
        let (account_id, subject_id) = key(event);
        if let SubjectEvent::ErasureRequested(requested) = happened {
            return rows.put(ErasureRow {
                account_id,
                subject_id,
                version: event.version(),
                kind: requested.kind,
                stage: ErasureStage::Begun,
                reason: requested.reason,
                requested_at: event.at(),
                requested_by_kind: event.recorded.actor.kind().to_owned(),
                requested_by: event.recorded.actor.id(),
                parts: 0,
                erased_at: None,
                outcome: None,
                pending: None,
            });
        }
        rows.change::<ErasureRow>(&(account_id, subject_id), |row| {
            row.version = event.version();
            match happened {
                SubjectEvent::ErasureRequested(_) | SubjectEvent::AccessGiven(_) => {}
                SubjectEvent::Forgotten(_) => row.parts += 1,
                SubjectEvent::Erased(erased) => {
                    (row.erased_at, row.outcome) = (Some(event.at()), Some(Json(erased.clone())));
                    row.left(erased.pending.clone());
                }
                SubjectEvent::Cleared(cleared) => {
                    let mut pending = row.pending.take().map_or_else(Vec::new, |pending| pending.0);
                    pending.retain(|file| file.recording_id != cleared.recording_id);
                    row.left(pending);
                }
            }
        })
    }
}

impl ErasureRow {
    /// This is what is left to be deleted.
    fn left(&mut self, pending: Vec<Pending>) {
        self.stage = if pending.is_empty() { ErasureStage::Erased } else { ErasureStage::Pending };
        self.pending = (!pending.is_empty()).then_some(Json(pending));
    }
}

fn key(event: &Decoded) -> (AccountId, SubjectId) {
    (event.account(), SubjectId(event.recorded.stream.id))
}

const GET: &str = sql!("SELECT ", ErasureRow::COLUMNS, " FROM erasures WHERE account_id = $1 AND subject_id = $2");

/// The house works for all accounts, so these find the account.
const BEGUN: &str =
    "SELECT account_id, subject_id, kind FROM erasures WHERE stage = 'begun' AND subject_id > $1 ORDER BY subject_id LIMIT $2";

const PENDING: &str =
    "SELECT account_id, subject_id, kind FROM erasures WHERE stage = 'pending' AND subject_id > $1 ORDER BY subject_id LIMIT $2";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, BEGUN, PENDING];

/// A person of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Whose.
    pub account: AccountId,
    /// The customer or shopper.
    pub subject: SubjectId,
    /// Which of these.
    pub kind: SubjectKind,
}

/// The forgetting of this person; `None` when nobody has asked for it.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, subject: SubjectId) -> Result<Option<ErasureRow>> {
    let rows = store.query(GET, vec![account.to_value(), subject.to_value()]).await?;
    rows.into_iter().next().map(|row| ErasureRow::from_values(&mut row.into_iter())).transpose()
}

/// Those who are to be forgotten, `limit` at most, after one.
///
/// # Errors
/// When the database is away.
pub async fn begun(store: &Store, after: Option<SubjectId>, limit: u32) -> Result<Vec<Person>> {
    found(store, BEGUN, after, limit).await
}

/// Those of whom something is still on machines that were away, `limit` at most, after one.
///
/// # Errors
/// When the database is away.
pub async fn pending(store: &Store, after: Option<SubjectId>, limit: u32) -> Result<Vec<Person>> {
    found(store, PENDING, after, limit).await
}

async fn found(store: &Store, statement: &'static str, after: Option<SubjectId>, limit: u32) -> Result<Vec<Person>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |subject| subject.to_value());
    let rows = store.query(statement, vec![after, Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| {
        let (values, table) = (&mut row.into_iter(), "erasures");
        let (account, subject) = (take(values, table, "account_id")?, take(values, table, "subject_id")?);
        Ok(Person { account, subject, kind: take(values, table, "kind")? })
    };
    rows.into_iter().map(read).collect()
}
