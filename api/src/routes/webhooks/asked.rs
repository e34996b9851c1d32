//! What is asked of an endpoint: a test, one event again, what could not be told, everything from a position on.

use super::{of, standing};
use crate::{
    error::{ApiError, Code, Result},
    idempotency::Need,
    parameters::Id,
    reading,
    routes::headers::Creates,
    webhooks::{begins_after, notes},
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_domain::{
    ids::WebhookId,
    webhook::{Webhook, WebhookAction},
};
use vitrina_projections::webhooks::WebhookRow;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(test_webhook).service(resend_to_webhook).service(recover_webhook).service(replay_webhook);
}

/// Tell an endpoint that it is tested: an event `webhook.tested` at the position of the answer, to this endpoint only.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Creates), request_body = Nothing, responses((status = 202, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/webhooks/{id}/test")]
pub(crate) async fn test_webhook(command: Command<Nothing>, id: Id<WebhookId>) -> Result<HttpResponse> {
    ask(&command, id.0, WebhookAction::Test).await
}

/// One event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendBody {
    /// Where it stands in the log.
    #[schema(example = 42)]
    position: i64,
}

/// Tell an endpoint of one event again, under the same id, also when it does not want such events otherwise.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Creates), request_body = ResendBody, responses((status = 202, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/webhooks/{id}/resend")]
pub(crate) async fn resend_to_webhook(command: Command<ResendBody>, id: Id<WebhookId>) -> Result<HttpResponse> {
    let upto = command.body.position;
    within_log("/position", upto, &command)?;
    not_a_feed(&command, id.0).await?;
    ask(&command, id.0, WebhookAction::Replay { after: upto - 1, upto }).await
}

/// A time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecoverBody {
    /// What was first tried at or after this instant.
    since: DateTime<Utc>,
    /// And before this one; until now when left out.
    until: Option<DateTime<Utc>>,
}

/// Try dead letters again: the events that were first tried in a time, and could not be told by any attempt.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Creates), request_body = RecoverBody, responses((status = 202, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/webhooks/{id}/recover")]
pub(crate) async fn recover_webhook(command: Command<RecoverBody>, id: Id<WebhookId>) -> Result<HttpResponse> {
    not_a_feed(&command, id.0).await?;
    let (since, until) = (command.body.since, command.body.until.unwrap_or_else(Utc::now));
    ask(&command, id.0, WebhookAction::Recover { since, until }).await
}

/// From where to where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayBody {
    /// After this position; 0 for all.
    #[schema(example = 0)]
    after: i64,
    /// Up to this one; up to now when left out.
    upto: Option<i64>,
}

/// Tell an endpoint again what it wants of what happened between two positions, under the same ids, beside what happens now. A feed goes
/// back to the first of them.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Creates), request_body = ReplayBody, responses((status = 202, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/webhooks/{id}/replay")]
pub(crate) async fn replay_webhook(command: Command<ReplayBody>, id: Id<WebhookId>) -> Result<HttpResponse> {
    let (after, upto) = (command.body.after, command.body.upto.unwrap_or(command.state.log.head().0));
    within_log("/upto", upto, &command)?;
    let answer = ask(&command, id.0, WebhookAction::Replay { after, upto }).await?;
    let row = row(&command, id.0).await?;
    if row.state.0.spec.url.is_none() {
        let notebook = &command.state.webhooks.notes;
        // It may never have been leased.
        notes::begin(notebook, of(&row), begins_after(&command.state, &row.state.0)).await.map_err(reading::problem)?;
        notes::rewind(notebook, of(&row), after).await.map_err(reading::problem)?;
    }
    Ok(answer)
}

async fn ask<B: serde::de::DeserializeOwned + 'static>(command: &Command<B>, id: WebhookId, action: WebhookAction) -> Result<HttpResponse> {
    let giver = command.caller.any_staff()?.giver();
    let done = command.run(Need::Required, giver, (), |unit| unit.run::<Webhook>(id, action.clone())).await?;
    Ok(done.accepted(&done.written(id)))
}

async fn row<B>(command: &Command<B>, id: WebhookId) -> Result<WebhookRow> {
    standing(&command.state, command.caller.any_staff()?.account, id).await
}

async fn not_a_feed<B>(command: &Command<B>, id: WebhookId) -> Result<()> {
    match row(command, id).await?.state.0.spec.url {
        Some(_) => Ok(()),
        None => Err(ApiError::new(Code::NotAllowed, "a feed is read again from where you want: ask for a replay")),
    }
}

fn within_log<B>(field: &'static str, position: i64, command: &Command<B>) -> Result<()> {
    match (1..=command.state.log.head().0).contains(&position) {
        true => Ok(()),
        false => Err(ApiError::field(field, "out_of_range", "a position of the log")),
    }
}
