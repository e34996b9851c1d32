//! The VP8 payload descriptor (RFC 7741 section 4.2) and as much of the picture behind it as an SFU looks at.
//!
//! Everything here reads bytes from outside: it never fails otherwise than with `None`.

/// What stands before the picture in a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// Bytes of the descriptor.
    pub length: usize,
    /// Whether the packet begins a picture.
    pub begins_picture: bool,
    /// The picture's number.
    pub picture: Option<Picture>,
    /// Number of the picture of the lowest temporal layer.
    pub base_picture: Option<Field>,
    /// Temporal layer, 0 is the lowest.
    pub temporal_layer: Option<u8>,
}

/// A one-byte field and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Byte of the payload.
    pub at: usize,
    /// What it holds.
    pub value: u8,
}

/// A picture's number and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// First byte of the payload that holds it.
    pub at: usize,
    /// Its number.
    pub number: u16,
    /// How many bits it has.
    pub width: Width,
}

/// Bits of a picture's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 7.
    Narrow,
    /// 15.
    Wide,
}

impl Width {
    /// The number without what does not fit.
    pub fn wrap(self, number: u16) -> u16 {
        match self {
            Self::Narrow => number & 0x7f,
            Self::Wide => number & 0x7fff,
        }
    }
}

/// Pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Across.
    pub width: u16,
    /// Down.
    pub height: u16,
}

impl Descriptor {
    /// The descriptor that the payload begins with; `None` when it is cut off.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut at = 1;
        let mut found = Self {
            length: 0,
            // S is set and the partition is the first.
            begins_picture: first & 0x10 != 0 && first & 0x07 == 0,
            picture: None,
            base_picture: None,
            temporal_layer: None,
        };
        if first & 0x80 != 0 {
            let extension = *payload.get(at)?;
            at += 1;
            if extension & 0x80 != 0 {
                let picture = Picture::parse(payload, at)?;
                at += if picture.width == Width::Wide { 2 } else { 1 };
                found.picture = Some(picture);
            }
            if extension & 0x40 != 0 {
                found.base_picture = Some(Field { at, value: *payload.get(at)? });
                at += 1;
            }
            if extension & 0x30 != 0 {
                let layer = *payload.get(at)?;
                found.temporal_layer = (extension & 0x20 != 0).then_some(layer >> 6);
                at += 1;
            }
        }
        found.length = at;
        (at <= payload.len()).then_some(found)
    }

    /// Whether the packet begins a picture that needs no other (RFC 6386 section 9.1).
    pub fn is_key_frame(&self, payload: &[u8]) -> bool {
        self.begins_picture && payload.get(self.length).is_some_and(|byte| byte & 0x01 == 0)
    }

    /// The size that a key frame's first packet tells.
    pub fn size(&self, payload: &[u8]) -> Option<Size> {
        if !self.is_key_frame(payload) {
            return None;
        }
        frame_size(payload.get(self.length..)?)
    }
}

/// The size that a key frame tells at its begin (RFC 6386 section 9.1); `None` for any other frame.
pub fn frame_size(frame: &[u8]) -> Option<Size> {
    let [tag, _, _, 0x9d, 0x01, 0x2a, width_low, width_high, height_low, height_high, ..] = *frame else { return None };
    // The two upper bits are the scale.
    let pixels = |low, high| u16::from_le_bytes([low, high]) & 0x3fff;
    (tag & 0x01 == 0).then(|| Size { width: pixels(width_low, width_high), height: pixels(height_low, height_high) })
}

impl Picture {
    fn parse(payload: &[u8], at: usize) -> Option<Self> {
        let first = *payload.get(at)?;
        if first & 0x80 == 0 {
            return Some(Self { at, number: u16::from(first), width: Width::Narrow });
        }
        let number = u16::from_be_bytes([first & 0x7f, *payload.get(at + 1)?]);
        Some(Self { at, number, width: Width::Wide })
    }

    /// Writes another number in its place, in the payload that it was parsed from.
    pub fn write(&self, payload: &mut [u8], number: u16) {
        let number = self.width.wrap(number);
        match self.width {
            Width::Narrow => payload[self.at] = number.to_be_bytes()[1],
            Width::Wide => {
                let [high, low] = number.to_be_bytes();
                payload[self.at] = high | 0x80;
                payload[self.at + 1] = low;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A key frame of 640 x 480 with a wide picture number, as Chromium sends it.
    const KEY: [u8; 16] = [0x90, 0xe0, 0x81, 0x02, 0x07, 0x40, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];

    #[test]
    fn a_key_frame_tells_its_number_layer_and_size() {
        let found = Descriptor::parse(&KEY).unwrap();
        assert_eq!(found.picture, Some(Picture { at: 2, number: 0x102, width: Width::Wide }));
        assert_eq!(found.base_picture, Some(Field { at: 4, value: 7 }));
        assert_eq!((found.temporal_layer, found.length), (Some(1), 6));
        assert!(found.is_key_frame(&KEY));
        assert_eq!(found.size(&KEY), Some(Size { width: 640, height: 480 }));
    }

    #[test]
    fn a_packet_without_extensions_is_one_byte_longer_than_its_picture() {
        let found = Descriptor::parse(&[0x00, 0x01]).unwrap();
        assert_eq!((found.length, found.begins_picture, found.picture), (1, false, None));
        assert!(!found.is_key_frame(&[0x00, 0x00]));
    }

    #[test]
    fn a_number_is_written_in_its_own_width() {
        let mut wide = KEY;
        Descriptor::parse(&wide).unwrap().picture.unwrap().write(&mut wide, 0x7fff);
        assert_eq!(wide[2..4], [0xff, 0xff]);
        let mut narrow = [0x90, 0x80, 0x05, 0x00];
        Descriptor::parse(&narrow).unwrap().picture.unwrap().write(&mut narrow, 0x81);
        assert_eq!(narrow[2], 0x01);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(payload in prop::collection::vec(any::<u8>(), 0..24), number in any::<u16>()) {
            if let Some(found) = Descriptor::parse(&payload) {
                prop_assert!(found.length <= payload.len());
                let _ = (found.is_key_frame(&payload), found.size(&payload));
                if let Some(picture) = found.picture {
                    let mut written = payload.clone();
                    picture.write(&mut written, number);
                    let again = Descriptor::parse(&written).unwrap();
                    prop_assert_eq!(again.length, found.length);
                    prop_assert_eq!(again.picture.unwrap().number, picture.width.wrap(number));
                }
            }
        }
    }
}
