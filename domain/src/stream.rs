//! The categories of streams: one for each kind of aggregate.

use serde::{Deserialize, Serialize};

/// The kind of aggregate that a stream belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// [`crate::account::Account`].
    Account,
    /// [`crate::user::User`].
    User,
    /// [`crate::shopper::Shopper`].
    Shopper,
    /// [`crate::customer::Customer`].
    Customer,
    /// [`crate::call::Call`].
    Call,
    /// [`crate::conversation::Conversation`].
    Conversation,
    /// [`crate::role::Role`].
    Role,
    /// [`crate::api_key::ApiKey`].
    ApiKey,
    /// [`crate::purchase::Purchase`].
    Order,
    /// [`crate::export::Export`].
    Export,
    /// [`crate::webhook::Webhook`].
    Webhook,
    /// [`crate::log::Log`].
    Log,
    /// [`crate::subject::Subject`].
    Subject,
    /// [`crate::retention::Retention`].
    Retention,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 14] = [
        Self::Account,
        Self::User,
        Self::Shopper,
        Self::Customer,
        Self::Call,
        Self::Conversation,
        Self::Role,
        Self::ApiKey,
        Self::Order,
        Self::Export,
        Self::Webhook,
        Self::Log,
        Self::Subject,
        Self::Retention,
    ];

    /// The name as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::User => "user",
            Self::Shopper => "shopper",
            Self::Customer => "customer",
            Self::Call => "call",
            Self::Conversation => "conversation",
            Self::Role => "role",
            Self::ApiKey => "api_key",
            Self::Order => "order",
            Self::Export => "export",
            Self::Webhook => "webhook",
            Self::Log => "log",
            Self::Subject => "subject",
            Self::Retention => "retention",
        }
    }

    /// Whether its streams are opened in the environment that is asked for. All others are there for real customers and trials alike,
    /// and count as production.
    pub const fn is_of_an_environment(self) -> bool {
        matches!(self, Self::Call | Self::Conversation | Self::Order)
    }

    /// The category stored under this name.
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == name)
    }
}
