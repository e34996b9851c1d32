//! What is remembered of one stream, and how it is kept.

use super::{CallPlace, ChatPlace, Deadline, Moment, Online, ShopperPlace};
use crate::{
    account::AccountEvent,
    event::Event,
    ids::{AccountId, CallId, ConversationId, EventId},
    routing::{Policy, Request},
    stream::Category,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which stream.
pub type Key = (AccountId, Category, Uuid);

/// The newest deed of a shopper, or in a chat: most of them are messages, which the floor does not look into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// The shopper or the chat.
    pub key: Key,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The event.
    pub by: EventId,
}

/// An account's rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountPlace {
    /// The stream's version.
    pub version: i64,
    /// The rules as they stand.
    pub policy: Policy,
}

/// What is remembered of one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Place {
    /// Of an account.
    Account(AccountPlace),
    /// Of a shopper who has not left.
    Shopper(Box<ShopperPlace>),
    /// Of a call that is not over.
    Call(Box<CallPlace>),
    /// Of an open chat that no call owns.
    Chat(Box<ChatPlace>),
}

/// Whether something is still to be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// It is.
    Yes,
    /// It is not: nothing that follows matters to the floor.
    No,
}

impl Place {
    /// The place that begins with this event; `None` when the floor does not care for its stream.
    pub fn begin(moment: &Moment<'_>) -> Option<Self> {
        match moment.event {
            Event::Account(AccountEvent::Created(_)) => {
                Some(Self::Account(AccountPlace { version: moment.version, ..AccountPlace::default() }))
            }
            Event::Shopper(event) => ShopperPlace::begin(moment, event).map(|place| Self::Shopper(Box::new(place))),
            Event::Call(event) => CallPlace::begin(moment, event).map(|place| Self::Call(Box::new(place))),
            Event::Conversation(event) => ChatPlace::begin(moment, event).map(|place| Self::Chat(Box::new(place))),
            _ => None,
        }
    }

    /// Takes the next event of the stream.
    pub fn apply(&mut self, moment: &Moment<'_>) -> Stays {
        match (self, moment.event) {
            (Self::Account(place), Event::Account(event)) => {
                place.version = moment.version;
                if let AccountEvent::SettingsChanged(changed) = event {
                    place.policy = changed.routing.clone().unwrap_or_else(|| place.policy.clone());
                }
                Stays::Yes
            }
            (Self::Shopper(place), Event::Shopper(event)) => place.apply(moment, event),
            (Self::Call(place), Event::Call(event)) => place.apply(moment, event),
            (Self::Chat(place), Event::Conversation(event)) => place.apply(moment, event),
            _ => Stays::Yes,
        }
    }

    /// What waits here for a shopper; `id` is the stream's.
    pub fn request(&self, id: Uuid) -> Option<Request> {
        match self {
            Self::Call(place) => place.request(CallId(id)),
            Self::Chat(place) => place.request(ConversationId(id)),
            Self::Account(_) | Self::Shopper(_) => None,
        }
    }

    /// The stream's version as far as it is known here.
    pub fn version(&self) -> i64 {
        match self {
            Self::Account(place) => place.version,
            Self::Shopper(place) => place.version,
            Self::Call(place) => place.version,
            Self::Chat(place) => place.version,
        }
    }

    /// The connection whose person is there by it.
    pub fn online(&self) -> Option<Online> {
        match self {
            Self::Shopper(place) => place.online,
            Self::Call(place) => place.online,
            Self::Account(_) | Self::Chat(_) => None,
        }
    }

    /// What is due in it, and when.
    pub fn deadlines(&self, policy: &Policy, now: DateTime<Utc>) -> Vec<Deadline> {
        match self {
            Self::Account(_) => Vec::new(),
            Self::Shopper(place) => place.deadlines(policy, now),
            Self::Call(place) => place.deadlines(policy),
            Self::Chat(place) => place.deadlines(policy),
        }
    }
}
