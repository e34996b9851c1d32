//! The recorder with packets of our own making, and its files read back.

use super::*;
use crate::core::{
    layers::Layer,
    room::{ParticipantId, Source},
};
use std::time::Instant;
use uuid::Uuid;

/// A piece of sound with this number.
pub(super) fn piece(sequence: u16, at: Instant) -> Piece {
    Piece {
        participant: ParticipantId(Uuid::from_u128(1)),
        source: Source::Microphone,
        layer: Layer(0),
        codec: Codec::Opus,
        sequence,
        timestamp: u32::from(sequence) * 960,
        marker: false,
        payload: bytes::Bytes::from_static(&[0xf8, 0xff, 0xfe]),
        at,
    }
}
