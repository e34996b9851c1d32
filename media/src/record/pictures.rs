//! Whole VP8 frames from the packets of one stream (RFC 7741 section 4).
//!
//! After a loss nothing is told until a frame that needs no other: a picture that stands is better than one in shreds.

use super::{reorder::Next, tap::Piece};
use crate::core::vp8::{Descriptor, Size, frame_size};
use std::time::Instant;

/// A frame's bytes at most; a sender that goes on and on is not collected for ever.
pub(super) const FRAME_BYTES_MAX: usize = 4 << 20;

/// A whole frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    /// The RTP timestamp.
    pub(super) timestamp: u32,
    /// When its first packet came.
    pub(super) at: Instant,
    /// Whether it needs no other, and then its size where it tells it.
    pub(super) key: Option<Option<Size>>,
    /// The frame.
    pub(super) data: Vec<u8>,
    /// What a decoder has to be told before it, where its codec has such a thing.
    pub(super) private: Option<Vec<u8>>,
}

/// Collects packets until a frame is whole.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    begun: Option<Picture>,
    /// Whether all that the next frame may rest on was told.
    unbroken: bool,
}

impl Pictures {
    /// Takes what comes next; a frame when it is whole now.
    pub(super) fn take(&mut self, next: Next) -> Option<Picture> {
        let Next::Packet(piece) = next else {
            *self = Self::default();
            return None;
        };
        if piece.payload.is_empty() {
            return None;
        }
        let Some(descriptor) = Descriptor::parse(&piece.payload) else {
            *self = Self::default();
            return None;
        };
        let part = &piece.payload[descriptor.length..];
        if descriptor.begins_picture {
            if self.begun.take().is_some() {
                // The frame before had no end.
                self.unbroken = false;
            }
            self.begun = begin(&piece, &descriptor, part);
        } else {
            match &mut self.begun {
                Some(frame) if frame.timestamp == piece.timestamp && frame.data.len() + part.len() <= FRAME_BYTES_MAX => {
                    frame.data.extend_from_slice(part);
                }
                _ => {
                    *self = Self::default();
                    return None;
                }
            }
        }
        if !piece.marker {
            return None;
        }
        let frame = self.begun.take()?;
        self.unbroken |= frame.key.is_some();
        self.unbroken.then_some(frame)
    }
}

fn begin(piece: &Piece, descriptor: &Descriptor, part: &[u8]) -> Option<Picture> {
    let key = descriptor.is_key_frame(&piece.payload).then(|| frame_size(part));
    Some(Picture { timestamp: piece.timestamp, at: piece.at, key, data: part.to_vec(), private: None })
}
