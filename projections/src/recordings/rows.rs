//! The tables of recordings.

use crate::table::{stored_names, table};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    call::recording::{DeleteCause, Holds, RecordingFailure, Switch},
    ids::{AccountId, CallId, NodeId, ParticipantId, RecordingId},
};

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordingStage {
    /// It is being written.
    Recording,
    /// It is whole, and not in the storage yet.
    Stopped,
    /// It can be fetched.
    Ready,
    /// It came to nothing.
    Failed,
    /// Nobody knows where it is.
    Lost,
    /// It is no more.
    Deleted,
}

stored_names! {
    RecordingStage { Recording = "recording", Stopped = "stopped", Ready = "ready", Failed = "failed", Lost = "lost", Deleted = "deleted" }
    Holds { Person = "person", Screen = "screen" }
    Switch { On = "on", Off = "off" }
    RecordingFailure { Disk = "disk", Empty = "empty" }
    DeleteCause { ByHand = "by_hand", Retention = "retention", Erased = "erased" }
}

table! {
    /// A file of a recorded call.
    pub struct RecordingRow in "recordings" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The call.
            call_id: CallId,
            /// The file.
            recording_id: RecordingId,
        }
        columns {
            /// The node that writes it.
            node_id: NodeId,
            /// Whose presence.
            participant_id: ParticipantId,
            /// What of it.
            holds: Holds,
            /// How far it has come.
            stage: RecordingStage,
            /// Its begin, in milliseconds after the call's start.
            offset_ms: i64,
            /// When it began.
            started_at: DateTime<Utc>,
            /// When its node told of it last.
            told_at: DateTime<Utc>,
            /// Its length in milliseconds, once it is whole.
            duration_ms: Option<i64>,
            /// Whether a crash had broken it off.
            corrected: bool,
            /// Its name in the storage.
            object_key: Option<String>,
            /// Its size.
            bytes: Option<i64>,
            /// SHA-256 of its content.
            sha256: Option<String>,
            /// Its media type.
            mime: Option<String>,
            /// When it is deleted.
            keep_until: Option<DateTime<Utc>>,
            /// Why it came to nothing.
            failure: Option<RecordingFailure>,
            /// When it was deleted.
            deleted_at: Option<DateTime<Utc>>,
            /// Why.
            delete_cause: Option<DeleteCause>,
        }
    }
}

table! {
    /// Whether a call is recorded, as it was switched last.
    pub struct RecordingSwitchRow in "recording_switches" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The call.
            call_id: CallId,
        }
        columns {
            /// To what.
            switched: Switch,
            /// When.
            since: DateTime<Utc>,
        }
    }
}
