//! When the shop answers (PRODUCT.md 5.7): what times within business hours are counted by.

use crate::{refusal::Refusal, schedule::Schedule};
use serde::{Deserialize, Serialize};

/// The shop's hours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusinessHours {
    /// The week; absent where the shop has not said.
    #[serde(default)]
    pub schedule: Option<Schedule>,
}

impl BusinessHours {
    /// The same, when the hours can be told.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] below `/schedule`.
    pub fn checked(&self) -> Result<Self, Refusal> {
        if let Some(schedule) = &self.schedule {
            schedule.check().map_err(|refusal| refusal.under("/schedule"))?;
        }
        Ok(self.clone())
    }
}
