//! What a user answers to its commands.

use super::{
    AccessChanged, Created, DEVICE_CHARS_MAX, Deleted, EmailChanged, LockedOut, PasswordSet, ROLES_MAX, RoleAssigned, RoleRevoked,
    SESSIONS_MAX, SessionOpened, SessionRevoked, SignInFailed, Standing, User, UserAction, UserEvent,
};
use crate::{
    aggregate::Aggregate,
    ids::{RoleId, SessionId, UserId},
    order::Order,
    personal::Personal,
    refusal::Refusal,
    stream::Category,
    text,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

impl Aggregate for User {
    const CATEGORY: Category = Category::User;
    type Action = UserAction;

    fn decide(&self, order: &Order<UserAction>) -> Result<Vec<UserEvent>, Refusal> {
        let action = &order.command;
        match (self.standing, action) {
            (Standing::Absent, UserAction::Create { .. }) | (Standing::Active, _) => {}
            (Standing::Absent, _) => return Err(Refusal::NotFound),
            (Standing::Deleted, _) => return Err(Refusal::IllegalTransition { state: "deleted", action: action.name() }),
        }
        Ok(match action {
            UserAction::Create { .. } if self.standing == Standing::Active => return Err(Refusal::AlreadyExists),
            UserAction::Create { user_id, email, name, access, password_hash } => {
                let created = UserEvent::Created(Created {
                    email: Personal::known(*user_id, text::email("/email", email)?),
                    name: Personal::known(*user_id, text::name("/name", name)?),
                    access: access.clone(),
                });
                let password = password_hash.as_ref().map(|hash| password_set(*user_id, hash));
                std::iter::once(created).chain(password).collect()
            }
            UserAction::SetEmail { user_id, email } => {
                vec![UserEvent::EmailChanged(EmailChanged { email: Personal::known(*user_id, text::email("/email", email)?) })]
            }
            UserAction::SetPassword { user_id, password_hash } => vec![password_set(*user_id, password_hash)],
            UserAction::SetAccess { access } if self.access.as_ref() == Some(access) => vec![],
            UserAction::SetAccess { access } => vec![UserEvent::AccessChanged(AccessChanged { access: access.clone() })],
            UserAction::SetRoles { roles } => self.with_roles(roles)?,
            UserAction::FailSignIn => vec![UserEvent::SignInFailed(SignInFailed {})],
            UserAction::LockOut { failures, until } => vec![UserEvent::LockedOut(LockedOut { failures: *failures, until: *until })],
            UserAction::OpenSession { session_id, token_hash, expires_at, user_id, device } => {
                if *expires_at <= order.at {
                    return Err(Refusal::invalid("/expires_at", "in_the_past", "an instant that is still to come"));
                }
                let revoked = self.one_too_many(order.at).map(|session_id| UserEvent::SessionRevoked(SessionRevoked { session_id }));
                let opened = SessionOpened {
                    session_id: *session_id,
                    token_hash: token_hash.clone(),
                    expires_at: *expires_at,
                    device: device.as_deref().and_then(shown).map(|device| Personal::known(*user_id, device)),
                };
                revoked.into_iter().chain([UserEvent::SessionOpened(opened)]).collect()
            }
            UserAction::RevokeSession { session_id } => {
                let open = self.sessions.iter().any(|s| s.session_id == *session_id);
                if open { vec![UserEvent::SessionRevoked(SessionRevoked { session_id: *session_id })] } else { vec![] }
            }
            UserAction::Delete => vec![UserEvent::Deleted(Deleted {})],
        })
    }

    fn state_name(&self) -> &'static str {
        match self.standing {
            Standing::Absent => "absent",
            Standing::Active => "active",
            Standing::Deleted => "deleted",
        }
    }
}

impl User {
    /// What leads from the present roles to these.
    fn with_roles(&self, roles: &BTreeSet<RoleId>) -> Result<Vec<UserEvent>, Refusal> {
        if roles.len() > ROLES_MAX {
            return Err(Refusal::invalid("/roles", "too_many", format!("at most {ROLES_MAX} roles")));
        }
        let revoked = self.roles.difference(roles).map(|role_id| UserEvent::RoleRevoked(RoleRevoked { role_id: *role_id }));
        let assigned = roles.difference(&self.roles).map(|role_id| UserEvent::RoleAssigned(RoleAssigned { role_id: *role_id }));
        Ok(revoked.chain(assigned).collect())
    }

    /// The session that has to go before another is opened: the oldest that is over anyway, else the oldest.
    fn one_too_many(&self, at: DateTime<Utc>) -> Option<SessionId> {
        if self.sessions.len() < SESSIONS_MAX {
            return None;
        }
        let expired = self.sessions.iter().find(|s| s.expires_at <= at);
        expired.or(self.sessions.first()).map(|s| s.session_id)
    }
}

/// What a device says of itself, as far as it can be shown.
fn shown(device: &str) -> Option<String> {
    let text: String = device.chars().filter(|c| !c.is_control()).take(DEVICE_CHARS_MAX).collect();
    (!text.trim().is_empty()).then_some(text)
}

fn password_set(user_id: UserId, hash: &str) -> UserEvent {
    UserEvent::PasswordSet(PasswordSet { password_hash: Personal::known(user_id, hash.to_owned()) })
}
