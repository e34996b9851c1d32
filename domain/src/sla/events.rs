//! What a conversation tells of its promises.

use super::{Target, Targets};
use crate::schedule::Schedule;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `sla.applied`: what holds for this conversation, whatever the account promises later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// What is promised.
    pub targets: Targets,
    /// The hours that count; absent: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
}

/// `sla.clock_started`: from now on it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStarted {
    /// What.
    pub target: Target,
    /// Until when it is in time; from this instant on it is late.
    pub due_at: DateTime<Utc>,
}

/// `sla.clock_stopped`: it is not due for now, though it has not come: the customer's turn, or a bot's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStopped {
    /// What.
    pub target: Target,
    /// Milliseconds of the time that counts, left for when it goes on; absent where it begins anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_ms: Option<i64>,
}

/// `sla.met`: it came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// What.
    pub target: Target,
    /// When it would have been due.
    pub due_at: DateTime<Utc>,
}

/// `sla.breached`: it was not there when it was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breached {
    /// What.
    pub target: Target,
    /// When it was due.
    pub due_at: DateTime<Utc>,
}

/// Whether promises were kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All.
    Hit,
    /// Not all.
    Missed,
}

/// `sla.settled`: the result, fixed with the end of the conversation. An answer that still had time then is neither met nor missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Whether all was in time.
    pub result: Verdict,
    /// What was not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<Target>,
}
