//! Events of the forgetting of a person, and of what was given out about them. Nothing in them is personal: they stay.

use crate::{
    event::events,
    export::Form,
    ids::{CallId, ConversationId, NodeId, RecordingId, WebhookId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

events! {
    /// What happened to a person's data.
    SubjectEvent {
        /// The person is to be forgotten: from here on nothing of them is read.
        ErasureRequested(ErasureRequested) = "subject.erasure_requested", 1;
        /// The key is destroyed: the read models blank the person's profile, and these conversations and calls.
        Forgotten(Forgotten) = "subject.forgotten", 1;
        /// Everything is done.
        Erased(Erased) = "subject.erased", 1;
        /// Somebody was given everything about the person.
        AccessGiven(AccessGiven) = "subject.access_given", 1;
        /// What was still on a machine that was away at the receipt is deleted now.
        Cleared(Cleared) = "subject.cleared", 1;
    }
}

impl SubjectEvent {
    /// The type of the event from which on nothing of a person is read, for who looks at events before they are opened.
    pub const ERASURE_REQUESTED: &str = "subject.erasure_requested";
}

/// Who is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A customer, with everything that both sides wrote in the customer's conversations.
    Customer,
    /// A shopper, with the user that they sign in as. What they wrote to customers is the customers'.
    Shopper,
}

/// Why: the grounds of GDPR article 17(1). No free text, which would name the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureReason {
    /// The data is not needed any more.
    NoLongerNeeded,
    /// The person has taken their consent back.
    ConsentWithdrawn,
    /// The person objects.
    Objected,
    /// The data should never have been there.
    Unlawful,
    /// A law says so.
    LegalObligation,
}

/// `subject.erasure_requested`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequested {
    /// Who is forgotten.
    pub kind: SubjectKind,
    /// Why.
    pub reason: ErasureReason,
}

/// `subject.forgotten`: one part of several, where there is much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Who is forgotten.
    pub kind: SubjectKind,
    /// Number of the part, from 0.
    pub part: u32,
    /// Conversations of the person.
    pub conversations: Vec<ConversationId>,
    /// Calls of the person.
    pub calls: Vec<CallId>,
}

/// What was taken away from where it was kept, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Purged {
    /// Conversations whose words are blank.
    pub conversations: u64,
    /// Calls whose words are blank.
    pub calls: u64,
    /// Files of chats that were deleted.
    pub files: u64,
    /// Recordings that were deleted.
    pub recordings: u64,
    /// Files of exports that were deleted, since the person may have been in them.
    pub exports: u64,
}

/// Somebody took a table or the log away before, and the person may be in it: to be followed up outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// What: the name of a table, `log`, or `access` for everything about the person.
    pub what: String,
    /// The export; the account where it is the log, the person where it is about them.
    pub export_id: Uuid,
    /// In which form; absent for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// When.
    pub at: DateTime<Utc>,
    /// The kind of who took it.
    pub by_kind: String,
    /// Who took it.
    pub by: String,
}

/// `subject.access_given`: to whom, the event's actor says; up to the event's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessGiven {
    /// About whom.
    pub kind: SubjectKind,
}

/// A recording that may be on a machine that was away when the receipt was signed: it is deleted when that machine comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The file.
    pub recording_id: RecordingId,
    /// Of which call.
    pub call_id: CallId,
    /// Where it may be.
    pub node_id: NodeId,
}

/// `subject.cleared`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    /// The file that is no more.
    pub recording_id: RecordingId,
}

/// `subject.erased`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Who was forgotten.
    pub kind: SubjectKind,
    /// What was done.
    pub purged: Purged,
    /// What was taken away before, the newest first.
    pub taken: Vec<Taken>,
    /// Endpoints that were told of the person.
    pub told: Vec<WebhookId>,
    /// What could not be deleted yet; the receipt says so too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Pending>,
    /// The signed note (C2SP signed-note), by the key of the account's checkpoints.
    pub receipt: String,
}
