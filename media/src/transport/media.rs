//! The way of a packet through a shard: from its sender, past what the core decides, to everybody who gets it.

use super::{
    control::{self, Control},
    inbound::{Came, Way},
    leg::Incoming,
    offer::Kind,
    recent::Recent,
    seen::Time,
    shard::Shard,
    stream::Stream,
};
use crate::{
    core::{
        codec::Codec,
        h264, layers,
        numbering::Numbers,
        room::{Role, Source, Track},
        vp8::Descriptor,
    },
    record::Piece,
};
use std::{collections::BTreeSet, time::Instant};

/// Bytes of a packet at most. No network carries larger ones in one piece, and of what is kept the packets are counted; over TCP
/// they could have 64 kB each.
const PACKET_MAX: usize = 2_048;

impl Shard {
    /// RTP or RTCP of a participant's has come.
    pub(super) fn media(&mut self, slot: usize, datagram: &[u8], now: Instant) {
        if datagram.len() > PACKET_MAX {
            return;
        }
        // RFC 5761 section 4: the packet types of RTCP, with the marker bit.
        if datagram.get(1).is_some_and(|kind| (192..224).contains(kind)) {
            self.control(slot, datagram, now);
        } else {
            self.packet(slot, datagram, now);
        }
    }

    fn packet(&mut self, slot: usize, datagram: &[u8], now: Instant) {
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { return };
        if let Some(came) = peer.receive(datagram, now) {
            self.came(slot, came, now);
        }
    }

    /// A packet of a participant's, decrypted and recognised.
    pub(super) fn came(&mut self, slot: usize, came: Came, now: Instant) {
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { return };
        let stream = &mut peer.streams[came.stream];
        let (source, layer) = (stream.source, stream.layer);
        if source == Source::Screen && peer.role == Role::Customer {
            return;
        }
        if stream.seen.come(came.sequence) == Time::Again {
            return;
        }
        let begins = stream.begins(came.codec);
        let (descriptor, kind) = look(stream, &came);
        if peer.asks_again(source) {
            peer.streams[came.stream].missing.came(came.sequence, now);
        }
        let (track, way, ssrc) = (Track { from: peer.id, source }, came.way, peer.streams[came.stream].ssrc);
        let room = peer.room;
        let is_picture = source != Source::Microphone;
        let incoming = Incoming {
            codec: came.codec,
            layer,
            numbers: Numbers { sequence: came.sequence, timestamp: came.timestamp },
            marker: came.marker,
            // What is no picture is left out like padding, and leaves no gap.
            payload: if kind.is_none() { bytes::Bytes::new() } else { came.payload },
            descriptor,
            kind: kind.unwrap_or(layers::Kind::Other),
        };
        if let Some(tap) = &peer.tap
            && peer.published.get(&source).is_none_or(|published| published.flow == crate::core::room::Flow::On)
        {
            tap.packet(Piece {
                participant: peer.id,
                source,
                stream: ssrc,
                layer,
                codec: came.codec,
                sequence: came.sequence,
                timestamp: came.timestamp,
                marker: came.marker,
                payload: incoming.payload.clone(),
                at: now,
            });
        }
        if !peer.published.get(&source).is_some_and(|published| published.has_come) && !incoming.payload.is_empty() {
            // Of pictures that were given up something may still be under way; only new ones begin with a whole one.
            if !is_picture || way == Way::First && incoming.kind == layers::Kind::KeyFrameStart {
                self.begin(slot, track, now);
            } else {
                peer.ask_to_begin(source, layer, now);
                self.touched.push(slot);
            }
        }
        if let (Some(loudness), Some(call)) = (came.loudness, self.calls.get_mut(&room)) {
            call.speakers.hear(track.from, loudness, now);
        }
        let Some(published) = self.peers[slot].as_deref_mut().and_then(|peer| peer.published.get_mut(&source)) else { return };
        if incoming.kind == layers::Kind::KeyFrameStart
            && let Some(frames) = published.key_frames.get_mut(usize::from(layer.0))
        {
            frames.came();
        }
        if begins && let Some(recent) = published.recent.get_mut(usize::from(layer.0)) {
            *recent = Recent::default();
        }
        let forwards = std::mem::take(&mut published.forwards);
        for (to, leg) in &forwards {
            let Some(peer) = self.peers[*to].as_deref_mut() else { continue };
            let Some(leg) = peer.legs.get_mut(*leg) else { continue };
            // The sender's encoder began anew: its numbers have nothing to do with those before.
            if begins && (leg.kind == Kind::Audio || leg.selection.current() == Some(layer)) {
                leg.restart();
            }
            if let Some(ready) = leg.forward(&incoming, now) {
                peer.send(ready, now);
                self.touched.push(*to);
            }
        }
        if let Some(published) = self.peers[slot].as_deref_mut().and_then(|peer| peer.published.get_mut(&source)) {
            published.forwards = forwards;
            // After it has been forwarded, so that nobody is sent it twice.
            if is_picture && let Some(recent) = published.recent.get_mut(usize::from(layer.0)) {
                recent.came(&incoming, now);
            }
        }
    }

