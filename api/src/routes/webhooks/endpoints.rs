//! Endpoints: made, looked at, changed, enabled, disabled, deleted, given another secret.

use super::{
    body::{NewWebhook, WebhookChange, check_url},
    found, of, standing,
    view::WebhookView,
};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Code, Result},
    idempotency::Need,
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading::{self, Read, ReadNow},
    routes::headers::{Changes, Creates},
    webhooks::notes,
    wiring::State,
    writing::{Command, Done, Nothing, Written},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, WebhookId},
    refusal::Refusal,
    webhook::{Cause, Stage, Webhook, WebhookAction},
};
use vitrina_projections::webhooks;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(create_webhook).service(list_webhooks).service(get_webhook).service(update_webhook).service(delete_webhook);
    routes.service(enable_webhook).service(disable_webhook).service(rotate_webhook);
}

/// An endpoint that was made, or has another secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookSecret {
    /// The endpoint.
    id: Uuid,
    /// What checks `v1` signatures. It is shown this once.
    #[schema(example = "whsec_…")]
    secret: String,
    /// What checks `v1a` signatures; no secret.
    #[schema(example = "whpk_…")]
    public_key: String,
    /// Position of the event.
    position: i64,
    /// The endpoint's version.
    version: i64,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

/// Endpoints of one account that are told at once: each costs connections, memory and notes.
const TOLD_MAX: i64 = 100;

const ENOUGH: &str = "as many endpoints of this account are told as may be: disable or delete one first";

/// Whether there is room for one more. Two requests at once may pass together.
async fn has_room(state: &State, account: AccountId) -> Result<bool> {
    Ok(webhooks::told_count(&state.store, account).await.map_err(reading::problem)? < TOLD_MAX)
}

fn secret<R>(state: &State, account: AccountId, id: WebhookId, generation: u32, done: &Done<R>) -> WebhookSecret {
    let secrets = &state.webhooks.secrets;
    WebhookSecret {
        id: id.0,
        secret: secrets.secret(account, id, generation),
        public_key: secrets.public_key(account, id, generation),
        position: done.position.0,
        version: done.version.0,
        recorded_at: done.recorded_at,
    }
}

/// Make a webhook endpoint, or a feed. The answer shows its secret this once.
#[utoipa::path(tag = "webhooks", params(Creates), request_body = NewWebhook, responses((status = 201, body = WebhookSecret)), security(("bearer" = ["owner"])))]
#[post("/v1/webhooks")]
pub(crate) async fn create_webhook(command: Command<NewWebhook>) -> Result<HttpResponse> {
    let (state, giver, body) = (&command.state, command.caller.any_staff()?.giver(), &command.body);
    check_url(state, body.url.as_ref())?;
    let is_allowed = body.url.is_none() || has_room(state, giver.account).await?;
    let head = state.log.head().0;
    let after = body.after.unwrap_or(head);
    if !(0..=head).contains(&after) {
        return Err(ApiError::field("/after", "out_of_range", "a position of the log, 0 for all that has happened"));
    }
    let (account, id) = (giver.account, WebhookId(Uuid::now_v7()));
    let done = command
        .run(Need::Required, giver, id, |unit| match is_allowed {
            true => unit.open::<Webhook>(id, WebhookAction::Create(body.spec(), after)),
            false => Err(unit.refuse::<Webhook>(id, Refusal::NotAllowed(ENOUGH))),
        })
        .await?;
    reading::wait_for(state, done.position).await?;
    Ok(done.created(&secret(state, account, done.result, 0, &done)))
}

/// Give an endpoint another secret; the older one is used too for 24 hours. The answer shows the new one this once.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Creates), request_body = Nothing, responses((status = 200, body = WebhookSecret)), security(("bearer" = ["owner"])))]
#[post("/v1/webhooks/{id}/rotate")]
pub(crate) async fn rotate_webhook(command: Command<Nothing>, id: Id<WebhookId>) -> Result<HttpResponse> {
    let (state, giver) = (&command.state, command.caller.any_staff()?.giver());
    let account = giver.account;
    let generation = standing(state, account, id.0).await?.state.0.secrets.generation + 1;
    // The number goes with the first outcome, so a repetition shows the same secret.
    let done = command
        .run(Need::Required, giver, generation, |unit| {
            unit.run::<Webhook>(id.0, WebhookAction::Rotate)?;
            let generation = unit.state::<Webhook>(id.0)?.secrets.generation;
            unit.result(generation.to_string().into_bytes());
            Ok(())
        })
        .await?;
    reading::wait_for(state, done.position).await?;
    Ok(done.replied(&secret(state, account, id.0, done.result, &done)))
}

