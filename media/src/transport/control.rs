//! RTCP as far as this server speaks it (RFC 3550 section 6, RFC 4585, RFC 5104, transport-wide arrivals). Everything that is read
//! here comes from outside, though from a client who has the keys: what is not understood is passed over.

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
const NACK: u8 = 1;
const ARRIVALS: u8 = 15;
const PLI: u8 = 1;
const FIR: u8 = 4;
const APPLICATION: u8 = 15;
const HEADER: usize = 4;
/// Reports, or requests for whole pictures, in one packet at most: the count of reports has five bits.
const REPORTS_MAX: usize = 31;
/// Packets of a compound that are read: browsers put half a dozen into one. A few bytes can ask for much work.
const PACKETS_MAX: usize = 16;
/// How many packets one request may ask for: what a request of browsers has at most.
const ASKED_MAX: usize = 256;

/// What a sender says of the time of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The stream.
    pub ssrc: u32,
    /// Time of day, in NTP's 32.32 bits of seconds.
    pub ntp: u64,
    /// The same instant on the stream's clock.
    pub timestamp: u32,
}

/// What a client tells.
#[derive(Debug, PartialEq, Eq)]
pub enum Control<'a> {
    /// The time of one of its streams.
    Clock(Clock),
    /// Packets of a stream that it lacks.
    Again {
        /// The stream.
        ssrc: u32,
        /// Their numbers.
        sequences: Vec<u16>,
    },
    /// It needs a whole picture.
    KeyFrame(u32),
    /// When packets arrived: a packet for [`super::bandwidth`] to read.
    Arrivals(&'a [u8]),
    /// What it can take at most, in bits a second (REMB).
    Most(u64),
}

/// Reads a compound packet.
pub fn read<'a>(compound: &'a [u8], tell: &mut dyn FnMut(Control<'a>)) {
    let mut rest = compound;
    for _ in 0..PACKETS_MAX {
        let Some([first, kind, words_high, words_low]) = rest.first_chunk().copied() else { return };
        let length = HEADER + usize::from(u16::from_be_bytes([words_high, words_low])) * 4;
        let Some(packet) = rest.get(..length).filter(|_| first >> 6 == 2) else { return };
        one(packet, first & 0x1f, kind, tell);
        rest = &rest[length..];
    }
}

fn one<'a>(packet: &'a [u8], count: u8, kind: u8, tell: &mut dyn FnMut(Control<'a>)) {
    let word = |at: usize| packet.get(at..at + 4).and_then(|bytes| bytes.first_chunk().copied()).map(u32::from_be_bytes);
    match (kind, count) {
        (SENDER_REPORT, _) => {
            if let (Some(ssrc), Some(high), Some(low), Some(timestamp)) = (word(4), word(8), word(12), word(16)) {
                tell(Control::Clock(Clock { ssrc, ntp: u64::from(high) << 32 | u64::from(low), timestamp }));
            }
        }
        (TRANSPORT_FEEDBACK, NACK) => {
            let Some(ssrc) = word(8) else { return };
            let mut sequences = Vec::new();
            for pair in packet[12..].chunks_exact(4).take(ASKED_MAX / 17) {
                let (first, mask) = (u16::from_be_bytes([pair[0], pair[1]]), u16::from_be_bytes([pair[2], pair[3]]));
                sequences.push(first);
                sequences.extend((0..16).filter(|bit| mask >> bit & 1 == 1).map(|bit| first.wrapping_add(bit + 1)));
            }
            tell(Control::Again { ssrc, sequences });
        }
        (TRANSPORT_FEEDBACK, ARRIVALS) => tell(Control::Arrivals(packet)),
        (PAYLOAD_FEEDBACK, PLI) => {
            if let Some(ssrc) = word(8) {
                tell(Control::KeyFrame(ssrc));
            }
        }
        (PAYLOAD_FEEDBACK, FIR) => {
            for at in (12..packet.len()).step_by(8).take(REPORTS_MAX) {
                if let Some(ssrc) = word(at) {
                    tell(Control::KeyFrame(ssrc));
                }
            }
        }
        (PAYLOAD_FEEDBACK, APPLICATION) => {
            if let (Some(b"REMB"), Some(value)) = (packet.get(12..16), word(16)) {
                let (exponent, mantissa) = (value >> 18 & 0x3f, u64::from(value & 0x3_ffff));
                tell(Control::Most(u64::try_from(u128::from(mantissa) << exponent).unwrap_or(u64::MAX)));
            }
        }
        _ => {}
    }
}

fn header(out: &mut Vec<u8>, count: u8, kind: u8, body: usize) {
    let words = u16::try_from(body / 4).unwrap_or(u16::MAX);
    out.extend_from_slice(&[0x80 | count, kind]);
    out.extend_from_slice(&words.to_be_bytes());
}

/// Asks the sender of a stream for a whole picture.
pub fn write_key_frame(out: &mut Vec<u8>, from: u32, of: u32) {
    header(out, PLI, PAYLOAD_FEEDBACK, 8);
    out.extend_from_slice(&from.to_be_bytes());
    out.extend_from_slice(&of.to_be_bytes());
}

