//! An account's rules of the floor: how work finds a shopper, and how long everything may take.
//!
//! Times are whole seconds, 0 means never. An offer's and a claim's end and a grace are written into the event that starts
//! them, so a later change of the policy does not move them; what is counted from a last moment (idle, inactive, waiting)
//! follows the policy as it stands.

use super::{CallLoad, Limits};
use crate::{refusal::Refusal, shopper::CONCURRENT_MAX};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Longest time that can be set: a week. Beyond it, a figure is a typing error.
pub const SECONDS_MAX: u32 = 7 * 24 * 3_600;

/// How work finds a shopper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Shoppers take it from the queue.
    #[default]
    Pull,
    /// It is offered to one shopper after the other; chats are joined at once.
    Push,
}

/// What a wish of the customer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Decides among those who have equally much to do.
    #[default]
    Preferred,
    /// Who does not meet it is not asked.
    Required,
}

/// The rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// How work finds a shopper.
    pub mode: Mode,
    /// How long an offer stands.
    pub offer_timeout_s: u32,
    /// How long after a claim the call must start.
    pub claim_timeout_s: u32,
    /// How long who lost the connection may take to come back.
    pub reconnect_grace_s: u32,
    /// After how long without a deed an available shopper counts as away (L09).
    pub idle_after_s: u32,
    /// After how long without a message an open chat is closed.
    pub inactivity_close_s: u32,
    /// How long after the begin of an appointment it is given up.
    pub no_show_s: u32,
    /// How long a customer may wait before being told that nobody can come.
    pub queue_wait_max_s: u32,
    /// Whether a video call takes all of a shopper's room.
    pub call_takes_all: bool,
    /// Conversations at once, for shoppers who have no figure of their own.
    pub max_concurrent: u32,
    /// What the collections asked for count.
    pub collections: Wish,
    /// What the expertise asked for counts.
    pub expertise: Wish,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::Pull,
            offer_timeout_s: 30,
            claim_timeout_s: 120,
            reconnect_grace_s: 30,
            idle_after_s: 1_800,
            inactivity_close_s: 3_600,
            no_show_s: 900,
            queue_wait_max_s: 0,
            call_takes_all: true,
            max_concurrent: 4,
            collections: Wish::Preferred,
            expertise: Wish::Preferred,
        }
    }
}

/// What of the rules is to change; absent ones stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyChange {
    /// See [`Policy::mode`].
    pub mode: Option<Mode>,
    /// See [`Policy::offer_timeout_s`]; never 0: an offer that never ends would keep the customer for ever.
    pub offer_timeout_s: Option<u32>,
    /// See [`Policy::claim_timeout_s`].
    pub claim_timeout_s: Option<u32>,
    /// See [`Policy::reconnect_grace_s`].
    pub reconnect_grace_s: Option<u32>,
    /// See [`Policy::idle_after_s`].
    pub idle_after_s: Option<u32>,
    /// See [`Policy::inactivity_close_s`].
    pub inactivity_close_s: Option<u32>,
    /// See [`Policy::no_show_s`].
    pub no_show_s: Option<u32>,
    /// See [`Policy::queue_wait_max_s`].
    pub queue_wait_max_s: Option<u32>,
    /// See [`Policy::call_takes_all`].
    pub call_takes_all: Option<bool>,
    /// See [`Policy::max_concurrent`].
    pub max_concurrent: Option<u32>,
    /// See [`Policy::collections`].
    pub collections: Option<Wish>,
    /// See [`Policy::expertise`].
    pub expertise: Option<Wish>,
}

/// A rule's own time after an instant; `None` when the rule is off.
pub fn after(seconds: u32, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (seconds > 0).then(|| instant + TimeDelta::seconds(seconds.into()))
}

impl Policy {
    /// How much a shopper with this figure of their own may work on at once.
    pub fn limits(&self, max_concurrent: Option<u32>) -> Limits {
        let call = if self.call_takes_all { CallLoad::TakesAll } else { CallLoad::TakesOne };
        Limits { concurrent: max_concurrent.unwrap_or(self.max_concurrent), call }
    }

    /// The rules with this change.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] relative to the rules: `out_of_range`.
    pub fn changed(&self, change: &PolicyChange) -> Result<Self, Refusal> {
        let seconds = |field: &'static str, wanted: Option<u32>, now: u32, least: u32| match wanted {
            Some(s) if !(least..=SECONDS_MAX).contains(&s) => {
                Err(Refusal::invalid(field, "out_of_range", format!("{least} to {SECONDS_MAX} seconds")))
            }
            wanted => Ok(wanted.unwrap_or(now)),
        };
        if change.max_concurrent.is_some_and(|max| !(1..=CONCURRENT_MAX).contains(&max)) {
            return Err(Refusal::invalid("/max_concurrent", "out_of_range", format!("1 to {CONCURRENT_MAX}")));
        }
        Ok(Self {
            mode: change.mode.unwrap_or(self.mode),
            offer_timeout_s: seconds("/offer_timeout_s", change.offer_timeout_s, self.offer_timeout_s, 1)?,
            claim_timeout_s: seconds("/claim_timeout_s", change.claim_timeout_s, self.claim_timeout_s, 0)?,
            reconnect_grace_s: seconds("/reconnect_grace_s", change.reconnect_grace_s, self.reconnect_grace_s, 0)?,
            idle_after_s: seconds("/idle_after_s", change.idle_after_s, self.idle_after_s, 0)?,
            inactivity_close_s: seconds("/inactivity_close_s", change.inactivity_close_s, self.inactivity_close_s, 0)?,
            no_show_s: seconds("/no_show_s", change.no_show_s, self.no_show_s, 0)?,
            queue_wait_max_s: seconds("/queue_wait_max_s", change.queue_wait_max_s, self.queue_wait_max_s, 0)?,
            call_takes_all: change.call_takes_all.unwrap_or(self.call_takes_all),
            max_concurrent: change.max_concurrent.unwrap_or(self.max_concurrent),
            collections: change.collections.unwrap_or(self.collections),
            expertise: change.expertise.unwrap_or(self.expertise),
        })
    }
}
