//! Commands of an API key. The secret comes in hashed already: this crate knows no cryptography.

use crate::{bot::Bot, environment::Environment};
use chrono::{DateTime, Utc};

/// What can be asked of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyAction {
    /// Makes it.
    Create {
        /// What people call it.
        name: String,
        /// SHA-256 of the secret, lower-case hexadecimal.
        secret_hash: String,
        /// The beginning of the secret.
        hint: String,
        /// Names of its scopes.
        scopes: Vec<String>,
        /// In which environment it opens things: one for trials opens nothing in production.
        environment: Environment,
        /// As whom it writes to customers, where it is a bot's.
        bot: Option<Bot>,
        /// When it ends by itself, if it does.
        expires_at: Option<DateTime<Utc>>,
    },
    /// Ends it; nothing happens when it has ended.
    Revoke,
}
