//! What an SFU looks at in a packet of H.264 (RFC 6184, packetization mode 1: single units, STAP-A, FU-A).
//!
//! Everything here reads bytes from outside: it never fails otherwise than with `None`.

use super::vp8::Size;

/// A slice of a picture that needs no other.
pub const SLICE_IDR: u8 = 5;
/// Parameters of a sequence.
pub const SEQUENCE: u8 = 7;
/// Parameters of a picture.
pub const PICTURE: u8 = 8;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;
/// The type's bits in the first byte of a unit.
const TYPE: u8 = 0x1f;

/// The type of a unit, by its first byte.
pub const fn kind(first: u8) -> u8 {
    first & TYPE
}

/// What a packet begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// A picture that needs no other, or the parameters that go before one.
    Whole,
    /// Nothing that a decoder could begin with.
    Nothing,
}

/// What the payload begins; `None` when it is no H.264 of this mode, or cut off.
pub fn begins(payload: &[u8]) -> Option<Begins> {
    let mut found = Begins::Nothing;
    for unit in units(payload) {
        let first = match unit? {
            Unit::Whole(unit) => *unit.first()?,
            Unit::First(header, _) => header,
            Unit::Middle(_) | Unit::Last(_) => continue,
        };
        if matches!(kind(first), SLICE_IDR | SEQUENCE) {
            found = Begins::Whole;
        }
    }
    Some(found)
}

/// A unit in a packet, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// Its first byte, and its begin.
    First(u8, &'a [u8]),
    /// A further part.
    Middle(&'a [u8]),
    /// The last part.
    Last(&'a [u8]),
}

/// What is in a payload, up to something that is cut off or of another mode.
pub fn units(payload: &[u8]) -> impl Iterator<Item = Option<Unit<'_>>> {
    let together = payload.first().is_some_and(|first| kind(*first) == STAP_A);
    let mut alone = (!together).then(|| single(payload));
    let mut rest = if together { Some(payload.get(1..).unwrap_or_default()) } else { None };
    // One without a unit is cut off.
    let mut is_empty = rest.is_some_and(<[u8]>::is_empty);
    std::iter::from_fn(move || {
        if let Some(unit) = alone.take() {
            return Some(unit);
        }
        let left = rest.filter(|left| !left.is_empty() || std::mem::take(&mut is_empty))?;
        let unit = left.first_chunk().and_then(|length| left.get(2..2 + usize::from(u16::from_be_bytes(*length))));
        rest = unit.map(|unit| &left[2 + unit.len()..]);
        Some(unit.map(Unit::Whole))
    })
}

fn single(payload: &[u8]) -> Option<Unit<'_>> {
    match *payload {
        [first, ..] if (1..=23).contains(&kind(first)) => Some(Unit::Whole(payload)),
        [first, header, ref part @ ..] if kind(first) == FU_A => Some(match header & 0xc0 {
            0x80 => Unit::First(first & !TYPE | kind(header), part),
            0x40 => Unit::Last(part),
            0 => Unit::Middle(part),
            // A unit in parts has more than one of them.
            _ => return None,
        }),
        _ => None,
    }
}

/// The size that the parameters of a sequence tell (ITU-T H.264 section 7.3.2.1.1).
pub fn size(sequence: &[u8]) -> Option<Size> {
    let mut bits = Bits::of(sequence.get(4..)?);
    bits.number()?;
    let mut chroma = 1;
    if [100, 110, 122, 244, 44, 83, 86, 118, 128].contains(&sequence[1]) {
        chroma = bits.number()?;
        if chroma == 3 {
            bits.bit()?;
        }
        bits.numbers(2)?;
        bits.bit()?;
        // Lists of scales are for what no browser sends.
        if bits.bit()? == 1 {
            return None;
        }
    }
    bits.number()?;
    match bits.number()? {
        0 => drop(bits.number()?),
        1 => {
            bits.bit()?;
            bits.numbers(2)?;
            let count = bits.number()?.min(255);
            bits.numbers(count)?;
        }
        _ => {}
    }
    bits.number()?;
    bits.bit()?;
    let (width, height) = (bits.number()?.checked_add(1)?, bits.number()?.checked_add(1)?);
    let fields = 2 - bits.bit()?;
    if fields == 2 {
        bits.bit()?;
    }
    bits.bit()?;
    let (mut across, mut down) = (0, 0);
    if bits.bit()? == 1 {
        let (left, right, top, bottom) = (bits.number()?, bits.number()?, bits.number()?, bits.number()?);
        let (x, y) = match chroma {
            1 => (2, 2),
            2 => (2, 1),
            _ => (1, 1),
        };
        across = left.checked_add(right)?.checked_mul(x)?;
        down = top.checked_add(bottom)?.checked_mul(y * fields)?;
    }
    let pixels = |blocks: u32, cropped: u32| u16::try_from(blocks.checked_mul(16)?.checked_sub(cropped)?).ok();
    Some(Size { width: pixels(width, across)?, height: pixels(height.checked_mul(fields)?, down)? })
}