/// Asks the sender of a stream for packets again; the numbers are in ascending order.
pub fn write_again(out: &mut Vec<u8>, from: u32, of: u32, sequences: &[u16]) {
    let mut pairs: Vec<(u16, u16)> = Vec::new();
    for sequence in sequences {
        match pairs.last_mut() {
            Some((first, mask)) if (1..=16).contains(&sequence.wrapping_sub(*first)) => *mask |= 1 << (sequence.wrapping_sub(*first) - 1),
            _ => pairs.push((*sequence, 0)),
        }
    }
    header(out, NACK, TRANSPORT_FEEDBACK, 8 + pairs.len() * 4);
    out.extend_from_slice(&from.to_be_bytes());
    out.extend_from_slice(&of.to_be_bytes());
    for (first, mask) in pairs {
        out.extend_from_slice(&first.to_be_bytes());
        out.extend_from_slice(&mask.to_be_bytes());
    }
}

/// What is told of a stream that is sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// Its time.
    pub clock: Clock,
    /// Packets so far.
    pub packets: u32,
    /// Bytes of payload so far.
    pub bytes: u32,
}

/// A sender report.
pub fn write_sent(out: &mut Vec<u8>, sent: &Sent) {
    header(out, 0, SENDER_REPORT, 24);
    out.extend_from_slice(&sent.clock.ssrc.to_be_bytes());
    out.extend_from_slice(&sent.clock.ntp.to_be_bytes());
    for word in [sent.clock.timestamp, sent.packets, sent.bytes] {
        out.extend_from_slice(&word.to_be_bytes());
    }
}

/// What is told of a stream that is received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// The stream.
    pub ssrc: u32,
    /// Part lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Lost in all.
    pub lost: u32,
    /// Highest number, with its wraps above it.
    pub highest: u32,
    /// In ticks.
    pub jitter: u32,
    /// The middle of the time in the last sender report.
    pub last_report: u32,
    /// Since that came, in 65536ths of a second.
    pub since_report: u32,
}

/// A receiver report.
pub fn write_received(out: &mut Vec<u8>, from: u32, received: &[Received]) {
    let received = &received[..received.len().min(REPORTS_MAX)];
    header(out, received.len() as u8, RECEIVER_REPORT, 4 + received.len() * 24);
    out.extend_from_slice(&from.to_be_bytes());
    for report in received {
        let [_, lost @ ..] = report.lost.min(0x7f_ffff).to_be_bytes();
        out.extend_from_slice(&report.ssrc.to_be_bytes());
        out.push(report.fraction_lost);
        out.extend_from_slice(&lost);
        for word in [report.highest, report.jitter, report.last_report, report.since_report] {
            out.extend_from_slice(&word.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(compound: &[u8]) -> Vec<Control<'_>> {
        let mut told = Vec::new();
        read(compound, &mut |control| told.push(control));
        told
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut out = Vec::new();
        let clock = Clock { ssrc: 5, ntp: 1 << 40 | 3, timestamp: 77 };
        write_sent(&mut out, &Sent { clock, packets: 1, bytes: 2 });
        write_received(&mut out, 1, &[Received { ssrc: 9, ..Received::default() }]);
        write_key_frame(&mut out, 1, 9);
        let lacking = [65_534, 65_535, 0, 14, 40];
        write_again(&mut out, 1, 9, &lacking);
        assert_eq!(told(&out), [Control::Clock(clock), Control::KeyFrame(9), Control::Again { ssrc: 9, sequences: lacking.to_vec() }]);
    }

    #[test]
    fn a_bandwidth_beyond_all_numbers_is_the_largest_number() {
        let of = |value: u32| [&[0x80 | APPLICATION, PAYLOAD_FEEDBACK, 0, 4][..], &[0; 8], b"REMB", &value.to_be_bytes()].concat();
        assert_eq!(told(&of(u32::MAX)), [Control::Most(u64::MAX)]);
        assert_eq!(told(&of(1 << 24 | 2 << 18 | 5)), [Control::Most(20)]);
    }

    #[test]
    fn the_library_reads_the_same() {
        let mut out = Vec::new();
        write_sent(&mut out, &Sent { clock: Clock { ssrc: 5, ntp: 3, timestamp: 77 }, packets: 1, bytes: 2 });
        let report = Received { ssrc: 9, fraction_lost: 3, lost: 4, highest: 5, jitter: 6, last_report: 7, since_report: 8 };
        write_received(&mut out, 1, &[report]);
        write_again(&mut out, 1, 9, &[4, 6]);
        let packets = rtc::rtcp::packet::unmarshal(&mut out.as_slice()).unwrap();
        let read = packets[1].as_any().downcast_ref::<rtc::rtcp::receiver_report::ReceiverReport>().unwrap();
        assert_eq!((read.reports[0].total_lost, read.reports[0].delay), (4, 8));
        let nack = packets[2].as_any().downcast_ref::<rtc::rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack>().unwrap();
        assert_eq!(nack.nacks[0].packet_list(), [4, 6]);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(mut compound in prop::collection::vec(any::<u8>(), 0..120), kind in 200_u8..208, count in 0_u8..32, words in 0_u8..20) {
            if compound.len() >= 4 {
                compound[..4].copy_from_slice(&[0x80 | count, kind, 0, words]);
            }
            let _ = told(&compound);
        }

        #[test]
        fn a_few_bytes_never_ask_for_much(packets in prop::collection::vec((200_u8..208, 0_u8..32, 0_u8..20, any::<u8>()), 0..400)) {
            let one = |(kind, count, words, fill)| [vec![0x80 | count, kind, 0, words], vec![fill; usize::from(words) * 4]].concat();
            let compound: Vec<u8> = packets.into_iter().flat_map(one).collect();
            let asked = told(&compound).iter().map(|control| match control {
                Control::Again { sequences, .. } => sequences.len(),
                _ => 1,
            }).sum::<usize>();
            prop_assert!(asked <= PACKETS_MAX * ASKED_MAX, "{asked}");
        }
    }
}
