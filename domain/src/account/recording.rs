//! Whether calls are recorded, and for how long recordings are kept.

use super::Term;
use crate::refusal::Refusal;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Longest time that can be set, in days: ten years. Beyond it, a figure is a typing error.
pub const RETENTION_DAYS_MAX: u32 = 3_660;

/// Whether calls are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingMode {
    /// Never.
    #[default]
    Off,
    /// When a shopper switches it on, and the customer has consented.
    OnRequest,
    /// Every call whose customer has consented.
    Always,
}

/// The rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordingRule {
    /// Whether calls are recorded.
    pub mode: RecordingMode,
    /// After how many days a recording is deleted; 0: never.
    pub retention_days: u32,
}

impl Default for RecordingRule {
    /// Kept as long as history at least is (PRODUCT.md 5.12).
    fn default() -> Self {
        Self { mode: RecordingMode::Off, retention_days: 730 }
    }
}

impl RecordingRule {
    /// The rule with what is given in place of what was; absent ones stay.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of `/retention/recordings_days`.
    pub fn changed(&self, mode: Option<RecordingMode>, retention: Option<Term>) -> Result<Self, Refusal> {
        if retention.is_some_and(|term| matches!(term, Term::Days(days) if !(1..=RETENTION_DAYS_MAX).contains(&days))) {
            let expected = format!("1 to {RETENTION_DAYS_MAX} days, or null");
            return Err(Refusal::invalid("/retention/recordings_days", "out_of_range", expected));
        }
        let retention_days = match retention {
            None => self.retention_days,
            Some(Term::Unset) => 0,
            Some(Term::Days(days)) => days,
        };
        Ok(Self { mode: mode.unwrap_or(self.mode), retention_days })
    }

    /// Until when a recording that is ready now is kept; `None` for ever.
    pub fn keep_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (self.retention_days > 0).then(|| now + TimeDelta::days(self.retention_days.into()))
    }
}
