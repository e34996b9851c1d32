//! Events of what is kept no longer. Nothing in them is personal: they stay.

use crate::{event::events, ids::ConversationId};
use serde::{Deserialize, Serialize};

events! {
    /// What was deleted because its time had come.
    RetentionEvent {
        /// Contents of conversations are no more: their keys and files are destroyed, the read models blank them.
        ContentExpired(ContentExpired) = "content.expired", 1;
    }
}

impl RetentionEvent {
    /// The type of the event from which on contents are not read, for who looks at events before they are opened.
    pub const CONTENT_EXPIRED: &str = "content.expired";
}

/// Which content of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// Everything that was written: messages, names of files, notes; and the files with them.
    Messages,
    /// The files that were shared; their names stay.
    Files,
}

/// `content.expired`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentExpired {
    /// What of them.
    pub content: ContentKind,
    /// Conversations that were closed long enough ago.
    pub conversations: Vec<ConversationId>,
}
