//! Events of a conversation.

use crate::{
    bot::Bot,
    event::{EventSet, events},
    ids::{ApiKeyId, CallId, ConversationId, CustomerId, FileId, MessageId, ShopperId},
    personal::Personal,
    routing::Decided,
    sla,
    survey::{Answered, Sent, Shown, Superseded},
};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to a conversation.
    ConversationEvent {
        /// It began.
        Opened(Opened) = "conversation.opened", 1;
        /// Somebody wrote.
        MessageSent(MessageSent) = "conversation.message_sent", 1;
        /// Somebody shared a file.
        FileShared(FileShared) = "conversation.file_shared", 1;
        /// In progress, waiting for the customer, or in need of help (I03–I09).
        StatusChanged(StatusChanged) = "conversation.status_changed", 1;
        /// A shopper takes part (I09).
        AgentJoined(AgentJoined) = "conversation.agent_joined", 1;
        /// A shopper takes part no more; the conversation goes on (L23).
        AgentLeft(AgentLeft) = "conversation.agent_left", 1;
        /// A bot takes part from its first word on (L25).
        BotJoined(BotJoined) = "conversation.bot_joined", 1;
        /// The note for hand-over was written (I12).
        NoteSet(NoteSet) = "conversation.note_set", 1;
        /// A tag was put on (I13).
        TagAdded(Tagged) = "conversation.tag_added", 1;
        /// A tag was taken off.
        TagRemoved(Tagged) = "conversation.tag_removed", 1;
        /// What it takes to answer (I15).
        ExpertiseSet(ExpertiseSet) = "conversation.expertise_set", 1;
        /// It was handed to a colleague or to a department, with what they should know (C02, I12).
        HandedOff(HandedOff) = "conversation.handed_off", 1;
        /// The department that answers.
        DepartmentSet(DepartmentSet) = "conversation.department_set", 1;
        /// The router chose a shopper, who joined at once; the reasons are for the shop alone.
        RoutingDecided(Decided) = "routing.decided", 1;
        /// How urgent it is.
        PrioritySet(PrioritySet) = "conversation.priority_set", 1;
        /// What was promised when it was opened (5.7).
        SlaApplied(sla::Applied) = "sla.applied", 1;
        /// Something is due from now on.
        SlaClockStarted(sla::ClockStarted) = "sla.clock_started", 1;
        /// It is not due for now.
        SlaClockStopped(sla::ClockStopped) = "sla.clock_stopped", 1;
        /// It came in time.
        SlaMet(sla::Met) = "sla.met", 1;
        /// It was not there when it was due.
        SlaBreached(sla::Breached) = "sla.breached", 1;
        /// Whether all was in time, at the end.
        SlaSettled(sla::Settled) = "sla.settled", 1;
        /// It is over; the customer's next message opens a new one (Z10).
        Closed(Closed) = "conversation.closed", 1;
        /// The customer wrote again after the end: the talk goes on in another conversation (Z10).
        Continued(Continued) = "conversation.continued", 1;
        /// Somebody took its transcript along (Z09).
        TranscriptDownloaded(TranscriptDownloaded) = "conversation.transcript_downloaded", 1;
        /// The customer rated.
        SurveyAnswered(Answered) = "survey.answered", 1;
        /// An earlier rating was replaced.
        SurveySuperseded(Superseded) = "survey.superseded", 1;
        /// The customer was asked.
        SurveySent(Sent) = "survey.sent", 1;
        /// The public sees the rating no more (L17).
        SurveyHidden(Shown) = "survey.hidden", 1;
        /// The public sees it again.
        SurveyPublished(Shown) = "survey.published", 1;
    }
}

impl ConversationEvent {
    /// Whether it is about what was promised: nobody's deed, but what follows from deeds and from time.
    pub fn is_of_sla(&self) -> bool {
        self.event_type().starts_with("sla.")
    }
}

/// How customers write in the conversation of a call: in the widget.
pub const CALL_CHANNEL: &str = "web";

/// `conversation.opened`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Who it is with.
    pub customer_id: CustomerId,
    /// The call that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
    /// How the customer writes: `web`, `whatsapp` and so on (C06).
    pub channel: String,
    /// BCP 47 tag of the customer's language (I16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2 (I16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The department that answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The closed conversation that it goes on from (Z10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<Continues>,
}

/// What a conversation goes on from: the customer wrote after the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continues {
    /// The one before.
    pub previous_id: ConversationId,
    /// The first one of the row: it knows which one is the last, and a token for it opens them all.
    pub origin_id: ConversationId,
}

/// Who wrote or shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Customer(CustomerId),
    /// A shopper who takes part.
    Shopper(ShopperId),
    /// The bot that takes part: an automatic answer, which never counts as a reply.
    Bot(ApiKeyId),
    /// The system: notices and automatic answers, which never count as a reply.
    System,
}

