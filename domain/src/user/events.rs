//! Events of a user. Secrets are stored hashed: a password by argon2id, a session's token by SHA-256.

use crate::{
    event::events,
    ids::{RoleId, SessionId},
    module::Access,
    personal::Personal,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to a user.
    UserEvent {
        /// A person may sign in.
        Created(Created) = "user.created", 1;
        /// The address to sign in with was changed.
        EmailChanged(EmailChanged) = "user.email_changed", 1;
        /// A password was set.
        PasswordSet(PasswordSet) = "user.password_set", 1;
        /// What the user may open was changed.
        AccessChanged(AccessChanged) = "user.access_changed", 1;
        /// The user signed in.
        SessionOpened(SessionOpened) = "session.opened", 1;
        /// A session ended before its time.
        SessionRevoked(SessionRevoked) = "session.revoked", 1;
        /// The user has a role from now on.
        RoleAssigned(RoleAssigned) = "role.assigned", 1;
        /// The user has a role no more.
        RoleRevoked(RoleRevoked) = "role.revoked", 1;
        /// Somebody gave a wrong password. Only the first of several within the time of a lock-out is written down.
        SignInFailed(SignInFailed) = "user.sign_in_failed", 1;
        /// After too many wrong passwords nobody signs in for a while.
        LockedOut(LockedOut) = "user.locked_out", 1;
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

/// `user.email_changed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmailChanged {
    /// From now on; unique in the account by a claim.
    pub email: Personal<String>,
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
    /// What signed in, in its own words (`User-Agent`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Personal<String>>,
}

/// `session.revoked`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRevoked {
    /// The session.
    pub session_id: SessionId,
}

/// `role.assigned`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleAssigned {
    /// The role.
    pub role_id: RoleId,
}

/// `role.revoked`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleRevoked {
    /// The role.
    pub role_id: RoleId,
}

/// `user.sign_in_failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignInFailed {}

/// `user.locked_out`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LockedOut {
    /// Wrong passwords in a row.
    pub failures: u32,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// `user.deleted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deleted {}
