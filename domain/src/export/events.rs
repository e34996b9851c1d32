//! Events of an export.

use super::Question;
use crate::event::events;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to an export.
    ExportEvent {
        /// Somebody took it over the wire at once.
        Streamed(Streamed) = "export.streamed", 1;
        /// Somebody wants a file of it.
        Requested(Requested) = "export.requested", 1;
        /// The file is there.
        Completed(Completed) = "export.completed", 1;
        /// There will be no file.
        Failed(Failed) = "export.failed", 1;
        /// Somebody fetched the file.
        Downloaded(Downloaded) = "export.downloaded", 1;
        /// The file is gone, or is not wanted any more.
        Deleted(Deleted) = "export.deleted", 1;
    }
}

/// `export.streamed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Streamed {
    /// What was asked.
    pub question: Question,
}

/// `export.requested`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    /// What was asked.
    pub question: Question,
    /// The number of the process that took it on; others make the file when it is dead.
    pub process: u64,
}

/// `export.completed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Completed {
    /// Rows, without the headings.
    pub rows: u64,
    /// Length of the file.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
    /// When the file is deleted.
    pub keep_until: DateTime<Utc>,
}

/// Why there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFailure {
    /// Where files are kept does not take it: it is away, or full.
    Storage,
    /// The rows could not be read.
    Database,
    /// The table has other columns since: ask again.
    Outdated,
}

/// `export.failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    /// Why.
    pub reason: ExportFailure,
}

/// `export.downloaded`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Downloaded {}

/// Why an export is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Somebody wanted it.
    ByHand,
    /// Its time has come.
    Retention,
    /// Somebody was forgotten who may be in it.
    Erased,
}

/// `export.deleted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deleted {
    /// Why.
    pub cause: Over,
}
