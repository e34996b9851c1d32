//! What comes from a participant: its checks, and its packets, decrypted and recognised.

use super::{
    ice::Check,
    offer::{Format, Kind},
    packet::Head,
    peer::{Inward, Peer},
    route::Route,
    stream::{Binding, Stream},
};
use crate::core::{codec::Codec, layers::Layer};
use bytes::Bytes;
use std::time::Instant;

/// Streams of one client at most: three tracks, three layers, retransmissions of each, and as many again after changes.
const STREAMS_MAX: usize = 36;
/// Addresses that a client was heard from and that it may use: a change of networks brings a few.
const ROUTES_MAX: usize = 8;

/// By which of a stream's ways a packet came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the stream itself.
    First,
    /// By its retransmissions.
    Again,
}

/// A packet of the client's, decrypted and recognised.
#[derive(Debug)]
pub struct Came {
    /// Which of the client's streams.
    pub stream: usize,
    /// How it is coded.
    pub codec: Codec,
    /// Whether it came by the stream itself.
    pub way: Way,
    /// Its number in the stream; that of the packet which it repairs.
    pub sequence: u16,
    /// In ticks.
    pub timestamp: u32,
    /// Last packet of a picture.
    pub marker: bool,
    /// The payload, without padding.
    pub payload: Bytes,
    /// How loud it is.
    pub loudness: Option<u8>,
}

/// A check that was the client's.
#[derive(Debug)]
pub struct Checked {
    /// The answer to it.
    pub answer: Vec<u8>,
    /// The way that it has taken the place of.
    pub given_up: Option<Route>,
}

impl Peer {
    /// Looks at a check; `None` when it is not the client's.
    pub fn check(&mut self, datagram: &[u8], route: Route, now: Instant) -> Option<Checked> {
        let crypto = &std::sync::Arc::clone(self.secure.crypto());
        let check = Check::parse(datagram, &self.credentials, crypto);
        let (check, credentials, is_former) = match (check, &self.former) {
            (Some(check), _) => (check, &self.credentials, false),
            (None, Some(former)) => (Check::parse(datagram, former, crypto)?, former, true),
            (None, None) => return None,
        };
        let answer = check.answer(route.remote(), credentials, crypto)?;
        self.heard = now;
        let mut given_up = None;
        if !self.routes.contains(&route) {
            if self.routes.len() >= ROUTES_MAX {
                let oldest = self.routes.iter().position(|one| Some(*one) != self.route).unwrap_or(0);
                given_up = Some(self.routes.remove(oldest));
            }
            self.routes.push(route);
        }
        // Before the client has chosen, the first way that works is as good as any: a handshake that begins early is not lost.
        if self.route.is_none() || check.nominates && !is_former {
            self.route = Some(route);
        }
        if check.nominates && !is_former {
            self.former = None;
        }
        Some(Checked { answer, given_up })
    }

    /// A way to the client is gone; another one that it was heard over takes its place.
    pub fn lose(&mut self, route: Route) {
        self.routes.retain(|one| *one != route);
        if self.route == Some(route) {
            self.route = self.routes.last().copied();
        }
    }

    /// Decrypts and recognises a packet of media; `None` when it is of no use.
    pub fn receive(&mut self, datagram: &[u8], now: Instant) -> Option<Came> {
        let head = Head::parse(datagram)?;
        let packet = self.secure.open(datagram, head.ssrc, head.sequence, head.length)?.freeze();
        self.opened(&head, &packet, now)
    }

    /// Recognises a packet that is decrypted: the client's own, which may say anything.
    pub(super) fn opened(&mut self, head: &Head, packet: &Bytes, now: Instant) -> Option<Came> {
        self.heard = now;
        let extension = |id: Option<u8>| id.and_then(|id| head.extension(packet, id));
        if let Some([high, low]) = extension(self.extensions.transport) {
            self.arrivals.came(u16::from_be_bytes([*high, *low]), now);
        }
        let loudness = extension(self.extensions.loudness).and_then(|value| value.first()).map(|level| level & 0x7f);
        let binding = match self.bindings.get(&head.ssrc) {
            Some(binding) => *binding,
            None => self.recognise(head, packet, now)?,
        };
        let payload = head.payload(packet)?;
        let codec = self.codec(binding, head.payload_type)?;
        let (timestamp, marker) = (head.timestamp, head.marker);
        let came = |stream, way, sequence, payload| Came { stream, codec, way, sequence, timestamp, marker, payload, loudness };
        match binding {
            Binding::Media(stream) => {
                self.streams.get_mut(stream)?.came(head.sequence, head.timestamp, packet.len(), now);
                Some(came(stream, Way::First, head.sequence, payload))
            }
            Binding::Repairs(stream) => {
                // One without a number is padding that probes the way.
                let original = u16::from_be_bytes([*payload.first()?, *payload.get(1)?]);
                Some(came(stream, Way::Again, original, payload.slice(2..)))
            }
        }
    }

