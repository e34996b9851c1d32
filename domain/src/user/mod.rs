//! A user: a person who signs in, as owner or as staff.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{
    aggregate::impl_cqrs,
    ids::{RoleId, SessionId},
    module::Access,
    stream::Category,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many sessions a user has at most: more than one person has devices, and few enough for the state to stay small.
pub const SESSIONS_MAX: usize = 20;

/// How many roles a user has at most: there are eight different subsets of the modules, so more would only repeat.
pub const ROLES_MAX: usize = 20;
/// Characters of what a device says of itself that are kept: enough to tell browser and system.
pub const DEVICE_CHARS_MAX: usize = 200;

/// A user's state. Neither name nor address nor password: deciding needs none of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct User {
    standing: Standing,
    access: Option<Access>,
    roles: BTreeSet<RoleId>,
    sessions: Vec<Session>,
}

/// A session that was opened and not revoked; it may have ended by itself since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The session.
    pub session_id: SessionId,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    #[default]
    Absent,
    Active,
    Deleted,
}

impl_cqrs!(User, Category::User, UserAction, UserEvent);

impl User {
    /// What the user may open; nothing before it exists and after it was deleted.
    pub fn access(&self) -> Option<&Access> {
        self.access.as_ref()
    }

    /// The roles that the user has, also those that were deleted since.
    pub fn roles(&self) -> &BTreeSet<RoleId> {
        &self.roles
    }

    /// The sessions that were not revoked, the oldest first.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    fn fold(&mut self, event: UserEvent) {
        match event {
            UserEvent::Created(created) => {
                self.standing = Standing::Active;
                self.access = Some(created.access);
            }
            UserEvent::EmailChanged(_) | UserEvent::PasswordSet(_) | UserEvent::SignInFailed(_) | UserEvent::LockedOut(_) => {}
            UserEvent::RoleAssigned(assigned) => {
                self.roles.insert(assigned.role_id);
            }
            UserEvent::RoleRevoked(revoked) => {
                self.roles.remove(&revoked.role_id);
            }
            UserEvent::AccessChanged(changed) => self.access = Some(changed.access),
            UserEvent::SessionOpened(opened) => {
                self.sessions.push(Session { session_id: opened.session_id, expires_at: opened.expires_at });
            }
            UserEvent::SessionRevoked(revoked) => self.sessions.retain(|s| s.session_id != revoked.session_id),
            UserEvent::Deleted(_) => *self = Self { standing: Standing::Deleted, ..Self::default() },
        }
    }
}
