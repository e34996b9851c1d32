//! The rooms of a shard: who comes and goes, and what they switch off and on.

use super::{peer::Peer, shard::Shard};
use crate::{
    core::{
        layers::Layer,
        room::{Flow, Forward, Link, ParticipantId, Refused, Room, Source, Track},
        speaker::Speakers,
    },
    facts::{JoinFailure, LeaveReason, What},
    node::{Answer, Join, JoinError, RoomId},
    record::{KEY_FRAME_EVERY, Tap},
    stats::{ParticipantStats, Stats},
};
use std::{collections::BTreeSet, time::Instant};

/// Tracks whose size one participant tells at most: all of a full room, and as many that are no more.
const LIMITS_MAX: usize = 64;

/// One call's room.
pub struct Call {
    /// Who is in it, and what they send.
    pub room: Room,
    /// The slots of those who are in it.
    pub members: Vec<usize>,
    /// What is forwarded now.
    pub present: BTreeSet<Forward>,
    /// Who speaks.
    pub speakers: Speakers<ParticipantId>,
    /// Who was told to speak.
    pub speaker: Option<ParticipantId>,
    /// Where copies go.
    pub tap: Option<Tap>,
    /// When senders are asked for whole pictures next for the sake of the recording.
    pub key_frames_at: Instant,
}

impl Shard {
    fn call(&mut self, room: RoomId, now: Instant) -> Result<&mut Call, JoinError> {
        if !self.calls.contains_key(&room) && self.calls.len() >= self.options.rooms_max.div_ceil(self.options.shards.max(1)) {
            return Err(JoinError::NodeFull);
        }
        let participants_max = self.options.participants_max;
        Ok(self.calls.entry(room).or_insert_with(|| Call {
            room: Room::new(participants_max),
            members: Vec::new(),
            present: BTreeSet::new(),
            speakers: Speakers::default(),
            speaker: None,
            tap: None,
            key_frames_at: now,
        }))
    }

