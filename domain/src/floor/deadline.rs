//! What is due when. Each deadline names the event that set it, so that firing it has an id of its own, the same in
//! every process and after every restart: it fires once.

use crate::ids::EventId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What is to be done at a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An offer was not answered.
    Offer,
    /// A claimed call was not started.
    Claim,
    /// A customer did not come back.
    CustomerGrace,
    /// A shopper did not come back.
    ShopperGrace,
    /// A shopper did nothing.
    Idle,
    /// Nobody wrote in a chat.
    Inactivity,
    /// What was promised has not come.
    Sla,
    /// An appointment did not begin.
    NoShow,
    /// A customer waited too long.
    QueueWait,
    /// A shopper's hours have ended.
    HoursEnd,
    /// A shopper's hours begin or end: no command, but a new look at who waits.
    HoursTurn,
}

impl Kind {
    /// The name, as in commands' ids and reasons.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Claim => "claim",
            Self::CustomerGrace => "customer_grace",
            Self::ShopperGrace => "shopper_grace",
            Self::Idle => "idle",
            Self::Inactivity => "inactivity",
            Self::Sla => "sla",
            Self::NoShow => "no_show",
            Self::QueueWait => "queue_wait",
            Self::HoursEnd => "hours_end",
            Self::HoursTurn => "hours_turn",
        }
    }
}

/// Something that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// When; nothing happens before.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: Kind,
    /// The event that set it.
    pub cause: EventId,
}
