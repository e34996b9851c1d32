//! What can be counted, and in which unit.

use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// In what a measure's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Each fact is 1.
    Count,
    /// Whole seconds, cut off.
    Seconds,
    /// An answer on its scale.
    Score,
    /// Minor units of the fact's currency; below zero for what is given back.
    Amount,
    /// Pieces; below zero for what is given back.
    Pieces,
}

impl Unit {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Seconds => "seconds",
            Self::Score => "score",
            Self::Amount => "minor_units",
            Self::Pieces => "pieces",
        }
    }
}

macro_rules! measures {
    ($( $(#[$doc:meta])* $name:ident = $text:literal in $unit:ident; )*) => {
        /// What a fact is one of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Measure { $( $(#[$doc])* #[serde(rename = $text)] $name, )* }

        impl Measure {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name as stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// In what its values are.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit),* }
            }
        }
    };
}

measures! {
    /// A call, at its creation; credited to who holds it, in the end to who held it last. Detail: who began it.
    CallCreated = "call_created" in Count;
    /// A call once more, when its live part ended, or at its cancellation; credited like its creation. Detail: who began it.
    CallEnded = "call_ended" in Count;
    /// A call's end after it was live. Detail: the reason.
    CallFinished = "call_finished" in Count;
    /// A call's cancellation. Detail: the reason.
    CallCancelled = "call_cancelled" in Count;
    /// What a call lasted (PRODUCT.md 5.13), at its end.
    CallDuration = "call_duration" in Seconds;
    /// The same seconds when they passed: pieces of a quarter of an hour of the clock at most.
    CallSeconds = "call_seconds" in Seconds;
    /// All waits of a call that was claimed, at the claim that held. Detail: none.
    WaitServed = "wait_served" in Seconds;
    /// All waits of a call whose customer gave up, at that moment. Detail: the reason.
    WaitAbandoned = "wait_abandoned" in Seconds;
    /// All waits of a call that the house ended while it waited. Detail: the reason.
    WaitEnded = "wait_ended" in Seconds;
    /// From the first wait until both sides had media, at that moment.
    AnswerSpeed = "answer_speed" in Seconds;
    /// Live and wrap-up of a call, at its end.
    Handle = "handle" in Seconds;
    /// The same seconds when they passed: pieces of a quarter of an hour of the clock at most.
    HandleSeconds = "handle_seconds" in Seconds;
    /// A cart of a call from the moment on at which something is in it. Detail: the shop's id of it.
    Cart = "cart" in Count;
    /// A conversation, at its opening; credited like a call. Detail: `call` or `chat`.
    ConversationOpened = "conversation_opened" in Count;
    /// Its end. Detail: the outcome.
    ConversationClosed = "conversation_closed" in Count;
    /// The end of a conversation in which no agent ever wrote. Detail: the outcome.
    UnansweredByAgent = "unanswered_by_agent" in Count;
    /// From the customer's first message to the first human reply, at the reply; credited to its sender.
    FirstResponse = "first_response" in Seconds;
    /// A conversation that ended without that reply, at its end.
    FirstResponseMissing = "first_response_missing" in Count;
    /// From the first unanswered message to the human reply, at the reply; credited to its sender.
    Reply = "reply" in Seconds;
    /// Messages left without a reply when their conversation ended; several in a row count once.
    ReplyMissing = "reply_missing" in Count;
    /// From joining to the joined one's first reply, at the reply.
    Reaction = "reaction" in Seconds;
    /// A shopper who joined and left, or saw the end, without a word.
    ReactionMissing = "reaction_missing" in Count;
    /// From opening to closing, at the closing.
    Resolution = "resolution" in Seconds;
    /// Something that was promised of a chat and came in time, when it came; a reply is credited to its sender. Detail: `answer`,
    /// `next_reply` or `resolution`.
    SlaMet = "sla_met" in Count;
    /// Something that was promised and had not come when it was due, at that instant. Detail: as of what was met.
    SlaBreached = "sla_breached" in Count;
    /// The end of a chat in which all that was promised came in time.
    SlaHit = "sla_hit" in Count;
    /// The end of one in which it did not.
    SlaMissed = "sla_missed" in Count;
    /// A survey that was put before a customer, at that moment; credited to who held it last.
    SurveySent = "survey_sent" in Count;
    /// One of those that was answered, at the moment when it was put: what came back of a period's surveys is never more than
    /// those were.
    SurveyReturned = "survey_returned" in Count;
    /// A survey that was answered, at the answer; credited to who held it last.
    Answered = "answered" in Count;
    /// An answer of 0–10.
    Nps = "nps" in Score;
    /// The same at the creation of its call; of a chat, at the opening of its conversation.
    NpsOfCall = "nps_of_call" in Score;
    /// An answer of 1–5.
    Csat = "csat" in Score;
    /// A face: 5, 3 or 1.
    Face = "face" in Score;
    /// A face that the public may see: one that the shop does not hide.
    FacePublic = "face_public" in Score;
    /// A completed purchase: an order that goes back to a call, at its placing; credited to who has the largest part of it.
    Order = "order" in Count;
    /// The cancellation of one, when it was cancelled.
    OrderCancelled = "order_cancelled" in Count;
    /// Final totals of orders that go back to calls: what each shopper has of one, at its placing, and below zero what is given
    /// back of it, at that moment. Detail: `placed`, `refunded` or `cancelled`.
    Sales = "sales" in Amount;
    /// Of lines, the pieces that were put into a cart in the call.
    SalesLinesAdded = "sales_lines_added" in Amount;
    /// Of lines, the further pieces of what was shown in the call.
    SalesLinesShown = "sales_lines_shown" in Amount;
    /// Of lines, the other pieces. The three, with shipping and tax less discounts, are the sales at placing.
    SalesOtherLines = "sales_other_lines" in Amount;
    /// Of sales, the shipping.
    Shipping = "shipping" in Amount;
    /// Of sales, what was added for taxes.
    Tax = "tax" in Amount;
    /// What was taken off sales.
    Discounts = "discounts" in Amount;
    /// Lines of a collection that the credited shopper had at the order's time; below zero for pieces that are given back.
    /// Detail: as of sales.
    CollectionSales = "collection_sales" in Amount;
    /// Their pieces.
    CollectionUnits = "collection_units" in Pieces;
    /// Time in a status other than offline, when it passed: pieces of a quarter of an hour at most. Detail: the status.
    Presence = "presence" in Seconds;
}

impl std::str::FromStr for Measure {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let known = Self::ALL.iter().copied().find(|measure| measure.as_str() == text);
        known.ok_or_else(|| Refusal::invalid("/measure", "unknown", Self::ALL.iter().map(|m| m.as_str()).collect::<Vec<_>>().join(", ")))
    }
}
