//! Webhook endpoints: other systems that are told what happens, or that read it from a feed.

mod asked;
mod body;
mod endpoints;
mod feed;
mod tried;
mod view;

use crate::{
    error::{ApiError, Result},
    reading,
    webhooks::notes::Of,
    wiring::State,
};
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_domain::{
    ids::{AccountId, WebhookId},
    webhook::Stage,
};
use vitrina_projections::webhooks::{self, WebhookRow};

/// The routes of this folder.
pub(super) fn configure(routes: &mut ServiceConfig) {
    endpoints::configure(routes);
    asked::configure(routes);
    tried::configure(routes);
    feed::configure(routes);
}

/// The endpoint, also one that is over.
async fn found(state: &State, account: AccountId, id: WebhookId) -> Result<WebhookRow> {
    let found = webhooks::get(&state.store, account, id).await.map_err(reading::problem)?;
    found.ok_or_else(|| ApiError::not_found("webhook"))
}

/// The endpoint, unless it is over.
async fn standing(state: &State, account: AccountId, id: WebhookId) -> Result<WebhookRow> {
    let row = found(state, account, id).await?;
    if row.state.0.stage == Stage::Deleted { Err(ApiError::not_found("webhook")) } else { Ok(row) }
}

fn of(row: &WebhookRow) -> Of {
    Of { account: row.account_id, webhook: row.webhook_id }
}
