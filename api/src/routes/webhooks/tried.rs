//! What was tried, and what could not be told.

use super::{found, of};
use crate::{
    auth::caller::Caller,
    error::Result,
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading,
    webhooks::{notes, payload::delivery_id},
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::ids::WebhookId;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_attempts).service(list_dead_letters);
}

/// One attempt at telling an endpoint of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttemptView {
    /// `webhook-id`: the same for every attempt at this event.
    delivery_id: String,
    /// The event.
    event_id: Uuid,
    /// Where it stands in the log.
    position: i64,
    /// 1 is the first.
    attempt: u32,
    /// When.
    tried_at: DateTime<Utc>,
    /// Whether the endpoint took it.
    is_taken: bool,
    /// The status of its answer; `null` when there was none.
    status: Option<u16>,
    /// Why there was no answer, or none that counts.
    failure: Option<String>,
    /// How long it took, in milliseconds.
    latency_ms: f64,
    /// The beginning of the answer, at most 1024 bytes.
    answer: String,
}

list_query! {
    /// Which attempts.
    now AttemptsQuery {
        /// At the event that stands here.
        position: Option<i64>,
    }
}

/// List the attempts of the last two weeks, the newest first. What was tried in this very moment is there a moment later.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), AttemptsQuery), responses((status = 200, body = Paged<AttemptView>)), security(("bearer" = ["settings"])))]
#[get("/v1/webhooks/{id}/attempts")]
pub(crate) async fn list_attempts(
    caller: Caller,
    id: Id<WebhookId>,
    query: Query<AttemptsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let asked = query.0.page::<DateTime<Utc>>(&state, &request).await?;
    let row = found(&state, account, id.0).await?;
    let page = asked.page();
    let before = page.after.unwrap_or_else(|| Utc::now() + TimeDelta::minutes(1));
    let rows = notes::attempts(&state.webhooks.notes, of(&row), query.0.position, before, page.limit).await.map_err(reading::problem)?;
    let view = |attempt: notes::Attempt| AttemptView {
        delivery_id: delivery_id(attempt.event_id, id.0),
        event_id: attempt.event_id.0,
        position: attempt.position,
        attempt: attempt.attempt,
        tried_at: attempt.tried_at,
        is_taken: attempt.failure.is_none() && attempt.status.is_some_and(|status| (200..300).contains(&status)),
        status: attempt.status,
        failure: attempt.failure,
        latency_ms: attempt.latency_us as f64 / 1_000.0,
        answer: attempt.answer,
    };
    Ok(asked.answer(&request, rows, |attempt| attempt.tried_at, view))
}

/// An event that could not be told by any attempt.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterView {
    /// Where the event stands in the log.
    position: i64,
    /// How often it was tried.
    attempts: u32,
    /// When it was first tried.
    first_at: DateTime<Utc>,
    /// The status of the last answer; `null` when there was none.
    status: Option<u16>,
}

list_query! {
    /// Which dead letters.
    now DeadLettersQuery {}
}

/// List the dead letters, in the order of the log: events that no attempt could tell. Recover or resend them.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), DeadLettersQuery), responses((status = 200, body = Paged<DeadLetterView>)), security(("bearer" = ["settings"])))]
#[get("/v1/webhooks/{id}/dead-letters")]
pub(crate) async fn list_dead_letters(
    caller: Caller,
    id: Id<WebhookId>,
    query: Query<DeadLettersQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let asked = query.0.page::<i64>(&state, &request).await?;
    let row = found(&state, account, id.0).await?;
    let page = asked.page();
    let rows = notes::exhausted(&state.webhooks.notes, of(&row), page.after.unwrap_or(0), page.limit).await.map_err(reading::problem)?;
    let view = |letter: notes::Waiting| DeadLetterView {
        position: letter.position,
        attempts: letter.attempts,
        first_at: letter.first_at,
        status: letter.status,
    };
    Ok(asked.answer(&request, rows, |letter| letter.position, view))
}
