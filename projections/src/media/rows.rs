//! The tables of calls' media.

use crate::table::{Json, stored_names, table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use vitrina_domain::{
    call::{
        Device, Side,
        media::{JoinFailure, LeaveReason, Source},
    },
    ids::{AccountId, CallId, MediaSessionId, NodeId, ParticipantId},
};

stored_names! {
    Side { Customer = "customer", Shopper = "shopper" }
    JoinFailure {
        PermissionDenied = "permission_denied", DeviceMissing = "device_missing", DeviceInUse = "device_in_use",
        IceFailed = "ice_failed", DtlsFailed = "dtls_failed", Timeout = "timeout", BadOffer = "bad_offer", RoomFull = "room_full",
    }
    Source { Microphone = "microphone", Camera = "camera", Screen = "screen" }
    LeaveReason {
        ClientInitiated = "client_initiated", DuplicateIdentity = "duplicate_identity", ServerShutdown = "server_shutdown",
        ParticipantRemoved = "participant_removed", RoomClosed = "room_closed", ConnectionTimeout = "connection_timeout",
        MediaFailure = "media_failure", SignalClosed = "signal_closed", StateMismatch = "state_mismatch", JoinFailure = "join_failure",
    }
}

/// A track as it stands: the latest of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackNow {
    /// Where it comes from.
    pub source: Source,
    /// When it began; absent where it was muted before it began.
    pub published_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether its owner has muted it or turned it off.
    pub muted: bool,
}

table! {
    /// A stay of a call's media on a node.
    pub struct MediaSessionRow in "media_sessions" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The call.
            call_id: CallId,
            /// The session.
            session_id: MediaSessionId,
        }
        columns {
            /// The node.
            node_id: NodeId,
            /// Where clients reach it.
            address: String,
            /// When it began.
            opened_at: DateTime<Utc>,
            /// When the last event of it was.
            told_at: DateTime<Utc>,
            /// When it ended.
            closed_at: Option<DateTime<Utc>>,
            /// Why.
            close_reason: Option<LeaveReason>,
        }
    }
}

table! {
    /// Somebody's presence in a call's media, or what was to be one.
    pub struct MediaParticipantRow in "media_participants" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The call.
            call_id: CallId,
            /// The presence.
            participant_id: ParticipantId,
        }
        columns {
            /// The session.
            session_id: Option<MediaSessionId>,
            /// What kind of actor.
            who_kind: String,
            /// Which one.
            who_id: String,
            /// On which side.
            role: Option<Side>,
            /// The device.
            device: Option<Device>,
            /// When media was connected.
            joined_at: Option<DateTime<Utc>>,
            /// When it ended.
            left_at: Option<DateTime<Utc>>,
            /// Why.
            left_reason: Option<LeaveReason>,
            /// Whether the end was concluded afterwards.
            corrected: bool,
            /// When it was known that it would not be.
            failed_at: Option<DateTime<Utc>>,
            /// Why.
            failure: Option<JoinFailure>,
            /// The name of the error.
            failure_detail: Option<String>,
            /// What is sent.
            tracks: Json<Vec<TrackNow>>,
        }
    }
}
