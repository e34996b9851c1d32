//! What a call answers about its media. Facts are taken as they come: told twice or too late, they lead to nothing.

use super::{
    ByParticipant, Consent, ConsentGiven, ConsentKind, ConsentWithdrawn, Evidence, JoinFailed, LeaveReason, MediaAction, ParticipantJoined,
    ParticipantLeft, Session, SessionClosed, SessionOpened, Source, TokenIssued, TrackOf, TrackState,
};
use crate::{
    actor::Actor,
    call::{Ability, Call, CallEvent, CustomerDisconnected, Side},
    connection::{Connection, Link},
    ids::ParticipantId,
    order::Order,
    refusal::Refusal,
    text,
};
use chrono::{DateTime, Utc};

/// Presences in one call, over its whole life, at most: who comes and goes more often is a program gone wild.
pub const PRESENCES_MAX: usize = 1_000;
/// Presences that are told to have failed, of one call over its whole life, at most: they keep nobody out, and what is told beyond leads to nothing.
pub const FAILURES_MAX: usize = 1_000;
/// Characters of what a device said of a failure.
const DETAIL_CHARS_MAX: usize = 500;

impl Call {
    pub(in crate::call) fn decide_media<A>(&self, order: &Order<A>, action: &MediaAction) -> Result<Vec<CallEvent>, Refusal> {
        match action {
            MediaAction::GiveConsent { kind, text_version, locale } => {
                let text_version = text::label("/text_version", text_version)?;
                if self.media.consent(*kind) == Some(&text_version) {
                    return Ok(vec![]);
                }
                Ok(vec![CallEvent::ConsentGiven(ConsentGiven { kind: *kind, text_version, locale: *locale })])
            }
            MediaAction::WithdrawConsent { kind } => Ok(match self.media.consent(*kind) {
                Some(_) => vec![CallEvent::ConsentWithdrawn(ConsentWithdrawn { kind: *kind })],
                None => vec![],
            }),
            MediaAction::IssueToken { role, expires_at } => {
                let issued = TokenIssued { who: self.on_side(*role, &order.actor)?, role: *role, expires_at: *expires_at };
                Ok(vec![CallEvent::MediaTokenIssued(issued)])
            }
            MediaAction::Enter { session_id, participant_id, node_id, address, consent } => {
                self.must_have_consent(&order.actor, consent)?;
                self.must_be_ones_own(&order.actor, *participant_id)?;
                if self.media.present.len() + self.media.past.len() >= PRESENCES_MAX {
                    return Err(Refusal::invalid("/participant", "too_many", format!("at most {PRESENCES_MAX} joins in one call")));
                }
                match &self.media.session {
                    Some(session) if session.node_id != *node_id => Err(Refusal::Elsewhere(session.address.clone())),
                    Some(_) => Ok(vec![]),
                    None => {
                        let opened = SessionOpened { session_id: *session_id, node_id: *node_id, address: address.clone() };
                        Ok(vec![CallEvent::MediaSessionOpened(opened)])
                    }
                }
            }
            MediaAction::Connect { session_id, participant_id, device } => {
                let is_open = self.media.session.as_ref().is_some_and(|session| session.id == *session_id);
                let role = Side::of(&order.actor);
                let (Some(role), true, true) = (role, is_open, self.is_new(*participant_id)) else { return Ok(vec![]) };
                let (session_id, participant_id) = (*session_id, *participant_id);
                let joined = ParticipantJoined { session_id, participant_id, who: order.actor.clone(), role, device: *device };
                Ok(std::iter::once(CallEvent::MediaParticipantJoined(joined)).chain(self.kept(role)).collect())
            }
            MediaAction::FailJoin { participant_id, reason, detail } => {
                let detail = text::optional(detail, |detail| text::line("/detail", detail, DETAIL_CHARS_MAX))?;
                let detail = detail.as_deref().and_then(JoinFailed::known_detail).map(str::to_owned);
                let (participant_id, who, reason) = (*participant_id, order.actor.clone(), *reason);
                let failed = JoinFailed { participant_id, who, reason, detail };
                let failures = &self.media.failed;
                let counts = self.is_new(participant_id) && !failures.contains(&participant_id) && failures.len() < FAILURES_MAX;
                Ok(if counts { vec![CallEvent::MediaJoinFailed(failed)] } else { vec![] })
            }
            MediaAction::Publish { participant_id, source } => self.publish(*participant_id, *source),
            MediaAction::Unpublish { participant_id, source } => Ok(self.unpublish(*participant_id, *source)),
            MediaAction::Turn { participant_id, source, state } => self.turn(*participant_id, *source, *state),
            MediaAction::Leave { participant_id, reason, grace } => {
                Ok(self.leave([*participant_id], *reason, None, Evidence::Seen, *grace))
            }
            MediaAction::Close { session_id, reason, at, evidence, grace } => match &self.media.session {
                Some(Session { id, .. }) if id == session_id => {
                    let mut events = self.leave(self.media.present.keys().copied(), *reason, *at, *evidence, *grace);
                    events.push(CallEvent::MediaSessionClosed(SessionClosed { session_id: *session_id, reason: *reason }));
                    Ok(events)
                }
                _ => Ok(vec![]),
            },
        }
    }

