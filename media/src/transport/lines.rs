//! Which track is on which line of a receiver's offer, and who therefore gets what: the wanted forwarding of
//! [`crate::core::room`], brought about.

use super::{leg::Leg, offer::Kind, peer::Peer, shard::Shard};
use crate::{
    core::{
        codec::Codec,
        room::{Forward, ParticipantId, Source, Track, changes},
    },
    facts::What,
    node::{Layout, Line, RoomId, Wants},
};
use std::{collections::BTreeSet, time::Instant};

impl Shard {
    /// What a participant gets on which line, and what finds no line.
    fn lines(&self, slot: usize) -> Vec<Line> {
        let Some(peer) = self.peers[slot].as_deref() else { return Vec::new() };
        let placed = peer.legs.iter().map(|leg| Line { mid: Some(leg.mid.clone()), track: leg.track });
        let tracks = self.calls.get(&peer.room).into_iter().flat_map(|call| call.room.tracks());
        let is_without = |track: &Track| track.from != peer.id && !peer.legs.iter().any(|leg| leg.track == Some(*track));
        placed.chain(tracks.filter(is_without).map(|track| Line { mid: None, track: Some(track) })).collect()
    }

    /// The same, as it was told last.
    pub(super) fn layout(&self, slot: usize) -> Layout {
        self.peers[slot].as_deref().and_then(|peer| peer.layout.clone()).unwrap_or_default()
    }

    /// Puts a room's tracks on lines, and forwards what is wanted.
    pub(super) fn reconcile(&mut self, room: RoomId, now: Instant) {
        let Some(call) = self.calls.get(&room) else { return };
        let tracks: Vec<Track> = call.room.tracks().collect();
        let members = call.members.clone();
        let wanted = call.room.wanted();
        for slot in &members {
            if let Some(peer) = self.peers[*slot].as_deref_mut() {
                put_on_lines(peer, &tracks);
            }
        }
        let wanted: BTreeSet<Forward> = wanted.into_iter().filter(|forward| self.leg(room, forward).is_some()).collect();
        let Some(call) = self.calls.get_mut(&room) else { return };
        let changes = changes(&call.present, &wanted);
        call.present.clone_from(&wanted);
        for slot in &members {
            let Some(peer) = self.peers[*slot].as_deref_mut() else { continue };
            peer.published.values_mut().for_each(|published| published.forwards.clear());
        }
        for forward in &wanted {
            let Some((to, leg)) = self.leg(room, forward) else { continue };
            if let Some(from) = self.by_id.get(&(room, forward.track.from)).copied()
                && let Some(published) = self.peers[from].as_deref_mut().and_then(|peer| peer.published.get_mut(&forward.track.source))
            {
                published.forwards.push((to, leg));
            }
        }
        let mut started = BTreeSet::new();
        for forward in &changes.start {
            if let Some((to, leg)) = self.leg(room, forward)
                && let Some(peer) = self.peers[to].as_deref_mut()
            {
                peer.legs[leg].restart();
                started.insert(to);
            }
        }
        started.into_iter().for_each(|slot| self.choose(slot, now));
        for slot in members {
            let lines = self.lines(slot);
            let Some(preferred) = self.peers[slot].as_deref().map(|peer| self.preferred(room, peer.id)) else { continue };
            let Some(peer) = self.peers[slot].as_deref_mut() else { continue };
            let wants = if peer.could_rather_send(preferred) { Wants::Offer } else { Wants::Nothing };
            if peer.layout.as_ref().is_some_and(|layout| layout.lines == lines && layout.wants == wants) {
                continue;
            }
            self.layouts += 1;
            let layout = Layout { revision: self.layouts, lines, wants };
            let (id, is_first) = (peer.id, peer.layout.replace(layout.clone()).is_none());
            // The first ones are in the answer.
            if !is_first {
                self.fact(room, id, What::Lines(layout));
            }
        }
    }

    /// What somebody's pictures are rather coded in: H.264 where somebody else in the room takes nothing else.
    pub(super) fn preferred(&self, room: RoomId, of: ParticipantId) -> Codec {
        let members = self.calls.get(&room).into_iter().flat_map(|call| &call.members);
        let mut others = members.filter_map(|slot| self.peers[*slot].as_deref()).filter(|peer| peer.id != of);
        if others.any(Peer::takes_h264_only) { Codec::H264 } else { Codec::Vp8 }
    }

    /// Where a track goes out to a participant.
    pub(super) fn leg(&self, room: RoomId, forward: &Forward) -> Option<(usize, usize)> {
        let slot = *self.by_id.get(&(room, forward.to))?;
        let leg = self.peers.get(slot)?.as_deref()?.legs.iter().position(|leg| leg.track == Some(forward.track))?;
        Some((slot, leg))
    }
}

/// Puts tracks on a participant's lines. What is on one stays; a track that comes takes the free line that fits it best: one
/// that is played in step with its sender's others, and one that is meant for it.
fn put_on_lines(peer: &mut Peer, tracks: &[Track]) {
    for leg in &mut peer.legs {
        if leg.track.is_some_and(|track| !tracks.contains(&track)) {
            leg.carry(None);
        }
    }
    for track in tracks.iter().filter(|track| track.from != peer.id) {
        if peer.legs.iter().any(|leg| leg.track == Some(*track)) {
            continue;
        }
        let kind = if track.source == Source::Microphone { Kind::Audio } else { Kind::Video };
        let in_step =
            |group: usize| peer.legs.iter().any(|leg| leg.names.group == group && leg.track.is_some_and(|one| one.from == track.from));
        let is_foreign =
            |group: usize| peer.legs.iter().any(|leg| leg.names.group == group && leg.track.is_some_and(|one| one.from != track.from));
        let fits = |leg: &Leg| (leg.preferred == track.source, in_step(leg.names.group), !is_foreign(leg.names.group));
        let best = (0..peer.legs.len())
            .filter(|at| peer.legs[*at].kind == kind && peer.legs[*at].track.is_none())
            // Of equals the first.
            .rev()
            .max_by_key(|at| fits(&peer.legs[*at]));
        if let Some(best) = best {
            peer.legs[best].carry(Some(*track));
            if let Some(most) = peer.limits.get(track) {
                peer.legs[best].selection.limit(*most);
            }
        }
    }
}
