//! What media events say (PRODUCT.md 2.8): who was connected when, what was sent, why somebody left or never came.

use crate::{
    actor::Actor,
    call::{Device, Side},
    ids::{MediaSessionId, NodeId, ParticipantId},
    locale::Locale,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a customer consents to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentKind {
    /// The shop's terms and privacy policy (V13): before anything is sent.
    #[default]
    Terms,
    /// Being recorded.
    Recording,
}

/// `consent.given`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentGiven {
    /// To what.
    pub kind: ConsentKind,
    /// The version of the text that was read.
    pub text_version: String,
    /// The language that it was read in.
    pub locale: Locale,
}

/// `consent.withdrawn`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentWithdrawn {
    /// Of what.
    pub kind: ConsentKind,
}

/// `media.token_issued`: whoever shows the token takes part in this name until it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// In whose name.
    pub who: Actor,
    /// On which side.
    pub role: Side,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// `media.session_opened`: from here on, the call's media is on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOpened {
    /// The session.
    pub session_id: MediaSessionId,
    /// Which node.
    pub node_id: NodeId,
    /// Where clients reach it.
    pub address: String,
}

/// `media.participant_joined`: media is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantJoined {
    /// The session.
    pub session_id: MediaSessionId,
    /// This presence; coming back is another one.
    pub participant_id: ParticipantId,
    /// Who it is.
    pub who: Actor,
    /// On which side.
    pub role: Side,
    /// The device, where it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
}

/// Why somebody who wanted to did not come to be connected (V32). The client tells what only it can know, by
/// `POST /v1/calls/{id}/media/failures`, and may tell any of these; the server tells the rest itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinFailure {
    /// The browser or its person did not allow camera or microphone (told by the client).
    PermissionDenied,
    /// There is no camera or no microphone (told by the client).
    DeviceMissing,
    /// Another program has it (told by the client).
    DeviceInUse,
    /// No way was found through the network (told by the node).
    IceFailed,
    /// The keys could not be agreed (told by the node).
    DtlsFailed,
    /// It took too long (told by the client, which waits no longer).
    Timeout,
    /// The offer could not be answered (told by whoever was asked to).
    BadOffer,
    /// The room was full (told by whoever was asked for a place).
    RoomFull,
}

/// `media.join_failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinFailed {
    /// The presence that was not to be.
    pub participant_id: ParticipantId,
    /// Who it was.
    pub who: Actor,
    /// Why.
    pub reason: JoinFailure,
    /// The error's name that the device gave. Older ones may have other words: show what [`Self::known_detail`] makes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl JoinFailed {
    /// What browsers name what may fail (W3C Media Capture and Streams, WebRTC).
    const DETAILS: [&str; 11] = [
        "AbortError",
        "InvalidAccessError",
        "InvalidStateError",
        "NetworkError",
        "NotAllowedError",
        "NotFoundError",
        "NotReadableError",
        "OperationError",
        "OverconstrainedError",
        "SecurityError",
        "TypeError",
    ];

    /// The name of an error with which a text begins. All other words may be anybody's, and whoever is forgotten must be in none.
    pub fn known_detail(text: &str) -> Option<&'static str> {
        let name = text.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
        Self::DETAILS.into_iter().find(|known| *known == name)
    }
}

/// Why somebody's media ended (LiveKit's names, PRODUCT.md 2.8). The record can hold all of them; who tells each is said with it, and
/// of some there is nobody yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// They said so (told by the client, or by the node when the encrypted connection was ended).
    ClientInitiated,
    /// They came anew under the same id (told by nobody here: who comes anew has another id, and an id that is connected is refused).
    DuplicateIdentity,
    /// The node stopped (told by the node), or died (told by its next life or by another process).
    ServerShutdown,
    /// They were put out (told by nobody yet: the call's end is the only way).
    ParticipantRemoved,
    /// The call is over (told by the node).
    RoomClosed,
    /// Nothing came from them any more (told by the node).
    ConnectionTimeout,
    /// The connection broke (told by the node, when what came met a fault of its own).
    MediaFailure,
    /// The signalling connection was lost, and the media with it (told by nobody here: media outlives its signalling).
    SignalClosed,
    /// Client and server disagreed about what is connected (told by nobody here: the node decides).
    StateMismatch,
    /// They never were connected (told by nobody here: that is `media.join_failed`).
    JoinFailure,
}

/// `media.participant_left`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantLeft {
    /// The presence.
    pub participant_id: ParticipantId,
    /// Why.
    pub reason: LeaveReason,
    /// When, where that is not the time of the event: what is written later tells the last moment that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// Whether it was concluded afterwards and mends the record, because the node was gone that would have seen it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub corrected: bool,
}

/// Where a track comes from. A participant has at most one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The voice.
    Microphone,
    /// The face.
    Camera,
    /// A screen, or one window of it.
    Screen,
}

/// `media.track_published` and `media.track_unpublished`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackOf {
    /// Whose.
    pub participant_id: ParticipantId,
    /// Which.
    pub source: Source,
}

/// `media.mic_…`, `media.camera_…` and `media.screen_share_…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByParticipant {
    /// Whose.
    pub participant_id: ParticipantId,
}

/// `media.session_closed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionClosed {
    /// The session.
    pub session_id: MediaSessionId,
    /// Why.
    pub reason: LeaveReason,
}
