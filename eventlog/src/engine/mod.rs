//! The engines: where the log is kept. Each passes the same conformance suite; nothing outside this folder knows a SQL
//! dialect.
//!
//! An engine answers two questions for the batcher: what is known of these streams, commands and claims at one head
//! ([`Engine::look`]), and: write this plan if the head is still there ([`Engine::commit`]). The head row is the version
//! of the whole log: while it has not moved, everything that was known still holds.

pub mod memory;
pub mod postgres;
pub mod sqlite;

use crate::{
    AppendRequest, LogError, Position, Recorded, StreamId, Version,
    chain::Hash,
    processes::Roll,
    sequence::{ClaimKey, CommandKey, Head, Known, Plan},
    signal::Wire,
};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use uuid::Uuid;

/// What a batch needs to know.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Streams that are written or guarded.
    pub streams: Vec<StreamId>,
    /// Commands that may have been written before.
    pub commands: Vec<CommandKey>,
    /// Claims that are taken or released.
    pub claims: Vec<ClaimKey>,
    /// Accounts whose chain goes on.
    pub chains: Vec<vitrina_domain::ids::AccountId>,
}

impl Keys {
    /// What the batch names and is not known.
    pub fn missing(batch: &[AppendRequest], known: Option<&Known>) -> Self {
        let mut keys = Self::default();
        let unknown_stream = |s: &StreamId| known.is_none_or(|k| !k.streams.contains_key(s));
        for request in batch {
            let streams = request.writes.iter().map(|w| w.stream).chain(request.guards.iter().map(|g| g.stream));
            keys.streams.extend(streams.filter(unknown_stream));
            let command = (request.account, request.command_id);
            if known.is_none_or(|k| !k.commands.contains_key(&command)) {
                keys.commands.push(command);
            }
            let claims = request.claims.iter().chain(&request.releases).map(|c| ClaimKey::of(request.account, c));
            keys.claims.extend(claims.filter(|c| known.is_none_or(|k| !k.claims.contains_key(c))));
            if known.is_none_or(|k| !k.chains.contains_key(&request.account)) && !keys.chains.contains(&request.account) {
                keys.chains.push(request.account);
            }
        }
        keys.streams.sort_unstable();
        keys.streams.dedup();
        keys
    }

    /// Everything the batch names.
    pub fn of(batch: &[AppendRequest]) -> Self {
        Self::missing(batch, None)
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.commands.is_empty() && self.claims.is_empty() && self.chains.is_empty()
    }
}

/// What became of a plan.
#[derive(Debug)]
pub enum CommitOutcome {
    /// Durable.
    Committed,
    /// Another process has written meanwhile: nothing was written, and what was known holds no more.
    HeadMoved,
    /// One of the commands had been written before: nothing was written.
    CommandExists,
    /// The database does not take one of the rows: nothing was written.
    Refused(String),
}

/// A batch, decided, on its way to the store.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The head that it was decided on, and holds on only.
    pub expected: Head,
    /// The requests.
    pub batch: Vec<AppendRequest>,
    /// What they lead to.
    pub plan: Plan,
}

/// The log that was brought in from another installation, where this one began so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Its last position: what came up to there happened elsewhere.
    pub upto: Position,
    /// The hash of the event there.
    pub hash: Hash,
    /// Whether all of it is there.
    pub is_whole: bool,
}

/// Decides a batch on what was found under the lock.
pub type Decide<'a> = &'a mut (dyn FnMut(Known, Vec<AppendRequest>) -> Decided + Send);

