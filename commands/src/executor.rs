//! Carrying out a command: load what it needs, let it decide, append, and try again when somebody was faster.
//!
//! A command decides on the newest state in memory and is sent at once behind those it rests on, so one aggregate takes
//! as many commands in a batch as come. A refusal is given only when the state it rests on is found in the log.

use crate::{
    CommandError, CommandMeta, Failure, Unit,
    cache::{Cache, Entry},
    in_flight::InFlight,
    unit::{Ground, Need},
};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use vitrina_domain::aggregate::Aggregate;
use vitrina_eventlog::{
    AppendError, AppendRequest, Committed, EventLog, LogError, StreamId, Version,
    log::{Pending, Slot},
    turn::Turn,
};

/// Tries after a conflict, at most: with several processes on one conversation, each loses now and then.
const CONFLICTS_MAX: usize = 8;
/// Conflicts after which a command takes a turn, in which it cannot lose again. Before that it costs others nothing.
const TURN_AFTER: usize = 3;
/// Runs of one unit, at most: each run but the last brings one thing that was missing.
const RUNS_MAX: usize = 64;
/// Events of a stream in one read.
const LOAD_PAGE: usize = 1000;

/// Carries out commands on a log. Cheap to clone; all clones share their memory.
#[derive(Clone)]
pub struct Executor {
    inner: Arc<Inner>,
}

struct Inner {
    log: EventLog,
    cache: Cache,
    in_flight: InFlight,
}

/// How an aggregate is brought into memory.
#[derive(Clone, Copy)]
pub struct Load(for<'a> fn(&'a EventLog, StreamId) -> BoxFuture<'a, Result<Entry, LogError>>);

impl std::fmt::Debug for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Load")
    }
}

impl Load {
    pub(crate) fn of<A: Aggregate>() -> Self {
        Self(|log, stream| Box::pin(load::<A>(log, stream)))
    }
}

/// How an attempt ended.
enum Attempt {
    /// Sent; what came of it, and the streams it rests on.
    Sent(Result<Committed, AppendError>, Vec<Ground>),
    /// Nothing to write, resting on these.
    Idle(Vec<Ground>),
    /// The aggregates or the precondition say no, resting on these.
    No(CommandError, Vec<Ground>),
}

/// What a run of the unit came to.
enum Run {
    Pending(Pending, Vec<Ground>),
    Idle(Vec<Ground>),
    Failed(Failure, Vec<Ground>),
}

