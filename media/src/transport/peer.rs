//! One participant's connection: its lines, its encryption, what it sends and what it gets. Reads no clock, and knows
//! nothing of the others in the room.

use super::{
    answer,
    arrivals::Arrivals,
    bandwidth::Bandwidth,
    control,
    ice::Credentials,
    leg::{Leg, Ready},
    missing::Missing,
    offer::{Extensions, Feedback, Format, Kind, Offer},
    recent::Recent,
    route::Route,
    secure::{Identity, Secure},
    seen::Seen,
    stream::{Binding, Stream},
};
use crate::{
    core::{
        codec::Codec,
        key_frames::{Ask, KeyFrames},
        layers::{LAYERS_MAX, Layer},
        room::{Flow, Link, ParticipantId, Role, Source, Track},
    },
    node::{JoinError, Layout, RoomId},
    record::Tap,
};
use bytes::BytesMut;
use ring::rand::SecureRandom;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Packets that wait for the end of the shard's turn at most; more would be a fault of this server.
const OUTBOX_MAX: usize = 4_096;
/// Time between two reports of reception and of sending (RFC 3550 section 6.2: 5 s at least; browsers take 1 s).
pub const REPORT_EVERY: Duration = Duration::from_secs(1);

/// A line of the client's offer, as far as it sends on it.
#[derive(Debug)]
pub(super) struct Inward {
    pub(super) mid: String,
    pub(super) kind: Kind,
    pub(super) source: Source,
    pub(super) formats: Vec<Format>,
    pub(super) layers: Vec<String>,
}

/// A track that the client sends.
#[derive(Debug)]
pub struct Published {
    /// Whether it is on, by the client's word.
    pub flow: Flow,
    /// Whether a packet of it has come.
    pub has_come: bool,
    /// Requests for whole pictures, by layer.
    pub key_frames: [KeyFrames; LAYERS_MAX],
    /// What whoever begins with a layer is sent first.
    pub recent: [Recent; LAYERS_MAX],
    /// Who gets it: slot and leg.
    pub forwards: Vec<(usize, usize)>,
}

impl Default for Published {
    fn default() -> Self {
        Self { flow: Flow::On, has_come: false, key_frames: Default::default(), recent: Default::default(), forwards: Vec::new() }
    }
}

/// One participant's connection.
pub struct Peer {
    /// Who.
    pub id: ParticipantId,
    /// Where.
    pub room: RoomId,
    /// As what.
    pub role: Role,
    /// What the client's checks have to know.
    pub credentials: Credentials,
    /// What they had to know before an ICE restart; good until the new ones are used.
    pub former: Option<Credentials>,
    /// The offer that the present answer is for.
    pub offer: String,
    /// That answer.
    pub answer: String,
    /// The codec of pictures that it names first, where the client takes more than one.
    pub preferred: Codec,
    pub(super) remote_ufrag: String,
    pub(super) fingerprint: String,
    pub(super) session: u64,
    pub(super) version: u64,
    /// Encryption.
    pub secure: Secure,
    pub(super) inward: Vec<Inward>,
    pub(super) extensions: Extensions,
    /// What the client gets, a line each.
    pub legs: Vec<Leg>,
    /// What the client shows small: no larger layer of it is of use.
    pub limits: BTreeMap<Track, Layer>,
    /// What the client sends, a stream each.
    pub streams: Vec<Stream>,
    pub(super) bindings: BTreeMap<u32, Binding>,
    /// What the client sends, a track each.
    pub published: BTreeMap<Source, Published>,
    /// How much the client takes.
    pub bandwidth: Bandwidth,
    /// When its packets came.
    pub arrivals: Arrivals,
    /// This server's name in what it reports.
    pub own_ssrc: u32,
    /// Where the client is; nowhere before its first check.
    pub route: Option<Route>,
    /// Where else it was heard from.
    pub routes: Vec<Route>,
    /// Whether it takes packets.
    pub link: Link,
    /// Whether it was connected once.
    pub is_connected: bool,
    /// When it asked to join.
    pub joined: Instant,
    /// When it was last heard.
    pub heard: Instant,
    /// When reports are due.
    pub report_due: Instant,
    /// When layers are chosen again.
    pub choose_due: Instant,
    /// When its timers are looked at.
    pub next: Instant,
    /// What the client was last told of its lines; at first the answer does.
    pub layout: Option<Layout>,
    /// Where a copy of every packet goes that it sends.
    pub tap: Option<Tap>,
    /// What goes out at the end of the turn.
    pub outbox: Vec<BytesMut>,
    scratch: Vec<u8>,
    pub(super) random: Numbered,
}

/// Numbers that nobody can guess, drawn once and counted on.
pub(super) struct Numbered(u32);

impl Numbered {
    pub(super) fn next(&mut self) -> u32 {
        // An odd step visits every number once; zero is no name for a stream.
        self.0 = self.0.wrapping_add(0x9e37_79b1);
        self.0.max(1)
    }
}

