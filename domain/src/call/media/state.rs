//! What a call remembers of its media: where it is, who is connected, what they have muted, what was consented to.

use super::{ConsentKind, Source};
use crate::{
    actor::Actor,
    call::{CallEvent, Side},
    ids::{MediaSessionId, NodeId, ParticipantId, ShopperId},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where a call's media is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The session.
    pub id: MediaSessionId,
    /// Which node.
    pub node_id: NodeId,
    /// Where clients reach it.
    pub address: String,
}

/// Somebody whose media is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Who.
    pub who: Actor,
    /// On which side.
    pub side: Side,
    /// What comes from them.
    pub published: BTreeSet<Source>,
    /// What they have muted or turned off.
    pub muted: BTreeSet<Source>,
}

/// The media of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Media {
    pub(super) session: Option<Session>,
    pub(super) present: BTreeMap<ParticipantId, Present>,
    /// Those who were connected and left: what is told of them late or twice leads to nothing.
    pub(super) past: BTreeSet<ParticipantId>,
    /// Those who were told to have failed, by whomever.
    pub(super) failed: BTreeSet<ParticipantId>,
    /// The version of the text, by what was consented to.
    pub(super) consents: BTreeMap<ConsentKind, String>,
}

impl Media {
    /// Where it is, while it is somewhere.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Who is connected.
    pub fn present(&self) -> &BTreeMap<ParticipantId, Present> {
        &self.present
    }

    /// Whether somebody of this side is connected.
    pub fn has(&self, side: Side) -> bool {
        self.present.values().any(|present| present.side == side)
    }

    /// Whether this shopper is connected.
    pub fn has_shopper(&self, id: ShopperId) -> bool {
        self.present.values().any(|present| present.who == Actor::Shopper(id) || present.who == Actor::User(id.into()))
    }

    /// The version of the text that the customer has consented to.
    pub fn consent(&self, kind: ConsentKind) -> Option<&str> {
        self.consents.get(&kind).map(String::as_str)
    }

    pub(in crate::call) fn fold(&mut self, event: CallEvent) {
        match event {
            CallEvent::ConsentGiven(given) => {
                self.consents.insert(given.kind, given.text_version);
            }
            CallEvent::ConsentWithdrawn(withdrawn) => {
                self.consents.remove(&withdrawn.kind);
            }
            CallEvent::MediaSessionOpened(opened) => {
                self.session = Some(Session { id: opened.session_id, node_id: opened.node_id, address: opened.address });
            }
            CallEvent::MediaParticipantJoined(joined) => {
                let present = Present { who: joined.who, side: joined.role, published: BTreeSet::new(), muted: BTreeSet::new() };
                self.present.insert(joined.participant_id, present);
            }
            CallEvent::MediaJoinFailed(failed) => {
                self.failed.insert(failed.participant_id);
            }
            CallEvent::MediaParticipantLeft(left) => {
                self.present.remove(&left.participant_id);
                self.past.insert(left.participant_id);
            }
            CallEvent::MediaTrackPublished(track) => self.of(track.participant_id, |one| one.published.insert(track.source)),
            CallEvent::MediaTrackUnpublished(track) => self.of(track.participant_id, |one| one.published.remove(&track.source)),
            CallEvent::MediaMicMuted(by) => self.of(by.participant_id, |one| one.muted.insert(Source::Microphone)),
            CallEvent::MediaMicUnmuted(by) => self.of(by.participant_id, |one| one.muted.remove(&Source::Microphone)),
            CallEvent::MediaCameraOff(by) => self.of(by.participant_id, |one| one.muted.insert(Source::Camera)),
            CallEvent::MediaCameraOn(by) => self.of(by.participant_id, |one| one.muted.remove(&Source::Camera)),
            CallEvent::MediaSessionClosed(closed) if self.session.as_ref().is_some_and(|session| session.id == closed.session_id) => {
                self.session = None;
            }
            _ => {}
        }
    }

    fn of(&mut self, id: ParticipantId, change: impl FnOnce(&mut Present) -> bool) {
        if let Some(present) = self.present.get_mut(&id) {
            change(present);
        }
    }
}
