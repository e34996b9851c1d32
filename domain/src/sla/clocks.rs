//! What is due in a conversation and when, and what came of it: a fold of what it tells of its promises, the same for all who ask.
//!
//! What is told twice counts once here, so that no reader depends on who wrote.

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

/// Whether an event told something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It did.
    New,
    /// It did not: another one had told it, or it is about something else.
    Known,
}

impl Clocks {
    /// Counts an event.
    pub fn fold(&mut self, event: &ConversationEvent) -> News {
        let is_new = match event {
            ConversationEvent::SlaClockStarted(started) => {
                if started.target == Target::Resolution {
                    self.left_ms = None;
                }
                let is_new = !self.due.contains_key(&started.target);
                self.due.entry(started.target).or_insert(started.due_at);
                is_new
            }
            ConversationEvent::SlaClockStopped(stopped) => {
                let was_due = self.due.remove(&stopped.target).is_some();
                if was_due && stopped.target == Target::Resolution {
                    self.left_ms = stopped.left_ms;
                }
                was_due
            }
            ConversationEvent::SlaMet(met) => self.ended(met.target, met.due_at),
            ConversationEvent::SlaBreached(breached) => {
                self.missed.insert(breached.target);
                self.ended(breached.target, breached.due_at)
            }
            ConversationEvent::SlaSettled(settled) => {
                (self.due, self.left_ms) = (BTreeMap::new(), None);
                self.result.replace(settled.result).is_none()
            }
            _ => false,
        };
        if is_new { News::New } else { News::Known }
    }

    fn ended(&mut self, target: Target, due_at: DateTime<Utc>) -> bool {
        let is_that_one = self.due.get(&target) == Some(&due_at);
        if is_that_one {
            self.due.remove(&target);
        }
        is_that_one
    }
}
