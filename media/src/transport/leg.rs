//! A track's way out to one receiver, on one line of its offer: one stream that goes on whatever comes in.

use super::{
    answer,
    control::{Clock, Sent},
    offer::{Feedback, Format, Kind, Usable},
    packet::Outgoing,
};
use crate::core::{
    codec::Codec,
    layers::{self, Layer, Selection, Verdict},
    numbering::{Numbering, Numbers},
    pictures::Pictures,
    room::{Source, Track},
    vp8::Descriptor,
};
use bytes::Bytes;
use std::time::{Duration, Instant};

/// Packets that are kept to be sent again: a second and a half of a large picture, ten of a small one.
const KEPT: usize = 256;
/// A packet is not sent again within this: the first copy is still on its way.
const AGAIN: Duration = Duration::from_millis(30);
/// Bytes of a VP8 descriptor at most.
const DESCRIPTOR_MAX: usize = 6;

/// A packet of a client's stream, on its way to receivers.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// How it is coded.
    pub codec: Codec,
    /// Which layer.
    pub layer: Layer,
    /// Its numbers at the sender.
    pub numbers: Numbers,
    /// Last packet of a picture.
    pub marker: bool,
    /// The payload, without padding.
    pub payload: Bytes,
    /// What a picture's packet says of itself.
    pub descriptor: Option<Descriptor>,
    /// Whether a receiver can begin with it.
    pub kind: layers::Kind,
}

/// A packet for one receiver, before encryption.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Its header.
    pub head: Outgoing,
    /// What stands before the payload.
    pub before: [u8; DESCRIPTOR_MAX + 2],
    /// How much of it.
    pub before_length: usize,
    /// The payload, from where it is as it came.
    pub payload: Bytes,
}

#[derive(Debug, Clone)]
struct Kept {
    sequence: u16,
    timestamp: u32,
    marker: bool,
    descriptor: [u8; DESCRIPTOR_MAX],
    descriptor_length: usize,
    payload: Bytes,
    /// The receiver's numbers of its codec and of retransmissions of it.
    numbers: (u8, Option<u8>),
    sent_again: Option<Instant>,
}

/// A line on which a receiver gets a track.
#[derive(Debug)]
pub struct Leg {
    /// The line's name.
    pub mid: String,
    /// The streams that the answer named.
    pub names: answer::Outgoing,
    /// Sound or picture.
    pub kind: Kind,
    /// The track that this line is meant for: a screen goes on the screen's line.
    pub preferred: Source,
    /// The track on it.
    pub track: Option<Track>,
    /// Which layer of it.
    pub selection: Selection,
    formats: Vec<Format>,
    transport: Option<u8>,
    begun: bool,
    numbering: Numbering,
    pictures: Pictures,
    kept: Vec<Option<Kept>>,
    repair_sequence: u16,
    packets: u32,
    bytes: u32,
    last: Option<Instant>,
}

impl Leg {
    /// A line of an offer, with nothing on it. `first` are the numbers to begin with; sequence numbers below half their
    /// space, since a receiver who misses the first packets of another could take them for wrapped (RFC 3711 section 3.3.1).
    pub fn new(mid: &str, usable: &Usable, names: answer::Outgoing, preferred: Source, first: Numbers) -> Self {
        Self {
            mid: mid.to_owned(),
            names,
            kind: usable.kind,
            preferred,
            track: None,
            selection: Selection::new(Layer(u8::MAX)),
            formats: usable.formats.clone(),
            transport: transport(usable),
            begun: false,
            numbering: Numbering::new(Numbers { sequence: first.sequence & 0x7fff, timestamp: first.timestamp }),
            pictures: Pictures::default(),
            kept: Vec::new(),
            repair_sequence: first.sequence >> 1,
            packets: 0,
            bytes: 0,
            last: None,
        }
    }

    /// What the same line is in a new offer.
    pub fn renegotiate(&mut self, usable: &Usable) {
        self.formats.clone_from(&usable.formats);
        self.transport = transport(usable);
    }

    /// Another track, or none, is on the line from now on.
    pub fn carry(&mut self, track: Option<Track>) {
        self.track = track;
        self.selection = Selection::new(Layer(u8::MAX));
        self.restart();
    }

    /// What comes next has nothing to do with what came before: the stream goes on with a whole picture.
    pub fn restart(&mut self) {
        self.selection.restart();
        self.begun = false;
    }

    /// Whether the receiver takes a codec.
    pub fn takes(&self, codec: Codec) -> bool {
        self.format(codec).is_some()
    }

    /// How the receiver takes a codec; `None` when it does not.
    fn format(&self, codec: Codec) -> Option<&Format> {
        self.formats.iter().find(|format| format.codec == codec)
    }

