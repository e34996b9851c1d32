//! Whole pictures of H.264 from the packets of one stream (RFC 6184), as a Matroska file takes them: each unit behind its length.
//!
//! After a loss nothing is told until a picture that needs no other, as with VP8.

use super::{
    pictures::{FRAME_BYTES_MAX, Picture},
    reorder::Next,
    tap::Piece,
};
use crate::core::h264::{self, Unit};

/// Collects packets until a picture is whole.
#[derive(Debug, Default)]
pub(super) struct Units {
    begun: Option<Picture>,
    /// Where the length of a unit stands that is not whole yet.
    open: Option<usize>,
    /// Whether all that the next picture may rest on was told.
    unbroken: bool,
    sequence: Option<Vec<u8>>,
    picture: Option<Vec<u8>>,
}

impl Units {
    /// Takes what comes next; a picture when it is whole now.
    pub(super) fn take(&mut self, next: Next) -> Option<Picture> {
        let Next::Packet(piece) = next else {
            self.give_up();
            return None;
        };
        if piece.payload.is_empty() {
            return None;
        }
        if self.begun.as_ref().is_some_and(|begun| begun.timestamp != piece.timestamp) {
            // The picture before had no end.
            self.give_up();
        }
        if self.add(&piece).is_none() {
            self.give_up();
            return None;
        }
        if !piece.marker {
            return None;
        }
        let mut whole = self.begun.take()?;
        if self.open.is_some() {
            self.give_up();
            return None;
        }
        if whole.key.is_some() {
            whole.key = Some(self.sequence.as_deref().and_then(h264::size));
            whole.private = self.configuration();
            self.unbroken = true;
        }
        self.unbroken.then_some(whole)
    }

    fn give_up(&mut self) {
        (self.begun, self.open, self.unbroken) = (None, None, false);
    }

    fn add(&mut self, piece: &Piece) -> Option<()> {
        let begun = self.begun.get_or_insert_with(|| Picture {
            timestamp: piece.timestamp,
            at: piece.at,
            key: None,
            data: Vec::new(),
            private: None,
        });
        for unit in h264::units(&piece.payload) {
            match unit? {
                Unit::Whole(unit) => {
                    let kind = h264::kind(*unit.first()?);
                    match kind {
                        h264::SEQUENCE => self.sequence = Some(unit.to_vec()),
                        h264::PICTURE => self.picture = Some(unit.to_vec()),
                        h264::SLICE_IDR => begun.key = Some(None),
                        _ => {}
                    }
                    begun.data.extend(u32::try_from(unit.len()).ok()?.to_be_bytes());
                    begun.data.extend_from_slice(unit);
                }
                Unit::First(header, part) => {
                    if h264::kind(header) == h264::SLICE_IDR {
                        begun.key = Some(None);
                    }
                    self.open = Some(begun.data.len());
                    begun.data.extend([0, 0, 0, 0, header]);
                    begun.data.extend_from_slice(part);
                }
                Unit::Middle(part) => {
                    self.open?;
                    begun.data.extend_from_slice(part);
                }
                Unit::Last(part) => {
                    let at = self.open.take()?;
                    begun.data.extend_from_slice(part);
                    let length = u32::try_from(begun.data.len() - at - 4).ok()?;
                    begun.data[at..at + 4].copy_from_slice(&length.to_be_bytes());
                }
            }
        }
        (begun.data.len() <= FRAME_BYTES_MAX).then_some(())
    }

    /// What a decoder is told before the first picture (ISO/IEC 14496-15, `AVCDecoderConfigurationRecord`).
    fn configuration(&self) -> Option<Vec<u8>> {
        let (sequence, picture) = (self.sequence.as_deref()?, self.picture.as_deref()?);
        let [_, profile, compatible, level, ..] = *sequence else { return None };
        let mut all = vec![1, profile, compatible, level, 0xff, 0xe1];
        all.extend(u16::try_from(sequence.len()).ok()?.to_be_bytes());
        all.extend_from_slice(sequence);
        all.push(1);
        all.extend(u16::try_from(picture.len()).ok()?.to_be_bytes());
        all.extend_from_slice(picture);
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{core::codec::Codec, record::tests::piece};
    use std::time::Instant;

    fn packet(sequence: u16, timestamp: u32, marker: bool, payload: &[u8]) -> Next {
        Next::Packet(Piece { codec: Codec::H264, timestamp, marker, payload: payload.to_vec().into(), ..piece(sequence, Instant::now()) })
    }

    #[test]
    fn a_picture_in_parts_is_put_together_and_its_parameters_are_known() {
        let mut units = Units::default();
        assert!(units.take(packet(0, 1, true, &[0x41, 9])).is_none(), "nothing to begin with");
        assert!(units.take(packet(1, 2, false, &[0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 2, 0x68, 0xce])).is_none());
        assert!(units.take(packet(2, 2, false, &[0x7c, 0x85, 1, 2])).is_none());
        assert!(units.take(packet(3, 2, false, &[0x7c, 0x05, 3])).is_none());
        let whole = units.take(packet(4, 2, true, &[0x7c, 0x45, 4])).unwrap();
        assert_eq!(whole.data, [0, 0, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 0, 0, 2, 0x68, 0xce, 0, 0, 0, 5, 0x65, 1, 2, 3, 4]);
        assert!(whole.key.is_some());
        assert_eq!(whole.private.unwrap(), [1, 0x42, 0xe0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 1, 0, 2, 0x68, 0xce]);
        let next = units.take(packet(5, 3, true, &[0x41, 9])).unwrap();
        assert_eq!((next.data, next.key), (vec![0, 0, 0, 2, 0x41, 9], None));
        assert!(units.take(Next::Gap).is_none());
        assert!(units.take(packet(7, 5, true, &[0x41, 9])).is_none(), "it may rest on what is lost");
        assert!(units.take(packet(8, 6, true, &[0x65, 9])).is_some());
        assert!(units.take(packet(9, 7, true, &[0x7c, 0x05, 3])).is_none(), "a part without its begin");
    }
}
