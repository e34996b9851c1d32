//! The account's log as auditors see it: which of its checkpoints were signed, and who took it away. One stream for each account,
//! apart from that of its settings, so that a checkpoint changes nothing that anybody edits.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, stream::Category};
use serde::{Deserialize, Serialize};

/// How far the log is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Log {
    /// Events that the last checkpoint covers; 0: there is none yet.
    pub signed: u64,
}

impl_cqrs!(Log, Category::Log, LogAction, LogEvent);

impl Log {
    fn fold(&mut self, event: LogEvent) {
        if let LogEvent::CheckpointSigned(checkpoint) = event {
            self.signed = checkpoint.size;
        }
    }
}