    /// Takes somebody in.
    pub(super) fn join(&mut self, Join { room, participant, role, offer }: Join, now: Instant) -> Result<Answer, JoinError> {
        let before = self.by_id.get(&(room, participant)).copied();
        if let Some((slot, peer)) = before.and_then(|slot| Some((slot, self.peers[slot].as_deref()?))) {
            if peer.offer == offer {
                return Ok(Answer { sdp: peer.answer.clone(), layout: self.layout(slot) });
            }
            if peer.is_connected {
                return Err(JoinError::There);
            }
        }
        let node = (self.number, &*self.host, &*self.identity);
        let preferred = self.preferred(room, participant);
        let mut peer = Peer::new((room, participant, role), (offer, preferred), node, &self.random, now)?;
        if let Some(slot) = before {
            // Another offer of one who never came to be connected: the first one counts no more.
            self.take_out(slot, None, now);
        }
        let call = self.call(room, now)?;
        call.room.join(participant, role).map_err(|refused| match refused {
            Refused::Full => JoinError::RoomFull,
            _ => JoinError::There,
        })?;
        peer.tap.clone_from(&call.tap);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.peers.push(None);
            self.peers.len() - 1
        });
        if let Some(call) = self.calls.get_mut(&room) {
            call.members.push(slot);
        }
        self.by_id.insert((room, participant), slot);
        self.by_ufrag.insert(peer.credentials.ufrag.clone(), slot);
        let sdp = peer.answer.clone();
        self.peers[slot] = Some(Box::new(peer));
        self.schedule(slot);
        self.reconcile(room, now);
        // By the time the client is connected, the pictures that it begins with are on their way.
        self.choose(slot, now);
        Ok(Answer { sdp, layout: self.layout(slot) })
    }

    /// Answers another offer of a participant.
    pub(super) fn renegotiate(
        &mut self,
        room: RoomId,
        participant: ParticipantId,
        offer: String,
        now: Instant,
    ) -> Result<Answer, JoinError> {
        let slot = *self.by_id.get(&(room, participant)).ok_or(JoinError::NotThere)?;
        let preferred = self.preferred(room, participant);
        let node = (self.number, &*self.host);
        let peer = self.peers[slot].as_deref_mut().ok_or(JoinError::NotThere)?;
        peer.renegotiate((offer, preferred), node, &self.random, now)?;
        let (current, former) = (peer.credentials.ufrag.clone(), peer.former.as_ref().map(|former| former.ufrag.clone()));
        self.by_ufrag.retain(|ufrag, of| *of != slot || Some(ufrag) == former.as_ref());
        self.by_ufrag.insert(current, slot);
        let (sdp, given_up) = (peer.answer.clone(), peer.given_up());
        for source in given_up {
            self.unpublish(room, Track { from: participant, source }, now);
        }
        // Lines may have gone, and others come: everything that goes to this participant is put in place again.
        if let Some(call) = self.calls.get_mut(&room) {
            call.present.retain(|forward| forward.to != participant);
        }
        self.reconcile(room, now);
        Ok(Answer { sdp, layout: self.layout(slot) })
    }

    /// Somebody's encryption is up.
    pub(super) fn connected(&mut self, slot: usize, now: Instant) {
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        let (room, id) = (peer.room, peer.id);
        if !std::mem::replace(&mut peer.is_connected, true) {
            self.fact(room, id, What::Connected);
        }
        self.link(slot, Link::Up, now);
    }

    /// A participant was heard: one that was silent takes packets again.
    pub(super) fn heard(&mut self, slot: usize) {
        let Some(peer) = self.peers[slot].as_deref() else { return };
        if peer.link == Link::Down && peer.is_connected && peer.secure.is_up() {
            self.link(slot, Link::Up, peer.heard);
        }
    }

    pub(super) fn link(&mut self, slot: usize, link: Link, now: Instant) {
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        peer.link = link;
        let (room, id) = (peer.room, peer.id);
        if let Some(call) = self.calls.get_mut(&room) {
            // Who is in a slot is in the room.
            let _ = call.room.link(id, link);
        }
        self.reconcile(room, now);
    }

    /// Takes somebody out whose connection has ended, also one that was not made yet.
    pub(super) fn put_out(&mut self, slot: usize, reason: LeaveReason, now: Instant) {
        match self.peers.get(slot).and_then(Option::as_deref) {
            Some(peer) if !peer.is_connected => self.fail(slot, JoinFailure::DtlsFailed, now),
            _ => self.remove(slot, reason, now),
        }
    }

    /// Takes somebody out who never got connected.
    pub(super) fn fail(&mut self, slot: usize, failure: JoinFailure, now: Instant) {
        if let Some(peer) = self.peers[slot].as_deref() {
            self.fact(peer.room, peer.id, What::JoinFailed(failure));
        }
        self.take_out(slot, None, now);
    }

    /// Takes somebody out, and tells why.
    pub(super) fn remove(&mut self, slot: usize, reason: LeaveReason, now: Instant) {
        self.take_out(slot, Some(reason), now);
    }

    /// Takes somebody out; of one who was never connected nothing is told.
    fn take_out(&mut self, slot: usize, reason: Option<LeaveReason>, now: Instant) {
        let Some(mut peer) = self.peers.get_mut(slot).and_then(Option::take) else { return };
        let (room, id) = (peer.room, peer.id);
        peer.secure.close(now);
        peer.shake();
        self.peers[slot] = Some(peer);
        self.touched.push(slot);
        self.flush();
        let Some(peer) = self.peers[slot].take() else { return };
        self.forget(slot, &peer);
        self.by_id.remove(&(room, id));
        self.free.push(slot);
        if let Some(call) = self.calls.get_mut(&room) {
            call.members.retain(|member| *member != slot);
            call.room.leave(id);
            call.speakers.forget(id);
            call.present.retain(|forward| forward.to != id && forward.track.from != id);
            if call.speaker == Some(id) {
                call.speaker = None;
            }
            for member in &call.members {
                if let Some(peer) = self.peers[*member].as_deref_mut() {
                    peer.limits.retain(|track, _| track.from != id);
                }
            }
            if call.members.is_empty() && call.tap.is_none() {
                self.calls.remove(&room);
            }
        }
        if let Some(reason) = reason.filter(|_| peer.is_connected) {
            // It ends their tracks too, whyever they leave.
            self.fact(room, id, What::Left(reason));
        }
        self.reconcile(room, now);
    }

    /// Ends a room.
    pub(super) fn close(&mut self, room: RoomId, now: Instant) {
        let members = self.calls.get(&room).map(|call| call.members.clone()).unwrap_or_default();
        members.into_iter().for_each(|slot| self.remove(slot, LeaveReason::RoomClosed, now));
        self.calls.remove(&room);
    }

    /// Copies go to a recorder, or to none.
    pub(super) fn record(&mut self, room: RoomId, tap: Option<Tap>) {
        let now = Instant::now();
        if tap.is_none() && !self.calls.contains_key(&room) {
            return;
        }
        let Ok(call) = self.call(room, now) else { return };
        call.tap.clone_from(&tap);
        call.key_frames_at = now;
        let members = call.members.clone();
        if members.is_empty() && tap.is_none() {
            self.calls.remove(&room);
        }
        for slot in members {
            if let Some(peer) = self.peers[slot].as_deref_mut() {
                peer.tap.clone_from(&tap);
                self.look_at = now;
            }
        }
    }

    /// Asks the senders of a room that is recorded for whole pictures, from time to time.
    pub(super) fn ask_for_recording(&mut self, now: Instant) {
        let due: Vec<_> = self
            .calls
            .iter_mut()
            .filter(|(_, call)| call.tap.is_some() && call.key_frames_at <= now)
            .flat_map(|(_, call)| {
                call.key_frames_at = now + KEY_FRAME_EVERY;
                call.members.clone()
            })
            .collect();
        for slot in due {
            let Some(peer) = self.peers[slot].as_deref() else { continue };
            let pictures: Vec<_> = peer
                .streams
                .iter()
                .filter(|stream| stream.source != Source::Microphone)
                .map(|stream| (stream.source, stream.layer))
                .collect();
            pictures.into_iter().for_each(|(source, layer)| self.want_key_frame(slot, source, layer, now));
        }
    }

    /// A track is switched off or on.
    pub(super) fn mute(&mut self, room: RoomId, track: Track, flow: Flow, now: Instant) {
        let Some(slot) = self.by_id.get(&(room, track.from)).copied() else { return };
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        let published = peer.published.entry(track.source).or_default();
        if published.flow == flow {
            return;
        }
        published.flow = flow;
        if published.has_come {
            self.publish(slot, track, flow, now);
            self.fact(room, track.from, if flow == Flow::On { What::Unmuted(track.source) } else { What::Muted(track.source) });
        }
    }

    fn publish(&mut self, slot: usize, track: Track, flow: Flow, now: Instant) {
        let Some(room) = self.peers[slot].as_deref().map(|peer| peer.room) else { return };
        if let Some(call) = self.calls.get_mut(&room) {
            // What a customer must not send has been refused before.
            let _ = call.room.publish(track, flow);
        }
        self.reconcile(room, now);
    }

    /// The first packet of a track has come.
    pub(super) fn begin(&mut self, slot: usize, track: Track, now: Instant) {
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        let (room, published) = (peer.room, peer.published.entry(track.source).or_default());
        published.has_come = true;
        let flow = published.flow;
        self.fact(room, track.from, What::Published(track.source));
        if flow == Flow::Muted {
            self.fact(room, track.from, What::Muted(track.source));
        }
        self.publish(slot, track, flow, now);
    }

    /// A track is given up.
    pub(super) fn unpublish(&mut self, room: RoomId, track: Track, now: Instant) {
        let Some(slot) = self.by_id.get(&(room, track.from)).copied() else { return };
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        peer.forget(track.source);
        let had_come = peer.published.remove(&track.source).is_some_and(|published| published.has_come);
        if let Some(call) = self.calls.get_mut(&room) {
            call.room.unpublish(track);
        }
        if had_come {
            self.fact(room, track.from, What::Unpublished(track.source));
        }
        self.reconcile(room, now);
    }

    /// A track is shown small.
    pub(super) fn limit(&mut self, room: RoomId, participant: ParticipantId, track: Track, most: Layer, now: Instant) {
        let Some(slot) = self.by_id.get(&(room, participant)).copied() else { return };
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        if peer.limits.len() >= LIMITS_MAX && !peer.limits.contains_key(&track) {
            return;
        }
        peer.limits.insert(track, most);
        for leg in peer.legs.iter_mut().filter(|leg| leg.track == Some(track)) {
            leg.selection.limit(most);
        }
        self.choose(slot, now);
    }

    /// What goes on in a room.
    pub(super) fn stats(&self, room: RoomId, now: Instant) -> Option<Stats> {
        let call = self.calls.get(&room)?;
        let participants = call.members.iter().filter_map(|slot| self.peers[*slot].as_deref()).map(|peer| ParticipantStats {
            participant: peer.id,
            is_connected: peer.link == Link::Up,
            bandwidth: peer.bandwidth.estimate(),
            sends: peer.streams.iter().filter_map(|stream| Some((stream.source, stream.layer, stream.rate(now)?))).collect(),
            gets: peer.legs.iter().filter_map(|leg| Some((leg.track?, leg.selection.current()))).collect(),
        });
        Some(Stats { participants: participants.collect() })
    }
}
