//! Whatever a participant says under its own keys, in whatever order: nothing of it is a fault here, what is kept of it has an end,
//! and the others' media goes on. Words come in as they are after decryption; what goes out is encrypted.

use super::{
    answer::Host,
    control::{self, Clock, Received, Sent},
    neighbour::Neighbour,
    packet::Head,
    request::Reach,
    secure::Identity,
    shard::{Parts, Shard, WAKE},
    udp::{self, Udp},
    whereabouts::Whereabouts,
};
use crate::{
    Join, Options, ParticipantId, Role, RoomId,
    core::{layers::LAYERS_MAX, room::Source},
    counts::Counters,
    facts::Fact,
};
use bytes::Bytes;
use mio::{Poll, Waker};
use proptest::{prelude::*, sample::Index};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use uuid::Uuid;

const HEAD: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3\r\n";
const TRANSPORT: &str = "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:efghijklmnopqrstuvwxyz12\r\na=fingerprint:sha-256 AA:BB\r\n\
    a=setup:actpass\r\na=rtcp-mux\r\na=sendrecv\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
    a=extmap:2 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
    a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
    a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n";
const PICTURES: &str = "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:104 H264/90000\r\n\
    a=fmtp:104 packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:105 rtx/90000\r\na=fmtp:105 apt=104\r\na=rtcp-fb:96 nack\r\n\
    a=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 ccm fir\r\na=rtcp-fb:96 transport-cc\r\na=rtcp-fb:104 nack\r\n";
const LAYERS: &str = "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n";
/// Codecs and their retransmissions as the offer numbers them, and one that it does not name.
const TYPES: [u8; 6] = [111, 96, 97, 104, 105, 20];
/// Who talks.
const TALKERS: usize = 2;

fn offer() -> String {
    // Two lines, for the voices of both others.
    let sound = |mid| format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{mid}\r\na=rtpmap:111 opus/48000/2\r\n");
    let pictures = |mid| format!("m=video 9 UDP/TLS/RTP/SAVPF 96 97 104 105\r\na=mid:{mid}\r\n{PICTURES}");
    format!("{HEAD}{}{TRANSPORT}{}{TRANSPORT}{LAYERS}{}{TRANSPORT}{}{TRANSPORT}", sound(0), pictures(1), pictures(2), sound(3))
}

/// A shard with one room, two who talk and one who listens; and what keeps its ends open.
struct Room {
    shard: Shard,
    slots: Vec<usize>,
    now: Instant,
    _reach: Reach,
    _facts: mpsc::Receiver<Fact>,
}

impl Room {
    fn new() -> Self {
        let now = Instant::now();
        let poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), WAKE).unwrap());
        let (neighbour, handed) = Neighbour::new(Arc::clone(&waker));
        let (reach, requests) = Reach::new(waker);
        let (facts, told) = mpsc::channel(4_096);
        let identity = Arc::new(Identity::new().unwrap());
        let parts = Parts {
            number: 0,
            options: Options::default(),
            host: Arc::new(Host { fingerprint: identity.fingerprint.clone(), udp: vec![], tcp: vec![] }),
            identity,
            poll,
            udp: Udp::new(udp::open(Options::default().udp, 1).unwrap().remove(0)).unwrap(),
            listener: None,
            requests,
            handed,
            all: vec![neighbour],
            whereabouts: Arc::new(Whereabouts::default()),
            counters: Arc::new(Counters::default()),
            facts,
        };
        let mut room = Self { shard: Shard::new(parts).unwrap(), slots: Vec::new(), now, _reach: reach, _facts: told };
        for n in 0..=TALKERS {
            let (id, participant) = (RoomId(Uuid::nil()), ParticipantId(Uuid::from_u128(n as u128)));
            room.shard.join(Join { room: id, participant, role: Role::Shopper, offer: offer() }, now).unwrap();
            let slot = room.shard.by_id[&(id, participant)];
            room.shard.peers[slot].as_deref_mut().unwrap().secure.keyed();
            room.shard.connected(slot, now);
            room.slots.push(slot);
        }
        room
    }

    /// Names of streams that mean something here: what somebody gets, and what somebody sends.
    fn names(&self, who: usize) -> Vec<u32> {
        let peer = self.shard.peers[self.slots[who]].as_deref().unwrap();
        let gets = peer.legs.iter().flat_map(|leg| [leg.names.ssrc, leg.names.retransmission]);
        gets.chain(peer.streams.iter().map(|stream| stream.ssrc)).chain([0, 7]).collect()
    }

    fn hear(&mut self, who: usize, word: Word) {
        let (slot, names, now) = (self.slots[who], self.names(who), self.now);
        match word {
            Word::Control(bytes) => self.shard.told(slot, &bytes, now),
            Word::Reports(reports) => {
                let mut compound = Vec::new();
                reports.into_iter().for_each(|report| report.write(&names, &mut compound));
                self.shard.told(slot, &compound, now);
            }
            Word::Packet(packet) => {
                let bytes = Bytes::from(packet.bytes());
                let Some(head) = Head::parse(&bytes) else { return };
                let came = self.shard.peers[slot].as_deref_mut().unwrap().opened(&head, &bytes, now);
                came.into_iter().for_each(|came| self.shard.came(slot, came, now));
            }
            Word::Pass(millis) => {
                self.now += Duration::from_millis(millis.into());
                for slot in &self.slots {
                    self.shard.peers[*slot].as_deref_mut().unwrap().heard = self.now;
                }
                self.shard.look_at_timers(self.now);
            }
        }
    }

    /// What is to go out to somebody, which goes.
    fn sent(&mut self, who: usize) -> usize {
        self.shard.peers[self.slots[who]].as_deref_mut().map_or(0, |peer| std::mem::take(&mut peer.outbox).len())
    }

    /// That nothing grows without end.
    fn is_bounded(&self) -> bool {
        self.slots.iter().all(|slot| {
            let Some(peer) = self.shard.peers[*slot].as_deref() else { return false };
            let recent = peer.published.values().flat_map(|track| &track.recent).map(|recent| recent.packets(self.now).len());
            // Three tracks, one with three layers or two, of which the name of each may be another one at any time.
            peer.streams.len() <= 3 * LAYERS_MAX
                && peer.bindings.len() <= 36
                && peer.published.len() <= 3
                && recent.sum::<usize>() <= 9 * 64
        })
    }
}

