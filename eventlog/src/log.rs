//! The door to the log: append, read, subscribe, decode.

use crate::{
    AppendError, AppendRequest, Batch, Committed, Decoded, Filter, LogError, NewEvent, Position, Recorded, StreamId, Subscription, Version,
    batcher::{Batcher, Desk, Message, WAITING_MAX, closed},
    engine::{Engine, Keys, Stores},
    keyring::{Keyring, MasterKey},
    processes::Roll,
    recent::Recent,
    seal::{self, SealError},
    sequence::{ClaimKey, StreamState},
    signal::Signals,
    subscription::contiguous,
    turn::Turn,
    upcast::{self, STEPS, Step},
    writing::{Clock, Writing},
};
use chrono::{DateTime, SubsecRound, Utc};
use serde_json::Value;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;
use vitrina_domain::{
    event::{Event, EventSet},
    ids::{AccountId, CommandId, EventId, SubjectId},
    retention::{ContentExpired, ContentKind, RetentionEvent},
    subject::SubjectEvent,
};

/// The log of one cell. Cheap to clone; all clones are the same log.
#[derive(Clone)]
pub struct EventLog {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Arc<dyn Engine>,
    keyring: Keyring,
    master: MasterKey,
    waiting: mpsc::Sender<Message>,
    desk: Arc<Desk>,
    head: watch::Receiver<Position>,
    recent: Arc<Recent>,
    signals: Signals,
    steps: &'static [Step],
    imported: Position,
}

/// What an opened log needs besides its stores.
pub struct Options {
    /// The deployment's secret.
    pub master: MasterKey,
    /// The clock of recorded times.
    pub clock: Clock,
    /// Upcasters; [`STEPS`] outside tests.
    pub steps: &'static [Step],
}

impl Options {
    /// The system's clock and this build's upcasters.
    pub fn new(master: MasterKey) -> Self {
        Self { master, clock: Arc::new(Utc::now), steps: STEPS }
    }
}

/// A place in the batcher's queue that has been kept for one request. Requests are committed in the order in which
/// [`Slot::append`] was called.
pub struct Slot<'a> {
    permit: mpsc::Permit<'a, Message>,
    desk: &'a Desk,
}

/// An append that is on its way. It is written also if nobody waits for it.
pub enum Pending {
    /// Written already: it was alone, and its store is in this process.
    Written(Committed),
    /// Sent.
    Sent(oneshot::Receiver<Result<Committed, AppendError>>),
}

impl EventLog {
    /// Opens the log over these stores and starts its batcher on a thread of its own.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when the database does not answer.
    pub async fn open(stores: Stores, options: Options) -> Result<Self, LogError> {
        let imported = stores.engine.imported().await?;
        let position = stores.engine.head().await?;
        if let Some(imported) = imported.filter(|imported| !imported.is_whole) {
            return Err(LogError::Open(format!(
                "the log was imported up to position {position} of {} and not brought to its end: `vitrina log import` the same file again, \
                 which goes on there, or delete the log (log.sqlite in the data folder, the schema log on PostgreSQL)",
                imported.upto
            )));
        }
        let (head_sender, head) = watch::channel(position);
        let (waiting, receiver) = mpsc::channel(WAITING_MAX);
        let recent = Arc::new(Recent::default());
        let keyring = Keyring::new(stores.keys, &options.master);
        let writing = Writing {
            engine: Arc::clone(&stores.engine),
            head: head_sender,
            recent: Arc::clone(&recent),
            clock: options.clock,
            known: None,
            last_write: Instant::now(),
            in_doubt: false,
        };
        let desk = Arc::new(Desk::new(writing));
        let batcher = Batcher { desk: Arc::clone(&desk), engine: Arc::clone(&stores.engine), waiting: receiver };
        std::thread::Builder::new()
            .name("log-batcher".to_owned())
            .spawn(move || run_batcher(batcher))
            .map_err(|error| LogError::Open(format!("the batcher's thread does not start: {error}")))?;
        let signals = Signals::new(stores.engine.signal_wire());
        let inner = Inner {
            engine: stores.engine,
            keyring,
            master: options.master,
            waiting,
            desk,
            head,
            recent,
            signals,
            steps: options.steps,
            imported: imported.map_or(Position::ZERO, |imported| imported.upto),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The engine's name: `memory`, `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        self.inner.engine.name()
    }

    /// What came up to here happened in another installation, from which this log was brought in: whoever was to be told was told there.
    pub fn imported(&self) -> Position {
        self.inner.imported
    }

    /// Whether other processes may write to the same log.
    pub fn is_shared(&self) -> bool {
        self.inner.engine.foreign_heads().is_some()
    }

    /// What is no event: signals to whoever listens now, in all processes on this log.
    pub fn signals(&self) -> &Signals {
        &self.inner.signals
    }

    /// The list of the processes that serve this log, where there can be several.
    pub(crate) fn roll(&self) -> Option<Arc<dyn Roll>> {
        self.inner.engine.roll()
    }

    /// The keys of persons.
    pub fn keyring(&self) -> &Keyring {
        &self.inner.keyring
    }

    /// The deployment's secret, from which other keys are derived.
    pub fn master(&self) -> &MasterKey {
        &self.inner.master
    }

    /// Position of the last event known here.
    pub fn head(&self) -> Position {
        *self.inner.head.borrow()
    }

    /// Tells of every new head.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.inner.head.clone()
    }

