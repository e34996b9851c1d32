//! What a packet says: whose it is, which of their tracks, and whether it was muted when it was sent. It stands at the end of
//! the payload, behind as much of Opus or VP8 as a forwarder looks at.

use uuid::Uuid;

/// A frame of sound as far as a forwarder looks (RFC 6716 section 3.1).
const SOUND: [u8; 1] = [0xf8];
/// A payload descriptor (RFC 7741 section 4.2) and a key frame of 640 by 480 as far as a forwarder looks (RFC 6386 section 9.1).
const PICTURE: [u8; 11] = [0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];
/// Bytes of a word: the presence, the track, the flow.
const WORD_BYTES: usize = 18;

/// Where a track comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The voice.
    Microphone,
    /// The face.
    Camera,
    /// The screen of a shopper.
    Screen,
}

/// Whether a packet is to be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It is.
    On,
    /// The server has acknowledged that the track is muted: nobody may get it.
    Muted,
}

/// What a packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Whose presence.
    pub from: Uuid,
    /// Which track.
    pub source: Source,
    /// Whether it is to be heard.
    pub flow: Flow,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];

    /// As the API calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Microphone => "microphone",
            Self::Camera => "camera",
            Self::Screen => "screen",
        }
    }
}

impl Word {
    /// The payload that says it.
    pub fn payload(&self) -> Vec<u8> {
        let mut bytes = if self.source == Source::Microphone { SOUND.to_vec() } else { PICTURE.to_vec() };
        bytes.extend(self.from.as_bytes());
        bytes.push(Source::ALL.iter().position(|source| *source == self.source).map_or(0, |at| at as u8));
        bytes.push(u8::from(self.flow == Flow::Muted));
        bytes
    }

    /// What a payload says; `None` when nobody of ours sent it.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let word = &payload[payload.len().checked_sub(WORD_BYTES)?..];
        let from = Uuid::from_slice(&word[..16]).ok()?;
        let source = *Source::ALL.get(usize::from(word[16]))?;
        let flow = match word[17] {
            0 => Flow::On,
            1 => Flow::Muted,
            _ => return None,
        };
        Some(Self { from, source, flow })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_what_is_heard() {
        for source in Source::ALL {
            for flow in [Flow::On, Flow::Muted] {
                let word = Word { from: Uuid::from_u128(7), source, flow };
                assert_eq!(Word::read(&word.payload()), Some(word));
            }
        }
    }

    #[test]
    fn noise_says_nothing() {
        assert_eq!(Word::read(&[0xf8, 0xff, 0xfe]), None);
        assert_eq!(Word::read(&[9; 40]), None);
    }
}
