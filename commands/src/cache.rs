//! The newest state of aggregates, in memory.
//!
//! A state may be ahead of the log: it counts events that have been sent and are not yet committed. That is safe, since
//! whatever is decided on it is sent behind them, and names the very event it rests on; if that one fails, it conflicts,
//! even when others have brought the stream to the same version. So many commands on one aggregate are in one batch, and still each is decided on the state that it meets.

use lru::LruCache;
use std::{
    any::Any,
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};
use vitrina_domain::ids::EventId;
use vitrina_eventlog::{Environment, StreamId, Version};

/// Parts of the cache, each with its own lock: enough that cores seldom meet.
const SHARDS: usize = 64;
/// Aggregates in each part, at most: some ten thousands in all, a few hundred bytes each.
const SHARD_ENTRIES_MAX: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");

/// Aggregates that one command touches, at most.
const COMMAND_ENTRIES_MAX: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");

/// An aggregate in memory.
pub struct Entry {
    /// How many events the state counts.
    pub version: Version,
    /// The last of them; `None` when there is none.
    pub last: Option<EventId>,
    /// The environment of its stream; `None` when there is no such stream.
    pub environment: Option<Environment>,
    /// The aggregate; its type follows from the stream's category.
    pub state: Box<dyn Any + Send>,
}

type Shard = LruCache<StreamId, Entry>;

/// All aggregates in memory.
pub struct Cache {
    shards: Vec<Mutex<Shard>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::new(LruCache::new(SHARD_ENTRIES_MAX))).collect() }
    }
}

/// The locked parts that hold some streams. While it lives, nobody else decides on these.
pub struct Locked<'a> {
    parts: Vec<(usize, MutexGuard<'a, Shard>)>,
    of: usize,
}

impl Cache {
    /// A small one, for the states that a single command reads for itself.
    pub fn of_one_command() -> Self {
        Self { shards: vec![Mutex::new(LruCache::new(COMMAND_ENTRIES_MAX))] }
    }

    /// Locks the parts that hold these streams, always in the same order, so that no two callers wait for each other.
    pub fn lock<'a>(&'a self, streams: impl Iterator<Item = &'a StreamId>) -> Locked<'a> {
        let mut indices: Vec<_> = streams.map(|stream| part(stream, self.shards.len())).collect();
        indices.sort_unstable();
        indices.dedup();
        let parts = indices.into_iter().map(|i| (i, self.shards[i].lock().unwrap_or_else(PoisonError::into_inner))).collect();
        Locked { parts, of: self.shards.len() }
    }

    /// Keeps what was loaded, unless there is something newer.
    pub fn offer(&self, stream: StreamId, entry: Entry) {
        let mut shard = self.shards[part(&stream, self.shards.len())].lock().unwrap_or_else(PoisonError::into_inner);
        if shard.peek(&stream).is_none_or(|kept| kept.version < entry.version) {
            shard.put(stream, entry);
        }
    }

    /// Drops what rests on events that were not written, or is behind the log.
    pub fn evict<'a>(&self, streams: impl IntoIterator<Item = &'a StreamId>) {
        for stream in streams {
            self.shards[part(stream, self.shards.len())].lock().unwrap_or_else(PoisonError::into_inner).pop(stream);
        }
    }
}

impl Locked<'_> {
    /// The entry of a stream whose part is locked.
    pub fn get(&mut self, stream: &StreamId) -> Option<&Entry> {
        self.part(stream)?.get(stream)
    }

    /// Whether the stream's part is locked.
    pub fn holds(&self, stream: &StreamId) -> bool {
        let index = part(stream, self.of);
        self.parts.iter().any(|(i, _)| *i == index)
    }

    /// Replaces the entry of a stream whose part is locked.
    pub fn put(&mut self, stream: StreamId, entry: Entry) {
        if let Some(shard) = self.part(&stream) {
            shard.put(stream, entry);
        }
    }

    fn part(&mut self, stream: &StreamId) -> Option<&mut Shard> {
        let index = part(stream, self.of);
        self.parts.iter_mut().find(|(i, _)| *i == index).map(|(_, shard)| &mut **shard)
    }
}

fn part(stream: &StreamId, of: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    stream.hash(&mut hasher);
    usize::try_from(hasher.finish() % of as u64).unwrap_or_default()
}
