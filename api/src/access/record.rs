//! The records about a person, each an object that says in `record` what it is.

use super::plan::What;
use crate::{erasing::told, error::Result, history::HistoryEvent, reading, routes::named, wiring::State, writing::log_problem};
use chrono::Utc;
use serde::Serialize;
use serde_json::{Value, json};
use vitrina_domain::{
    conversation::{Audience, Author},
    ids::{CallId, ConversationId, CustomerId, ShopperId, UserId},
    subject::SubjectKind,
};
use vitrina_eventlog::{Decoded, Position};
use vitrina_projections::{
    At, Newest, Page, customers,
    erasures::Person,
    messages::{self, MessageKind, MessageRow, Reader},
    ratings::{self, RatingFilter},
    recordings, shoppers,
    transcript::{self, Failure},
    users, webhooks,
};

/// Rows that are read at once.
const PAGE: u32 = 500;

/// What happened, with who did it and all that it says.
pub(super) fn event(event: Decoded) -> Value {
    let stream = json!({"category": event.recorded.stream.category.as_str(), "id": event.recorded.stream.id});
    let mut record = named_record("event", HistoryEvent::from(event));
    record["stream"] = stream;
    record
}

/// The last one, by which a file that broke off is known.
pub(super) fn end(records: u64) -> Value {
    json!({"record": "end", "records": records + 1})
}

fn named_record(name: &str, of: impl Serialize) -> Value {
    let mut record = json!({"record": name});
    if let (Value::Object(record), Ok(Value::Object(members))) = (&mut record, serde_json::to_value(of)) {
        record.extend(members);
    }
    record
}

/// The records of one kind.
pub(super) async fn of(state: &State, person: Person, upto: Position, what: What) -> Result<Vec<Value>> {
    match what {
        What::About => Ok(vec![json!({
            "record": "about", "account_id": person.account, "kind": person.kind, "id": person.subject, "position": upto.0, "made_at": Utc::now(),
        })]),
        What::Profile => profile(state, person, upto).await,
        What::Conversation(id) => conversation(state, person, upto, id).await,
        What::Files(id) => files(state, person, upto, id).await,
        What::Own(id) => own(state, person, upto, id).await,
        What::Recordings(id) => recordings(state, person, upto, id).await,
        What::Ratings => ratings(state, person, upto).await,
        What::Taken => Ok(told::taken(state, person).await?.into_iter().map(|taken| named_record("taken", taken)).collect()),
        What::Told => endpoints(state, person).await,
    }
}

async fn profile(state: &State, person: Person, upto: Position) -> Result<Vec<Value>> {
    let (store, account) = (&state.store, person.account);
    if person.kind == SubjectKind::Customer {
        let found = customers::get(store, account, CustomerId(person.subject.0), upto).await.map_err(reading::problem)?;
        let record = |At { row, .. }: At<customers::CustomerRow>| {
            json!({
                "record": "profile", "name": row.name, "email": row.email, "phone": row.phone, "address": row.address, "language": row.language,
                "country": row.country, "company": row.company, "segment": row.segment, "external_id": row.external_id,
                "created_at": row.created_at,
            })
        };
        return Ok(found.into_iter().map(record).collect());
    }
    let found = shoppers::get(store, account, ShopperId(person.subject.0), upto).await.map_err(reading::problem)?;
    let user = users::get(store, account, UserId(person.subject.0)).await.map_err(reading::problem)?;
    let sign_in = user.map(|user| json!({"name": user.name, "email": user.email}));
    let record = |At { row, .. }: At<shoppers::ShopperRow>| {
        json!({
            "record": "profile", "name": row.name, "email": row.email, "phone": row.phone, "chat_name": row.chat_name,
            "languages": row.languages.0, "expertise": row.expertise.0, "collections": row.collections.0, "departments": row.departments.0,
            "country": row.country, "schedule": row.schedule.map(|schedule| schedule.0), "created_at": row.created_at, "sign_in": sign_in,
        })
    };
    Ok(found.into_iter().map(record).collect())
}

