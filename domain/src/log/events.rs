//! Events of an account's log.

use crate::event::events;
use serde::{Deserialize, Serialize};

events! {
    /// What happened to an account's log.
    LogEvent {
        /// The first events of it, so many, are vouched for.
        CheckpointSigned(CheckpointSigned) = "log.checkpoint_signed", 1;
        /// Somebody took events away.
        Exported(Exported) = "log.exported", 1;
    }
}

impl LogEvent {
    /// The type of a checkpoint, which those look for who read the log without this product's state.
    pub const CHECKPOINT_SIGNED: &str = "log.checkpoint_signed";
}

/// `log.checkpoint_signed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointSigned {
    /// How many events of the account it covers, from the first one on.
    pub size: u64,
    /// Position of the last one of these.
    pub position: i64,
    /// Root of the Merkle tree over them, lower-case hexadecimal.
    pub root: String,
    /// The signed note (C2SP tlog-checkpoint) as it is given to others.
    pub note: String,
}

/// In which form events were taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogForm {
    /// The log itself, personal values sealed.
    Log,
    /// What the events say, as JSON Lines.
    Jsonl,
    /// What the events say, as CSV.
    Csv,
}

/// `log.exported`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    /// In which form.
    pub form: LogForm,
    /// Events after this position …
    pub after: i64,
    /// … up to this one.
    pub upto: i64,
    /// The filters, by their names in the API.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub filters: std::collections::BTreeMap<String, String>,
}
