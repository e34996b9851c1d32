//! Commands of a shopper.

use super::{Detail, Status, StatusCause};
use crate::{
    ids::{ConnectionId, CustomerId, ShopperId},
    routing::{Limits, Work},
    schedule::Schedule,
};
use chrono::{DateTime, Utc};

/// Details of a shopper, as they come in; they are trimmed and checked by the aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// Name; needed to create.
    pub name: Option<String>,
    /// E-mail address, the one to sign in with; needed to create. The caller adds the unique claim.
    pub email: Option<String>,
    /// Telephone, E.164.
    pub phone: Option<String>,
    /// Name that customers see.
    pub chat_name: Option<String>,
    /// BCP 47 tags of the languages spoken.
    pub languages: Option<Vec<String>>,
    /// Fields of expertise.
    pub expertise: Option<Vec<String>>,
    /// How many conversations at once.
    pub max_concurrent: Option<u32>,
    /// Departments that the shopper answers for.
    pub departments: Option<Vec<String>>,
    /// Country they are in, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// What is no longer known.
    pub cleared: Vec<Detail>,
}

/// What can be asked of a shopper.
#[derive(Debug, Clone, PartialEq)]
pub enum ShopperAction {
    /// A shopper joins the shop.
    Create {
        /// The stream's own id: the subject of the personal data.
        shopper_id: ShopperId,
        /// Who it is.
        details: Details,
        /// The shop's collections that the shopper is a specialist of.
        collections: Vec<String>,
        /// The weekly hours; `None` means always.
        schedule: Option<Schedule>,
    },
    /// Changes details; absent ones stay.
    Update {
        /// The stream's own id: the subject of the personal data.
        shopper_id: ShopperId,
        /// What is new.
        details: Details,
    },
    /// Replaces the collections.
    SetCollections {
        /// All of them.
        collections: Vec<String>,
    },
    /// Replaces the weekly hours.
    SetSchedule {
        /// The hours; `None` means always.
        schedule: Option<Schedule>,
    },
    /// Available, busy, away or offline; nothing happens when it is so already.
    SetStatus {
        /// From now on.
        status: Status,
        /// Why.
        cause: StatusCause,
    },
    /// The shopper's device is there.
    Connect {
        /// The connection.
        connection_id: ConnectionId,
    },
    /// The shopper's device is lost; nothing happens when another one has come since.
    Disconnect {
        /// The connection.
        connection_id: ConnectionId,
        /// Until when the shopper may come back.
        until: Option<DateTime<Utc>>,
    },
    /// The shopper has not come back in time, and goes offline; nothing happens when they have.
    Lose {
        /// The connection that was lost.
        connection_id: ConnectionId,
    },
    /// Work is given to the shopper; nothing happens when they have it already.
    Assign {
        /// What.
        work: Work,
        /// What must hold.
        terms: Terms,
    },
    /// Work takes no room any more; nothing happens when it takes none.
    Free {
        /// What.
        work: Work,
        /// The customer whom the shopper served with it.
        served: Option<CustomerId>,
    },
    /// The shopper leaves the shop. Final.
    Delete,
}

/// What must hold for work to be given to a shopper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// Nothing: the shopper, or somebody above, knows what they do.
    None,
    /// There is room for it.
    Room(Limits),
    /// There is room for it, and the shopper is available.
    Available(Limits),
}

impl ShopperAction {
    /// The action's name in the API, for refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::SetCollections { .. } => "set_collections",
            Self::SetSchedule { .. } => "set_schedule",
            Self::SetStatus { .. } => "set_status",
            Self::Connect { .. } => "connect",
            Self::Disconnect { .. } => "disconnect",
            Self::Lose { .. } => "lose",
            Self::Assign { .. } => "assign",
            Self::Free { .. } => "free",
            Self::Delete => "delete",
        }
    }
}
