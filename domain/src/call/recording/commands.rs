//! What is asked of a call about its recordings. People switch, fetch and delete; the node that writes tells the rest.

use super::{DeleteCause, Holds, RecordingFailure, RecordingFile, Switch};
use crate::{
    account::RecordingMode,
    ids::{NodeId, ParticipantId, RecordingId},
};
use chrono::{DateTime, Utc};

/// What can be asked of a call about its recordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingAction {
    /// Switches recording on or off.
    Switch {
        /// To what.
        to: Switch,
        /// What the account's rule allows.
        mode: RecordingMode,
    },
    /// Switches it on where every call is recorded, the customer has consented, and nobody has switched yet.
    Follow {
        /// What the account's rule says.
        mode: RecordingMode,
    },
    /// A file has begun.
    Start {
        /// The file.
        recording_id: RecordingId,
        /// The node that writes it.
        node_id: NodeId,
        /// Whose presence.
        participant_id: ParticipantId,
        /// What of it.
        holds: Holds,
        /// How long after the call's start, in milliseconds.
        offset_ms: u64,
    },
    /// A file is whole.
    Stop {
        /// The file.
        recording_id: RecordingId,
        /// Its length, in milliseconds.
        duration_ms: u64,
        /// Whether a crash had broken it off.
        corrected: bool,
    },
    /// A file is in the storage.
    Keep {
        /// The file.
        recording_id: RecordingId,
        /// Where it is.
        file: RecordingFile,
        /// When it is to be deleted.
        keep_until: Option<DateTime<Utc>>,
    },
    /// A file came to nothing.
    Fail {
        /// The file.
        recording_id: RecordingId,
        /// Why.
        reason: RecordingFailure,
    },
    /// The node that wrote a file does not have it any more.
    Lose {
        /// The file.
        recording_id: RecordingId,
    },
    /// Somebody fetches it.
    Download {
        /// The file.
        recording_id: RecordingId,
    },
    /// It is to be no more.
    Delete {
        /// The file.
        recording_id: RecordingId,
        /// Why.
        cause: DeleteCause,
    },
}

impl RecordingAction {
    /// The action's name in the API, for refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Switch { to: Switch::On, .. } | Self::Follow { .. } => "record",
            Self::Switch { to: Switch::Off, .. } => "stop_recording",
            Self::Start { .. } => "start_recording",
            Self::Stop { .. } => "finish_recording",
            Self::Keep { .. } => "keep_recording",
            Self::Fail { .. } => "fail_recording",
            Self::Lose { .. } => "lose_recording",
            Self::Download { .. } => "download_recording",
            Self::Delete { .. } => "delete_recording",
        }
    }
}
