//! Where a person's data had gone before they were forgotten: tables and logs that somebody took away, and endpoints that were told. What is
//! there is out of this server's reach; whoever answers for the account follows it up.

use crate::{error::Result, reading, wiring::State};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;
use vitrina_domain::{
    event::Event,
    export::Form,
    ids::{CustomerId, ExportId, ShopperId, WebhookId},
    stream::Category,
    subject::{SubjectKind, Taken},
    webhook::Payload,
};
use vitrina_eventlog::Position;
use vitrina_projections::{audit, audit::AuditRow, customers, erasures::Person, export_jobs, shoppers, webhooks};

/// What was taken away, of which at most the newest so many are named.
pub(super) const TAKEN_MAX: usize = 1_000;
/// Endpoints, and what was taken away, that are read at once.
const PAGE: u32 = 500;

/// When the shop met the person.
async fn met(state: &State, begun: Person) -> Result<DateTime<Utc>> {
    let (store, account, as_of) = (&state.store, begun.account, state.applied());
    let at = match begun.kind {
        SubjectKind::Customer => {
            customers::get(store, account, CustomerId(begun.subject.0), as_of).await.map(|row| row.map(|row| row.row.created_at))
        }
        SubjectKind::Shopper => {
            shoppers::get(store, account, ShopperId(begun.subject.0), as_of).await.map(|row| row.map(|row| row.row.created_at))
        }
    };
    Ok(at.map_err(reading::problem)?.unwrap_or(DateTime::UNIX_EPOCH))
}

/// What was taken away since the shop met the person and may hold them. The log itself is none of it, since it is sealed wherever it is.
pub(crate) async fn taken(state: &State, begun: Person) -> Result<Vec<Taken>> {
    let met = met(state, begun).await?;
    let (mut found, mut questions) = (Vec::new(), HashMap::new());
    for row in all_taken(state, begun, met).await? {
        let (what, form, to) = match row.kind.as_str() {
            "log.exported" if row.data.0["form"] != "log" => ("log".to_owned(), None, Utc::now()),
            "subject.access_given" if row.subject_id == begun.subject.0 => ("access".to_owned(), None, Utc::now()),
            "export.streamed" => of(&row.data.0["question"]),
            "export.downloaded" => match asked(state, &row, &mut questions).await? {
                Some(question) => of(&question),
                None => continue,
            },
            _ => continue,
        };
        if found.len() == TAKEN_MAX {
            break;
        }
        // The report of shoppers names no customer.
        if to > met && !(begun.kind == SubjectKind::Customer && what == "shoppers") {
            found.push(Taken { what, export_id: row.subject_id, form, at: row.at, by_kind: row.actor_kind, by: row.actor_id });
        }
    }
    Ok(found)
}

async fn all_taken(state: &State, begun: Person, met: DateTime<Utc>) -> Result<Vec<AuditRow>> {
    let (mut found, mut before) = (Vec::new(), Position(i64::MAX));
    loop {
        let some = audit::taken(&state.store, begun.account, met, before, PAGE).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(found) };
        before = Position(last.position);
        found.extend(some.into_iter().map(|at| at.row));
    }
}

/// Tables that were taken away as they were read: what was looked for in them was sealed under keys of their own.
pub(super) async fn streamed(state: &State, begun: Person) -> Result<Vec<ExportId>> {
    let rows = all_taken(state, begun, met(state, begun).await?).await?;
    Ok(rows.into_iter().filter(|row| row.kind == "export.streamed").map(|row| ExportId(row.subject_id)).collect())
}

/// The question of an export that made a file.
async fn asked(state: &State, row: &AuditRow, known: &mut HashMap<Uuid, Value>) -> Result<Option<Value>> {
    if let Some(question) = known.get(&row.subject_id) {
        return Ok(Some(question.clone()));
    }
    let found = export_jobs::get(&state.store, row.account_id, ExportId(row.subject_id)).await.map_err(reading::problem)?;
    let question = found.and_then(|export| serde_json::to_value(&export.question.0).ok());
    known.extend(question.clone().map(|question| (row.subject_id, question)));
    Ok(question)
}

fn of(question: &Value) -> (String, Option<Form>, DateTime<Utc>) {
    let read = |name: &str| question[name].as_str().unwrap_or_default().to_owned();
    (read("definition"), serde_json::from_value(question["form"].clone()).ok(), read("to").parse().unwrap_or_else(|_| Utc::now()))
}

/// Endpoints whose payloads hold what is personal, whether they are still there or not.
pub(crate) async fn endpoints(state: &State, begun: Person) -> Result<Vec<WebhookId>> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let some = webhooks::list(&state.store, begun.account, after, PAGE).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(found) };
        after = Some(last.webhook_id);
        let is_told = |spec: &vitrina_domain::webhook::Spec| {
            let types = Event::catalogue().into_iter().filter(|(category, ..)| is_about(begun.kind, *category));
            spec.payload != Payload::Thin && types.into_iter().any(|(category, event_type, _)| spec.wants(category, event_type))
        };
        found.extend(some.iter().filter(|row| is_told(&row.state.0.spec)).map(|row| row.webhook_id));
    }
}

/// Where personal values of such a person stand.
fn is_about(kind: SubjectKind, category: Category) -> bool {
    match kind {
        SubjectKind::Customer => matches!(category, Category::Customer | Category::Conversation | Category::Call),
        SubjectKind::Shopper => matches!(category, Category::Shopper | Category::User),
    }
}