    /// How many appends are waiting, and how many may.
    pub fn queue(&self) -> (usize, usize) {
        let capacity = self.inner.waiting.max_capacity();
        (capacity - self.inner.waiting.capacity(), capacity)
    }

    /// Asks the database itself whether it answers.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<Position, LogError> {
        self.inner.engine.head().await
    }

    /// Keeps a place in the queue, so that deciding and sending can happen without a wait in between.
    ///
    /// # Errors
    /// [`AppendError::Busy`] when the queue is full.
    pub fn slot(&self) -> Result<Slot<'_>, AppendError> {
        self.inner.waiting.try_reserve().map(|permit| Slot { permit, desk: &self.inner.desk }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(()) => AppendError::Busy,
            mpsc::error::TrySendError::Closed(()) => closed(),
        })
    }

    /// Appends: durable and visible to every later read when it answers.
    ///
    /// # Errors
    /// See [`AppendError`].
    pub async fn append(&self, request: AppendRequest) -> Result<Committed, AppendError> {
        self.slot()?.append(request).outcome().await
    }

    /// Waits for a turn: until it ends, nobody else writes, in no process.
    ///
    /// # Errors
    /// [`LogError::Closed`] after the log was closed, [`AppendError::Busy`] when the lock is not to be had, as while the
    /// database is away.
    pub async fn turn(&self) -> Result<Turn, AppendError> {
        let (granted, waiting) = oneshot::channel();
        self.inner.waiting.send(Message::Turn(granted)).await.map_err(|_| closed())?;
        Turn::begun(waiting).await
    }

    /// Seals an event for appending to this stream.
    ///
    /// # Errors
    /// [`SealError::KeysMissing`]: bring them with `keyring().ensure(..)` and seal again. [`SealError::Expired`] where the stream takes no words
    /// any more.
    pub fn seal<E: EventSet>(
        &self,
        stream: StreamId,
        event_id: EventId,
        occurred_at: DateTime<Utc>,
        event: &E,
    ) -> Result<NewEvent, SealError> {
        let payload = seal::seal(&self.inner.keyring, stream, event_id, &mut event.payload())?;
        Ok(NewEvent {
            event_type: event.event_type(),
            schema_version: event.schema_version(),
            event_id,
            occurred_at: occurred_at.trunc_subsecs(6),
            payload,
        })
    }

    /// Events after a position, in order, at most `limit`.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the database is away, [`LogError::Damaged`] when the log has a gap.
    pub async fn read(&self, after: Position, limit: usize) -> Result<Vec<Arc<Recorded>>, LogError> {
        if let Some(events) = self.inner.recent.after(after, limit) {
            return Ok(events);
        }
        let events: Vec<_> = self.inner.engine.read(after, limit).await?.into_iter().map(Arc::new).collect();
        contiguous(after, &events)?;
        Ok(events)
    }

    /// Events after a position as the database has them, whatever it has.
    pub(crate) async fn stored(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, LogError> {
        self.inner.engine.read(after, limit).await
    }

    /// Events of a stream after a version, in order, at most `limit`.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the database is away, [`LogError::Damaged`] when the stream has a gap.
    pub async fn read_stream(&self, stream: StreamId, after: Version, limit: usize) -> Result<Vec<Arc<Recorded>>, LogError> {
        let events = self.inner.engine.read_stream(stream, after, limit).await?;
        let mut expected = after.next();
        for event in &events {
            if event.version != expected {
                let what = format!("{stream} has version {} where {expected} is due", event.version);
                return Err(LogError::Damaged { position: event.position, what });
            }
            expected = expected.next();
        }
        Ok(events.into_iter().map(Arc::new).collect())
    }

    /// Reads on and on after a position.
    pub fn subscribe(&self, after: Position, filter: Filter) -> Subscription {
        Subscription::new(self.clone(), after, filter)
    }

    /// Who holds a name.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the database is away.
    pub async fn holder(&self, account: AccountId, scope: &'static str, name: &[u8]) -> Result<Option<Uuid>, LogError> {
        let keys = Keys { claims: vec![ClaimKey { account, scope, name: name.to_vec() }], ..Keys::default() };
        Ok(self.inner.engine.look(&keys).await?.claims.into_values().next().flatten())
    }

    /// Position of the last event written at or before the instant; zero when there is none.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the database is away.
    pub async fn position_at(&self, instant: DateTime<Utc>) -> Result<Position, LogError> {
        self.inner.engine.position_at(instant).await
    }

    /// What the events say: opened as far as keys exist, upcast, decoded.
    ///
    /// # Errors
    /// [`LogError::Undecodable`] for an event that this build does not know; [`LogError::Unavailable`] while the key store
    /// is away.
    pub async fn decode(&self, events: Vec<Arc<Recorded>>) -> Result<Vec<Decoded>, LogError> {
        let decode_one = |(recorded, payload): (Arc<Recorded>, Value)| {
            let event =
                Event::decode(recorded.stream.category, &recorded.event_type, payload).map_err(|error| undecodable(&recorded, &error))?;
            Ok(Decoded { recorded, event })
        };
        self.clear(events).await?.into_iter().map(decode_one).collect()
    }

    /// What the events of one stream say, as the events of its aggregate.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub async fn decode_as<E: EventSet>(&self, events: Vec<Arc<Recorded>>) -> Result<Vec<E>, LogError> {
        let decode_one = |(recorded, payload): (Arc<Recorded>, Value)| {
            E::decode(&recorded.event_type, payload).map_err(|error| undecodable(&recorded, &error))
        };
        self.clear(events).await?.into_iter().map(decode_one).collect()
    }

    /// The payloads in the current schema, personal values in clear or erased.
    async fn clear(&self, events: Vec<Arc<Recorded>>) -> Result<Vec<(Arc<Recorded>, Value)>, LogError> {
        self.heed(&events);
        let mut payloads = Vec::with_capacity(events.len());
        let mut subjects = Vec::new();
        for event in events {
            let mut payload = serde_json::from_str(&event.payload).map_err(|error| undecodable(&event, &error))?;
            if event.payload.contains(seal::SEALED_MARK) {
                subjects.extend(seal::subjects(event.stream.account, &mut payload));
            }
            payloads.push((event, payload));
        }
        subjects.sort_unstable();
        subjects.dedup();
        self.inner.keyring.load(&subjects).await?;
        let clear_one = |(recorded, mut payload): (Arc<Recorded>, Value)| {
            if recorded.payload.contains(seal::SEALED_MARK) {
                seal::open(&self.inner.keyring, recorded.stream.account, recorded.event_id, &mut payload);
            }
            let (_, payload) = upcast::upcast(self.inner.steps, &recorded.event_type, recorded.schema_version, payload);
            (recorded, payload)
        };
        Ok(payloads.into_iter().map(clear_one).collect())
    }

    /// Whoever hears that a person is to be forgotten, or that what was said is kept no longer, has forgotten the key before anything more is
    /// opened or sealed.
    pub(crate) fn heed(&self, events: &[Arc<Recorded>]) {
        for event in events.iter().filter(|event| &*event.event_type == SubjectEvent::ERASURE_REQUESTED) {
            self.inner.keyring.forget((event.stream.account, SubjectId(event.stream.id)));
        }
        for event in events.iter().filter(|event| &*event.event_type == RetentionEvent::CONTENT_EXPIRED) {
            // What cannot be read is told by whoever decodes it.
            let expired = serde_json::from_str::<ContentExpired>(&event.payload).ok();
            let gone = expired.filter(|expired| expired.content == ContentKind::Messages).map(|expired| expired.conversations);
            gone.into_iter().flatten().for_each(|id| self.inner.keyring.forget((event.stream.account, id.into())));
        }
    }

    /// Waits until every append that was sent before is decided. A state that rests on appends under way is certain then.
    ///
    /// # Errors
    /// [`LogError::Closed`] after the log was closed.
    pub async fn settled(&self) -> Result<(), LogError> {
        let (done, settled) = oneshot::channel();
        self.inner.waiting.send(Message::Barrier(done)).await.map_err(|_| LogError::Closed)?;
        settled.await.map_err(|_| LogError::Closed)
    }

    /// These streams as the database has them, and the outcome of the command if it was written.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the database is away.
    pub async fn look(
        &self,
        account: AccountId,
        command: CommandId,
        streams: &[StreamId],
    ) -> Result<(Vec<StreamState>, Option<Committed>), LogError> {
        let keys = Keys { commands: vec![(account, command)], streams: streams.to_vec(), ..Keys::default() };
        let mut found = self.inner.engine.look(&keys).await?;
        let states = streams.iter().map(|s| found.streams.get(s).copied().unwrap_or_default()).collect();
        let stored = found.commands.remove(&(account, command));
        Ok((states, stored.map(|stored| Committed { replayed: true, ..stored })))
    }

    /// Waits until everything sent so far is written, and stops the batcher. Later appends are refused.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.inner.waiting.send(Message::Close(done)).await.is_ok() {
            // An error means that the batcher has ended already, which is what is wanted.
            let _ = closed.await;
        }
    }
}