/// Change an endpoint; what happens from now on is told so. An address stays an address, and a feed a feed.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Changes), request_body = WebhookChange, responses((status = 200, body = Written)), security(("bearer" = ["owner"])))]
#[patch("/v1/webhooks/{id}")]
pub(crate) async fn update_webhook(command: Command<WebhookChange>, id: Id<WebhookId>) -> Result<HttpResponse> {
    let giver = command.caller.any_staff()?.giver();
    check_url(&command.state, command.body.url.as_ref())?;
    let done = command
        .run(Need::Optional, giver, (), |unit| {
            let spec = command.body.of(&unit.state::<Webhook>(id.0)?.spec);
            unit.run::<Webhook>(id.0, WebhookAction::Update(spec))
        })
        .await?;
    reading::wait_for(&command.state, done.position).await?;
    Ok(done.changed(id.0))
}

/// Tell an endpoint again that is disabled; it goes on where it was.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/webhooks/{id}/enable")]
pub(crate) async fn enable_webhook(command: Command<Nothing>, id: Id<WebhookId>) -> Result<HttpResponse> {
    let (state, account) = (&command.state, command.caller.any_staff()?.account);
    let webhook = standing(state, account, id.0).await?.state.0;
    if webhook.spec.url.is_some() && webhook.stage != Stage::Enabled && !has_room(state, account).await? {
        return Err(ApiError::new(Code::NotAllowed, ENOUGH));
    }
    change(command, id.0, WebhookAction::Enable).await
}

/// Tell an endpoint nothing until it is enabled.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/webhooks/{id}/disable")]
pub(crate) async fn disable_webhook(command: Command<Nothing>, id: Id<WebhookId>) -> Result<HttpResponse> {
    change(command, id.0, WebhookAction::Disable(Cause::ByHand)).await
}

async fn change(command: Command<Nothing>, id: WebhookId, action: WebhookAction) -> Result<HttpResponse> {
    let giver = command.caller.any_staff()?.giver();
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Webhook>(id, action.clone())).await?;
    reading::wait_for(&command.state, done.position).await?;
    Ok(done.changed(id))
}

/// Delete an endpoint, with everything that waits to be told to it.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["owner"])))]
#[delete("/v1/webhooks/{id}")]
pub(crate) async fn delete_webhook(command: Command<Nothing>, id: Id<WebhookId>) -> Result<HttpResponse> {
    let (state, giver) = (&command.state, command.caller.any_staff()?.giver());
    let account = giver.account;
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Webhook>(id.0, WebhookAction::Delete)).await?;
    reading::wait_for(state, done.position).await?;
    let row = found(state, account, id.0).await?;
    // Whoever tells it finds that it is not held any more.
    notes::forget(&state.webhooks.notes, of(&row)).await.map_err(reading::problem)?;
    Ok(done.changed(id.0))
}

list_query! {
    /// Which endpoints.
    now WebhooksQuery {}
}

/// List webhook endpoints in the order in which they were made, also those that are deleted, as they are now.
#[utoipa::path(tag = "webhooks", params(WebhooksQuery), responses((status = 200, body = Paged<WebhookView>)), security(("bearer" = ["settings"])))]
#[get("/v1/webhooks")]
pub(crate) async fn list_webhooks(
    caller: Caller,
    query: Query<WebhooksQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let asked = query.0.page::<WebhookId>(&state, &request).await?;
    let page = asked.page();
    let rows = webhooks::list(&state.store, account, page.after, page.limit).await.map_err(reading::problem)?;
    Ok(asked.answer(&request, rows, |row| row.webhook_id, |row| WebhookView::new(&state, row)))
}

/// One endpoint, and how far it has been told.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = Read<WebhookView>)), security(("bearer" = ["settings"])))]
#[get("/v1/webhooks/{id}")]
pub(crate) async fn get_webhook(caller: Caller, id: Id<WebhookId>, query: Query<ReadNow>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let position = query.0.position(&state).await?;
    let row = found(&state, account, id.0).await?;
    let version = row.version;
    Ok(reading::answer(WebhookView::whole(&state, row).await?, version, position))
}
