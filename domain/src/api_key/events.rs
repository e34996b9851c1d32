//! Events of an API key. The secret is nowhere: only its SHA-256.

use crate::{bot::Bot, environment::Environment, event::events, scope::Scope};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

events! {
    /// What happened to an API key.
    ApiKeyEvent {
        /// The owner made it.
        Created(Created) = "api_key.created", 1;
        /// It opens nothing any more.
        Revoked(Revoked) = "api_key.revoked", 1;
    }
}

/// `api_key.created`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// What people call it.
    pub name: String,
    /// SHA-256 of the secret, lower-case hexadecimal.
    pub secret_hash: String,
    /// The beginning of the secret, so that people recognise which key a program has.
    pub hint: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// In which environment it opens things.
    #[serde(default, skip_serializing_if = "Environment::is_production")]
    pub environment: Environment,
    /// As whom it writes to customers, where it is a bot's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<Bot>,
    /// When it ends by itself, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// `api_key.revoked`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revoked {}
