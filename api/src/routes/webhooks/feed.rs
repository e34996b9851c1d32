//! A feed: an endpoint without an address reads what happens when it likes. It leases some events, works on them, and commits; what is
//! leased and not committed in time is leased again.

use super::{of, standing};
use crate::{
    error::{ApiError, Code, Result},
    parameters::Id,
    reading,
    webhooks::{begins_after, notes, payload::delivery_id},
    wiring::State,
    writing::{self, Command},
};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    ids::WebhookId,
    module::Module,
    webhook::{Payload, Stage, Webhook},
};
use vitrina_eventlog::Recorded;
use vitrina_projections::webhooks::WebhookRow;

/// Events of a lease.
const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 500;
/// Seconds of a lease.
const SECONDS: u32 = 60;
const SECONDS_MAX: u32 = 3_600;
/// Events of the log that are read at once.
const READ_MAX: usize = 500;
/// Times that it is read for one lease: a feed that wants next to nothing comes forward with several.
const READS_MAX: usize = 20;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(lease_events).service(commit_events);
}

/// How much is wanted, for how long.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeaseBody {
    /// Events at most; 100 when left out.
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Seconds until others may have them; 60 when left out.
    #[schema(minimum = 1, maximum = 3600)]
    seconds: Option<u32>,
}

/// An event of a feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedItem {
    /// The delivery: the same whenever this event is leased.
    id: String,
    /// What a webhook would say.
    #[schema(value_type = Object)]
    payload: Value,
}

/// Events that nobody else has for a while.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeaseView {
    /// Commit with it; `null` when there is nothing.
    lease: Option<Uuid>,
    /// The events in the order of the log.
    items: Vec<FeedItem>,
    /// Commit this position when you are done with all of them.
    upto: i64,
    /// Until then.
    until: Option<DateTime<Utc>>,
}

/// Lease the next events of a feed.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path)), request_body = LeaseBody, responses((status = 200, body = LeaseView)), security(("bearer" = ["settings"])))]
#[post("/v1/webhooks/{id}/lease")]
pub(crate) async fn lease_events(command: Command<LeaseBody>, id: Id<WebhookId>) -> Result<HttpResponse> {
    let (state, row) = (&command.state, feed(&command, id.0).await?);
    let limit = within("/limit", command.body.limit.unwrap_or(LIMIT), LIMIT_MAX)?;
    let seconds = within("/seconds", command.body.seconds.unwrap_or(SECONDS), SECONDS_MAX)?;
    let (of, notebook) = (of(&row), &state.webhooks.notes);
    notes::begin(notebook, of, begins_after(state, &row.state.0)).await.map_err(reading::problem)?;
    let Some(place) = notes::standing(notebook, of).await.map_err(reading::problem)? else { return Err(ApiError::not_found("webhook")) };
    let (items, upto) = next(state, &row, place.position, limit as usize).await?;
    let (lease, now) = (Uuid::now_v7(), Utc::now());
    let until = now + TimeDelta::seconds(seconds.into());
    let (text, span) = (lease.to_string(), (place.position, upto));
    if !notes::lease(notebook, of, &text, span, now, until).await.map_err(reading::problem)? {
        let detail = "somebody else has leased the next events of this feed, and has not committed them";
        return Err(ApiError::new(Code::FeedLeased, detail).retry_after_s(crate::error::RETRY_SOON_S));
    }
    if items.is_empty() {
        // There is nothing to work on, so nothing to be committed.
        notes::commit(notebook, of, &text, upto).await.map_err(reading::problem)?;
        return Ok(HttpResponse::Ok().json(LeaseView { lease: None, items, upto, until: None }));
    }
    Ok(HttpResponse::Ok().json(LeaseView { lease: Some(lease), items, upto, until: Some(until) }))
}

/// How far the work is done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommitBody {
    /// The lease.
    lease: Uuid,
    /// Done with everything up to here: `upto` of the lease, or the position of an event of it.
    position: i64,
}

/// What is next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommitView {
    /// The next lease begins after this position.
    position: i64,
}

/// Commit what was leased, all of it or up to one of its events: it is not leased again.
#[utoipa::path(tag = "webhooks", params(("id" = Uuid, Path)), request_body = CommitBody, responses((status = 200, body = CommitView)), security(("bearer" = ["settings"])))]
#[post("/v1/webhooks/{id}/commit")]
pub(crate) async fn commit_events(command: Command<CommitBody>, id: Id<WebhookId>) -> Result<HttpResponse> {
    let (state, row) = (&command.state, feed(&command, id.0).await?);
    let CommitBody { lease, position } = command.body;
    if !notes::commit(&state.webhooks.notes, of(&row), &lease.to_string(), position).await.map_err(reading::problem)? {
        let detail = "the lease was committed before, has ended and others have the events, or does not hold this position";
        return Err(ApiError::new(Code::LeaseLost, detail));
    }
    Ok(HttpResponse::Ok().json(CommitView { position }))
}

async fn feed<B>(command: &Command<B>, id: WebhookId) -> Result<WebhookRow> {
    let staff = command.caller.any_staff()?;
    let row = standing(&command.state, staff.account, id).await?;
    let Webhook { stage, spec, .. } = &row.state.0;
    if spec.payload == Payload::Full {
        // It tells what customers say and what shops sell, not only what the settings are.
        [Module::Calls, Module::Analytics, Module::Settings].into_iter().try_for_each(|module| staff.must_open(module))?;
    }
    match (spec.url.is_some(), stage) {
        (true, _) => Err(ApiError::new(Code::NotAllowed, "this endpoint has an address: it is told, and has no feed")),
        (false, Stage::Enabled) => Ok(row),
        (false, _) => Err(ApiError::new(Code::NotAllowed, "this feed is disabled")),
    }
}

/// The next events that the feed wants, and how far was read for them.
async fn next(state: &State, row: &WebhookRow, after: i64, limit: usize) -> Result<(Vec<FeedItem>, i64)> {
    let (spec, mut items, mut upto) = (&row.state.0.spec, Vec::new(), after);
    for _ in 0..READS_MAX {
        let read = state.log.read(vitrina_eventlog::Position(upto), READ_MAX).await.map_err(writing::log_problem)?;
        let is_last = read.len() < READ_MAX;
        for event in read {
            upto = event.position.0;
            if event.stream.account == row.account_id && is_wanted(row, &event) {
                let mut rendered = state.webhooks.renderer.render(state, &[Arc::clone(&event)]).await.map_err(writing::log_problem)?;
                let Some(one) = rendered.pop().filter(|one| spec.conditions.is_empty() || spec.holds(&one.value())) else { continue };
                items.push(FeedItem { id: delivery_id(one.event_id, row.webhook_id), payload: parsed(&one.body(spec.payload)) });
            }
            if items.len() == limit {
                return Ok((items, upto));
            }
        }
        if is_last {
            break;
        }
    }
    Ok((items, upto))
}

fn is_wanted(row: &WebhookRow, event: &Recorded) -> bool {
    let is_own = event.stream.id == row.webhook_id.0;
    if is_own { event.event_type == "webhook.tested" } else { row.state.0.spec.wants(event.stream.category, &event.event_type) }
}

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("it was written as JSON")
}

fn within(field: &'static str, number: u32, max: u32) -> Result<u32> {
    if (1..=max).contains(&number) { Ok(number) } else { Err(ApiError::field(field, "out_of_range", format!("a number from 1 to {max}"))) }
}
