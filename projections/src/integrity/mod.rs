//! What must agree whatever happens: asked of the read models while the server runs, by ways that share as little as they can.
//!
//! Both sides of every question are of one position, so what is on its way is no difference. [`shopper_sums`] holds what reports
//! credit to shoppers against the lists, [`plan_seconds`] what they count of calls against the record of their media; [`listed`] is what
//! the file of an export is held against.

mod listed;
mod seconds;
mod sums;

pub use listed::{Counted, listed};
pub use seconds::{CALLS_AT_ONCE, plan_seconds};
pub use sums::shopper_sums;

use vitrina_domain::account::Invariant;

/// Two figures that do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// What does not hold.
    pub invariant: Invariant,
    /// Of what: a measure, the id of a call, or that of an export and what of it.
    pub subject: String,
    /// What it should be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}

pub(crate) const STATEMENTS: &[&[&str]] = &[seconds::STATEMENTS, sums::STATEMENTS];
