//! What is asked of a call about its media. Whoever takes part asks to enter; the node that has the media tells the rest.

use super::{ConsentKind, JoinFailure, LeaveReason, Source};
use crate::{
    call::{Device, Side},
    ids::{MediaSessionId, NodeId, ParticipantId},
    locale::Locale,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// What a customer must have consented to before media; the version that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// Nothing.
    Free,
    /// This version of the terms.
    Required(String),
}

/// Whether a source is to be heard or seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackState {
    /// It is.
    On,
    /// It is not for now.
    Muted,
    /// It ends.
    Off,
    /// It is another device now; of a camera only.
    Switched,
}

/// How a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The node saw it.
    Seen,
    /// The node was gone; it was concluded afterwards, and mends the record.
    Corrected,
}

/// What can be asked of a call about its media.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaAction {
    /// The customer consents.
    GiveConsent {
        /// To what.
        kind: ConsentKind,
        /// The version of the text that was read.
        text_version: String,
        /// The language that it was read in.
        locale: Locale,
    },
    /// The customer does not any more.
    WithdrawConsent {
        /// Of what.
        kind: ConsentKind,
    },
    /// The actor wants a token for the call's media alone, on this side of it.
    IssueToken {
        /// Which side.
        role: Side,
        /// When it ends.
        expires_at: DateTime<Utc>,
    },
    /// The actor wants to be connected at this node. The first one pins the call to it.
    Enter {
        /// The id of a session, should one begin.
        session_id: MediaSessionId,
        /// The presence that is to be.
        participant_id: ParticipantId,
        /// The node that is asked.
        node_id: NodeId,
        /// Where clients reach it.
        address: String,
        /// What a customer must have consented to.
        consent: Consent,
    },
    /// The actor's media is connected.
    Connect {
        /// The session.
        session_id: MediaSessionId,
        /// The presence.
        participant_id: ParticipantId,
        /// The device, where it was told.
        device: Option<Device>,
    },
    /// The actor's media could not be connected.
    FailJoin {
        /// The presence.
        participant_id: ParticipantId,
        /// Why.
        reason: JoinFailure,
        /// What the device or the server said of it.
        detail: Option<String>,
    },
    /// A track begins.
    Publish {
        /// Whose.
        participant_id: ParticipantId,
        /// Which.
        source: Source,
    },
    /// A track has ended.
    Unpublish {
        /// Whose.
        participant_id: ParticipantId,
        /// Which.
        source: Source,
    },
    /// A source is to be heard or seen, or not.
    Turn {
        /// Whose.
        participant_id: ParticipantId,
        /// Which.
        source: Source,
        /// How.
        state: TrackState,
    },
    /// A participant's media has ended.
    Leave {
        /// The presence.
        participant_id: ParticipantId,
        /// Why.
        reason: LeaveReason,
        /// Until when a customer without any connection may come back.
        grace: Option<DateTime<Utc>>,
    },
    /// A session is over: whoever is still in it leaves. Nothing happens when it is over already.
    Close {
        /// The session.
        session_id: MediaSessionId,
        /// Why.
        reason: LeaveReason,
        /// The last moment at which the participants were known to be there, where that is not now.
        at: Option<DateTime<Utc>>,
        /// How it is known.
        evidence: Evidence,
        /// Until when a customer without any connection may come back.
        grace: Option<DateTime<Utc>>,
    },
}

impl MediaAction {
    /// The action's name in the API, for refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::GiveConsent { .. } => "consent",
            Self::WithdrawConsent { .. } => "withdraw_consent",
            Self::IssueToken { .. } => "media_token",
            Self::Enter { .. } => "join_media",
            Self::Connect { .. } => "connect_media",
            Self::FailJoin { .. } => "fail_media",
            Self::Publish { .. } => "publish",
            Self::Unpublish { .. } => "unpublish",
            Self::Turn { .. } => "turn",
            Self::Leave { .. } => "leave_media",
            Self::Close { .. } => "close_media",
        }
    }
}
