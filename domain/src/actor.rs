//! Who did it. Every event names its actor, also when it was a timer (PRODUCT.md 3, row 33).

use crate::ids::{ApiKeyId, CustomerId, ShopperId, UserId};
use serde::{Deserialize, Serialize};

/// The author of a command, and so of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// The owner or a member of staff, acting as such.
    User(UserId),
    /// A personal shopper.
    Shopper(ShopperId),
    /// A customer.
    Customer(CustomerId),
    /// A program with an API key.
    ApiKey(ApiKeyId),
    /// The system itself: a timer, a process manager, the first start. Carries its name.
    System(String),
}

impl Actor {
    /// The kind as stored: `user`, `shopper`, `customer`, `api_key` or `system`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Shopper(_) => "shopper",
            Self::Customer(_) => "customer",
            Self::ApiKey(_) => "api_key",
            Self::System(_) => "system",
        }
    }

    /// The id as stored: a UUID, or the name of a part of the system.
    pub fn id(&self) -> String {
        match self {
            Self::User(id) => id.to_string(),
            Self::Shopper(id) => id.to_string(),
            Self::Customer(id) => id.to_string(),
            Self::ApiKey(id) => id.to_string(),
            Self::System(name) => name.clone(),
        }
    }

    /// The actor that was stored as (kind, id), or `None` when the pair is not one.
    pub fn from_stored(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "user" => Some(Self::User(id.parse().ok()?)),
            "shopper" => Some(Self::Shopper(id.parse().ok()?)),
            "customer" => Some(Self::Customer(id.parse().ok()?)),
            "api_key" => Some(Self::ApiKey(id.parse().ok()?)),
            "system" => Some(Self::System(id.to_owned())),
            _ => None,
        }
    }

    /// Whether this is not a customer: staff, a shopper, a program, or the system.
    pub fn is_house(&self) -> bool {
        !matches!(self, Self::Customer(_))
    }

    /// Whether this may act in the name of the shopper: the shopper, staff, a program, or the system. Whether staff
    /// has the module, or the program the scope, is decided before, by the right of the route.
    pub fn acts_for_shopper(&self, shopper_id: ShopperId) -> bool {
        match self {
            Self::Shopper(id) => *id == shopper_id,
            Self::User(_) | Self::ApiKey(_) | Self::System(_) => true,
            Self::Customer(_) => false,
        }
    }

    /// Whether this may act in the name of the customer: the customer, or anybody of the house.
    pub fn acts_for_customer(&self, customer_id: CustomerId) -> bool {
        match self {
            Self::Customer(id) => *id == customer_id,
            Self::User(_) | Self::Shopper(_) | Self::ApiKey(_) | Self::System(_) => true,
        }
    }
}
