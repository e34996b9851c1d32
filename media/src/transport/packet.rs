//! An RTP packet's header, read where it lies (RFC 3550 section 5.1, header extensions of RFC 8285). Everything here reads
//! bytes from outside: it never fails otherwise than with `None`.

use bytes::Bytes;

/// Bytes of a header without contributing sources and extensions.
pub const HEADER: usize = 12;
const ONE_BYTE_EXTENSIONS: u16 = 0xbede;
const TWO_BYTE_EXTENSIONS: u16 = 0x1000;

/// What stands before the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Last packet of a picture.
    pub marker: bool,
    /// Which codec.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// In ticks of the codec's clock.
    pub timestamp: u32,
    /// Which stream.
    pub ssrc: u32,
    /// Bytes of the header, extensions included.
    pub length: usize,
    /// Whether bytes that mean nothing follow the payload.
    pub padded: bool,
    extensions: Option<(u16, usize)>,
}

impl Head {
    /// The header that the packet begins with; encryption leaves it readable.
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let fixed: &[u8; HEADER] = packet.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let mut length = HEADER + usize::from(fixed[0] & 0x0f) * 4;
        let mut extensions = None;
        if fixed[0] & 0x10 != 0 {
            let [profile_high, profile_low, words_high, words_low] = *packet.get(length..length + 4)?.first_chunk()?;
            extensions = Some((u16::from_be_bytes([profile_high, profile_low]), length + 4));
            length += 4 + usize::from(u16::from_be_bytes([words_high, words_low])) * 4;
        }
        (length <= packet.len()).then(|| Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            length,
            padded: fixed[0] & 0x20 != 0,
            extensions,
        })
    }

    /// The extension of this number in the packet that the header was parsed from.
    pub fn extension<'a>(&self, packet: &'a [u8], wanted: u8) -> Option<&'a [u8]> {
        let (profile, from) = self.extensions?;
        let mut rest = packet.get(from..self.length)?;
        let is_short = match profile {
            ONE_BYTE_EXTENSIONS => true,
            profile if profile & 0xfff0 == TWO_BYTE_EXTENSIONS => false,
            _ => return None,
        };
        loop {
            let first = *rest.first()?;
            if first == 0 {
                rest = &rest[1..];
                continue;
            }
            let (id, from, length) =
                if is_short { (first >> 4, 1, usize::from(first & 0x0f) + 1) } else { (first, 2, usize::from(*rest.get(1)?)) };
            if is_short && id == 15 {
                return None;
            }
            let value = rest.get(from..from + length)?;
            if id == wanted {
                return Some(value);
            }
            rest = &rest[from + length..];
        }
    }

    /// The payload of the decrypted packet, without padding; empty for a packet of nothing but padding.
    pub fn payload(&self, packet: &Bytes) -> Option<Bytes> {
        let padding = if self.padded { usize::from(*packet.last()?) } else { 0 };
        let end = packet.len().checked_sub(padding)?;
        (end >= self.length).then(|| packet.slice(self.length..end))
    }
}

/// What a receiver's header holds besides the numbers.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing {
    /// Last packet of a picture.
    pub marker: bool,
    /// Which codec, by the receiver's number.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// In ticks of the codec's clock.
    pub timestamp: u32,
    /// Which stream.
    pub ssrc: u32,
    /// The number that the receiver reports arrivals by, and the extension that carries it.
    pub transport: Option<(u8, u16)>,
}

impl Outgoing {
    /// Writes the header; it has [`Outgoing::length`] bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        let extended = if self.transport.is_some() { 0x10 } else { 0 };
        let marker = if self.marker { 0x80 } else { 0 };
        out.extend_from_slice(&[0x80 | extended, marker | self.payload_type]);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        if let Some((id, number)) = self.transport {
            let [high, low] = number.to_be_bytes();
            out.extend_from_slice(&[0xbe, 0xde, 0, 1, id << 4 | 1, high, low, 0]);
        }
    }

    /// Bytes of the header.
    pub fn length(&self) -> usize {
        HEADER + if self.transport.is_some() { 8 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read_again() {
        let head = Outgoing { marker: true, payload_type: 96, sequence: 7, timestamp: 9, ssrc: 11, transport: Some((5, 0x1234)) };
        let mut packet = Vec::new();
        head.write(&mut packet);
        assert_eq!(packet.len(), head.length());
        packet.extend_from_slice(b"payload");
        let read = Head::parse(&packet).unwrap();
        assert_eq!((read.marker, read.payload_type, read.sequence, read.timestamp, read.ssrc), (true, 96, 7, 9, 11));
        assert_eq!(read.extension(&packet, 5), Some(&[0x12, 0x34][..]));
        assert_eq!(read.extension(&packet, 4), None);
        assert_eq!(read.payload(&packet.into()).unwrap(), &b"payload"[..]);
    }

    #[test]
    fn a_packet_of_nothing_but_padding_has_an_empty_payload() {
        let mut packet = vec![0xa0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
        packet.extend_from_slice(&[0, 0, 0, 4]);
        let head = Head::parse(&packet).unwrap();
        assert_eq!(head.payload(&packet.into()).unwrap().len(), 0);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(mut packet in prop::collection::vec(any::<u8>(), 0..64), looks in any::<bool>()) {
            if looks && !packet.is_empty() {
                packet[0] = 0x80 | packet[0] & 0x3f;
            }
            if let Some(head) = Head::parse(&packet) {
                prop_assert!(head.length <= packet.len());
                for id in 0..=255 {
                    let _ = head.extension(&packet, id);
                }
                let _ = head.payload(&packet.into());
            }
        }
    }
}
