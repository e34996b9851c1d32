//! The media of a story's call: sessions, presences, tracks, and one who never came to be connected.

use chrono::{DateTime, Utc};
use vitrina_domain::{
    actor::Actor,
    call::{CallEvent, Device, Side, media::*},
    ids::*,
};

/// The media of a call, as it is now.
#[derive(Default)]
pub(super) struct Media {
    session: Option<MediaSessionId>,
    present: Vec<ParticipantId>,
}

impl Media {
    /// What happens next; `ids` are new.
    pub(super) fn goes_on(&mut self, choice: usize, ids: [uuid::Uuid; 3], holder: ShopperId, at: DateTime<Utc>) -> Vec<CallEvent> {
        let participant = ParticipantId(ids[1]);
        let (Some(session_id), Some(&last)) = (self.session, self.present.last()) else {
            return self.begins(ids, holder);
        };
        let by = ByParticipant { participant_id: last };
        match choice % 6 {
            0 => vec![CallEvent::MediaMicMuted(by.clone()), CallEvent::MediaCameraOff(by)],
            1 => vec![CallEvent::MediaMicUnmuted(by)],
            2 => {
                self.present.push(participant);
                vec![joined(session_id, participant, Actor::Shopper(holder), Side::Shopper)]
            }
            3 => {
                self.present.pop();
                let (reason, at) = (LeaveReason::ClientInitiated, None);
                vec![CallEvent::MediaParticipantLeft(ParticipantLeft { participant_id: last, reason, at, corrected: false })]
            }
            4 => {
                let (who, reason) = (Actor::Shopper(holder), JoinFailure::DeviceMissing);
                let failed = JoinFailed { participant_id: participant, who, reason, detail: Some("NotAllowedError".into()) };
                let mut events = vec![CallEvent::MediaJoinFailed(failed)];
                if choice > 6 {
                    // Told to have failed, and connected after all.
                    self.present.push(participant);
                    events.push(joined(session_id, participant, Actor::Shopper(holder), Side::Shopper));
                }
                events
            }
            _ => {
                let reason = LeaveReason::ServerShutdown;
                let left = |participant_id| {
                    CallEvent::MediaParticipantLeft(ParticipantLeft { participant_id, reason, at: Some(at), corrected: true })
                };
                let mut events: Vec<_> = self.present.drain(..).map(left).collect();
                self.session = None;
                events.push(CallEvent::MediaSessionClosed(SessionClosed { session_id, reason }));
                events
            }
        }
    }

    fn begins(&mut self, ids: [uuid::Uuid; 3], holder: ShopperId) -> Vec<CallEvent> {
        let mut events = Vec::new();
        let session_id = *self.session.get_or_insert_with(|| {
            let session_id = MediaSessionId(ids[0]);
            let opened = SessionOpened { session_id, node_id: NodeId(uuid::Uuid::from_u128(9)), address: "https://one.example".into() };
            events.push(CallEvent::MediaSessionOpened(opened));
            session_id
        });
        let (customer, shopper) = (ParticipantId(ids[1]), ParticipantId(ids[2]));
        self.present.extend([customer, shopper]);
        events.push(joined(session_id, customer, Actor::Customer(CustomerId::default()), Side::Customer));
        events.push(joined(session_id, shopper, Actor::Shopper(holder), Side::Shopper));
        events.push(CallEvent::MediaTrackPublished(TrackOf { participant_id: customer, source: Source::Camera }));
        events
    }
}

fn joined(session_id: MediaSessionId, participant_id: ParticipantId, who: Actor, role: Side) -> CallEvent {
    CallEvent::MediaParticipantJoined(ParticipantJoined { session_id, participant_id, who, role, device: Some(Device::Desktop) })
}
