//! The transcript of a conversation, and of the call that owns it: who took part, what was said and what happened, in order.
//!
//! A [`Transcript`] is a plain value: [`read`] makes it once, as of a position, and JSON, HTML and PDF are made of that one value
//! ([`document`] puts it into words), so they say the same. Nothing in it depends on when it was asked for: until something new
//! happens, the same transcript is made again.

pub mod document;
mod people;
mod read;
mod timeline;
mod words;

pub use read::{ENTRIES_MAX, Failure, read};

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;
use vitrina_domain::{
    account::{Brand, Colour},
    call::{CancelReason, Device, EndReason, QueueReason, media::ConsentKind, recording::Switch},
    conversation::{Audience, CloseReason, Outcome, Status},
    money::Money,
    survey::Face,
};

use crate::{calls::CallStatus, sql::Value, table::Field};

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transcript {
    /// The conversation.
    pub conversation_id: Uuid,
    /// Whose it is, and how it looks.
    pub shop: Shop,
    /// For whom this is made.
    pub audience: Audience,
    /// Position of the last event that is told here.
    pub recorded_to: i64,
    /// When that was.
    pub recorded_at: DateTime<Utc>,
    /// The call that owns the conversation.
    pub call: Option<Call>,
    /// How the customer writes.
    pub channel: String,
    /// BCP 47 tag of the customer's language.
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The department that answers.
    pub department: Option<String>,
    /// When it began.
    pub opened_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// How it ended; for staff.
    pub outcome: Option<Outcome>,
    /// Tags; for staff.
    pub tags: Vec<String>,
    /// The note for hand-over; for staff.
    pub note: Option<String>,
    /// Messages and files that are told here.
    pub messages: usize,
    /// Who took part, in the order of coming; the customer first.
    pub people: Vec<Person>,
    /// What was said and what happened, in order.
    pub entries: Vec<Entry>,
    /// Products that were shown, in order.
    pub products: Vec<Shown>,
    /// What is in the cart.
    pub cart: Vec<CartItem>,
    /// What it comes to, for each currency.
    pub cart_totals: Vec<Money>,
    /// The customer's answer that counts.
    pub rating: Option<Rating>,
}

/// Whose transcript it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shop {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: Colour,
}

impl Shop {
    /// Its look.
    pub fn brand(&self) -> Brand {
        Brand { color: self.color }
    }
}

/// The call that owns the conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// The call.
    pub call_id: Uuid,
    /// Where it stands.
    #[serde(serialize_with = "stored")]
    pub status: CallStatus,
    /// The customer's device.
    pub device: Device,
    /// When it was asked for or set up.
    pub created_at: DateTime<Utc>,
    /// How long the customer waited in all, in seconds, where the waits are over.
    pub waited_s: i64,
    /// When it first went live.
    pub started_at: Option<DateTime<Utc>>,
    /// When the live part ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Both sides' time with media, in seconds (PRODUCT.md 5.13).
    pub live_s: i64,
}

fn stored<S: serde::Serializer>(status: &CallStatus, to: S) -> Result<S::Ok, S::Error> {
    match status.to_value() {
        Value::Text(name) => to.serialize_str(&name),
        _ => Err(serde::ser::Error::custom("a status is stored as its name")),
    }
}

/// Which part somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Who asks.
    Customer,
    /// Who advises.
    Shopper,
    /// A bot, which answers by itself.
    Bot,
    /// Staff who act as such.
    Staff,
    /// A program of the shop.
    Program,
    /// The system.
    System,
}

/// Who did something, as named at the position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Who {
    /// The part.
    pub part: Part,
    /// Which one; none for the system, and for the house where a customer reads.
    pub id: Option<Uuid>,
    /// The name; absent when none was given or the person was erased.
    pub name: Option<String>,
}

/// Somebody who took part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// Who.
    #[serde(flatten)]
    pub who: Who,
    /// E-mail address: the customer's own.
    pub email: Option<String>,
    /// Telephone: the customer's own.
    pub phone: Option<String>,
    /// Postal address: the customer's own.
    pub address: Option<String>,
    /// The company that the customer buys for.
    pub company: Option<String>,
    /// The shop's own id of the customer.
    pub external_id: Option<String>,
    /// When they came first.
    pub from: DateTime<Utc>,
    /// When they left, where they did and did not come back.
    pub to: Option<DateTime<Utc>>,
}

