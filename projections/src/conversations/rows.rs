//! The table of conversations.

use crate::table::{Json, stored_names, table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use vitrina_domain::{
    bot::Bot,
    conversation::{CloseReason, Outcome, Recipient, Status},
    ids::{AccountId, ApiKeyId, CallId, ConversationId, CustomerId, ShopperId},
    sla::{Clocks, Targets, Verdict},
    survey::Face,
};
use vitrina_eventlog::Environment;

/// Where a conversation stands, as shown: its status while it is open, else closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The customer expects an answer.
    InProgress,
    /// The customer's turn.
    WaitingCustomer,
    /// On the list of those who need help.
    NeedHelp,
    /// Over.
    Closed,
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        match status {
            Status::InProgress => Self::InProgress,
            Status::WaitingCustomer => Self::WaitingCustomer,
            Status::NeedHelp => Self::NeedHelp,
        }
    }
}

stored_names! {
    Standing { InProgress = "in_progress", WaitingCustomer = "waiting_customer", NeedHelp = "need_help", Closed = "closed" }
    SlaStanding { Active = "active", ActiveWithMisses = "active_with_misses", Hit = "hit", Missed = "missed" }
    Outcome { Escalated = "escalated", NoAgent = "no_agent", NoAnswer = "no_answer", Success = "success" }
    CloseReason {
        ByShopper = "by_shopper", ByCustomer = "by_customer", ByAdmin = "by_admin", CallEnded = "call_ended", Inactivity = "inactivity",
    }
}

/// What was promised of a conversation, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sla {
    /// What was promised.
    pub targets: Targets,
    /// What is due, and what was late.
    #[serde(flatten)]
    pub clocks: Clocks,
}

/// How a conversation stands to what was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlaStanding {
    /// It is open, and nothing was late.
    Active,
    /// It is open, and something was late.
    ActiveWithMisses,
    /// It is over, and all was in time.
    Hit,
    /// It is over, and something was late.
    Missed,
}

impl SlaStanding {
    pub(super) fn of(clocks: &Clocks) -> Self {
        match clocks.result {
            Some(Verdict::Hit) => Self::Hit,
            Some(Verdict::Missed) => Self::Missed,
            None if clocks.missed.is_empty() => Self::Active,
            None => Self::ActiveWithMisses,
        }
    }
}

/// A shopper who takes part, or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Who.
    pub shopper_id: ShopperId,
    /// Whether they still do.
    pub present: bool,
    /// Since when, the first time.
    pub joined_at: DateTime<Utc>,
    /// Since when, the last time.
    pub since: DateTime<Utc>,
    /// Until when, where they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<DateTime<Utc>>,
}

impl Participant {
    /// What stands in the stored list of participants while the shopper takes part: `shopper_id` and `present` come first
    /// in it, so a query can look for them without reading it.
    pub(super) fn present_mark(shopper_id: ShopperId) -> String {
        format!("{},\"present\":true", Self::mark(shopper_id))
    }

    /// What stands in it when the shopper takes part or did.
    pub(super) fn mark(shopper_id: ShopperId) -> String {
        format!("\"shopper_id\":\"{shopper_id}\"")
    }

    /// To whom reports credit a conversation: who joined last of those who take part, or else who was the last to leave. A colleague who
    /// was called for help holds it as well as who answers for it.
    pub(crate) fn credited(all: &[Self]) -> Option<ShopperId> {
        let present = all.iter().filter(|one| one.present).max_by_key(|one| one.since);
        present.or_else(|| all.iter().max_by_key(|one| one.left_at)).map(|one| one.shopper_id)
    }
}

/// One hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// By whom, where it was a shopper who took part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<ShopperId>,
    /// By the bot, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<ApiKeyId>,
    /// To whom.
    pub to: Recipient,
    /// What they should know; absent also when the customer was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

table! {
    /// A conversation.
    pub struct ConversationRow in "conversations" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The conversation.
            conversation_id: ConversationId,
        }
        columns {
            /// Version of its stream when this version of the row began; messages raise it without a new row.
            version: i64,
            /// Whether it can be written in.
            open: bool,
            /// Where it stands.
            status: Standing,
            /// Since when.
            status_since: DateTime<Utc>,
            /// Who it is with.
            customer_id: CustomerId,
            /// The call that owns it.
            call_id: Option<CallId>,
            /// How the customer writes.
            channel: String,
            /// BCP 47 tag of the customer's language.
            language: Option<String>,
            /// ISO 3166-1 alpha-2.
            country: Option<String>,
            /// The department that answers; any when absent.
            department: Option<String>,
            /// Higher is served first, 0 is ordinary.
            priority: i32,
            /// Since when no shopper is present; absent while one is, and where a call owns it.
            waiting_since: Option<DateTime<Utc>>,
            /// Position of the event since which it waits: the order of those who wait.
            waiting_position: Option<i64>,
            /// The shopper who answers for it; once it is closed, who did last.
            assigned_to: Option<ShopperId>,
            /// The bot that takes part.
            bot_id: Option<ApiKeyId>,
            /// What the customer sees of it.
            bot: Option<Json<Bot>>,
            /// The closed conversation that it continues.
            previous_id: Option<ConversationId>,
            /// The first conversation of the row that it continues.
            origin_id: Option<ConversationId>,
            /// Of the first conversation of a row: the last one.
            continued_in: Option<ConversationId>,
            /// The newest hand-overs, in order.
            hand_overs: Json<Vec<HandOver>>,
            /// Shoppers who take part or did, in the order of coming.
            participants: Json<Vec<Participant>>,
            /// Tags, in the order in which they were put on.
            tags: Json<Vec<String>>,
            /// What it takes to answer.
            expertise: Json<Vec<String>>,
            /// The note for hand-over; absent when there is none or its person was erased.
            note: Option<String>,
            /// When it began.
            opened_at: DateTime<Utc>,
            /// When it was closed.
            closed_at: Option<DateTime<Utc>>,
            /// Why it was closed.
            close_reason: Option<CloseReason>,
            /// How it ended.
            outcome: Option<Outcome>,
            /// Whether an agent ever wrote; known once it is closed.
            agent_replied: Option<bool>,
            /// Whether the customer has rated it.
            rated: bool,
            /// The recommendation that counts, 0–10.
            nps: Option<u8>,
            /// The satisfaction that counts, 1–5.
            csat: Option<u8>,
            /// The face that counts.
            face: Option<Face>,
            /// What was promised, what is due and what was late; absent where nothing was promised.
            sla: Option<Json<Sla>>,
            /// How that stands.
            sla_standing: Option<SlaStanding>,
            /// Whether it counts in reports as a rule.
            environment: Environment,
        }
    }
}

table! {
    /// A conversation among those that a shopper takes or took part in.
    pub struct ConversationShopperRow in "conversation_shoppers" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// Who.
            shopper_id: ShopperId,
            /// When the conversation began.
            opened_at: DateTime<Utc>,
            /// The conversation.
            conversation_id: ConversationId,
        }
        columns {}
    }
}
