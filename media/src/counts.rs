//! What a node has counted since its start, for whoever runs it: above all what was lost for want of room.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counted since the node's start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams and framed packets for clients that neither the kernel nor a slow connection had room for.
    pub unsent: u64,
    /// Datagrams and connections that came to another shard than theirs, and were given to it.
    pub handed: u64,
    /// Of those the ones that the other shard had no room for.
    pub not_handed: u64,
}

/// The same while it is counted, by all shards.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    unsent: AtomicU64,
    handed: AtomicU64,
    not_handed: AtomicU64,
}

impl Counters {
    pub(crate) fn unsent(&self, packets: u64) {
        self.unsent.fetch_add(packets, Ordering::Relaxed);
    }

    pub(crate) fn handed(&self) {
        self.handed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn not_handed(&self) {
        self.not_handed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Counts {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts { unsent: now(&self.unsent), handed: now(&self.handed), not_handed: now(&self.not_handed) }
    }
}