    /// In whose name a token of the actor's is for this side: the customer's own, or the actor's.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`]: a customer is on the customer's side only.
    pub fn on_side(&self, role: Side, actor: &Actor) -> Result<Actor, Refusal> {
        match (role, actor) {
            (Side::Customer, _) => Ok(Actor::Customer(self.customer_id)),
            (Side::Shopper, Actor::Customer(_)) => Err(Refusal::NotAllowed("a customer is on the customer's side only")),
            (Side::Shopper, actor) => Ok(actor.clone()),
        }
    }

    fn must_have_consent(&self, actor: &Actor, consent: &Consent) -> Result<(), Refusal> {
        match (actor, consent) {
            (Actor::Customer(_), Consent::Required(version)) if self.media.consent(ConsentKind::Terms) != Some(version) => {
                Err(Refusal::ConsentRequired)
            }
            _ => Ok(()),
        }
    }

    /// A presence is somebody's, and once.
    fn must_be_ones_own(&self, actor: &Actor, id: ParticipantId) -> Result<(), Refusal> {
        let is_anothers = self.media.present.get(&id).is_some_and(|present| present.who != *actor);
        if is_anothers || self.media.past.contains(&id) {
            return Err(Refusal::invalid("/participant", "used", "an id that is new: coming back is another presence"));
        }
        Ok(())
    }

    /// Whether nobody was connected under it. That one was told to fail says little: who is connected after it, is.
    fn is_new(&self, id: ParticipantId) -> bool {
        !self.media.present.contains_key(&id) && !self.media.past.contains(&id)
    }

    fn publish(&self, participant_id: ParticipantId, source: Source) -> Result<Vec<CallEvent>, Refusal> {
        let Some(present) = self.media.present.get(&participant_id) else { return Ok(vec![]) };
        if !present.side.may(source.ability()) {
            return Err(Refusal::NotAllowed("only the side of the shopper may share a screen"));
        }
        if present.published.contains(&source) {
            return Ok(vec![]);
        }
        let published = CallEvent::MediaTrackPublished(TrackOf { participant_id, source });
        let shared = (source == Source::Screen).then_some(CallEvent::MediaScreenShareStarted(ByParticipant { participant_id }));
        Ok(std::iter::once(published).chain(shared).collect())
    }

    fn unpublish(&self, participant_id: ParticipantId, source: Source) -> Vec<CallEvent> {
        let is_published = self.media.present.get(&participant_id).is_some_and(|present| present.published.contains(&source));
        if !is_published {
            return vec![];
        }
        let unpublished = CallEvent::MediaTrackUnpublished(TrackOf { participant_id, source });
        let ended = (source == Source::Screen).then_some(CallEvent::MediaScreenShareStopped(ByParticipant { participant_id }));
        std::iter::once(unpublished).chain(ended).collect()
    }

