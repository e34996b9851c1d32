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

/// Windows of a week, or exceptions, at most: more than one for each day of a year.
const ENTRIES_MAX: usize = 400;

impl Schedule {
    /// Whether the hours can be told: a known zone, weekdays 1–7, windows that end after they begin.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], relative to the schedule.
    pub fn check(&self) -> Result<(), Refusal> {
        text::parse_zone("/zone", &self.zone)?;
        for (list, entries) in [("/windows", self.windows.len()), ("/exceptions", self.exceptions.len())] {
            if entries > ENTRIES_MAX {
                return Err(Refusal::invalid(list, "too_many", format!("at most {ENTRIES_MAX} entries")));
            }
        }
        for (i, window) in self.windows.iter().enumerate() {
            if !(1..=7).contains(&window.weekday) {
                return Err(Refusal::invalid(format!("/windows/{i}/weekday"), "weekday", "1 (Monday) to 7 (Sunday)"));
            }
            if window.from >= window.to {
                return Err(Refusal::invalid(format!("/windows/{i}/to"), "order", "a time later than the begin"));
            }
        }
        for (i, exception) in self.exceptions.iter().enumerate() {
            if exception.windows.len() > ENTRIES_MAX || exception.windows.iter().any(|(from, to)| from >= to) {
                return Err(Refusal::invalid(format!("/exceptions/{i}/windows"), "order", "few windows that end after they begin"));
            }
        }
        Ok(())
    }
}