/// How a request is sent.
enum Door<'a> {
    Queue(Slot<'a>),
    Turn(&'a mut Option<Turn>),
}

impl<'a> Door<'a> {
    fn open(log: &'a EventLog, turn: &'a mut Option<Turn>) -> Result<Self, AppendError> {
        if turn.is_some() { Ok(Self::Turn(turn)) } else { log.slot().map(Self::Queue) }
    }

    fn append(self, request: AppendRequest) -> Pending {
        match self {
            Self::Queue(slot) => slot.append(request),
            Self::Turn(turn) => turn.take().expect("a turn takes one request").append(request),
        }
    }
}

impl Executor {
    /// An executor over this log, with nothing in memory.
    pub fn new(log: EventLog) -> Self {
        Self { inner: Arc::new(Inner { log, cache: Cache::default(), in_flight: InFlight::default() }) }
    }

    /// The log.
    pub fn log(&self) -> &EventLog {
        &self.inner.log
    }

    /// Carries out one command. `unit` says what it does; it may be run several times and must have no other effect.
    ///
    /// A command that was carried out before answers with its stored outcome. One that changes nothing answers with the
    /// present version of the first aggregate and the present head.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub async fn execute(
        &self,
        meta: &CommandMeta,
        unit: impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
    ) -> Result<Committed, CommandError> {
        let Some(_underway) = self.inner.in_flight.enter(meta.account, meta.command_id) else {
            return Err(CommandError::InFlight);
        };
        let mut streams = Vec::new();
        for conflicts in 0..CONFLICTS_MAX {
            let attempt = if conflicts < TURN_AFTER {
                self.attempt(meta, &unit, &mut streams, &self.inner.cache, None).await?
            } else {
                self.attempt_alone(meta, &unit, &mut streams).await?
            };
            match attempt {
                Attempt::Sent(Ok(committed), rests_on) => {
                    if committed.replayed {
                        // The decision was taken a second time in memory only.
                        self.inner.cache.evict(rests_on.iter().map(|ground| &ground.stream));
                    }
                    return same(meta, committed);
                }
                Attempt::Sent(Err(error), rests_on) => {
                    self.inner.cache.evict(rests_on.iter().map(|ground| &ground.stream));
                    if !matches!(error, AppendError::Conflict { .. }) {
                        return Err(error.into());
                    }
                    metrics::counter!("vitrina_command_conflicts_total").increment(1);
                }
                Attempt::Idle(rests_on) => {
                    if let Some(stored) = self.certain(meta, &rests_on).await? {
                        return stored.map_or_else(|| Ok(self.unchanged(meta, &rests_on)), |stored| same(meta, stored));
                    }
                }
                Attempt::No(error, rests_on) => {
                    if let Some(stored) = self.certain(meta, &rests_on).await? {
                        return stored.map_or(Err(error), |stored| same(meta, stored));
                    }
                }
            }
        }
        Err(CommandError::Contended)
    }

    /// An attempt while nobody else writes, on states that are read meanwhile: those in memory may count on what is sent
    /// and has to wait behind this.
    async fn attempt_alone(
        &self,
        meta: &CommandMeta,
        unit: &impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
        streams: &mut Vec<StreamId>,
    ) -> Result<Attempt, CommandError> {
        metrics::counter!("vitrina_command_turns_total").increment(1);
        let turn = self.inner.log.turn().await?;
        let attempt = self.attempt(meta, unit, streams, &Cache::of_one_command(), Some(turn)).await?;
        self.inner.cache.evict(&*streams);
        Ok(attempt)
    }

    /// Runs the unit until it has all it needs, and sends what it decided.
    async fn attempt(
        &self,
        meta: &CommandMeta,
        unit: &impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
        streams: &mut Vec<StreamId>,
        cache: &Cache,
        mut turn: Option<Turn>,
    ) -> Result<Attempt, CommandError> {
        for _ in 0..RUNS_MAX {
            match self.run(meta, unit, streams, cache, &mut turn)? {
                Run::Pending(pending, rests_on) => return Ok(Attempt::Sent(pending.outcome().await, rests_on)),
                Run::Idle(rests_on) => return Ok(Attempt::Idle(rests_on)),
                Run::Failed(failure, mut rests_on) => match failure {
                    Failure::Need(Need::Aggregate(stream, load)) => {
                        // Known and locked, but not there: it must be loaded. Unknown so far: it may be in memory.
                        if streams.contains(&stream) {
                            cache.offer(stream, (load.0)(&self.inner.log, stream).await?);
                        } else {
                            streams.push(stream);
                        }
                    }
                    Failure::Need(Need::Keys(keys)) => self.inner.log.keyring().ensure(&keys).await?,
                    Failure::Refused(refused) => {
                        if !rests_on.iter().any(|ground| ground.stream == refused.ground.stream) {
                            rests_on.push(refused.ground);
                        }
                        return Ok(Attempt::No((*refused).into(), rests_on));
                    }
                    Failure::VersionMismatch(ground) => {
                        return Ok(Attempt::No(CommandError::VersionMismatch { actual: ground.version }, vec![ground]));
                    }
                    Failure::Log(error) => return Err(error.into()),
                },
            }
        }
        Err(CommandError::Contended)
    }

    /// Decides and sends under the locks of the streams known so far; nothing waits in here.
    fn run(
        &self,
        meta: &CommandMeta,
        decide: &impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
        streams: &[StreamId],
        cache: &Cache,
        turn: &mut Option<Turn>,
    ) -> Result<Run, CommandError> {
        let door = Door::open(&self.inner.log, turn)?;
        let mut unit = Unit::new(&self.inner.log, meta, cache.lock(streams.iter()));
        if let Err(failure) = decide(&mut unit) {
            return Ok(Run::Failed(failure, unit.rests_on()));
        }
        let rests_on = unit.rests_on();
        if unit.is_idle() {
            return Ok(Run::Idle(rests_on));
        }
        let (request, locked, opened) = unit.finish();
        let pending = door.append(request);
        drop(locked);
        for (stream, entry) in opened {
            cache.offer(stream, entry);
        }
        Ok(Run::Pending(pending, rests_on))
    }

    /// Makes sure of what a refusal or a change of nothing rests on. `None`: it was not so in the log, decide anew.
    /// `Some(Some(..))`: the command had been carried out before.
    async fn certain(&self, meta: &CommandMeta, rests_on: &[Ground]) -> Result<Option<Option<Committed>>, CommandError> {
        self.inner.log.settled().await?;
        let streams: Vec<_> = rests_on.iter().map(|ground| ground.stream).collect();
        let (states, stored) = self.inner.log.look(meta.account, meta.command_id, &streams).await?;
        if stored.is_some() {
            return Ok(Some(stored));
        }
        let stale: Vec<_> =
            rests_on.iter().zip(states).filter(|(seen, actual)| seen.last != actual.last).map(|(seen, _)| &seen.stream).collect();
        if stale.is_empty() {
            return Ok(Some(None));
        }
        self.inner.cache.evict(stale);
        Ok(None)
    }

    fn unchanged(&self, meta: &CommandMeta, rests_on: &[Ground]) -> Committed {
        let head = self.inner.log.head();
        Committed {
            first_position: head,
            position: head,
            version: rests_on.first().map_or(Version::ZERO, |ground| ground.version),
            recorded_at: meta.at,
            fingerprint: meta.fingerprint,
            result: Vec::new(),
            replayed: false,
        }
    }
}

/// The stored outcome, if it is of the same command and not of another one under the same id.
fn same(meta: &CommandMeta, committed: Committed) -> Result<Committed, CommandError> {
    if committed.fingerprint == meta.fingerprint { Ok(committed) } else { Err(CommandError::KeyReused) }
}

async fn load<A: Aggregate>(log: &EventLog, stream: StreamId) -> Result<Entry, LogError> {
    let mut state = A::default();
    let (mut version, mut last, mut environment) = (Version::ZERO, None, None);
    loop {
        let page = log.read_stream(stream, version, LOAD_PAGE).await?;
        let full = page.len() == LOAD_PAGE;
        if let Some(event) = page.last() {
            (version, last) = (event.version, Some(event.event_id));
            // As its first event was written: one place decides it for the whole stream.
            environment = environment.or(page.first().map(|first| first.environment));
        }
        for event in log.decode_as::<A::Event>(page).await? {
            state.apply(event);
        }
        if !full {
            return Ok(Entry { version, last, environment, state: Box::new(state) });
        }
    }
}