    fn ticks_per_second(&self) -> u32 {
        match self.kind {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }

    /// Whether and how a packet goes out; `None` when it does not.
    pub fn forward(&mut self, incoming: &Incoming, now: Instant) -> Option<Ready> {
        let Format { payload_type, retransmission, .. } = *self.format(incoming.codec)?;
        let is_first = match self.kind {
            Kind::Audio => !std::mem::replace(&mut self.begun, true),
            Kind::Video => match self.selection.packet(incoming.layer, incoming.kind) {
                Verdict::Drop => return None,
                Verdict::Forward => false,
                Verdict::Switch => true,
            },
        };
        if is_first {
            self.switch(incoming, now);
        }
        if incoming.payload.is_empty() {
            self.numbering.leave_out(incoming.numbers.sequence);
            return None;
        }
        let numbers = self.numbering.forward(incoming.numbers)?;
        let mut kept = Kept {
            sequence: numbers.sequence,
            timestamp: numbers.timestamp,
            marker: incoming.marker,
            descriptor: [0; DESCRIPTOR_MAX],
            descriptor_length: 0,
            payload: incoming.payload.clone(),
            numbers: (payload_type, retransmission),
            sent_again: None,
        };
        if let Some(descriptor) = incoming.descriptor.filter(|descriptor| descriptor.length <= DESCRIPTOR_MAX) {
            let written = &mut kept.descriptor[..descriptor.length];
            written.copy_from_slice(incoming.payload.get(..descriptor.length)?);
            self.pictures.write(&descriptor, written);
            kept.descriptor_length = descriptor.length;
        }
        self.packets = self.packets.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add(incoming.payload.len() as u32);
        self.last = Some(now);
        let ready = self.ready(&kept);
        if retransmission.is_some() {
            if self.kept.is_empty() {
                self.kept.resize(KEPT, None);
            }
            self.kept[usize::from(numbers.sequence) % KEPT] = Some(kept);
        }
        Some(ready)
    }

    /// The source changes: numbers go on as if it had not.
    fn switch(&mut self, incoming: &Incoming, now: Instant) {
        let passed = self.last.map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        let ticks = passed.as_micros() * u128::from(self.ticks_per_second()) / 1_000_000;
        self.numbering.switch(incoming.numbers, u32::try_from(ticks).unwrap_or(u32::MAX / 2));
        if let Some(descriptor) = &incoming.descriptor {
            self.pictures.switch(descriptor);
        }
    }

    fn ready(&self, kept: &Kept) -> Ready {
        let mut before = [0; DESCRIPTOR_MAX + 2];
        before[..DESCRIPTOR_MAX].copy_from_slice(&kept.descriptor);
        Ready {
            head: Outgoing {
                marker: kept.marker,
                payload_type: kept.numbers.0,
                sequence: kept.sequence,
                timestamp: kept.timestamp,
                ssrc: self.names.ssrc,
                transport: self.transport.map(|id| (id, 0)),
            },
            before,
            before_length: kept.descriptor_length,
            payload: kept.payload.slice(kept.descriptor_length..),
        }
    }

    /// A packet that the receiver lacks, as a retransmission (RFC 4588); `None` when it is gone or was just sent again.
    pub fn again(&mut self, sequence: u16, now: Instant) -> Option<Ready> {
        let kept = self.kept.get_mut(usize::from(sequence) % KEPT)?.as_mut().filter(|kept| kept.sequence == sequence)?;
        let payload_type = kept.numbers.1?;
        if kept.sent_again.is_some_and(|at| now.saturating_duration_since(at) < AGAIN) {
            return None;
        }
        kept.sent_again = Some(now);
        let kept = kept.clone();
        let mut ready = self.ready(&kept);
        let length = ready.before_length;
        ready.before.copy_within(..length, 2);
        ready.before[..2].copy_from_slice(&sequence.to_be_bytes());
        ready.before_length = length + 2;
        ready.head = Outgoing { payload_type, ssrc: self.names.retransmission, sequence: self.repair_sequence, ..ready.head };
        self.repair_sequence = self.repair_sequence.wrapping_add(1);
        Some(ready)
    }

    /// What the receiver is told of the stream's time, from what its source said last: by this, sound and picture of one
    /// sender are played in step.
    pub fn report(&self, source: &(Clock, Instant), now: Instant) -> Option<Sent> {
        let (clock, at) = source;
        self.last?;
        let passed = now.saturating_duration_since(*at).as_micros() as u64;
        let ticks = (passed * u64::from(self.ticks_per_second()) / 1_000_000) as u32;
        let timestamp = self.numbering.timestamp(clock.timestamp)?.wrapping_add(ticks);
        let ntp = clock.ntp.wrapping_add(((u128::from(passed) << 32) / 1_000_000) as u64);
        Some(Sent { clock: Clock { ssrc: self.names.ssrc, ntp, timestamp }, packets: self.packets, bytes: self.bytes })
    }
}

fn transport(usable: &Usable) -> Option<u8> {
    usable.formats.iter().any(|format| format.feedback.contains(&Feedback::Arrivals)).then_some(usable.extensions.transport).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{core::room::ParticipantId, transport::offer::Extensions};
    use uuid::Uuid;

    fn format(codec: Codec, payload_type: u8) -> Format {
        Format { codec, payload_type, retransmission: Some(payload_type + 1), feedback: Feedback::ALL.to_vec(), profile: None }
    }

    fn leg(kind: Kind) -> Leg {
        let usable = Usable {
            kind,
            sends: false,
            receives: true,
            formats: vec![format(Codec::Vp8, 96)],
            extensions: Extensions { transport: Some(3), ..Extensions::default() },
            layers: vec![],
            takes_short_reports: true,
            streams: vec![],
        };
        let names = answer::Outgoing { ssrc: 7, retransmission: 8, group: 0 };
        let mut leg = Leg::new("1", &usable, names, Source::Camera, Numbers { sequence: 100, timestamp: 1_000 });
        leg.carry(Some(Track { from: ParticipantId(Uuid::nil()), source: Source::Camera }));
        leg
    }

    fn picture(layer: u8, sequence: u16, number: u8, is_key: bool) -> Incoming {
        let payload = Bytes::from(vec![0x90, 0x80, number, if is_key { 0 } else { 1 }, 9, 9]);
        Incoming {
            codec: Codec::Vp8,
            layer: Layer(layer),
            numbers: Numbers { sequence, timestamp: u32::from(sequence) * 3_000 },
            marker: true,
            descriptor: Descriptor::parse(&payload),
            payload,
            kind: if is_key { layers::Kind::KeyFrameStart } else { layers::Kind::Other },
        }
    }

    #[test]
    fn what_goes_out_goes_on_over_a_change_of_the_layer_and_can_be_had_again() {
        let (mut leg, now) = (leg(Kind::Video), Instant::now());
        assert!(leg.forward(&picture(0, 5, 1, true), now).is_none(), "no layer is chosen yet");
        leg.selection.choose(&[Some(1), Some(100), None], 10, now);
        let first = leg.forward(&picture(0, 6, 20, true), now).unwrap();
        assert_eq!((first.head.sequence, first.head.ssrc, first.before[2]), (100, 7, 20));
        leg.selection.choose(&[None, Some(1), None], 10, now);
        let second = leg.forward(&picture(1, 900, 70, true), now + Duration::from_millis(33)).unwrap();
        assert_eq!((second.head.sequence, second.before[2]), (101, 21));
        assert_eq!(second.head.timestamp.wrapping_sub(first.head.timestamp), 2_970);
        let again = leg.again(100, now).unwrap();
        assert_eq!((again.head.ssrc, again.head.payload_type, &again.before[..5]), (8, 97, &[0, 100, 0x90, 0x80, 20][..]));
        assert_eq!(again.payload, first.payload);
        assert!(leg.again(100, now).is_none(), "it is on its way");
        assert!(leg.again(99, now).is_none());
    }

    #[test]
    fn a_codec_goes_out_by_the_receivers_numbers_and_one_that_it_does_not_take_stays() {
        let (mut leg, now) = (leg(Kind::Video), Instant::now());
        leg.selection.choose(&[Some(1), None, None], 10, now);
        let h264 = |sequence, is_key| Incoming { codec: Codec::H264, descriptor: None, ..picture(0, sequence, 0, is_key) };
        assert!(leg.forward(&h264(5, true), now).is_none(), "the receiver takes VP8 only");
        leg.formats.push(format(Codec::H264, 104));
        assert!(leg.forward(&h264(6, false), now).is_none(), "nothing to begin with");
        let first = leg.forward(&h264(7, true), now).unwrap();
        assert_eq!((first.head.payload_type, first.head.sequence, first.before_length), (104, 100, 0));
        leg.restart();
        let second = leg.forward(&picture(0, 900, 3, true), now).unwrap();
        assert_eq!((second.head.payload_type, second.head.sequence), (96, 101), "the sender changed its codec");
        assert_eq!(leg.again(100, now).unwrap().head.payload_type, 105);
    }

    #[test]
    fn padding_leaves_no_gap_and_reports_follow_the_rewritten_time() {
        let (mut leg, now) = (leg(Kind::Audio), Instant::now());
        let sound = |sequence: u16, payload: &'static [u8]| Incoming {
            payload: Bytes::from_static(payload),
            descriptor: None,
            ..picture(0, sequence, 0, false)
        };
        let clock = (Clock { ssrc: 1, ntp: 5 << 32, timestamp: 30_000 }, now);
        assert!(leg.report(&clock, now).is_none());
        let first = leg.forward(&sound(10, b"a"), now).unwrap();
        assert!(leg.forward(&sound(11, b""), now).is_none());
        let next = leg.forward(&sound(12, b"b"), now).unwrap();
        assert_eq!(next.head.sequence, first.head.sequence + 1);
        let report = leg.report(&clock, now + Duration::from_millis(500)).unwrap();
        assert_eq!((report.clock.ntp, report.clock.timestamp), (5 << 32 | 1 << 31, first.head.timestamp + 24_000));
        assert_eq!((report.clock.ssrc, report.packets, report.bytes), (7, 2, 2));
    }
}