#[derive(Debug, Clone)]
enum Word {
    /// Anything at all in place of reports.
    Control(Vec<u8>),
    /// Reports and requests that look right.
    Reports(Vec<Report>),
    Packet(Packet),
    /// Time passes, in milliseconds.
    Pass(u8),
}

#[derive(Debug, Clone)]
enum Report {
    Sent(Index, u64, u32),
    Received(Index, u32),
    Again(Index, Vec<u16>),
    KeyFrame(Index),
    Arrivals { base: u16, count: u16, rest: Vec<u8> },
    Most(u32),
}

impl Report {
    fn write(self, names: &[u32], out: &mut Vec<u8>) {
        match self {
            Self::Sent(of, ntp, timestamp) => {
                control::write_sent(out, &Sent { clock: Clock { ssrc: *of.get(names), ntp, timestamp }, packets: timestamp, bytes: 1 });
            }
            Self::Received(of, any) => {
                control::write_received(out, 1, &[Received { ssrc: *of.get(names), highest: any, jitter: any, ..Received::default() }]);
            }
            Self::Again(of, sequences) => control::write_again(out, 1, *of.get(names), &sequences),
            Self::KeyFrame(of) => control::write_key_frame(out, 1, *of.get(names)),
            Self::Arrivals { base, count, mut rest } => {
                rest.resize(rest.len().next_multiple_of(4), 0);
                out.extend_from_slice(&[0x8f, 205, 0, (3 + rest.len() / 4) as u8]);
                out.extend_from_slice(&[0; 8]);
                out.extend([base, count].iter().flat_map(|word| word.to_be_bytes()));
                out.extend(rest);
            }
            Self::Most(value) => {
                out.extend_from_slice(&[0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0]);
                out.extend_from_slice(b"REMB");
                out.extend(value.to_be_bytes());
            }
        }
    }
}

#[derive(Debug, Clone)]
struct Packet {
    first: u8,
    marker: u8,
    /// Which of [`TYPES`].
    payload_type: usize,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    /// The line and the layer that it names.
    names: (u8, u8),
    extension: Option<Vec<u8>>,
    payload: Vec<u8>,
}

impl Packet {
    fn bytes(self) -> Vec<u8> {
        let is_extended = self.first & 0x10 != 0;
        let mut bytes = vec![0x80 | self.first & 0x3f, self.marker & 0x80 | TYPES[self.payload_type % TYPES.len()]];
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.resize(bytes.len() + usize::from(self.first & 0x0f) * 4, 9);
        if is_extended {
            let [high, low] = self.sequence.to_be_bytes();
            let (line, layer) = (b"0123"[usize::from(self.names.0 % 4)], b"qhfx"[usize::from(self.names.1 % 4)]);
            let named = vec![0x10, self.marker & 0x7f, 0x21, high, low, 0x30, line, 0x40, layer, 0x50, layer, 0];
            let mut extension = self.extension.unwrap_or(named);
            extension.resize(extension.len().next_multiple_of(4), 0);
            bytes.extend_from_slice(&[0xbe, 0xde, 0, (extension.len() / 4) as u8]);
            bytes.extend(extension);
        }
        bytes.extend(self.payload);
        bytes
    }
}

