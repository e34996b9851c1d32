//! What waits for the recorder's thread. Packets ring no bell: the thread comes by itself some times in a second, so that
//! the transport pays for a lock that nobody holds for long, and for nothing else.

use super::{recorder::Take, tap::Piece};
use crate::core::room::ParticipantId;
use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// Packets that wait, at most: those of 25 calls while a disk stalls for a second, some 10 MB.
pub(super) const WAITING_MAX: usize = 8_192;
/// How often the thread looks while something is recorded.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Something for the thread.
#[derive(Debug)]
pub(super) enum Heard {
    /// A packet of a take.
    Packet(Uuid, Piece),
    /// A take begins.
    Open(Take),
    /// A participant sends no more.
    Leave(Uuid, ParticipantId),
    /// A take ends.
    Close(Uuid),
    /// The server stops.
    End,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offered {
    /// It waits.
    Taken,
    /// There was no room.
    Dropped,
}

/// Whether anything is recorded, and so whether to look by oneself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Busy {
    /// Packets may come.
    Recording,
    /// Nothing comes before a [`Heard::Open`].
    Idle,
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    all: VecDeque<Heard>,
    /// Whether there is something among it that is no packet.
    rung: bool,
}

impl Queue {
    /// Takes a packet if there is room.
    pub(super) fn offer(&self, take: Uuid, piece: Piece) -> Offered {
        let mut waiting = self.lock();
        if waiting.all.len() >= WAITING_MAX {
            return Offered::Dropped;
        }
        waiting.all.push_back(Heard::Packet(take, piece));
        Offered::Taken
    }

    /// Tells the thread something that must not be lost, behind the packets that came before. There are a few for each
    /// presence, which bounds them.
    pub(super) fn tell(&self, heard: Heard) {
        let mut waiting = self.lock();
        waiting.all.push_back(heard);
        waiting.rung = true;
        self.bell.notify_one();
    }

    /// All that waits, after a while; `spare` is an empty room to go on with.
    pub(super) fn take(&self, spare: VecDeque<Heard>, busy: Busy) -> VecDeque<Heard> {
        let waiting = self.lock();
        let quiet = |waiting: &mut Waiting| !waiting.rung;
        let mut waiting = match busy {
            Busy::Idle => self.bell.wait_while(waiting, quiet).unwrap_or_else(PoisonError::into_inner),
            Busy::Recording => self.bell.wait_timeout_while(waiting, LOOK_EVERY, quiet).unwrap_or_else(PoisonError::into_inner).0,
        };
        waiting.rung = false;
        std::mem::replace(&mut waiting.all, spare)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // What is in it is whole at any moment, and a shard that meets a fault takes nobody's recording with it.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
