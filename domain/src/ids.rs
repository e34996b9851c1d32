//! Typed ids. Each kind of thing has its own type, so that a customer's id can never be passed where a call's is
//! meant. Ids are UUIDs; new ones are version 7 and come in as values: this crate draws no random number.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
    )*};
}

ids! {
    /// One shop: the owner of everything else. Every key starts with it.
    AccountId,
    /// A person who signs in: the owner or a member of staff.
    UserId,
    /// A personal shopper. The same UUID as the [`UserId`] that the person signs in with.
    ShopperId,
    /// A customer of the shop.
    CustomerId,
    /// A live video session, from request to archive.
    CallId,
    /// A chat; every call owns one.
    ConversationId,
    /// One message of a conversation.
    MessageId,
    /// A file shared in a conversation.
    FileId,
    /// One survey answer.
    AnswerId,
    /// A signed-in session of a user.
    SessionId,
    /// One connection of a person to the server, from opening to loss.
    ConnectionId,
    /// One stay of a call's media on a node.
    MediaSessionId,
    /// A node that media runs on; the same after a restart.
    NodeId,
    /// One presence of somebody in a call's media; coming back is another one.
    ParticipantId,
    /// One file of a recorded call.
    RecordingId,
    /// A named subset of the modules.
    RoleId,
    /// An order of the shop.
    OrderId,
    /// A program's credential.
    ApiKeyId,
    /// A table that somebody takes away.
    ExportId,
    /// Another system that is told what happens.
    WebhookId,
    /// One command: the same command twice has the same id and happens once.
    CommandId,
    /// One event.
    EventId,
    /// What was caused by the same outside request shares one of these.
    CorrelationId,
    /// Who or what has a key of its own, under which data is sealed: a customer, a shopper or a user, and things that may be forgotten apart.
    SubjectId,
}

macro_rules! subjects {
    ($($name:ident),*) => {$(
        impl From<$name> for SubjectId {
            fn from(id: $name) -> Self { Self(id.0) }
        }
    )*};
}
// What is looked for in an export may be somebody's name: it is sealed under a key of the export's own. What is said in a conversation is
// sealed under the conversation's key besides the customer's, since it may be kept for a time only.
subjects!(CustomerId, ShopperId, UserId, ExportId, ConversationId);

impl From<ShopperId> for UserId {
    fn from(id: ShopperId) -> Self {
        Self(id.0)
    }
}

impl From<UserId> for ShopperId {
    fn from(id: UserId) -> Self {
        Self(id.0)
    }
}
