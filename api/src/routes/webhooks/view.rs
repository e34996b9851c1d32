//! How an endpoint is shown.

use super::body::{ConditionBody, OrderName, PayloadName, SignatureName};
use crate::{
    error::Result,
    reading,
    webhooks::notes::{self, Of},
    wiring::State,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::webhook::{Cause, OrderedBy, Payload, Signature, Stage};
use vitrina_projections::webhooks::WebhookRow;

/// How far an endpoint has been told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Telling {
    /// Everything that it wants up to here was told, waits to be told again, or is a dead letter.
    position: i64,
    /// Events that wait to be tried again.
    waiting: i64,
    /// Since when nothing was taken; `null` when the last attempt was.
    failing_since: Option<DateTime<Utc>>,
    /// Up to where is being told again; `null` when nothing is.
    replaying_upto: Option<i64>,
    /// Up to where that has come.
    replayed_upto: Option<i64>,
}

/// A webhook endpoint. Its secret is shown when it is made and when it is rotated.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// The endpoint.
    id: Uuid,
    /// enabled, disabled or deleted.
    #[schema(example = "enabled")]
    status: &'static str,
    /// Why it is disabled: by_hand, gone (it answered 410) or failing (it took nothing for days).
    disabled_because: Option<&'static str>,
    /// What people call it.
    name: String,
    /// Where it is told; `null` for a feed.
    url: Option<String>,
    /// Types of events.
    events: BTreeSet<String>,
    /// What the payload must hold.
    conditions: Vec<ConditionBody>,
    /// full or thin.
    #[schema(value_type = PayloadName)]
    payload: Payload,
    /// none or stream.
    #[schema(value_type = OrderName)]
    ordered_by: OrderedBy,
    /// hmac, ed25519 or both.
    #[schema(value_type = Vec<SignatureName>)]
    signatures: BTreeSet<Signature>,
    /// The key that checks `v1a` signatures.
    #[schema(example = "whpk_…")]
    public_key: String,
    /// Until when deliveries are signed with an older secret too.
    older_secret_until: Option<DateTime<Utc>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// How far it has been told, of one endpoint only.
    telling: Option<Telling>,
    /// Its version, as in `ETag`.
    version: i64,
}

impl WebhookView {
    /// Of a list.
    pub(crate) fn new(state: &State, row: WebhookRow) -> Self {
        let webhook = row.state.0;
        let (status, because) = match webhook.stage {
            Stage::Enabled => ("enabled", None),
            Stage::Disabled(Cause::ByHand) => ("disabled", Some("by_hand")),
            Stage::Disabled(Cause::Gone) => ("disabled", Some("gone")),
            Stage::Disabled(Cause::Failing) => ("disabled", Some("failing")),
            Stage::Absent | Stage::Deleted => ("deleted", None),
        };
        let now = Utc::now();
        Self {
            id: row.webhook_id.0,
            status,
            disabled_because: because,
            public_key: state.webhooks.secrets.public_key(row.account_id, row.webhook_id, webhook.secrets.generation),
            older_secret_until: webhook.secrets.previous.iter().map(|(_, until)| *until).filter(|until| *until > now).max(),
            name: webhook.spec.name,
            url: webhook.spec.url,
            events: webhook.spec.events,
            conditions: webhook.spec.conditions.into_iter().map(Into::into).collect(),
            payload: webhook.spec.payload,
            ordered_by: webhook.spec.ordered_by,
            signatures: webhook.spec.signatures,
            created_at: row.created_at,
            telling: None,
            version: row.version,
        }
    }

    /// By itself, with how far it has been told.
    pub(crate) async fn whole(state: &State, row: WebhookRow) -> Result<Self> {
        let telling = telling(state, super::of(&row)).await?;
        Ok(Self { telling, ..Self::new(state, row) })
    }
}

async fn telling(state: &State, of: Of) -> Result<Option<Telling>> {
    let notebook = &state.webhooks.notes;
    let Some(place) = notes::standing(notebook, of).await.map_err(reading::problem)? else { return Ok(None) };
    let replay = notes::replay(notebook, of).await.map_err(reading::problem)?;
    let waiting = notes::waiting_count(notebook, of).await.map_err(reading::problem)?;
    Ok(Some(Telling {
        position: place.position,
        waiting,
        failing_since: place.failing_since,
        replaying_upto: replay.map(|replay| replay.upto),
        replayed_upto: replay.map(|replay| replay.position),
    }))
}
