//! A book: the fold of one stream that keeps just what later facts need.

use super::{About, Change, Told, call::CallBook, conversation::ConversationBook, order::OrderBook, presence::PresenceBook};
use crate::{call::CallEvent, conversation::ConversationEvent, event::Event, purchase::PurchaseEvent, shopper::ShopperEvent};
use serde::{Deserialize, Serialize};

/// The book of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Book {
    /// Of a call.
    Call(Box<CallBook>),
    /// Of a conversation.
    Conversation(Box<ConversationBook>),
    /// Of a shopper.
    Presence(PresenceBook),
    /// Of an order.
    Order(Box<OrderBook>),
}

impl Book {
    /// Whether a book takes the event at all.
    pub fn concerns(event: &Event) -> bool {
        match event {
            Event::Call(call) => CallBook::concerns(call),
            Event::Conversation(conversation) => ConversationBook::concerns(conversation),
            Event::Shopper(shopper) => PresenceBook::concerns(shopper),
            Event::Order(_) => true,
            _ => false,
        }
    }

    /// Whether it is the first event of a stream, so that there is no book yet.
    pub fn opens(event: &Event) -> bool {
        matches!(
            event,
            Event::Call(CallEvent::Requested(_) | CallEvent::Created(_))
                | Event::Conversation(ConversationEvent::Opened(_))
                | Event::Shopper(ShopperEvent::Created(_))
                | Event::Order(PurchaseEvent::Placed(_))
        )
    }

    /// The book after the event, and what the event makes of the facts. `None` for a stream whose beginning was not told.
    pub fn fold(before: Option<Self>, told: &Told<'_>) -> Option<(Self, Vec<Change>)> {
        let mut changes = Vec::new();
        let book = match (before, told.event) {
            (None, Event::Call(event)) => Self::Call(Box::new(CallBook::open(told, event, &mut changes)?)),
            (Some(Self::Call(mut book)), Event::Call(event)) => {
                book.apply(told, event, &mut changes);
                Self::Call(book)
            }
            (None, Event::Conversation(event)) => Self::Conversation(Box::new(ConversationBook::open(told, event, &mut changes)?)),
            (Some(Self::Conversation(mut book)), Event::Conversation(event)) => {
                book.apply(told, event, &mut changes);
                Self::Conversation(book)
            }
            (None, Event::Shopper(_)) => Self::Presence(PresenceBook::open(told)),
            (Some(Self::Presence(mut book)), Event::Shopper(event)) => {
                book.apply(told, event, &mut changes);
                Self::Presence(book)
            }
            (None, Event::Order(event)) => Self::Order(Box::new(OrderBook::open(told, event)?)),
            (Some(Self::Order(mut book)), Event::Order(event)) => {
                book.apply(told, event, &mut changes);
                Self::Order(book)
            }
            _ => return None,
        };
        Some((book, changes))
    }

    /// What its facts are about.
    pub fn about(&self) -> About {
        match self {
            Self::Call(book) => book.about().clone(),
            Self::Conversation(book) => book.about().clone(),
            Self::Order(book) => book.about().clone(),
            Self::Presence(_) => About::default(),
        }
    }
}