    fn turn(&self, participant_id: ParticipantId, source: Source, state: TrackState) -> Result<Vec<CallEvent>, Refusal> {
        let Some(present) = self.media.present.get(&participant_id) else { return Ok(vec![]) };
        let by = ByParticipant { participant_id };
        let is_muted = present.muted.contains(&source);
        let event = match (source, state) {
            (Source::Camera, TrackState::Switched) => Some(CallEvent::MediaCameraSwitched(by)),
            (_, TrackState::Switched) => return Err(Refusal::invalid("/state", "unknown", "on, muted or off; only a camera is switched")),
            (Source::Screen, TrackState::Off) => return Ok(self.unpublish(participant_id, Source::Screen)),
            (Source::Screen, TrackState::Muted) => return Err(Refusal::invalid("/state", "unknown", "on or off; a screen is not muted")),
            // It begins with its first packet.
            (Source::Screen, TrackState::On) => None,
            (Source::Microphone, TrackState::On) => is_muted.then_some(CallEvent::MediaMicUnmuted(by)),
            (Source::Microphone, TrackState::Muted | TrackState::Off) => (!is_muted).then_some(CallEvent::MediaMicMuted(by)),
            (Source::Camera, TrackState::On) => is_muted.then_some(CallEvent::MediaCameraOn(by)),
            (Source::Camera, TrackState::Muted | TrackState::Off) => (!is_muted).then_some(CallEvent::MediaCameraOff(by)),
        };
        Ok(event.into_iter().collect())
    }

    fn leave(
        &self,
        who: impl IntoIterator<Item = ParticipantId>,
        reason: LeaveReason,
        at: Option<DateTime<Utc>>,
        evidence: Evidence,
        grace: Option<DateTime<Utc>>,
    ) -> Vec<CallEvent> {
        let leaving: Vec<_> = who.into_iter().filter(|id| self.media.present.contains_key(id)).collect();
        let left = |participant_id: &ParticipantId| {
            CallEvent::MediaParticipantLeft(ParticipantLeft {
                participant_id: *participant_id,
                reason,
                at,
                corrected: evidence == Evidence::Corrected,
            })
        };
        let mut events: Vec<_> = leaving.iter().map(left).collect();
        let mut staying = self.media.present.iter().filter(|(id, _)| !leaving.contains(id));
        let had_customer = leaving.iter().any(|id| self.media.present[id].side == Side::Customer);
        if had_customer && !staying.any(|(_, present)| present.side == Side::Customer) && !self.state.is_terminal() {
            events.extend(self.gone(grace));
        }
        events
    }

    /// A customer whose socket was lost is there all the same while media is connected.
    fn kept(&self, side: Side) -> Option<CallEvent> {
        match self.customer {
            Some(Connection { id, link: Link::Lost(Some(_)) }) if side == Side::Customer && !self.state.is_terminal() => {
                Some(CallEvent::CustomerDisconnected(CustomerDisconnected { connection_id: id, until: None }))
            }
            _ => None,
        }
    }

    /// The last that held a customer whose socket was lost is gone: now they have the grace to come back.
    fn gone(&self, grace: Option<DateTime<Utc>>) -> Option<CallEvent> {
        match self.customer {
            Some(Connection { id, link: Link::Lost(None) }) if grace.is_some() => {
                Some(CallEvent::CustomerDisconnected(CustomerDisconnected { connection_id: id, until: grace }))
            }
            _ => None,
        }
    }
}

impl Source {
    /// What it takes to send it.
    pub const fn ability(self) -> Ability {
        match self {
            Self::Microphone => Ability::Microphone,
            Self::Camera => Ability::Camera,
            Self::Screen => Ability::ShareScreen,
        }
    }
}
