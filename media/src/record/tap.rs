//! The way of packets from the transport into the recorder: a bounded queue that never lets the transport wait.
//!
//! What finds no room is dropped and counted. A recording with a hole is worth more than a call that stutters.

use super::queue::{Offered, Queue};
use crate::core::{
    codec::Codec,
    layers::Layer,
    room::{ParticipantId, Source},
};
use bytes::Bytes;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How often the transport asks each sender of pictures for a key frame while its room is tapped: a player can only jump to
/// key frames.
pub const KEY_FRAME_EVERY: Duration = Duration::from_secs(4);

/// One RTP packet as it came from its sender, before any renumbering. All layers of a track may be told; the recorder picks.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Whose.
    pub participant: ParticipantId,
    /// Of which track.
    pub source: Source,
    /// The stream's name (SSRC): numbers and times of another one have nothing to do with those of this.
    pub stream: u32,
    /// Of which simulcast layer; 0 where there is one only.
    pub layer: Layer,
    /// How it is coded.
    pub codec: Codec,
    /// The RTP sequence number.
    pub sequence: u16,
    /// The RTP timestamp.
    pub timestamp: u32,
    /// The RTP marker bit.
    pub marker: bool,
    /// The payload, without padding. Packets of padding only are told too, with an empty one, so that they leave no gap.
    pub payload: Bytes,
    /// When it came.
    pub at: Instant,
}

/// Where the transport puts a copy of every packet of one room. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tap {
    take: Uuid,
    queue: Arc<Queue>,
    dropped: Arc<AtomicU64>,
}

impl Tap {
    pub(super) fn new(take: Uuid, queue: Arc<Queue>) -> Self {
        Self { take, queue, dropped: Arc::default() }
    }

    /// Takes a packet, or drops and counts it when the recorder is behind. Never waits for a disk.
    pub fn packet(&self, piece: Piece) {
        if self.queue.offer(self.take, piece) == Offered::Dropped {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Packets that were dropped so far.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
