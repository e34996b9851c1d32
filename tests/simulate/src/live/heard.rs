//! What a socket said about one topic.

use super::Sign;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

/// What can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Topic {
    /// Who waits.
    Queue,
    /// One shopper's calls and conversations.
    Work,
    /// One conversation.
    Conversation,
    /// One call.
    Call,
    /// All calls, conversations and shoppers.
    Account,
}

impl Topic {
    /// The name in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Work => "work",
            Self::Conversation => "conversation",
            Self::Call => "call",
            Self::Account => "account",
        }
    }
}

/// What somebody wants to hear.
#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    /// About what.
    pub topic: Topic,
    /// About which one.
    pub key: Option<Uuid>,
    /// What was before is known; from now on when there is none.
    pub after: Option<i64>,
}

/// One event as it was heard.
#[derive(Debug, Clone)]
pub struct Event {
    /// Place in the log.
    pub position: i64,
    /// Of what it is an event.
    pub stream: Stream,
    /// Version of that.
    pub version: i64,
    /// Its type.
    pub kind: String,
    /// The kind of whoever did it.
    pub by: String,
    /// The shopper whom it names, where the listener may know.
    pub shopper: Option<Uuid>,
    /// When it was heard.
    pub arrived: Instant,
}

/// What an event is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct Stream {
    /// call, conversation, shopper.
    pub category: String,
    /// Which one.
    pub id: Uuid,
}

/// Everything that was heard about one topic.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Who listened.
    pub who: String,
    /// About what.
    pub topic: Topic,
    /// About which one.
    pub key: Option<Uuid>,
    /// The first event that could be heard comes after this.
    pub after: Option<i64>,
    /// In the order of hearing.
    pub events: Vec<Event>,
}

impl Heard {
    /// Nothing yet.
    pub fn new(who: &str, subscription: Subscription) -> Self {
        let Subscription { topic, key, after } = subscription;
        Self { who: who.to_owned(), topic, key, after, events: Vec::new() }
    }

    /// Where to go on after a lost connection.
    pub fn reached(&self) -> Option<i64> {
        self.events.last().map(|event| event.position).or(self.after)
    }

    /// Whether this was heard.
    pub fn has(&self, sign: Sign) -> bool {
        match sign {
            Sign::Times(kind, times) => self.events.iter().filter(|event| event.kind == kind).count() >= times,
            Sign::Position(position) => self.events.last().is_some_and(|event| event.position >= position),
        }
    }
}

impl Event {
    /// What a frame says; `None` when it is of another shape.
    pub fn of(frame: &Value) -> Option<Self> {
        Some(Self {
            position: frame["position"].as_i64()?,
            stream: Stream::deserialize(&frame["stream"]).ok()?,
            version: frame["version"].as_i64()?,
            kind: frame["event"].as_str()?.to_owned(),
            by: frame["actor"]["kind"].as_str()?.to_owned(),
            shopper: frame["data"]["shopper_id"].as_str().and_then(|id| id.parse().ok()),
            arrived: Instant::now(),
        })
    }
}
