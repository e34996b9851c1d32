//! What happened on the wire, told to whoever asked for it. Facts are reported as they come, never decided upon: what
//! follows from them for a call is decided elsewhere.

use crate::{
    core::room::{ParticipantId, Source},
    node::{Layout, RoomId},
};
use std::time::SystemTime;

/// Something that happened to a participant's connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// In which room.
    pub room: RoomId,
    /// To whom.
    pub participant: ParticipantId,
    /// When, by this server's clock.
    pub at: SystemTime,
    /// What.
    pub what: What,
}

/// What happened. `Lines` and `Speaker` are signals that are true for a moment, the others belong into the call's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Media is connected, for the first time.
    Connected,
    /// It never was, and will not be: the participant is out of the room.
    JoinFailed(JoinFailure),
    /// It was, and is no more: the participant is out of the room.
    Left(LeaveReason),
    /// The first packet of a track has come.
    Published(Source),
    /// A track has ended.
    Unpublished(Source),
    /// The sender has switched a track off, and keeps it.
    Muted(Source),
    /// The sender has switched a track on again.
    Unmuted(Source),
    /// Who is to be seen and heard on which line has changed: the client is to be told. A line without `mid` is a track
    /// that has none: the client may offer more lines.
    Lines(Layout),
    /// The participant has taken the floor.
    SpeakerStarted,
    /// The participant has lost the floor.
    SpeakerStopped,
}

/// Why somebody is out of a room who was connected (PRODUCT.md 2.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaveReason {
    /// The participant wished so.
    ClientInitiated,
    /// The same presence was opened somewhere else.
    DuplicateIdentity,
    /// This server ends.
    ServerShutdown,
    /// Somebody else wished so.
    ParticipantRemoved,
    /// The call is over.
    RoomClosed,
    /// Nothing was heard of the client any more.
    ConnectionTimeout,
    /// The encrypted connection ended without a word of leaving: the client closed it, or encryption failed.
    MediaFailure,
    /// Signalling ended.
    SignalClosed,
    /// The client and this server do not agree on what there is.
    StateMismatch,
}

impl LeaveReason {
    /// The name that events carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientInitiated => "client_initiated",
            Self::DuplicateIdentity => "duplicate_identity",
            Self::ServerShutdown => "server_shutdown",
            Self::ParticipantRemoved => "participant_removed",
            Self::RoomClosed => "room_closed",
            Self::ConnectionTimeout => "connection_timeout",
            Self::MediaFailure => "media_failure",
            Self::SignalClosed => "signal_closed",
            Self::StateMismatch => "state_mismatch",
        }
    }
}

/// Why somebody never got connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JoinFailure {
    /// The person refused microphone or camera (told by the client).
    PermissionDenied,
    /// There is no microphone or camera (told by the client).
    DeviceMissing,
    /// Another program uses it (told by the client).
    DeviceInUse,
    /// No packet of the client's found the way here.
    IceFailed,
    /// The way is there, encryption could not be agreed on.
    DtlsFailed,
    /// It took too long, for no better reason known.
    Timeout,
    /// The offer cannot be answered.
    BadOffer,
    /// The room is full.
    RoomFull,
}

impl JoinFailure {
    /// The name that events carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::PermissionDenied => "permission_denied",
            Self::DeviceMissing => "device_missing",
            Self::DeviceInUse => "device_in_use",
            Self::IceFailed => "ice_failed",
            Self::DtlsFailed => "dtls_failed",
            Self::Timeout => "timeout",
            Self::BadOffer => "bad_offer",
            Self::RoomFull => "room_full",
        }
    }
}
