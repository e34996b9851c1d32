//! What an API key answers to its commands.

use super::{ApiKey, ApiKeyAction, ApiKeyEvent, Created, Revoked};
use crate::{aggregate::Aggregate, bot::Bot, order::Order, refusal::Refusal, scope::Scope, stream::Category, text};

impl Aggregate for ApiKey {
    const CATEGORY: Category = Category::ApiKey;
    type Action = ApiKeyAction;

    fn decide(&self, order: &Order<ApiKeyAction>) -> Result<Vec<ApiKeyEvent>, Refusal> {
        match (self, &order.command) {
            (Self::Absent, ApiKeyAction::Create { name, secret_hash, hint, scopes, environment, bot, expires_at }) => {
                if expires_at.is_some_and(|end| end <= order.at) {
                    return Err(Refusal::invalid("/expires_at", "in_the_past", "an instant that is still to come"));
                }
                Ok(vec![ApiKeyEvent::Created(Created {
                    name: text::label("/name", name)?,
                    secret_hash: secret_hash.clone(),
                    hint: hint.clone(),
                    scopes: Scope::set("/scopes", scopes)?,
                    environment: *environment,
                    bot: bot.as_ref().map(Bot::checked).transpose().map_err(|refusal| refusal.under("/bot"))?,
                    expires_at: *expires_at,
                })])
            }
            (Self::Absent, ApiKeyAction::Revoke) => Err(Refusal::NotFound),
            (Self::Active | Self::Revoked, ApiKeyAction::Create { .. }) => Err(Refusal::AlreadyExists),
            (Self::Active, ApiKeyAction::Revoke) => Ok(vec![ApiKeyEvent::Revoked(Revoked {})]),
            (Self::Revoked, ApiKeyAction::Revoke) => Ok(vec![]),
        }
    }

    fn state_name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Active => "active",
            Self::Revoked => "revoked",
        }
    }
}
