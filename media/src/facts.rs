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

/// Why somebody is out of a room who was connected: of PRODUCT.md 2.8 what a node can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaveReason {
    /// The participant wished so, by a word or by the end of the encrypted connection.
    ClientInitiated,
    /// This server ends.
    ServerShutdown,
    /// The call is over.
    RoomClosed,
    /// Nothing was heard of the client any more.
    ConnectionTimeout,
    /// What the client sent met a fault of this server.
    MediaFailure,
}

/// Why somebody never got connected, as far as the wire says: what the device or the offer was lacking is known elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JoinFailure {
    /// No packet of the client's found the way here.
    IceFailed,
    /// The way is there, encryption could not be agreed on.
    DtlsFailed,
}
