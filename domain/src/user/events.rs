//! Events of a user. Secrets are stored hashed: a password by argon2id, a session's token by SHA-256.

use crate::{event::events, ids::SessionId, module::Access, personal::Personal};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to a user.
    UserEvent {
        /// A person may sign in.
        Created(Created) = "user.created", 1;
        /// A password was set.
        PasswordSet(PasswordSet) = "user.password_set", 1;
        /// What the user may open was changed.
        AccessChanged(AccessChanged) = "user.access_changed", 1;
        /// The user signed in.
        SessionOpened(SessionOpened) = "session.opened", 1;
        /// A session ended before its time.
        SessionRevoked(SessionRevoked) = "session.revoked", 1;
        /// The user may not sign in any more; all sessions end.
        Deleted(Deleted) = "user.deleted", 1;
    }
}

/// `user.created`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// Address to sign in with; unique in the account by a claim.
    pub email: Personal<String>,
    /// Name shown to colleagues.
    pub name: Personal<String>,
    /// What the user may open.
    pub access: Access,
}

/// `user.password_set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PasswordSet {
    /// argon2id, PHC string.
    pub password_hash: Personal<String>,
}

/// `user.access_changed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessChanged {
    /// What the user may open from now on.
    pub access: Access,
}

/// `session.opened`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionOpened {
    /// The session.
    pub session_id: SessionId,
    /// SHA-256 of its token, lower-case hexadecimal.
    pub token_hash: String,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// `session.revoked`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRevoked {
    /// The session.
    pub session_id: SessionId,
}

/// `user.deleted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deleted {}
