//! What a user answers to its commands.

use super::{
    AccessChanged, Created, Deleted, PasswordSet, SESSIONS_MAX, SessionOpened, SessionRevoked, Standing, User, UserAction, UserEvent,
};
use crate::{aggregate::Aggregate, ids::SessionId, order::Order, personal::Personal, refusal::Refusal, stream::Category, text};
use chrono::{DateTime, Utc};

impl Aggregate for User {
    const CATEGORY: Category = Category::User;
    type Action = UserAction;

    fn decide(&self, order: &Order<UserAction>) -> Result<Vec<UserEvent>, Refusal> {
        if let UserAction::Create { user_id, email, name, access, password_hash } = &order.command {
            if self.standing != Standing::Absent {
                return Err(Refusal::AlreadyExists);
            }
            let created = UserEvent::Created(Created {
                email: Personal::known(*user_id, text::email("/email", email)?),
                name: Personal::known(*user_id, text::name("/name", name)?),
                access: access.clone(),
            });
            let password = password_hash.as_ref().map(|hash| {
                UserEvent::PasswordSet(PasswordSet { password_hash: Personal::known(*user_id, hash.clone()) })
            });
            return Ok(std::iter::once(created).chain(password).collect());
        }
        self.must_be_active(&order.command)?;
        Ok(match &order.command {
            UserAction::Create { .. } => return Err(Refusal::AlreadyExists),
            UserAction::SetPassword { user_id, password_hash } => {
                vec![UserEvent::PasswordSet(PasswordSet { password_hash: Personal::known(*user_id, password_hash.clone()) })]
            }
            UserAction::SetAccess { access } if self.access.as_ref() == Some(access) => vec![],
            UserAction::SetAccess { access } => vec![UserEvent::AccessChanged(AccessChanged { access: access.clone() })],
            UserAction::OpenSession { session_id, token_hash, expires_at } => {
                if *expires_at <= order.at {
                    return Err(Refusal::invalid("/expires_at", "in_the_past", "an instant that is still to come"));
                }
                let revoked = self.one_too_many(order.at).map(|session_id| UserEvent::SessionRevoked(SessionRevoked { session_id }));
                let opened = SessionOpened { session_id: *session_id, token_hash: token_hash.clone(), expires_at: *expires_at };
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
    fn must_be_active(&self, action: &UserAction) -> Result<(), Refusal> {
        match self.standing {
            Standing::Active => Ok(()),
            Standing::Absent => Err(Refusal::NotFound),
            Standing::Deleted => Err(Refusal::IllegalTransition { state: "deleted", action: action.name() }),
        }
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
