//! Weekly hours on the wall clock of an IANA zone, with dated exceptions (PRODUCT.md 5.7, V18).

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