impl Slot<'_> {
    /// Sends the request; its place among all others is fixed now. One that is alone is written on its caller's thread, without
    /// the batcher: a commit takes less time than changing threads there and back.
    pub fn append(self, request: AppendRequest) -> Pending {
        let mut request = Box::new(request);
        let (sender, reply) = oneshot::channel();
        if let Some(mut writing) = self.desk.alone() {
            if !writing.engine.is_here() {
                // A task, so that it comes to its end also when its caller goes away.
                tokio::spawn(async move { writing.settle_alone(*request, sender).await });
                return Pending::Sent(reply);
            }
            match writing.at_once(request) {
                Ok(committed) => return Pending::Written(committed),
                Err(back) => request = back,
            }
        }
        self.desk.unsettled.fetch_add(1, Ordering::Release);
        self.permit.send(Message::Append(request, sender));
        Pending::Sent(reply)
    }
}

impl Pending {
    /// Waits for the outcome.
    ///
    /// # Errors
    /// See [`AppendError`].
    pub async fn outcome(self) -> Result<Committed, AppendError> {
        match self {
            Self::Written(committed) => Ok(committed),
            Self::Sent(reply) => reply.await.unwrap_or_else(|_| Err(closed())),
        }
    }
}

fn undecodable(event: &Recorded, error: &dyn std::error::Error) -> LogError {
    let what = match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    LogError::Undecodable { position: event.position, what }
}

/// The batcher's thread: a runtime of its own, so that the engine's connection lives on the thread that uses it.
fn run_batcher(batcher: Batcher) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(batcher.run()),
        Err(error) => tracing::error!(%error, "the batcher's runtime does not start; no append can succeed"),
    }
}

impl Batch {
    /// Whether nothing passed the filter.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}