impl Peer {
    /// Takes an offer; the answer is in [`Peer::answer`].
    pub fn new(
        (room, id, role): (RoomId, ParticipantId, Role),
        (offer, preferred): (String, Codec),
        (shard, host, identity): (u8, &answer::Host, &Identity),
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<Self, JoinError> {
        let mut parsed = Offer::parse(&offer)?;
        parsed.prefer(preferred);
        let no_randomness = || JoinError::Offer("no randomness".to_owned());
        let credentials = Credentials::new(shard, random).ok_or_else(no_randomness)?;
        let mut seed = [0; 12];
        random.fill(&mut seed).map_err(|_| no_randomness())?;
        let [a, b, c, d, session @ ..] = seed;
        let mut peer = Self {
            id,
            room,
            role,
            credentials,
            former: None,
            offer: String::new(),
            answer: String::new(),
            preferred,
            remote_ufrag: parsed.ufrag.clone(),
            secure: Secure::new(identity, &parsed.fingerprint).map_err(|error| JoinError::Offer(error.to_string()))?,
            fingerprint: parsed.fingerprint.clone(),
            session: u64::from_be_bytes(session) >> 2,
            version: 0,
            inward: Vec::new(),
            extensions: Extensions::default(),
            legs: Vec::new(),
            limits: BTreeMap::new(),
            streams: Vec::new(),
            bindings: BTreeMap::new(),
            published: BTreeMap::new(),
            bandwidth: Bandwidth::new(),
            arrivals: Arrivals::new(now),
            own_ssrc: 0,
            route: None,
            routes: Vec::new(),
            link: Link::Down,
            is_connected: false,
            joined: now,
            heard: now,
            report_due: now + REPORT_EVERY,
            choose_due: now,
            next: now,
            layout: None,
            tap: None,
            outbox: Vec::new(),
            scratch: Vec::with_capacity(1_500),
            random: Numbered(u32::from_be_bytes([a, b, c, d])),
        };
        peer.own_ssrc = peer.random.next();
        peer.take(&parsed, now);
        peer.say(offer, &parsed, host);
        Ok(peer)
    }

    /// Whether what a stream lacks is asked for again.
    pub fn asks_again(&self, source: Source) -> bool {
        self.inward
            .iter()
            .any(|line| line.source == source && line.formats.iter().any(|format| format.feedback.contains(&Feedback::Missing)))
    }

    /// Forgets what was counted of a track, which begins anew.
    pub fn forget(&mut self, source: Source) {
        for stream in self.streams.iter_mut().filter(|stream| stream.source == source) {
            (stream.seen, stream.missing) = (Seen::default(), Missing::default());
        }
    }

    /// Encrypts a packet and puts it out at the end of the turn.
    pub fn send(&mut self, mut ready: Ready, now: Instant) {
        if self.outbox.len() >= OUTBOX_MAX {
            return;
        }
        let bytes = ready.payload.len() + ready.before_length + ready.head.length();
        if let Some((_, number)) = ready.head.transport.as_mut() {
            *number = self.bandwidth.send(bytes, now);
        }
        self.scratch.clear();
        ready.head.write(&mut self.scratch);
        self.scratch.extend_from_slice(&ready.before[..ready.before_length]);
        self.scratch.extend_from_slice(&ready.payload);
        if let Some(packet) = self.secure.protect(&self.scratch, ready.head.ssrc, ready.head.sequence, ready.head.length()) {
            self.outbox.push(packet);
        }
    }

    /// Encrypts a compound of RTCP and puts it out at the end of the turn.
    pub fn tell(&mut self, compound: &[u8]) {
        if compound.is_empty() || self.outbox.len() >= OUTBOX_MAX {
            return;
        }
        if let Some(packet) = self.secure.protect_control(compound) {
            self.outbox.push(packet);
        }
    }

    /// Puts out what the handshake has to say.
    pub fn shake(&mut self) {
        while let Some(record) = self.secure.outgoing() {
            self.outbox.push(record);
        }
    }

    /// Tells the client how its streams arrive, and what time those have that it gets.
    pub fn report(&mut self, sent: &[control::Sent], now: Instant) {
        let mut compound = Vec::new();
        let received: Vec<_> = self.streams.iter_mut().map(|stream| stream.report(now)).collect();
        for sent in sent {
            control::write_sent(&mut compound, sent);
        }
        control::write_received(&mut compound, self.own_ssrc, &received);
        self.tell(&compound);
    }

    /// Asks for a whole picture of a layer, if it is time to.
    pub fn ask_key_frame(&mut self, source: Source, layer: Layer, now: Instant) {
        let Some(frames) = self.published.get_mut(&source).and_then(|track| track.key_frames.get_mut(usize::from(layer.0))) else {
            return;
        };
        if frames.ask(now) == Ask::Now {
            self.request_key_frame(source, layer);
        }
    }

    /// Asks for a whole picture to begin with; a packet that comes asks again, and nothing else.
    pub fn ask_to_begin(&mut self, source: Source, layer: Layer, now: Instant) {
        let frames = self.published.entry(source).or_default().key_frames.get_mut(usize::from(layer.0));
        if frames.is_some_and(|frames| frames.ask_once(now) == Ask::Now) {
            self.request_key_frame(source, layer);
        }
    }

    fn request_key_frame(&mut self, source: Source, layer: Layer) {
        let Some(stream) = self.streams.iter().find(|stream| stream.source == source && stream.layer == layer) else { return };
        let mut request = Vec::new();
        control::write_key_frame(&mut request, self.own_ssrc, stream.ssrc);
        self.tell(&request);
    }

    /// When something is to be done next.
    pub fn due(&self) -> Instant {
        let missing = self.streams.iter().filter_map(|stream| stream.missing.due()).min();
        let key_frames = self.published.values().flat_map(|track| &track.key_frames).filter_map(|frames| frames.due(self.joined)).min();
        [self.secure.due(), self.arrivals.due(), missing, key_frames]
            .into_iter()
            .flatten()
            .fold(self.report_due.min(self.choose_due), Instant::min)
    }
}