/// Who may read a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody in the conversation.
    #[default]
    Public,
    /// Staff only: a private note.
    Internal,
}

/// `conversation.message_sent`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageSent {
    /// This message.
    pub message_id: MessageId,
    /// Who wrote it.
    pub author: Author,
    /// The text; the subject is the customer, since what both say is about them.
    pub body: Personal<String>,
    /// Who may read it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Colleagues who are called upon; in private notes only (L18).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<ShopperId>,
    /// The approved template (HSM) of the channel whose text this is, by its name (Z08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

/// `conversation.file_shared`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileShared {
    /// This file.
    pub file_id: FileId,
    /// Who shared it.
    pub author: Author,
    /// Its name.
    pub name: Personal<String>,
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its content, lower-case hexadecimal.
    pub sha256: String,
    /// Where its content is: an absolute address, or the path of this API where it is kept here.
    pub url: Personal<String>,
}

/// Where an open conversation stands (I03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The customer expects an answer (I04).
    #[default]
    InProgress,
    /// Set by hand only; a message of the customer flips it back (I05).
    WaitingCustomer,
    /// On a list of its own, for every shopper (I07).
    NeedHelp,
}

/// Why the status changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusCause {
    /// By hand.
    Manual,
    /// The customer wrote while we waited (I05).
    CustomerMessage,
    /// A colleague came to help (I09).
    Joined,
    /// It was handed to somebody else, who owes the customer an answer now.
    HandedOff,
}

/// `conversation.status_changed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusChanged {
    /// Before.
    pub from: Status,
    /// From now on.
    pub to: Status,
    /// Why.
    pub cause: StatusCause,
}

/// `conversation.agent_joined`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentJoined {
    /// Who.
    pub shopper_id: ShopperId,
}

/// `conversation.agent_left`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentLeft {
    /// Who.
    pub shopper_id: ShopperId,
}

/// `conversation.bot_joined`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BotJoined {
    /// Which one.
    pub bot_id: ApiKeyId,
    /// What the customer sees of it.
    #[serde(flatten)]
    pub bot: Bot,
}

/// `conversation.note_set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoteSet {
    /// The whole note; empty when it was cleared.
    pub text: Personal<String>,
}

/// `conversation.tag_added` and `conversation.tag_removed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tagged {
    /// The tag.
    pub tag: String,
}

/// `conversation.expertise_set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpertiseSet {
    /// All of them, sorted, without doubles.
    pub expertise: Vec<String>,
}

/// To whom a conversation is handed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// To this colleague, who takes part from then on.
    Shopper(ShopperId),
    /// To whoever of this department comes first: the customer waits again.
    Department(String),
}

/// `conversation.handed_off`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandedOff {
    /// By whom, where it was a shopper who took part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<ShopperId>,
    /// By the bot that takes part, where it was the bot: from then on a person's first answer is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<ApiKeyId>,
    /// To whom.
    pub to: Recipient,
    /// What they should know; the subject is the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal<String>>,
}

/// `conversation.department_set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentSet {
    /// Its name; absent means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
}

/// `conversation.priority_set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrioritySet {
    /// Higher is served first, 0 is ordinary.
    pub priority: i32,
}

/// `conversation.continued`, in the stream of the first conversation of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continued {
    /// Where it goes on.
    pub conversation_id: ConversationId,
}

/// What a transcript was taken along as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptForm {
    /// For programs.
    Json,
    /// For browsers.
    Html,
    /// For paper.
    Pdf,
}

/// For whom a transcript is made: decides what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// What the customer saw.
    Customer,
    /// Private notes and what the shop noted too.
    Staff,
}

/// `conversation.transcript_downloaded`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptDownloaded {
    /// As what.
    pub form: TranscriptForm,
    /// For whom it was made.
    pub audience: Audience,
}

/// How a closed conversation ended (I20; precedence in PRODUCT.md 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// At least two human agents took part.
    Escalated,
    /// No human agent ever took part.
    NoAgent,
    /// The customer never wrote after the first message of an agent.
    NoAnswer,
    /// Resolved without escalation.
    Success,
}

/// Why it was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// By the shopper.
    ByShopper,
    /// By the customer.
    ByCustomer,
    /// By somebody with the right.
    ByAdmin,
    /// The call that owns it is over.
    CallEnded,
    /// Nobody wrote for too long.
    Inactivity,
}

/// `conversation.closed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// Why.
    pub reason: CloseReason,
    /// How it ended, by PRODUCT.md's precedence.
    pub outcome: Outcome,
    /// Whether an agent ever wrote: the other published meaning of *no answer*.
    pub agent_replied: bool,
}