/// With the call that owns it. One that is too long to be told as a whole is in its events all the same.
async fn conversation(state: &State, person: Person, upto: Position, id: ConversationId) -> Result<Vec<Value>> {
    match transcript::read((&state.store, &state.log), person.account, id, Audience::Staff, upto).await {
        Ok(transcript) => Ok(vec![named_record("conversation", transcript)]),
        Err(Failure::NotFound | Failure::TooLong) => Ok(Vec::new()),
        Err(Failure::Reading(error)) => Err(reading::problem(error)),
        Err(Failure::Log(error)) => Err(log_problem(error)),
    }
}

async fn said(state: &State, person: Person, upto: Position, id: ConversationId) -> Result<Vec<MessageRow>> {
    let (mut found, mut page) = (Vec::new(), Page::<Position>::first(upto, PAGE));
    loop {
        let some = messages::list(&state.store, person.account, id, Reader::Staff, page).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(found) };
        page.after = Some(Position(last.position));
        found.extend(some.into_iter().map(|at| at.row));
    }
}

async fn files(state: &State, person: Person, upto: Position, id: ConversationId) -> Result<Vec<Value>> {
    let rows = said(state, person, upto, id).await?.into_iter().filter(|row| row.kind == MessageKind::File);
    let record = |row: MessageRow| {
        json!({
            "record": "file", "id": row.message_id, "conversation_id": id, "name": row.body, "media_type": row.media_type, "bytes": row.bytes,
            "sha256": row.sha256, "url": row.url, "shared_at": row.sent_at,
        })
    };
    Ok(rows.map(record).collect())
}

/// What a shopper wrote; what the customer said there is the customer's.
async fn own(state: &State, person: Person, upto: Position, id: ConversationId) -> Result<Vec<Value>> {
    let by = Author::Shopper(ShopperId(person.subject.0));
    let rows = said(state, person, upto, id).await?.into_iter().filter(|row| row.author() == by);
    let record = |row: MessageRow| {
        json!({
            "record": "message", "id": row.message_id, "conversation_id": id, "kind": named::name(&row.kind),
            "visibility": named::name(&row.visibility), "body": row.body, "sent_at": row.sent_at,
        })
    };
    Ok(rows.map(record).collect())
}

async fn recordings(state: &State, person: Person, upto: Position, id: CallId) -> Result<Vec<Value>> {
    let rows = recordings::of_call(&state.store, person.account, id, upto).await.map_err(reading::problem)?;
    let record = |At { row, .. }: At<recordings::RecordingRow>| {
        json!({
            "record": "recording", "id": row.recording_id, "call_id": id, "status": named::name(&row.stage), "holds": named::name(&row.holds),
            "started_at": row.started_at, "duration_ms": row.duration_ms, "bytes": row.bytes, "sha256": row.sha256,
            "keep_until": row.keep_until, "deleted_at": row.deleted_at,
        })
    };
    Ok(rows.into_iter().map(record).collect())
}

/// Scores alone: a comment is in the customer's words.
async fn ratings(state: &State, person: Person, upto: Position) -> Result<Vec<Value>> {
    let filter = RatingFilter { shopper: Some(ShopperId(person.subject.0)), ..RatingFilter::default() };
    let (mut found, mut page) = (Vec::new(), Page::<Newest>::first(upto, PAGE));
    loop {
        let some = ratings::list(&state.store, person.account, &filter, page).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(found) };
        page.after = Some(Newest { at: last.row.answered_at, id: last.row.answer_id.0 });
        found.extend(some.iter().map(|At { row, .. }| {
            json!({
                "record": "rating", "id": row.answer_id, "call_id": row.call_id, "conversation_id": row.conversation_id, "nps": row.nps,
                "csat": row.csat, "face": named::optional(&row.face), "answered_at": row.answered_at,
            })
        }));
    }
}

/// Other systems whose payloads may have had the person, whether they are still there or not.
async fn endpoints(state: &State, person: Person) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for id in told::endpoints(state, person).await? {
        let row = webhooks::get(&state.store, person.account, id).await.map_err(reading::problem)?;
        let spec = row.map(|row| row.state.0.spec);
        found.push(json!({
            "record": "endpoint", "id": id, "name": spec.as_ref().map(|spec| spec.name.clone()), "url": spec.and_then(|spec| spec.url),
        }));
    }
    Ok(found)
}
