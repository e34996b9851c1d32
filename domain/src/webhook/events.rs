//! Events of a webhook endpoint.

use super::Spec;
use crate::{event::events, ids::EventId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to a webhook endpoint.
    WebhookEvent {
        /// Somebody wants to be told.
        Created(Created) = "webhook.endpoint_created", 1;
        /// Something else is told, or otherwise.
        Updated(Updated) = "webhook.endpoint_updated", 1;
        /// It is told again.
        Enabled(Enabled) = "webhook.endpoint_enabled", 1;
        /// It is told no more.
        Disabled(Disabled) = "webhook.endpoint_disabled", 1;
        /// It is over.
        Deleted(Deleted) = "webhook.endpoint_deleted", 1;
        /// It has another secret.
        SecretRotated(SecretRotated) = "webhook.secret_rotated", 1;
        /// Somebody wants to see a delivery: this very event is told, to this endpoint only.
        Tested(Tested) = "webhook.tested", 1;
        /// What was told is to be told again.
        ReplayRequested(ReplayRequested) = "webhook.replay_requested", 1;
        /// What could not be told is to be told.
        RecoveryRequested(RecoveryRequested) = "webhook.recovery_requested", 1;
        /// An event could not be told by any attempt.
        DeliveryExhausted(DeliveryExhausted) = "webhook.delivery_exhausted", 1;
    }
}

/// `webhook.endpoint_created`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// What is told, and how.
    pub spec: Spec,
    /// What happened up to this position is not told unless it is asked for.
    pub after: i64,
}

/// `webhook.endpoint_updated`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Updated {
    /// What is told from now on, and how.
    pub spec: Spec,
}

/// `webhook.endpoint_enabled`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enabled {}

/// Why an endpoint is told nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody wanted it.
    ByHand,
    /// It answered 410: it is gone.
    Gone,
    /// It took nothing for days.
    Failing,
}

/// `webhook.endpoint_disabled`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disabled {
    /// Why.
    pub cause: Cause,
}

/// `webhook.endpoint_deleted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deleted {}

/// `webhook.secret_rotated`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecretRotated {
    /// The number of the new secret.
    pub generation: u32,
    /// Until when the one before is used too.
    pub previous_until: DateTime<Utc>,
}

/// `webhook.tested`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tested {}

/// `webhook.replay_requested`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplayRequested {
    /// From after this position.
    pub after: i64,
    /// Up to this one.
    pub upto: i64,
}

/// `webhook.recovery_requested`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecoveryRequested {
    /// What was first tried at or after this instant.
    pub since: DateTime<Utc>,
    /// And before this one.
    pub until: DateTime<Utc>,
}

/// `webhook.delivery_exhausted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryExhausted {
    /// The event that could not be told.
    pub event_id: EventId,
    /// Where it stands.
    pub position: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// What the endpoint last answered, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}
