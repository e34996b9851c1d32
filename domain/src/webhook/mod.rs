//! A webhook endpoint: another system that is told what happens, by requests to its address or by a feed that it reads.
//!
//! What is told, how and since when is here; how far the telling has come is no event, since every event would lead to another.
//! Its secrets are nowhere: they follow from the server's master key, the endpoint's id and the number of the secret.

mod commands;
mod decide;
mod events;
mod filter;
mod secrets;
mod spec;
pub use commands::*;
pub use events::*;
pub use filter::*;
pub use secrets::*;
pub use spec::*;

use crate::{aggregate::impl_cqrs, stream::Category};
use serde::{Deserialize, Serialize};

/// How an endpoint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// There is none.
    #[default]
    Absent,
    /// It is told what happens.
    Enabled,
    /// It is told nothing; it goes on where it was when it is enabled.
    Disabled(Cause),
    /// It is over.
    Deleted,
}

/// An endpoint's state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Webhook {
    /// How it stands.
    pub stage: Stage,
    /// What is told, and how.
    pub spec: Spec,
    /// Where it begins: after this position.
    pub after: i64,
    /// What it is signed with.
    pub secrets: Secrets,
}

impl_cqrs!(Webhook, Category::Webhook, WebhookAction, WebhookEvent);

impl Webhook {
    /// The state with one more event.
    pub fn fold(&mut self, event: WebhookEvent) {
        match event {
            WebhookEvent::Created(created) => (self.stage, self.spec, self.after) = (Stage::Enabled, created.spec, created.after),
            WebhookEvent::Updated(updated) => self.spec = updated.spec,
            WebhookEvent::Enabled(_) => self.stage = Stage::Enabled,
            WebhookEvent::Disabled(disabled) => self.stage = Stage::Disabled(disabled.cause),
            WebhookEvent::Deleted(_) => self.stage = Stage::Deleted,
            WebhookEvent::SecretRotated(rotated) => self.secrets.rotate(&rotated),
            WebhookEvent::Tested(_)
            | WebhookEvent::ReplayRequested(_)
            | WebhookEvent::RecoveryRequested(_)
            | WebhookEvent::DeliveryExhausted(_) => {}
        }
    }
}
