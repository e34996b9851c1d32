//! What people say of an endpoint.

use crate::{
    error::{ApiError, Result},
    wiring::State,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use vitrina_domain::webhook::{Condition, OrderedBy, Payload, Signature, Spec};

/// What a member of the payload must be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConditionBody {
    /// Which one, as a JSON pointer into the payload.
    #[schema(example = "/data/channel")]
    pub field: String,
    /// What it may be: texts, numbers, true, false or null.
    #[schema(value_type = Vec<Object>, example = json!(["web"]))]
    pub one_of: Vec<Value>,
}

/// How much an endpoint is told, as the description shows it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "only the description reads it")]
pub(crate) enum PayloadName {
    /// Everything that happened.
    Full,
    /// What happened to what, and where it is read.
    Thin,
}

/// In which order an endpoint is told, as the description shows it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "only the description reads it")]
pub(crate) enum OrderName {
    /// As fast as it goes.
    None,
    /// Of one stream one after the other.
    Stream,
}

/// A way of signing, as the description shows it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(dead_code, reason = "only the description reads it")]
pub(crate) enum SignatureName {
    /// `v1`.
    Hmac,
    /// `v1a`.
    Ed25519,
}

/// An endpoint to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// What people call it.
    #[schema(example = "Warehouse")]
    pub name: String,
    /// Where it is told, by https; without it, it reads its feed.
    #[schema(example = "https://warehouse.example/hooks")]
    pub url: Option<String>,
    /// Types of events, such as `call.finished`, or all of a group, such as `call.*`; without any, all but those of webhooks.
    #[serde(default)]
    #[schema(example = json!(["call.finished", "order.*"]))]
    pub events: BTreeSet<String>,
    /// What the payload must hold, all of them.
    #[serde(default)]
    pub conditions: Vec<ConditionBody>,
    /// full, or thin: what happened to what and where it is read, nothing personal.
    #[serde(default)]
    #[schema(value_type = Option<PayloadName>)]
    pub payload: Payload,
    /// none, or stream: the events of one thing one after the other.
    #[serde(default)]
    #[schema(value_type = Option<OrderName>)]
    pub ordered_by: OrderedBy,
    /// hmac (`v1`), ed25519 (`v1a`) or both; hmac when left out.
    #[schema(value_type = Option<Vec<SignatureName>>, example = json!(["hmac"]))]
    pub signatures: Option<BTreeSet<Signature>>,
    /// It is told what happens after this position; after now when left out.
    pub after: Option<i64>,
}

/// What changes; absent fields stay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChange {
    /// What people call it.
    pub name: Option<String>,
    /// Where it is told.
    pub url: Option<String>,
    /// Types of events.
    pub events: Option<BTreeSet<String>>,
    /// What the payload must hold.
    pub conditions: Option<Vec<ConditionBody>>,
    /// full or thin.
    #[schema(value_type = Option<PayloadName>)]
    pub payload: Option<Payload>,
    /// none or stream.
    #[schema(value_type = Option<OrderName>)]
    pub ordered_by: Option<OrderedBy>,
    /// hmac, ed25519 or both.
    #[schema(value_type = Option<Vec<SignatureName>>)]
    pub signatures: Option<BTreeSet<Signature>>,
}

impl From<ConditionBody> for Condition {
    fn from(body: ConditionBody) -> Self {
        Self { field: body.field, one_of: body.one_of }
    }
}

impl From<Condition> for ConditionBody {
    fn from(condition: Condition) -> Self {
        Self { field: condition.field, one_of: condition.one_of }
    }
}

impl NewWebhook {
    /// As the endpoint's aggregate takes it.
    pub(crate) fn spec(&self) -> Spec {
        Spec {
            name: self.name.clone(),
            url: self.url.clone(),
            events: self.events.clone(),
            conditions: self.conditions.iter().cloned().map(Into::into).collect(),
            payload: self.payload,
            ordered_by: self.ordered_by,
            signatures: self.signatures.clone().unwrap_or_else(|| [Signature::Hmac].into()),
        }
    }
}

impl WebhookChange {
    /// The endpoint as it is to be.
    pub(crate) fn of(&self, spec: &Spec) -> Spec {
        let conditions = self.conditions.clone().map(|all| all.into_iter().map(Into::into).collect());
        Spec {
            name: self.name.clone().unwrap_or_else(|| spec.name.clone()),
            url: self.url.clone().or_else(|| spec.url.clone()),
            events: self.events.clone().unwrap_or_else(|| spec.events.clone()),
            conditions: conditions.unwrap_or_else(|| spec.conditions.clone()),
            payload: self.payload.unwrap_or(spec.payload),
            ordered_by: self.ordered_by.unwrap_or(spec.ordered_by),
            signatures: self.signatures.clone().unwrap_or_else(|| spec.signatures.clone()),
        }
    }
}

/// Refuses an address that nothing would ever be sent to. What a name leads to is looked at whenever it is connected to.
pub(crate) fn check_url(state: &State, url: Option<&String>) -> Result<()> {
    match url.and_then(|url| state.webhooks.refusal(url)) {
        Some(refusal) => Err(ApiError::field("/url", "address", refusal)),
        None => Ok(()),
    }
}
