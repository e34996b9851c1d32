//! What an SFU looks at in a packet of H.264 (RFC 6184, packetization mode 1: single units, STAP-A, FU-A).
//!
//! Everything here reads bytes from outside: it never fails otherwise than with `None`.

const SLICE_IDR: u8 = 5;
const SEQUENCE: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;
/// The type's bits in the first byte of a unit.
const TYPE: u8 = 0x1f;

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
    let whole = |kind: u8| if matches!(kind, SLICE_IDR | SEQUENCE) { Begins::Whole } else { Begins::Nothing };
    match payload.first()? & TYPE {
        single @ 1..=23 => Some(whole(single)),
        STAP_A => {
            let mut found = Begins::Nothing;
            for unit in units(payload) {
                if whole(unit?.first()? & TYPE) == Begins::Whole {
                    found = Begins::Whole;
                }
            }
            (payload.len() > 1).then_some(found)
        }
        FU_A => {
            let header = *payload.get(1)?;
            let is_first = header & 0x80 != 0;
            Some(if is_first { whole(header & TYPE) } else { Begins::Nothing })
        }
        _ => None,
    }
}

/// The units of a STAP-A, up to one that is cut off.
fn units(payload: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = payload.get(1..).unwrap_or_default();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let unit = rest.first_chunk().and_then(|length| rest.get(2..2 + usize::from(u16::from_be_bytes(*length))));
        rest = unit.map_or(&[][..], |unit| &rest[2 + unit.len()..]);
        Some(unit)
    })
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

    proptest! {
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
