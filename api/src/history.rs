//! The history of one thing: its events as the log has them, with who, when and why.

use crate::{
    error::{ApiError, Result},
    page::list_query,
    wiring::State,
    writing,
};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    ids::AccountId,
    personal::{CLEAR_MARK, is_secret},
    stream::Category,
};
use vitrina_eventlog::{Decoded, StreamId, Version};

list_query! {
    /// Which part of the history.
    HistoryQuery {}
}

/// One event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryEvent {
    /// Its id.
    id: Uuid,
    /// Place in the log.
    position: i64,
    /// Version of the thing with it.
    version: i64,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "call.claimed")]
    kind: String,
    /// Who did it.
    actor: ActorView,
    /// Why, where it was said.
    reason: Option<String>,
    /// When it happened.
    occurred_at: DateTime<Utc>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// The details; what is personal is `null` when its person was erased.
    #[schema(value_type = Object)]
    data: Value,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActorView {
    /// user, shopper, customer, api_key or system.
    #[schema(example = "shopper")]
    pub kind: String,
    /// Which one; for the system, which part of it.
    pub id: String,
}

/// A page of the events of this stream.
pub(crate) async fn answer(
    state: &State,
    request: &HttpRequest,
    query: &HistoryQuery,
    account: AccountId,
    category: Category,
    id: Uuid,
) -> Result<HttpResponse> {
    answer_with(state, request, query, (account, category, id), |_| true).await
}

/// A page of those events of the stream that are of wanted types.
pub(crate) async fn answer_with(
    state: &State,
    request: &HttpRequest,
    query: &HistoryQuery,
    (account, category, id): (AccountId, Category, Uuid),
    is_wanted: impl Fn(&str) -> bool,
) -> Result<HttpResponse> {
    let asked = query.page::<i64>(state, request).await?;
    let stream = StreamId::new(account, category, id);
    let mut after = Version(asked.after.unwrap_or(0));
    let wanted = asked.limit as usize + 1;
    let mut events = Vec::new();
    loop {
        let page = state.log.read_stream(stream, after, wanted).await.map_err(writing::log_problem)?;
        if page.is_empty() && after == Version::ZERO {
            return Err(ApiError::not_found(category.as_str()));
        }
        let is_last = page.len() < wanted;
        after = page.last().map_or(after, |event| event.version);
        events.extend(page.into_iter().filter(|event| event.position <= asked.position && is_wanted(&event.event_type)));
        if is_last || events.len() >= wanted {
            break;
        }
    }
    events.truncate(wanted);
    let decoded = state.log.decode(events).await.map_err(writing::log_problem)?;
    Ok(asked.answer(request, decoded, |event| event.recorded.version.0, HistoryEvent::from))
}

impl From<Decoded> for HistoryEvent {
    fn from(Decoded { recorded, event }: Decoded) -> Self {
        let mut data = event.payload();
        show(&mut data);
        Self {
            id: recorded.event_id.0,
            position: recorded.position.0,
            version: recorded.version.0,
            kind: recorded.event_type.to_string(),
            actor: ActorView { kind: recorded.actor.kind().to_owned(), id: recorded.actor.id() },
            reason: recorded.reason.clone(),
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
            data,
        }
    }
}

/// Puts each personal value in place of its mark, `null` for an erased one, and leaves out what stands for a secret: whoever is
/// told what happened is not told how to be somebody.
pub(crate) fn show(data: &mut Value) {
    match data {
        Value::Object(members) => match members.get_mut(CLEAR_MARK) {
            Some(personal) => *data = personal.get_mut("value").map(Value::take).unwrap_or(Value::Null),
            None => {
                members.retain(|name, _| !is_secret(name));
                members.values_mut().for_each(show);
            }
        },
        Value::Array(items) => items.iter_mut().for_each(show),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::show;
    use serde_json::json;

    #[test]
    fn personal_values_are_shown_plainly_and_erased_ones_as_null() {
        let mut data = json!({"a": {"$personal": {"subject": "x", "value": "Ana"}}, "b": [{"$personal": {"subject": "x"}}], "c": 1});
        show(&mut data);
        assert_eq!(data, json!({"a": "Ana", "b": [null], "c": 1}));
    }

    #[test]
    fn what_stands_for_a_secret_is_shown_to_nobody() {
        let hash = json!({"$personal": {"subject": "x", "value": "$argon2id$"}});
        let mut data = json!({"password_hash": hash, "session": {"token_hash": "ab", "id": 1}});
        show(&mut data);
        assert_eq!(data, json!({"session": {"id": 1}}));
    }
}
