//! Events of a shopper.

use crate::{
    event::events,
    ids::{ConnectionId, CustomerId},
    personal::Personal,
    routing::Work,
    schedule::Schedule,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to a shopper.
    ShopperEvent {
        /// A shopper joined the shop.
        Created(Profile) = "shopper.created", 1;
        /// Details were changed; absent ones stay.
        Updated(Profile) = "shopper.updated", 1;
        /// The collections that the shopper is a specialist of (V18).
        CollectionsChanged(CollectionsChanged) = "shopper.collections_changed", 1;
        /// The weekly hours (V18).
        ScheduleChanged(ScheduleChanged) = "shopper.schedule_changed", 1;
        /// Available, busy, away or offline, with the cause.
        StatusChanged(StatusChanged) = "shopper.status_changed", 1;
        /// The shopper's device is there.
        Connected(Connected) = "shopper.connected", 1;
        /// The shopper's device is lost.
        Disconnected(Disconnected) = "shopper.disconnected", 1;
        /// Work was given to the shopper and takes room.
        Assigned(Assigned) = "shopper.assigned", 1;
        /// Work takes no room any more.
        Freed(Freed) = "shopper.freed", 1;
        /// The shopper left the shop (V22).
        Deleted(Deleted) = "shopper.deleted", 1;
    }
}

/// What is known of a shopper; `shopper.created` and `shopper.updated`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// E-mail address, the one to sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<String>>,
    /// Telephone, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<String>>,
    /// Name that customers see; the name where absent (L08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_name: Option<Personal<String>>,
    /// BCP 47 tags of the languages spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<String>>,
    /// Fields of expertise (I15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expertise: Option<Vec<String>>,
    /// How many conversations at once; a video call takes all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent: Option<u32>,
    /// Departments that the shopper answers for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departments: Option<Vec<String>>,
    /// Country they are in, ISO 3166-1 alpha-2; a customer of the same one is a wish that routing meets last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What is no longer known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<Detail>,
}

/// A detail that can be taken back. Lists are emptied instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Telephone.
    Phone,
    /// Name that customers see.
    ChatName,
    /// How many conversations at once.
    MaxConcurrent,
    /// Country.
    Country,
}

/// `shopper.collections_changed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectionsChanged {
    /// The shop's collection ids, sorted.
    pub collections: Vec<String>,
}

/// `shopper.schedule_changed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScheduleChanged {
    /// The hours; `None` means always.
    pub schedule: Option<Schedule>,
}

/// Whether a shopper can be given work (PRODUCT.md 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Takes calls and conversations.
    Available,
    /// Works on one.
    Busy,
    /// Not at the desk.
    Away,
    /// Not signed in.
    #[default]
    Offline,
}

impl Status {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Busy => "busy",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }
}

/// Why a shopper's status changed (PRODUCT.md 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusCause {
    /// By hand.
    Manual,
    /// The weekly hours began or ended.
    Schedule,
    /// Idle for too long.
    IdleTimeout,
    /// The connection was lost.
    Disconnect,
    /// A call began or ended.
    Call,
}

/// `shopper.status_changed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusChanged {
    /// Before.
    pub from: Status,
    /// From now on.
    pub to: Status,
    /// Why.
    pub cause: StatusCause,
}

/// `shopper.connected`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connected {
    /// This connection.
    pub connection_id: ConnectionId,
}

/// `shopper.disconnected`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disconnected {
    /// The connection that was lost.
    pub connection_id: ConnectionId,
    /// Until when the shopper may come back; absent where that is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// `shopper.assigned`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assigned {
    /// What.
    pub work: Work,
}

/// `shopper.freed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Freed {
    /// What.
    pub work: Work,
    /// The customer whom the shopper served with it; absent where it came to nothing, such as an offer that was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served: Option<CustomerId>,
}

/// `shopper.deleted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deleted {}
