//! Events of a call's recordings.

use crate::ids::{NodeId, ParticipantId, RecordingId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Whether a call is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// What a recording holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Voice and face of somebody.
    Person,
    /// The screen that somebody shows.
    Screen,
}

/// `recording.switched`: what it is by, the event's actor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// How it is from now on.
    pub state: Switch,
}

/// `recording.started`: the first frame of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingStarted {
    /// The file.
    pub recording_id: RecordingId,
    /// The node that writes it.
    pub node_id: NodeId,
    /// Whose presence.
    pub participant_id: ParticipantId,
    /// What of it.
    pub holds: Holds,
    /// How long after the call's start it begins, in milliseconds.
    pub offset_ms: u64,
}

/// `recording.stopped`: nothing more is written to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingStopped {
    /// The file.
    pub recording_id: RecordingId,
    /// Its length, in milliseconds.
    pub duration_ms: u64,
    /// Whether a crash had broken it off, and it was finished afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub corrected: bool,
}

/// A file as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingFile {
    /// Its name in the storage.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, lower-case hexadecimal.
    pub sha256: String,
    /// Its media type.
    pub mime: String,
}

/// `recording.ready`: it can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingReady {
    /// The file.
    pub recording_id: RecordingId,
    /// Where it is.
    pub file: RecordingFile,
    /// When it is deleted; never where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_until: Option<DateTime<Utc>>,
}

/// Why a recording failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingFailure {
    /// It could not be written.
    Disk,
    /// There is nothing in it.
    Empty,
}

/// `recording.failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingFailed {
    /// The file.
    pub recording_id: RecordingId,
    /// Why.
    pub reason: RecordingFailure,
}

/// `recording.lost` and `recording.downloaded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfRecording {
    /// The file.
    pub recording_id: RecordingId,
}

/// Why a recording is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteCause {
    /// Somebody said so.
    ByHand,
    /// Its time has come.
    Retention,
    /// The customer was forgotten.
    Erased,
}

/// `recording.deleted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingDeleted {
    /// The file.
    pub recording_id: RecordingId,
    /// Why.
    pub cause: DeleteCause,
}
