//! A fact, and what an event changes in the facts.

use super::Measure;
use crate::{
    call::Device,
    event::Event,
    ids::{CallId, ConversationId, CustomerId, ShopperId},
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An event as a book hears it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'e> {
    /// What it says.
    pub event: &'e Event,
    /// Id of its stream.
    pub stream: Uuid,
    /// Its place in the log.
    pub position: i64,
    /// When it was recorded: what is counted between events is counted between these times, which never go back.
    pub at: DateTime<Utc>,
    /// When it happened: media is counted by the node's clock, as the media record does.
    pub happened_at: DateTime<Utc>,
}

impl Told<'_> {
    pub(super) fn mark(&self) -> Mark {
        Mark { at: self.at.trunc_subsecs(6), position: self.position }
    }
}

/// An event that something is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Its place in the log.
    pub position: i64,
}

impl Mark {
    /// From this event to then.
    pub fn until(self, at: DateTime<Utc>) -> TimeDelta {
        (at.trunc_subsecs(6) - self.at).max(TimeDelta::zero())
    }
}

/// What makes a fact the one it is, among those of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactKey {
    /// What is counted.
    #[serde(rename = "m")]
    pub measure: Measure,
    /// The instant to which it belongs, to the microsecond.
    #[serde(rename = "a")]
    pub anchor: DateTime<Utc>,
    /// Which of several of the measure in this stream.
    #[serde(rename = "p")]
    pub part: u32,
}

/// One countable thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Which one.
    pub key: FactKey,
    /// In the measure's unit; 1 of what is just counted.
    pub value: i64,
    /// The event that made it.
    pub position: i64,
    /// Its type.
    pub event_type: &'static str,
    /// The event from which it was counted, where that is another one.
    pub begun: Option<i64>,
    /// To whom it is credited; nobody where nobody had anything to do with it.
    pub shopper: Option<ShopperId>,
    /// The customer's device, for facts of calls and orders.
    pub device: Option<Device>,
    /// ISO 4217 code, for amounts.
    pub currency: Option<String>,
    /// What the measure says that it is.
    pub detail: Option<String>,
}

impl Fact {
    /// One that this event makes.
    pub fn new(told: &Told<'_>, measure: Measure, anchor: DateTime<Utc>, value: i64) -> Self {
        Self {
            key: FactKey { measure, anchor: anchor.trunc_subsecs(6), part: 0 },
            value,
            position: told.position,
            event_type: told.event.event_type(),
            begun: None,
            shopper: None,
            device: None,
            currency: None,
            detail: None,
        }
    }

    /// One that this event makes now.
    pub fn now(told: &Told<'_>, measure: Measure, value: i64) -> Self {
        Self::new(told, measure, told.at, value)
    }

    /// Which of several.
    #[must_use]
    pub fn part(mut self, part: u32) -> Self {
        self.key.part = part;
        self
    }

    /// Credited so.
    #[must_use]
    pub fn by(mut self, shopper: Option<ShopperId>) -> Self {
        self.shopper = shopper;
        self
    }

    /// Of this detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Counted from this event.
    #[must_use]
    pub(super) fn since(mut self, mark: Option<Mark>) -> Self {
        self.begun = mark.map(|mark| mark.position);
        self
    }
}

/// What all facts of a stream are about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    /// The call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// The conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// The customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// How the customer writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// What an event does to the facts of its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A fact that was not there.
    Put(Fact),
    /// It stands otherwise than since this position.
    Replace {
        /// Since when it stood as it did.
        since: i64,
        /// How it stands now.
        fact: Fact,
    },
    /// It holds no more.
    Retract {
        /// Since when it stood.
        since: i64,
        /// Which one.
        key: FactKey,
    },
}

/// Whole seconds, cut off, never below zero.
pub(super) fn seconds(elapsed: TimeDelta) -> i64 {
    elapsed.num_seconds().max(0)
}

/// The name that serde gives a value without content: as events, filters and reports have it.
pub(super) fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        other => unreachable!("a name is a text: {other:?}"),
    }
}
