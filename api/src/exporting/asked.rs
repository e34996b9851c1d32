//! What a request says of an export, before it is known what it means.

use crate::{filters::Filters, reading::ReadAt};

/// What was said.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) format: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) locale: Option<String>,
    /// The languages that the client takes.
    pub(crate) accepted: String,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) tz: Option<String>,
    pub(crate) since: Option<i64>,
    pub(crate) at: ReadAt,
    pub(crate) filters: Filters,
}

/// Filters that look for somebody's name.
pub(super) const SEARCHES: [&str; 2] = ["q", "search"];
