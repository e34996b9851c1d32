//! An event with what the floor needs of its envelope.

use crate::{
    actor::Actor,
    event::Event,
    ids::{AccountId, EventId},
    stream::Category,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An event in its place in the log.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Whose.
    pub account: AccountId,
    /// The kind of its stream.
    pub category: Category,
    /// Its stream.
    pub id: Uuid,
    /// The stream's version with it.
    pub version: i64,
    /// Its position in the log.
    pub position: i64,
    /// The event.
    pub event_id: EventId,
    /// Who did it.
    pub actor: &'a Actor,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: &'a Event,
}
