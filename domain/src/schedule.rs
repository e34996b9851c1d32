//! Weekly hours on the wall clock of an IANA zone, with dated exceptions (PRODUCT.md 5.7, V18).

use crate::{refusal::Refusal, text};
use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

/// One window of a weekday, `[from, to)` on the wall clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// 1 = Monday … 7 = Sunday (ISO 8601).
    pub weekday: u8,
    /// First instant inside.
    pub from: NaiveTime,
    /// First instant outside; later than `from`.
    pub to: NaiveTime,
}

/// A day that differs from the week: closed when it has no window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The day in the schedule's zone.
    pub date: NaiveDate,
    /// Its hours; none means closed.
    pub windows: Vec<(NaiveTime, NaiveTime)>,
    /// Whether it comes back every year.
    #[serde(default)]
    pub yearly: bool,
}

/// When a shopper or a shop is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// IANA zone, such as `Europe/Madrid`.
    pub zone: String,
    /// The week.
    pub windows: Vec<Window>,
    /// Days that differ.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// Windows of a week, or exceptions, at most: a window each hour, an exception each day of a year and more.
const ENTRIES_MAX: usize = 400;

impl Schedule {
    /// Whether the hours can be told: a known zone, weekdays 1–7, windows that end after they begin.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] under `field`.
    pub fn check(&self, field: &'static str) -> Result<(), Refusal> {
        text::zone(field, &self.zone)?;
        if self.windows.len() > ENTRIES_MAX || self.exceptions.len() > ENTRIES_MAX {
            return Err(Refusal::invalid(field, "too_many", format!("at most {ENTRIES_MAX} windows and exceptions")));
        }
        if self.windows.iter().any(|w| !(1..=7).contains(&w.weekday)) {
            return Err(Refusal::invalid(field, "weekday", "weekdays from 1 (Monday) to 7 (Sunday)"));
        }
        let ends_late = self.windows.iter().all(|w| w.from < w.to)
            && self.exceptions.iter().flat_map(|e| &e.windows).all(|(from, to)| from < to);
        if ends_late { Ok(()) } else { Err(Refusal::invalid(field, "order", "windows that end after they begin")) }
    }
}