/// A store for the log.
pub trait Engine: Send + Sync + 'static {
    /// Its name: `memory`, `sqlite` or `postgres`.
    fn name(&self) -> &'static str;

    /// What is known of these keys, all at one head.
    fn look<'a>(&'a self, keys: &'a Keys) -> BoxFuture<'a, Result<Known, LogError>>;

    /// Writes the batch in one durable transaction, if the head still stands where it was decided. Batches that are
    /// under way at the same time are written in the order in which their futures were first polled, each on the head
    /// that the one before leaves; if that one fails, so does this.
    fn commit(&self, decided: Arc<Decided>) -> BoxFuture<'static, Result<CommitOutcome, LogError>>;

    /// Whether [`Self::commit_here`] is possible: the store is in this process, and [`Self::look`] is ready at once.
    fn is_here(&self) -> bool {
        false
    }

    /// Like [`Self::commit`], on the calling thread, which waits for nothing but the disk. Without `is_here`: refused as
    /// unavailable.
    fn commit_here(&self, _decided: &Decided) -> Result<CommitOutcome, LogError> {
        Err(LogError::Unavailable("the store is not in this process".to_owned()))
    }

    /// Takes the lock first, then waits for the requests, looks, decides and writes: for a batch that has lost its race,
    /// so that it cannot lose again. Answers with what was decided, and what came of it.
    fn commit_locked<'a>(
        &'a self,
        requests: BoxFuture<'a, Vec<AppendRequest>>,
        decide: Decide<'a>,
    ) -> BoxFuture<'a, Result<(CommitOutcome, Decided), LogError>>;

    /// Position of the last event.
    fn head(&self) -> BoxFuture<'_, Result<Position, LogError>>;

    /// Events after a position, in order, at most `limit`.
    fn read(&self, after: Position, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>>;

    /// Events of a stream after a version, in order, at most `limit`.
    fn read_stream(&self, stream: StreamId, after: Version, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>>;

    /// Position of the last event written at or before the instant; zero when there is none.
    fn position_at(&self, instant: DateTime<Utc>) -> BoxFuture<'_, Result<Position, LogError>>;

    /// The log that was brought in, if this one began so.
    fn imported(&self) -> BoxFuture<'_, Result<Option<Imported>, LogError>>;

    /// Notes which log is being brought in, and at its end that it is whole.
    fn note_imported(&self, imported: Imported) -> BoxFuture<'_, Result<(), LogError>>;

    /// Does on the batcher's thread what can wait for a quiet moment.
    fn tidy(&self) {}

    /// Nothing will be written any more: others may. Reads go on.
    fn release(&self) {}

    /// Tells of heads that other processes write; `None` when there can be no other process.
    fn foreign_heads(&self) -> Option<tokio::sync::watch::Receiver<Position>>;

    /// The way of signals to other processes; `None` when there can be none. Answers once.
    fn signal_wire(&self) -> Option<Wire> {
        None
    }

    /// The list of the processes that serve this log; `None` when there can be one only.
    fn roll(&self) -> Option<Arc<dyn Roll>> {
        None
    }
}

/// The keys of the persons' data, kept apart from the log.
pub trait KeyStore: Send + Sync + 'static {
    /// The keys of these subjects as they are kept; one that was never made is absent.
    fn load<'a>(&'a self, subjects: &'a [SubjectKey]) -> BoxFuture<'a, Result<Vec<(SubjectKey, StoredKey)>, LogError>>;

    /// Keeps a new wrapped key durably, unless the subject has one already; answers with the one that is kept.
    fn create(&self, subject: SubjectKey, wrapped: Vec<u8>) -> BoxFuture<'_, Result<StoredKey, LogError>>;

    /// Destroys the key for good. A destroyed key can never be made again.
    fn destroy(&self, subject: SubjectKey) -> BoxFuture<'_, Result<(), LogError>>;
}

/// A subject in its account.
pub type SubjectKey = (vitrina_domain::ids::AccountId, vitrina_domain::ids::SubjectId);

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredKey {
    /// Wrapped under the master key.
    Wrapped(Vec<u8>),
    /// Destroyed: everything sealed under it reads as erased.
    Destroyed,
}

/// An engine and the store of its keys.
#[derive(Clone)]
pub struct Stores {
    /// The log.
    pub engine: Arc<dyn Engine>,
    /// The keys.
    pub keys: Arc<dyn KeyStore>,
}

/// The holder as stored: 16 bytes.
pub(crate) fn uuid_from(bytes: &[u8], position: Position) -> Result<Uuid, LogError> {
    Uuid::from_slice(bytes).map_err(|_| LogError::Damaged { position, what: "an id is not 16 bytes long".to_owned() })
}
