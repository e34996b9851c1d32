//! Commands of an account's log.

use super::{CheckpointSigned, Exported};

/// What can be asked of an account's log.
#[derive(Debug, Clone, PartialEq)]
pub enum LogAction {
    /// Keeps a signed checkpoint. Nothing happens when one that covers as much is there.
    SignCheckpoint(CheckpointSigned),
    /// Notes that somebody takes events away.
    Export(Exported),
}