    fn control(&mut self, slot: usize, datagram: &[u8], now: Instant) {
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { return };
        if let Some(compound) = peer.secure.open_control(datagram) {
            self.told(slot, &compound, now);
        }
    }

    /// What a participant says under its keys, decrypted.
    pub(super) fn told(&mut self, slot: usize, compound: &[u8], now: Instant) {
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { return };
        peer.heard = now;
        let mut wanted = BTreeSet::new();
        control::read(compound, &mut |control| match control {
            Control::Clock(clock) => {
                if let Some(stream) = peer.streams.iter_mut().find(|stream| stream.ssrc == clock.ssrc) {
                    stream.clock = Some((clock, now));
                }
            }
            Control::Again { ssrc, sequences } => {
                for sequence in sequences {
                    let Some(leg) = peer.legs.iter_mut().find(|leg| leg.names.ssrc == ssrc) else { return };
                    if let Some(ready) = leg.again(sequence, now) {
                        peer.send(ready, now);
                    }
                }
            }
            Control::KeyFrame(ssrc) => {
                if let Some(leg) = peer.legs.iter().find(|leg| leg.names.ssrc == ssrc)
                    && let (Some(track), Some(layer)) = (leg.track, leg.selection.awaited().or(leg.selection.current()))
                {
                    wanted.insert((track, layer));
                }
            }
            Control::Arrivals(report) => peer.bandwidth.arrivals(report, now),
            Control::Most(bits) => peer.bandwidth.most(bits),
        });
        let room = peer.room;
        self.touched.push(slot);
        for (track, layer) in wanted {
            if let Some(from) = self.by_id.get(&(room, track.from)).copied() {
                self.want_key_frame(from, track.source, layer, now);
            }
        }
        self.heard(slot);
    }
}

/// What a packet of VP8 says of itself, and whether a receiver can begin with it; `None` when it is nothing that a decoder takes.
fn look(stream: &mut Stream, came: &Came) -> (Option<Descriptor>, Option<layers::Kind>) {
    let payload = &came.payload;
    let kind = |is_whole| if is_whole { layers::Kind::KeyFrameStart } else { layers::Kind::Other };
    match came.codec {
        Codec::Opus => (None, Some(layers::Kind::Other)),
        Codec::Vp8 => {
            let descriptor = Descriptor::parse(payload);
            (descriptor, descriptor.map(|descriptor| kind(descriptor.is_key_frame(payload))))
        }
        Codec::H264 => {
            let begins = h264::begins(payload);
            (None, begins.map(|begins| kind(begins == h264::Begins::Whole && stream.begins_whole(came.timestamp))))
        }
    }
}
