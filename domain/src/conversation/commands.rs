//! Commands of a conversation.

use super::{Audience, Author, CloseReason, Continues, Recipient, Status, TranscriptForm, Visibility};
use crate::{
    bot::Bot,
    ids::{AnswerId, ApiKeyId, CallId, ConversationId, CustomerId, FileId, MessageId, ShopperId},
    routing::Decided,
    sla::Applied,
    survey::{Ballot, Publicity},
};

/// Where a file's content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// At this absolute address of somebody else's.
    Elsewhere(String),
    /// With us, to be had at this path.
    Here(String),
}

/// A file as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// This file.
    pub file_id: FileId,
    /// Its name.
    pub name: String,
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// Where its content is.
    pub content: Content,
}

/// What can be asked of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum ConversationAction {
    /// Begins it.
    Open {
        /// Who it is with.
        customer_id: CustomerId,
        /// The call that owns it.
        call_id: Option<CallId>,
        /// How the customer writes: `web`, `whatsapp` and so on.
        channel: String,
        /// BCP 47 tag of the customer's language.
        language: Option<String>,
        /// ISO 3166-1 alpha-2.
        country: Option<String>,
        /// The department that shall answer; any when absent.
        department: Option<String>,
        /// The closed conversation that it goes on from.
        continues: Option<Continues>,
    },
    /// Says what the account promises to the customer; of a chat, when it is opened. Nothing happens when it was said already.
    Promise {
        /// What, and which time counts.
        terms: Box<Applied>,
    },
    /// Tells of what was due by now and has not come; nothing happens where there is nothing.
    MarkOverdue,
    /// Somebody writes.
    SendMessage {
        /// The id that the message gets.
        message_id: MessageId,
        /// In whose name; must fit the actor.
        author: Author,
        /// The text.
        body: String,
        /// Who may read it.
        visibility: Visibility,
        /// Colleagues who are called upon; in private notes only.
        mentions: Vec<ShopperId>,
        /// The template whose text it is; not in a customer's words, nor in a private note.
        template: Option<String>,
    },
    /// The system tells the customer something, such as that somebody has come. The caller gives the words in the
    /// customer's language.
    Announce {
        /// The id that the message gets.
        message_id: MessageId,
        /// The text.
        body: String,
    },
    /// Somebody shares a file.
    ShareFile {
        /// In whose name; must fit the actor.
        author: Author,
        /// The file.
        file: Box<File>,
    },
    /// Sets the status by hand; nothing happens when it is so already.
    SetStatus {
        /// From now on.
        status: Status,
    },
    /// A shopper takes a conversation in which nobody is present: of two who try, one is refused.
    Claim {
        /// Who.
        shopper_id: ShopperId,
    },
    /// Records why the router chose who claims it next, in the same append.
    Decide {
        /// The choice.
        decided: Box<Decided>,
    },
    /// A shopper comes in: where nobody is present, where help is wanted (the first helper wins), or brought in by one
    /// who is there. Nothing happens when it is so already.
    StepIn {
        /// Who.
        shopper_id: ShopperId,
    },
    /// A shopper takes part because of the call that owns the conversation; nothing happens when it is so already.
    Join {
        /// Who.
        shopper_id: ShopperId,
    },
    /// A shopper takes part no more; nothing happens when it is so already.
    Leave {
        /// Who.
        shopper_id: ShopperId,
    },
    /// A bot takes part, before it says something; nothing happens when it is so already. There is one in a conversation at most, so
    /// that it is the bot's.
    BringBot {
        /// Which one.
        bot_id: ApiKeyId,
        /// What the customer sees of it.
        bot: Bot,
    },
    /// Hands it to a colleague, who takes part from then on, or to a department, in which the customer waits again.
    HandOver {
        /// By whom; where it is nobody who takes part, nobody leaves.
        from: Option<ShopperId>,
        /// To whom.
        to: Recipient,
        /// What they should know.
        note: Option<String>,
    },
    /// Says which department answers.
    SetDepartment {
        /// Its name; `None` means any.
        department: Option<String>,
    },
    /// Says how urgent it is.
    SetPriority {
        /// Higher is served first, 0 is ordinary.
        priority: i32,
    },
    /// Writes the note for hand-over.
    SetNote {
        /// The whole note; empty clears it.
        text: String,
    },
    /// Puts a tag on; nothing happens when it is there already.
    AddTag {
        /// The tag.
        tag: String,
    },
    /// Takes a tag off; nothing happens when it is not there.
    RemoveTag {
        /// The tag.
        tag: String,
    },
    /// Replaces what it takes to answer.
    SetExpertise {
        /// All of them.
        expertise: Vec<String>,
    },
    /// Closes it, with the outcome that follows from what happened.
    Close {
        /// Why.
        reason: CloseReason,
    },
    /// The customer wrote after the end: the first conversation of the row learns where it goes on.
    Continue {
        /// The conversation that was opened for it.
        conversation_id: ConversationId,
    },
    /// Somebody takes its transcript along.
    DownloadTranscript {
        /// As what.
        form: TranscriptForm,
        /// For whom it was made.
        audience: Audience,
    },
    /// The customer rates.
    Rate {
        /// The id that the answer gets.
        answer_id: AnswerId,
        /// The answer.
        ballot: Ballot,
    },
    /// The survey was put before the customer; nothing happens when that is known, or they have answered.
    SendSurvey,
    /// Hides the rating from the public, or shows it again; nothing happens when it is so already.
    ShowRating {
        /// The answer.
        answer_id: AnswerId,
        /// What the public sees of it from now on.
        publicity: Publicity,
    },
}

impl ConversationAction {
    /// The action's name in the API, for refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Promise { .. } => "promise",
            Self::MarkOverdue => "mark_overdue",
            Self::SendMessage { .. } => "send_message",
            Self::Announce { .. } => "announce",
            Self::Claim { .. } => "claim",
            Self::Decide { .. } => "decide",
            Self::HandOver { .. } => "hand_over",
            Self::SetDepartment { .. } => "set_department",
            Self::SetPriority { .. } => "set_priority",
            Self::Continue { .. } => "continue",
            Self::DownloadTranscript { .. } => "download_transcript",
            Self::ShareFile { .. } => "share_file",
            Self::SetStatus { .. } => "set_status",
            Self::StepIn { .. } | Self::Join { .. } | Self::BringBot { .. } => "join",
            Self::Leave { .. } => "leave",
            Self::SetNote { .. } => "set_note",
            Self::AddTag { .. } => "add_tag",
            Self::RemoveTag { .. } => "remove_tag",
            Self::SetExpertise { .. } => "set_expertise",
            Self::Close { .. } => "close",
            Self::Rate { .. } => "rate",
            Self::SendSurvey => "send_survey",
            Self::ShowRating { publicity: Publicity::Internal, .. } => "hide_rating",
            Self::ShowRating { publicity: Publicity::Public, .. } => "show_rating",
        }
    }
}
