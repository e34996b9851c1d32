//! What waits for a shopper.

use crate::{
    ids::{CallId, ConversationId, ShopperId},
    stream::Category,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A piece of work: what is given to a shopper and takes room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Work {
    /// A video call.
    Call(CallId),
    /// A chat that no call owns.
    Conversation(ConversationId),
}

impl Work {
    /// The id of the call or conversation.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Call(id) => id.0,
            Self::Conversation(id) => id.0,
        }
    }

    /// The kind of its stream.
    pub const fn category(self) -> Category {
        match self {
            Self::Call(_) => Category::Call,
            Self::Conversation(_) => Category::Conversation,
        }
    }
}

/// Work that nobody has yet, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What waits.
    pub work: Work,
    /// Higher is served first; 0 is ordinary.
    pub priority: i32,
    /// Since when; among equals, the oldest is served first.
    pub since: DateTime<Utc>,
    /// Orders those that began to wait at the same instant: the position of the event.
    pub position: i64,
    /// The department that it was given to: only its shoppers are asked, however long it takes until one of them comes. A
    /// department that no shopper of the account answers for binds nobody, so that a name without people, or one whose last
    /// shopper left, does not keep the customer for ever.
    pub department: Option<String>,
    /// Collections asked for.
    pub collections: Vec<String>,
    /// What it takes to answer (I15).
    pub expertise: Vec<String>,
    /// BCP 47 tag of the customer's language.
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Who served the customer before.
    pub previous: Option<ShopperId>,
    /// Who declined it, or let its offer pass, and has not become available anew since.
    pub declined: BTreeSet<ShopperId>,
}
