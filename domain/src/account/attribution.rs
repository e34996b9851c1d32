//! Which orders go back to a call of their customer (PRODUCT.md 5.6).

use crate::refusal::Refusal;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Longest time that can be set, in days: beyond a quarter of a year, nobody bought because of the call.
pub const WINDOW_DAYS_MAX: u32 = 92;

/// The rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttributionRule {
    /// How many days after a call an order of its customer still goes back to it; 0: during the call only. An order with the
    /// cart of a call goes back to it whenever it comes.
    pub window_days: u32,
}

impl Default for AttributionRule {
    fn default() -> Self {
        Self { window_days: 7 }
    }
}

impl AttributionRule {
    /// The rule with what is given in place of what was; absent ones stay.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] of `/attribution_window_days`.
    pub fn changed(self, window_days: Option<u32>) -> Result<Self, Refusal> {
        if window_days.is_some_and(|days| days > WINDOW_DAYS_MAX) {
            return Err(Refusal::invalid("/attribution_window_days", "out_of_range", format!("0 to {WINDOW_DAYS_MAX} days")));
        }
        Ok(Self { window_days: window_days.unwrap_or(self.window_days) })
    }

    /// The same as a length of time.
    pub fn window(self) -> TimeDelta {
        TimeDelta::days(self.window_days.into())
    }
}
