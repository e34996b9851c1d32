//! What stands before the first cluster, always of the same length, and where the holes in it are.

use super::{
    Form, TICK_NS, Track,
    element::{DURATION, EBML, INFO, SEGMENT, TRACK_ENTRY, TRACKS, UNKNOWN_SIZE, VOID_MIN, element, float, id, master, uint, void},
};

/// Room for the table of what stands where.
pub(super) const SEEK_ROOM: usize = 96;
/// Room for the duration: id, size and eight bytes.
pub(super) const DURATION_ROOM: usize = 11;
/// Room for what a decoder of H.264 is told first: parameters of some forty bytes.
const PRIVATE_ROOM: usize = 256;
const CODEC_PRIVATE: u32 = 0x63A2;
/// What a player shows before the first key frame has told the size.
const SIZE: (u16, u16) = (640, 480);
/// Samples that a decoder throws away at the begin (RFC 7845 section 4.2), as libopus has it.
const OPUS_PRE_SKIP: u16 = 312;
/// The same in nanoseconds.
const OPUS_DELAY_NS: u64 = OPUS_PRE_SKIP as u64 * 1_000_000_000 / 48_000;
/// What a decoder needs before a place to be right at it (RFC 7845 section 4.6).
const OPUS_PRE_ROLL_NS: u64 = 80_000_000;
const NAME: &[u8] = b"vitrina";

/// The header and its holes, by byte of the file.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) bytes: Vec<u8>,
    /// The segment's size.
    pub(super) size_at: u64,
    /// The segment's data; places inside count from here.
    pub(super) data_at: u64,
    /// The room for the table; it opens the data.
    pub(super) seek_at: u64,
    pub(super) info_at: u64,
    pub(super) duration_at: u64,
    pub(super) tracks_at: u64,
    /// First byte and length of each track's entry.
    pub(super) entries: Vec<(Track, u64, usize)>,
    /// The room for what a decoder is told first.
    pub(super) private_at: Option<u64>,
    /// The width's two bytes, and the height's.
    pub(super) pixels_at: Option<(u64, u64)>,
}

impl Header {
    /// The header of a file of this form with these tracks.
    pub(super) fn new(tracks: &[Track], form: Form) -> Self {
        let kind: &[u8] = match form {
            Form::WebM => b"webm",
            Form::Matroska => b"matroska",
        };
        let mut bytes = master(
            EBML,
            &[uint(0x4286, 1), uint(0x42F7, 1), uint(0x42F2, 4), uint(0x42F3, 8), element(0x4282, kind), uint(0x4287, 4), uint(0x4285, 2)],
        );
        bytes.extend(id(SEGMENT));
        let size_at = bytes.len() as u64;
        bytes.extend(UNKNOWN_SIZE);
        let data_at = bytes.len() as u64;
        bytes.extend(void(SEEK_ROOM));
        let info_at = bytes.len() as u64;
        let info = [uint(0x2A_D7B1, TICK_NS), element(0x4D80, NAME), element(0x5741, NAME), void(DURATION_ROOM)];
        bytes.extend(master(INFO, &info));
        let duration_at = (bytes.len() - DURATION_ROOM) as u64;
        let tracks_at = bytes.len() as u64;
        let bodies: Vec<_> = tracks.iter().map(|track| (*track, entry(*track, form))).collect();
        let length: usize = bodies.iter().map(|(_, body)| body.len()).sum();
        bytes.extend(id(TRACKS));
        bytes.extend(super::element::size(length as u64));
        let mut entries = Vec::new();
        let (mut pixels_at, mut private_at) = (None, None);
        for (track, body) in bodies {
            let at = bytes.len() as u64;
            if track == Track::Pictures {
                // The entry ends with width and height, each an id, a size and two bytes.
                let end = at + body.len() as u64;
                pixels_at = Some((end - 6, end - 2));
                private_at = (form == Form::Matroska).then(|| end - (video().len() + PRIVATE_ROOM) as u64);
            }
            entries.push((track, at, body.len()));
            bytes.extend(body);
        }
        Self { bytes, size_at, data_at, seek_at: data_at, info_at, duration_at, tracks_at, entries, private_at, pixels_at }
    }
}

/// Two bytes whatever the number, so that another fits in its place.
fn pixels(of: u32, n: u16) -> Vec<u8> {
    element(of, &n.to_be_bytes())
}

fn video() -> Vec<u8> {
    master(0xE0, &[pixels(0xB0, SIZE.0), pixels(0xBA, SIZE.1)])
}

/// What a decoder is told first, with the rest of its room; `None` when it is too long for that.
pub(super) fn private(told: &[u8]) -> Option<Vec<u8>> {
    let mut whole = element(CODEC_PRIVATE, told);
    let rest = PRIVATE_ROOM.checked_sub(whole.len()).filter(|rest| *rest >= VOID_MIN)?;
    whole.extend(void(rest));
    Some(whole)
}

fn entry(track: Track, form: Form) -> Vec<u8> {
    let number = u64::from(track.number());
    // Number, id, kind, no lacing.
    let opening = |kind| vec![uint(0xD7, number), uint(0x73C5, number), uint(0x83, kind), uint(0x9C, 0)];
    match track {
        Track::Pictures => {
            let mut parts = opening(1);
            match form {
                Form::WebM => parts.push(element(0x86, b"V_VP8")),
                Form::Matroska => parts.extend([element(0x86, b"V_MPEG4/ISO/AVC"), void(PRIVATE_ROOM)]),
            }
            parts.push(video());
            master(TRACK_ENTRY, &parts)
        }
        Track::Sound => {
            let mut parts = opening(2);
            let head = [b"OpusHead".as_slice(), &[1, 2], &OPUS_PRE_SKIP.to_le_bytes(), &48_000_u32.to_le_bytes(), &[0, 0, 0]].concat();
            parts.extend([element(0x86, b"A_OPUS"), element(CODEC_PRIVATE, &head)]);
            parts.extend([uint(0x56AA, OPUS_DELAY_NS), uint(0x56BB, OPUS_PRE_ROLL_NS)]);
            parts.push(master(0xE1, &[float(0xB5, 48_000.0), uint(0x9F, 2)]));
            master(TRACK_ENTRY, &parts)
        }
    }
}

/// The duration's element, of exactly [`DURATION_ROOM`].
pub(super) fn duration(ms: u64) -> Vec<u8> {
    #[allow(clippy::cast_precision_loss, reason = "milliseconds are whole in a double for longer than any call")]
    float(DURATION, ms as f64)
}
