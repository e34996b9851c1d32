//! What an endpoint is told, and how.

use super::filter::{Condition, check_conditions, check_types};
use crate::{refusal::Refusal, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an endpoint is told of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// Everything that happened.
    #[default]
    Full,
    /// What happened to what, and where it is read: nothing personal leaves the house.
    Thin,
}

/// In which order an endpoint is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderedBy {
    /// As fast as it goes: the payload says which came first.
    #[default]
    None,
    /// Of one stream one after the other: an event that cannot be told holds up those after it in its stream, and no other stream.
    Stream,
}

/// A way of signing (Standard Webhooks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// `v1`: HMAC-SHA256 under a secret that both sides have.
    Hmac,
    /// `v1a`: ed25519, checked with a key that is no secret.
    Ed25519,
}

/// What an endpoint is told, and how.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Spec {
    /// What people call it.
    pub name: String,
    /// Where it is told; without it, it reads its feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Types of events, such as `call.finished` or `call.*`; all when there is none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub events: BTreeSet<String>,
    /// What the payload must hold, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// How much is told.
    pub payload: Payload,
    /// In which order.
    pub ordered_by: OrderedBy,
    /// Signed in these ways, of which there is one at least.
    pub signatures: BTreeSet<Signature>,
}

impl Spec {
    /// The same with everything checked and in its plain form.
    pub(super) fn checked(&self) -> Result<Self, Refusal> {
        if self.signatures.is_empty() {
            return Err(Refusal::invalid("/signatures", "empty", "hmac, ed25519 or both"));
        }
        check_types(&self.events)?;
        check_conditions(&self.conditions)?;
        Ok(Self { name: text::label("/name", &self.name)?, url: text::optional(&self.url, address)?, ..self.clone() })
    }
}

/// An address of a server, without what names a person.
fn address(url: &str) -> Result<String, Refusal> {
    let url = text::url("/url", url)?;
    let host = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if host.contains('@') || url.contains('#') {
        return Err(Refusal::invalid("/url", "url", "an address without a user and without a fragment"));
    }
    Ok(url)
}
