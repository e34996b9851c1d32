//! Commands of a user. Secrets come in hashed already: this crate knows no cryptography.

use crate::{
    ids::{RoleId, SessionId, UserId},
    module::Access,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// What can be asked of a user.
#[derive(Debug, Clone, PartialEq)]
pub enum UserAction {
    /// Lets a person sign in.
    Create {
        /// The stream's own id: the subject of the personal data.
        user_id: UserId,
        /// Address to sign in with; the caller adds the unique claim.
        email: String,
        /// Name shown to colleagues.
        name: String,
        /// What the user may open.
        access: Access,
        /// argon2id, PHC string; without it nobody can sign in yet.
        password_hash: Option<String>,
    },
    /// Changes the address to sign in with; the caller moves the unique claim.
    SetEmail {
        /// The stream's own id: the subject of the personal data.
        user_id: UserId,
        /// From now on.
        email: String,
    },
    /// Sets the password.
    SetPassword {
        /// The stream's own id: the subject of the personal data.
        user_id: UserId,
        /// argon2id, PHC string.
        password_hash: String,
    },
    /// Changes what the user may open.
    SetAccess {
        /// From now on.
        access: Access,
    },
    /// Gives the user these roles and no others; the caller sees to it that they exist.
    SetRoles {
        /// From now on.
        roles: BTreeSet<RoleId>,
    },
    /// Signs in. At [`super::SESSIONS_MAX`] live sessions the oldest one is revoked.
    OpenSession {
        /// The session.
        session_id: SessionId,
        /// SHA-256 of its token, lower-case hexadecimal.
        token_hash: String,
        /// When it ends by itself.
        expires_at: DateTime<Utc>,
        /// The stream's own id: the subject of the personal data.
        user_id: UserId,
        /// What signs in, in its own words.
        device: Option<String>,
    },
    /// Writes down that somebody gave a wrong password; the caller decides which of many.
    FailSignIn,
    /// Lets nobody sign in for a while.
    LockOut {
        /// Wrong passwords in a row.
        failures: u32,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Signs out; nothing happens when the session is over already.
    RevokeSession {
        /// The session.
        session_id: SessionId,
    },
    /// Takes the right to sign in away; all sessions end.
    Delete,
}

impl UserAction {
    /// The action's name in the API, for refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::SetEmail { .. } => "set_email",
            Self::SetPassword { .. } => "set_password",
            Self::SetAccess { .. } => "set_access",
            Self::SetRoles { .. } => "set_roles",
            Self::FailSignIn => "fail_sign_in",
            Self::LockOut { .. } => "lock_out",
            Self::OpenSession { .. } => "open_session",
            Self::RevokeSession { .. } => "revoke_session",
            Self::Delete => "delete",
        }
    }
}