    /// The codec of a packet by the client's number of it, which retransmissions have their own of.
    fn codec(&self, binding: Binding, payload_type: u8) -> Option<Codec> {
        let (Binding::Media(stream) | Binding::Repairs(stream)) = binding;
        let source = self.streams.get(stream)?.source;
        let is_its = |format: &&Format| match binding {
            Binding::Media(_) => format.payload_type == payload_type,
            Binding::Repairs(_) => format.retransmission == Some(payload_type),
        };
        self.inward.iter().find(|line| line.source == source)?.formats.iter().find(is_its).map(|format| format.codec)
    }

    /// Whose packet it is that names a stream which is not known: by the names of line and layer that it carries, else by the
    /// only line that has its codec.
    fn recognise(&mut self, head: &Head, packet: &Bytes, now: Instant) -> Option<Binding> {
        let text = |id: Option<u8>| id.and_then(|id| head.extension(packet, id)).and_then(|value| std::str::from_utf8(value).ok());
        let is_repair = |format: &Format| format.retransmission == Some(head.payload_type);
        let has_codec = |line: &Inward| line.formats.iter().any(|format| format.payload_type == head.payload_type || is_repair(format));
        let line = match text(self.extensions.mid) {
            Some(mid) => self.inward.iter().position(|line| line.mid == mid)?,
            None => self.inward.iter().position(has_codec)?,
        };
        let is_repair = self.inward[line].formats.iter().any(is_repair);
        let name = if is_repair { text(self.extensions.repaired_layer) } else { text(self.extensions.layer) };
        let layer = match name {
            Some(name) => self.inward[line].layers.iter().position(|layer| layer == name)?,
            None if self.inward[line].layers.is_empty() => 0,
            None => return None,
        };
        let layer = Layer(layer as u8);
        if is_repair {
            let source = self.inward[line].source;
            let stream = self.streams.iter().position(|stream| stream.source == source && stream.layer == layer)?;
            return self.bind_repairs(stream, head.ssrc);
        }
        self.bind(line, layer, head.ssrc, now)
    }

    pub(super) fn bind(&mut self, line: usize, layer: Layer, ssrc: u32, now: Instant) -> Option<Binding> {
        if let Some(bound) = self.bindings.get(&ssrc) {
            return Some(*bound);
        }
        if self.bindings.len() >= STREAMS_MAX {
            return None;
        }
        let Inward { source, kind, .. } = self.inward[line];
        let ticks_per_second = if kind == Kind::Audio { 48_000 } else { 90_000 };
        let stream = Stream::new(ssrc, source, layer, ticks_per_second, now);
        let at = match self.streams.iter().position(|one| one.source == source && one.layer == layer) {
            // The client's encoder began anew, under another name.
            Some(at) => {
                self.streams[at] = stream;
                at
            }
            None => {
                self.streams.push(stream);
                self.streams.len() - 1
            }
        };
        let binding = Binding::Media(at);
        // Nor do those repairs belong to it that were the former stream's.
        self.bindings.retain(|_, bound| !matches!(bound, Binding::Media(one) | Binding::Repairs(one) if *one == at));
        self.bindings.insert(ssrc, binding);
        Some(binding)
    }

    pub(super) fn bind_repairs(&mut self, stream: usize, ssrc: u32) -> Option<Binding> {
        let former = self.streams.get_mut(stream)?.repairs.replace(ssrc);
        if let Some(former) = former {
            self.bindings.remove(&former);
        }
        if self.bindings.len() >= STREAMS_MAX {
            return None;
        }
        let binding = Binding::Repairs(stream);
        self.bindings.insert(ssrc, binding);
        Some(binding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::room::{ParticipantId, Role},
        node::RoomId,
        transport::{answer::Host, secure::Identity},
    };
    use uuid::Uuid;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:efghijklmnopqrstuvwxyz12\r\n\
        a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n\
        a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n";

    fn peer(now: Instant) -> Peer {
        let identity = Identity::new().unwrap();
        let host = Host { fingerprint: identity.fingerprint.clone(), udp: vec![], tcp: vec![] };
        let who = (RoomId(Uuid::nil()), ParticipantId(Uuid::nil()), Role::Shopper);
        let offer = (OFFER.to_owned(), Codec::Vp8);
        Peer::new(who, offer, (0, &host, &identity), &ring::rand::SystemRandom::new(), now).unwrap()
    }

    #[test]
    fn however_often_an_encoder_begins_anew_its_stream_and_its_repairs_are_known() {
        let now = Instant::now();
        let mut peer = peer(now);
        for begun in 0..200 {
            let (ssrc, repairs) = (1_000 + begun, 5_000 + begun);
            let Some(Binding::Media(stream)) = peer.bind(0, Layer(0), ssrc, now) else { panic!("no room for stream {begun}") };
            assert!(peer.bind_repairs(stream, repairs).is_some(), "no room for the repairs of stream {begun}");
            // Retransmissions may have another name without the stream having one.
            assert!(peer.bind_repairs(stream, 9_000 + begun).is_some());
            assert_eq!(peer.bindings.len(), 2, "nothing is known of those before");
        }
    }
}
