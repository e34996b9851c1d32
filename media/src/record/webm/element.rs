//! The elements that a file is made of (RFC 8794): an id, a size, a body.

pub(super) const EBML: u32 = 0x1A45_DFA3;
pub(super) const SEGMENT: u32 = 0x1853_8067;
pub(super) const SEEK_HEAD: u32 = 0x114D_9B74;
pub(super) const INFO: u32 = 0x1549_A966;
pub(super) const DURATION: u32 = 0x4489;
pub(super) const TRACKS: u32 = 0x1654_AE6B;
pub(super) const TRACK_ENTRY: u32 = 0xAE;
pub(super) const CLUSTER: u32 = 0x1F43_B675;
pub(super) const TIMESTAMP: u32 = 0xE7;
pub(super) const SIMPLE_BLOCK: u32 = 0xA3;
pub(super) const CUES: u32 = 0x1C53_BB6B;
pub(super) const VOID: u32 = 0xEC;

/// A size that is not known yet, in eight bytes.
pub(super) const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

/// A size in eight bytes, so that it can be written over [`UNKNOWN_SIZE`].
pub(super) fn wide_size(size: u64) -> [u8; 8] {
    (size | 1 << 56).to_be_bytes()
}

/// A size in as few bytes as it takes.
pub(super) fn size(n: u64) -> Vec<u8> {
    let length = (1..8_u32).find(|length| n < (1 << (7 * length)) - 1).unwrap_or(8);
    (n | 1 << (7 * length)).to_be_bytes()[8 - length as usize..].to_vec()
}

/// An id as it is written: its marker is part of it.
pub(super) fn id(id: u32) -> Vec<u8> {
    let bytes = id.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(3);
    bytes[first..].to_vec()
}

/// An element with this body.
pub(super) fn element(of: u32, body: &[u8]) -> Vec<u8> {
    let mut whole = id(of);
    whole.extend(size(body.len() as u64));
    whole.extend_from_slice(body);
    whole
}

/// An element with these elements in it.
pub(super) fn master(of: u32, parts: &[Vec<u8>]) -> Vec<u8> {
    element(of, &parts.concat())
}

/// A number in as few bytes as it takes.
pub(super) fn uint(of: u32, n: u64) -> Vec<u8> {
    let bytes = n.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
    element(of, &bytes[first..])
}

/// A floating-point number.
pub(super) fn float(of: u32, n: f64) -> Vec<u8> {
    element(of, &n.to_be_bytes())
}

/// Bytes of a room at least: its id, and a size of eight bytes.
pub(super) const VOID_MIN: usize = 9;

/// Room of exactly so many bytes, [`VOID_MIN`] or more, which readers skip.
pub(super) fn void(total: usize) -> Vec<u8> {
    let mut room = id(VOID);
    room.extend(wide_size(total as u64 - 9));
    room.resize(total, 0);
    room
}

/// An id and a size as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) id: u32,
    /// `None` for a size that is not known.
    pub(super) size: Option<u64>,
    /// Bytes of id and size.
    pub(super) length: usize,
}

impl Head {
    /// The element that these bytes begin with; `None` when they are too few or no element.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let id_length = bytes.first()?.leading_zeros() as usize + 1;
        if id_length > 4 {
            return None;
        }
        let id = bytes.get(..id_length)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let (size, size_length) = number(bytes.get(id_length..)?)?;
        let unknown = (1 << (7 * size_length)) - 1;
        Some(Self { id, size: (size != unknown).then_some(size), length: id_length + size_length })
    }
}

/// A number of one to eight bytes and its length; also how a block names its track.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    if length > 8 {
        return None;
    }
    let begin = u64::from(first) & ((1 << (8 - length)) - 1);
    let value = bytes.get(1..length)?.iter().fold(begin, |value, byte| value << 8 | u64::from(*byte));
    Some((value, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(body in prop::collection::vec(any::<u8>(), 0..20_000), of in prop::sample::select(vec![EBML, CLUSTER, DURATION, VOID])) {
            let whole = element(of, &body);
            let head = Head::parse(&whole).unwrap();
            prop_assert_eq!((head.id, head.size), (of, Some(body.len() as u64)));
            prop_assert_eq!(&whole[head.length..], &body[..]);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = (Head::parse(&bytes), number(&bytes));
        }

        #[test]
        fn a_void_has_exactly_its_length(total in 9_usize..500) {
            let room = void(total);
            let head = Head::parse(&room).unwrap();
            prop_assert_eq!((head.id, head.length as u64 + head.size.unwrap()), (VOID, total as u64));
            prop_assert_eq!(room.len(), total);
        }
    }

    #[test]
    fn an_unknown_size_is_known_as_such() {
        let head = Head::parse(&[id(SEGMENT), UNKNOWN_SIZE.to_vec()].concat()).unwrap();
        assert_eq!((head.id, head.size, head.length), (SEGMENT, None, 12));
    }
}
