//! What is due in a conversation and when, and what came of it: a fold of what it tells of its promises, the same for all who ask.

use super::{Target, Verdict};
use crate::conversation::ConversationEvent;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The clocks of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Clocks {
    /// What is due, and when.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub due: BTreeMap<Target, DateTime<Utc>>,
    /// Milliseconds that are left for the resolution, while the customer is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_ms: Option<i64>,
    /// What was late, once or more.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub missed: BTreeSet<Target>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Verdict>,
}

impl Clocks {
    /// Counts an event.
    pub fn fold(&mut self, event: &ConversationEvent) {
        match event {
            ConversationEvent::SlaClockStarted(started) => {
                self.due.insert(started.target, started.due_at);
                if started.target == Target::Resolution {
                    self.left_ms = None;
                }
            }
            ConversationEvent::SlaClockStopped(stopped) => {
                self.due.remove(&stopped.target);
                if stopped.target == Target::Resolution {
                    self.left_ms = stopped.left_ms;
                }
            }
            ConversationEvent::SlaMet(met) => drop(self.due.remove(&met.target)),
            ConversationEvent::SlaBreached(breached) => {
                self.due.remove(&breached.target);
                self.missed.insert(breached.target);
            }
            ConversationEvent::SlaSettled(settled) => {
                (self.due, self.left_ms, self.result) = (BTreeMap::new(), None, Some(settled.result));
            }
            _ => {}
        }
    }
}