fn report() -> impl Strategy<Value = Report> {
    let index = any::<Index>;
    prop_oneof![
        (index(), any::<u64>(), any::<u32>()).prop_map(|(of, ntp, timestamp)| Report::Sent(of, ntp, timestamp)),
        (index(), any::<u32>()).prop_map(|(of, any)| Report::Received(of, any)),
        (index(), prop::collection::vec(any::<u16>(), 0..40)).prop_map(|(of, sequences)| Report::Again(of, sequences)),
        // As one asks who has lost a stretch of it.
        (index(), any::<u16>(), 0_u16..300)
            .prop_map(|(of, from, count)| Report::Again(of, (0..count).map(|n| from.wrapping_add(n)).collect())),
        index().prop_map(Report::KeyFrame),
        (any::<u16>(), any::<u16>(), prop::collection::vec(any::<u8>(), 4..40)).prop_map(|(base, count, rest)| Report::Arrivals {
            base,
            count,
            rest
        }),
        (0_u16..50, 0_u16..50, prop::collection::vec(any::<u8>(), 4..40)).prop_map(|(base, count, rest)| Report::Arrivals {
            base,
            count,
            rest
        }),
        any::<u32>().prop_map(Report::Most),
    ]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    let any_bytes = || prop::collection::vec(any::<u8>(), 0..60);
    let after = |begin: &'static [u8]| any_bytes().prop_map(move |rest| [begin, &rest].concat());
    prop_oneof![
        any_bytes(),
        // Whole pictures of VP8 with and without numbers, and as retransmissions; parameters of H.264, alone and together; a part.
        after(&[0x10, 0x00, 0, 0]),
        after(&[0x90, 0xe0, 0x81, 0x02, 0x07, 0x40, 0x10]),
        after(&[0, 5, 0x90, 0x80, 0x05, 0x00]),
        after(&[0x67, 0x42]),
        after(&[0x78, 0, 2, 0x67, 0x42]),
        after(&[0x7c, 0x85]),
    ]
}

fn packet() -> impl Strategy<Value = Packet> {
    // Most are of few streams and near each other, so that they mean something together.
    let sequence = prop_oneof![4 => 65_500_u16..=65_535, 4 => 0_u16..60, 1 => any::<u16>()];
    let ssrc = prop_oneof![6 => 1_000_u32..1_006, 1 => any::<u32>()];
    let first = prop_oneof![4 => Just(0x10_u8), 2 => Just(0), 1 => any::<u8>()];
    let extension = prop::option::weighted(0.2, prop::collection::vec(any::<u8>(), 0..40));
    let rest = (any::<u32>(), any::<(u8, u8)>(), extension, payload());
    (first, any::<u8>(), 0..TYPES.len(), sequence, ssrc, rest).prop_map(
        |(first, marker, payload_type, sequence, ssrc, (timestamp, names, extension, payload))| Packet {
            first,
            marker,
            payload_type,
            sequence,
            timestamp,
            ssrc,
            names,
            extension,
            payload,
        },
    )
}

fn word() -> impl Strategy<Value = Word> {
    let like_control = (prop::collection::vec(any::<u8>(), 4..200), 198_u8..210, 0_u8..32, 0_u8..40);
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Word::Control),
        2 => like_control.prop_map(|(mut bytes, kind, count, words)| {
            bytes[..4].copy_from_slice(&[0x80 | count, kind, 0, words]);
            Word::Control(bytes)
        }),
        4 => prop::collection::vec(report(), 1..24).prop_map(Word::Reports),
        12 => packet().prop_map(Word::Packet),
        2 => any::<u8>().prop_map(Word::Pass),
    ]
}

/// A whole picture of the listener's own, which both others get.
fn picture(sequence: u16) -> Word {
    Word::Packet(Packet {
        first: 0x10,
        marker: 0x80,
        payload_type: 0,
        sequence,
        timestamp: u32::from(sequence) * 960,
        ssrc: 5_000,
        names: (0, 0),
        extension: Some(vec![0x10, 40, 0x30, b'0']),
        payload: vec![9; 20],
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn no_words_are_too_strange(words in prop::collection::vec((0..TALKERS, word()), 1..160)) {
        let mut room = Room::new();
        for (who, word) in words {
            room.hear(who, word);
            prop_assert!(room.is_bounded());
            // Of what is kept to be sent again everything goes out once at most, and with it what one packet can lead to.
            let legs = 4;
            for other in 0..=TALKERS {
                let sent = room.sent(other);
                prop_assert!(sent <= 256 * legs + 100, "{} for one word", sent);
            }
        }
        // Who listened now speaks, and is heard.
        for sequence in 0..3 {
            room.hear(TALKERS, picture(sequence));
        }
        for who in 0..TALKERS {
            prop_assert!(room.sent(who) >= 3, "nothing comes of the third one's voice");
        }
        prop_assert!(room.shard.peers[room.slots[TALKERS]].as_deref().unwrap().published.contains_key(&Source::Microphone));
    }
}