/// Something that was said or that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Place in the record.
    pub position: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who said or did it.
    pub who: Who,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What was said or what happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// A text; absent when its person was erased.
    Message {
        /// Which.
        id: Uuid,
        /// The words.
        text: Option<String>,
        /// Whether it is a note that only staff sees.
        private: bool,
        /// The template whose text it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        template: Option<String>,
    },
    /// A file.
    File {
        /// Which.
        id: Uuid,
        /// Its name; absent when its person was erased.
        name: Option<String>,
        /// Media type.
        media_type: String,
        /// Size in bytes.
        bytes: u64,
        /// SHA-256 of its content.
        sha256: String,
    },
    /// The call was asked for or set up, or the conversation was opened.
    Opened,
    /// An appointment was made or moved.
    Scheduled {
        /// Begin.
        starts_at: DateTime<Utc>,
        /// End.
        ends_at: DateTime<Utc>,
    },
    /// The customer waits.
    Queued {
        /// Why.
        reason: QueueReason,
    },
    /// Somebody came.
    Joined,
    /// Somebody left.
    Left,
    /// Somebody took the call.
    Claimed,
    /// Somebody was asked in.
    Invited {
        /// Who.
        to: Who,
    },
    /// It was handed to a colleague.
    Transferred {
        /// Who had it.
        from: Option<Who>,
        /// Who has it now.
        to: Who,
    },
    /// It was handed to a department.
    HandedToDepartment {
        /// Which.
        department: String,
    },
    /// What a colleague should know; for staff.
    HandOverNote {
        /// The words.
        text: Option<String>,
    },
    /// The call went live.
    Started,
    /// The live part ended.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// The call did not take place, or was broken off.
    Cancelled {
        /// Why.
        reason: CancelReason,
    },
    /// The status was changed; for staff.
    StatusChanged {
        /// To what.
        status: Status,
    },
    /// A product was shown.
    ProductShown {
        /// The shop's id of it.
        sku: String,
        /// Its name then.
        name: String,
        /// Its price then.
        price: Option<Money>,
    },
    /// Something came into the cart.
    CartAdded {
        /// The shop's id of it.
        sku: String,
        /// Its name then.
        name: String,
        /// How many.
        quantity: u32,
        /// The price of one.
        unit_price: Money,
    },
    /// A quantity was changed.
    CartChanged {
        /// The shop's id of it.
        sku: String,
        /// How many there were.
        from: u32,
        /// How many there are.
        to: u32,
    },
    /// Something was taken out of the cart.
    CartRemoved {
        /// The shop's id of it.
        sku: String,
        /// How many there were.
        quantity: u32,
    },
    /// The customer consented.
    ConsentGiven {
        /// To what.
        kind: ConsentKind,
        /// Which text was read.
        text_version: String,
    },
    /// The customer does not any more.
    ConsentWithdrawn {
        /// To what.
        kind: ConsentKind,
    },
    /// Recording was switched on or off.
    Recording {
        /// Which of both.
        state: Switch,
    },
    /// The customer rated.
    Rated {
        /// How likely a recommendation is, 0–10.
        nps: Option<u8>,
        /// Satisfaction, 1–5.
        csat: Option<u8>,
        /// The face chosen.
        face: Option<Face>,
    },
    /// The conversation is over.
    Closed {
        /// Why.
        reason: CloseReason,
    },
    /// The talk goes on in another conversation.
    Continued {
        /// Which.
        conversation_id: Uuid,
    },
}

/// A product that was shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// When.
    pub at: DateTime<Utc>,
    /// The shop's id of it.
    pub sku: String,
    /// Its name then.
    pub name: String,
    /// Its price then.
    pub price: Option<Money>,
}

/// A line of the cart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CartItem {
    /// The shop's cart.
    pub cart_id: String,
    /// The shop's id of it.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// The price of one.
    pub unit_price: Money,
}

/// The customer's answer that counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rating {
    /// When.
    pub at: DateTime<Utc>,
    /// How likely a recommendation is, 0–10.
    pub nps: Option<u8>,
    /// Satisfaction, 1–5.
    pub csat: Option<u8>,
    /// The face chosen.
    pub face: Option<Face>,
    /// In the customer's words; absent also when the person was erased.
    pub comment: Option<String>,
    /// What the customer was asked, where it was told.
    pub question: Option<String>,
}