/// Bits of a unit, without the bytes that keep its begin from appearing in it (section 7.4.1).
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn of(unit: &[u8]) -> Self {
        let mut bytes: Vec<u8> = Vec::with_capacity(unit.len());
        let mut zeros = 0;
        for byte in unit {
            if zeros >= 2 && *byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            bytes.push(*byte);
        }
        Self { bytes, at: 0 }
    }

    fn bit(&mut self) -> Option<u32> {
        let byte = *self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }

    /// Passes over so many numbers.
    fn numbers(&mut self, count: u32) -> Option<()> {
        (0..count).try_for_each(|_| self.number().map(drop))
    }

    /// An unsigned number of Exp-Golomb's (section 9.1).
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let mut rest = 0_u32;
        for _ in 0..zeros {
            rest = rest << 1 | self.bit()?;
        }
        ((1_u32 << zeros) - 1).checked_add(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameters_and_whole_pictures_are_known_in_every_packing() {
        assert_eq!(begins(&[0x67, 0x42]), Some(Begins::Whole), "parameters");
        assert_eq!(begins(&[0x65, 0x88]), Some(Begins::Whole), "a whole picture");
        assert_eq!(begins(&[0x41, 0x9a]), Some(Begins::Nothing), "one that needs another");
        assert_eq!(begins(&[0x78, 0, 1, 0x67, 0, 1, 0x68]), Some(Begins::Whole), "parameters together");
        assert_eq!(begins(&[0x78, 0, 1, 0x06, 0, 1, 0x41]), Some(Begins::Nothing), "others together");
        assert_eq!(begins(&[0x7c, 0x85, 1]), Some(Begins::Whole), "the first part of a whole picture");
        assert_eq!(begins(&[0x7c, 0x05, 1]), Some(Begins::Nothing), "a further part of it");
        assert_eq!(begins(&[0x7c, 0x81, 1]), Some(Begins::Nothing), "the first part of another");
    }

    #[test]
    fn what_is_cut_off_or_of_another_mode_is_nothing() {
        for payload in [&[][..], &[0x78], &[0x78, 0, 9, 0x67], &[0x78, 0, 0], &[0x7c], &[0x79, 0, 0, 0, 1, 0x67], &[0x60], &[0x7d, 0x85]] {
            assert_eq!(begins(payload), None, "{payload:?}");
        }
    }

    #[test]
    fn parameters_tell_the_size() {
        // As an encoder in a browser wrote them.
        let vga = [0x67, 0x42, 0xc0, 0x1e, 0x8c, 0x8d, 0x40, 0x50, 0x1e, 0xd0, 0x0f, 0x08, 0x84, 0x6a];
        assert_eq!(size(&vga), Some(Size { width: 640, height: 480 }));
        assert_eq!(size(&vga[..7]), None);
    }

    proptest! {
        #[test]
        fn no_parameters_are_too_strange(sequence in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = size(&sequence);
        }

        #[test]
        fn no_bytes_are_too_strange(payload in prop::collection::vec(any::<u8>(), 0..64), kind in 0_u8..32) {
            let mut payload = payload;
            let _ = begins(&payload);
            if let Some(first) = payload.first_mut() {
                *first = *first & !TYPE | kind;
            }
            let _ = begins(&payload);
        }

        #[test]
        fn whole_pictures_are_found_wherever_they_are(kinds in prop::collection::vec(1_u8..24, 1..8), sizes in prop::collection::vec(0_usize..40, 8)) {
            let unit = |(kind, size): (&u8, &usize)| [&[0x60 | kind][..], &vec![0xff; *size]].concat();
            let units: Vec<_> = kinds.iter().zip(&sizes).map(unit).collect();
            let mut together = vec![0x60 | STAP_A];
            for unit in &units {
                together.extend((unit.len() as u16).to_be_bytes());
                together.extend(unit);
            }
            let is_whole = |kind: &u8| [SLICE_IDR, SEQUENCE].contains(kind);
            prop_assert_eq!(begins(&together) == Some(Begins::Whole), kinds.iter().any(is_whole));
            for (kind, unit) in kinds.iter().zip(&units) {
                prop_assert_eq!(begins(unit) == Some(Begins::Whole), is_whole(kind));
                for (bits, is_first) in [(0x80, true), (0, false), (0x40, false)] {
                    let part = [&[0x60 | FU_A, bits | kind], &unit[1..]].concat();
                    prop_assert_eq!(begins(&part) == Some(Begins::Whole), is_first && is_whole(kind));
                }
            }
        }
    }
}
