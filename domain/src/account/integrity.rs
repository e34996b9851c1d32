//! What the server finds out about its own figures: two that must agree and do not.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What must agree, whatever happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Invariant {
    /// What reports credit to the shoppers of a day, and to nobody, comes to what the lists have of that day.
    ShopperSums,
    /// What reports count of a call's time is the sum of its billable intervals (PRODUCT.md 5.13).
    PlanSeconds,
    /// Rows in the file of an export are those of its manifest, and those that the list reports for the same filters and position
    /// (PRODUCT.md 5.8).
    ExportRows,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ShopperSums, Self::PlanSeconds, Self::ExportRows];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShopperSums => "shopper_sums",
            Self::PlanSeconds => "plan_seconds",
            Self::ExportRows => "export_rows",
        }
    }
}

/// `integrity.invariant_broken`: reported once for each difference that is found, and never taken back; what is mended is found
/// no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvariantBroken {
    /// What does not hold.
    pub invariant: Invariant,
    /// Of what: a measure, the id of a call, or that of an export and what of it.
    pub subject: String,
    /// First instant of the period that was looked at.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub to: DateTime<Utc>,
    /// As of which position.
    pub position: i64,
    /// What it should be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}
