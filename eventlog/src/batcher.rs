//! The one writer of events: drains what is waiting, commits it in one transaction, and only then answers.
//!
//! A lone request never waits: the commit that is running is the linger of the next batch. Only when the last batch was a
//! crowd does the batcher wait some hundred microseconds for it to come back, because its callers are just being answered,
//! and a commit for the first two or three of them costs as much as one for all. The batcher keeps what it
//! knows of the log from batch to batch; the engine's commit holds only while the head has not moved, so most batches
//! need no look at the database before they are written. A batch that loses a race against another process takes the
//! lock first the second time. It runs on a thread of its own, which for SQLite is *the* writer thread.

use crate::{
    AppendError, AppendRequest, Committed, LogError, Position,
    engine::{CommitOutcome, Engine, Keys, memory::recorded},
    recent::Recent,
    sequence::{ClaimKey, Known, Plan, sequence},
};
use chrono::{DateTime, SubsecRound, Utc};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot, watch};

/// Events in one transaction, at most: beyond this the gain is small and the wait of the first one grows.
pub const BATCH_EVENTS_MAX: usize = 512;
/// Payload bytes in one transaction, at most: a batch stays far below any limit of a statement.
pub const BATCH_BYTES_MAX: usize = 1 << 20;
/// Requests that may wait; beyond them callers are told that the log is busy.
pub const WAITING_MAX: usize = 4096;
/// How long a batch is tried while the database is away, before its callers are told.
const AWAY_MAX: Duration = Duration::from_secs(5);
/// Pause between two tries while the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(100);
/// A batch of at least this many requests is a crowd.
const CROWD: usize = 8;
/// How long the batcher waits, in steps, for half of the last crowd to come back.
const GATHER_STEP: Duration = Duration::from_micros(50);
/// Steps of that wait, at most.
const GATHER_STEPS_MAX: usize = 6;
/// Quiet time after which the engine may tidy up.
const TIDY_AFTER: Duration = Duration::from_millis(500);
/// What is remembered of streams, commands and claims, each: bounds the batcher's memory to some tens of megabytes.
const KNOWN_MAX: usize = 100_000;

/// The clock of recorded times; a value, so that tests own it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What is sent to the batcher.
pub(crate) enum Message {
    /// A command's writes and where its answer goes.
    Append(Box<AppendRequest>, oneshot::Sender<Result<Committed, AppendError>>),
    /// Answered when everything sent before is decided.
    Barrier(oneshot::Sender<()>),
    /// No more: everything sent before is done first.
    Close(oneshot::Sender<()>),
}

pub(crate) struct Batcher {
    pub engine: Arc<dyn Engine>,
    pub waiting: mpsc::Receiver<Message>,
    pub head: watch::Sender<Position>,
    pub recent: Arc<Recent>,
    pub clock: Clock,
}

/// What ended a batch before its bounds did.
enum End {
    Barrier(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

type Reply = oneshot::Sender<Result<Committed, AppendError>>;

/// How sure the batcher must be of what it knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// What is remembered, plus a look at streams and claims that are not.
    Remembered,
    /// A fresh look at everything, commands included.
    Fresh,
    /// The same, under the lock.
    Locked,
}

impl Batcher {
    /// Runs until it is closed or every sender is gone.
    pub async fn run(mut self) {
        let mut known: Option<Known> = None;
        let mut requests = Vec::new();
        let mut replies = Vec::new();
        let mut foreign = self.engine.foreign_heads();
        let mut is_tidy = true;
        let mut crowd = 0;
        loop {
            let message = tokio::select! {
                message = self.waiting.recv() => message,
                () = tokio::time::sleep(TIDY_AFTER), if !is_tidy => {
                    self.engine.tidy();
                    is_tidy = true;
                    continue;
                }
                head = foreign_head(&mut foreign) => {
                    self.announce(head);
                    continue;
                }
            };
            let Some(message) = message else { return };
            is_tidy = false;
            self.gather(crowd);
            let end = self.drain(message, &mut requests, &mut replies);
            crowd = requests.len();
            if !requests.is_empty() {
                metrics::histogram!("vitrina_log_batch_requests").record(requests.len() as f64);
                self.settle(&mut known, std::mem::take(&mut requests), std::mem::take(&mut replies)).await;
            }
            // Whoever asked may have given up waiting; there is nothing else to tell.
            match end {
                None => {}
                Some(End::Barrier(settled)) => {
                    let _ = settled.send(());
                }
                Some(End::Close(closed)) => {
                    // The answer means that this thread holds no file and no connection any more.
                    drop(self);
                    let _ = closed.send(());
                    return;
                }
            }
        }
    }

    /// Lets half of the last crowd come back before the next batch is taken. Sleeps on the thread, since the async timer is
    /// too coarse: nothing runs here meanwhile but the engine's connection, which has nothing under way between two batches.
    fn gather(&self, crowd: usize) {
        if crowd >= CROWD {
            for _ in 0..GATHER_STEPS_MAX {
                if self.waiting.len() + 1 >= crowd / 2 {
                    return;
                }
                std::thread::sleep(GATHER_STEP);
            }
        }
    }

    /// Takes what is waiting, up to the batch's bounds.
    fn drain(&mut self, first: Message, requests: &mut Vec<AppendRequest>, replies: &mut Vec<Reply>) -> Option<End> {
        let (mut events, mut bytes) = (0, 0);
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Barrier(settled) => return Some(End::Barrier(settled)),
                Message::Close(closed) => return Some(End::Close(closed)),
                Message::Append(request, reply) => {
                    events += request.event_count();
                    bytes += request.bytes();
                    requests.push(*request);
                    replies.push(reply);
                }
            }
            let full = events >= BATCH_EVENTS_MAX || bytes >= BATCH_BYTES_MAX;
            next = if full { None } else { self.waiting.try_recv().ok() };
        }
        None
    }

    /// Brings a batch to its end: every reply is sent. A batch that the database refuses is cut in two, and again, until the
    /// culprit is alone and fails alone.
    async fn settle(&mut self, known: &mut Option<Known>, batch: Vec<AppendRequest>, replies: Vec<Reply>) {
        let mut parts = vec![(batch, replies)];
        while let Some((mut batch, mut replies)) = parts.pop() {
            match self.write(known, &batch).await {
                Ok(plan) => answer(replies, plan.answers),
                Err(Failure::Refused(reason)) if batch.len() == 1 => answer(replies, vec![Err(AppendError::Refused(reason))]),
                Err(Failure::Refused(_)) => {
                    let half = batch.len() / 2;
                    parts.push((batch.split_off(half), replies.split_off(half)));
                    parts.push((batch, replies));
                }
                Err(Failure::Log(error)) => {
                    tracing::error!(%error, requests = batch.len(), "a batch could not be written");
                    // What is left of it would only wait for the same database once more.
                    for (batch, replies) in parts.drain(..).chain([(batch, replies)]) {
                        answer(replies, batch.iter().map(|_| Err(error.clone().into())).collect());
                    }
                }
            }
        }
    }

    /// Writes a batch, trying again after a lost race, a repeated command or a lost connection, each time with more care.
    async fn write(&mut self, memory: &mut Option<Known>, batch: &[AppendRequest]) -> Result<Plan, Failure> {
        let started = Instant::now();
        let mut care = Care::Remembered;
        loop {
            match self.attempt(memory, batch, care).await {
                Ok((CommitOutcome::Committed, plan)) => {
                    self.publish(batch, &plan);
                    return Ok(plan);
                }
                Ok((outcome, plan)) => {
                    *memory = None;
                    care = match (care, outcome) {
                        (_, CommitOutcome::Refused(reason)) => return Err(Failure::Refused(reason)),
                        (Care::Remembered, CommitOutcome::CommandExists) => Care::Fresh,
                        (Care::Remembered | Care::Fresh, _) => Care::Locked,
                        (Care::Locked, _) => {
                            let what = "the head does not move under its own lock".to_owned();
                            return Err(Failure::Log(LogError::Damaged { position: plan.head.position, what }));
                        }
                    };
                }
                // Also after a connection lost during commit: the fresh look finds the commands, if they were written.
                Err(LogError::Unavailable(reason)) if started.elapsed() < AWAY_MAX => {
                    tracing::warn!(%reason, "the database is away; trying again");
                    *memory = None;
                    care = Care::Fresh;
                    tokio::time::sleep(AWAY_PAUSE).await;
                }
                Err(error) => {
                    *memory = None;
                    return Err(Failure::Log(error));
                }
            }
        }
    }

    async fn attempt(&self, memory: &mut Option<Known>, batch: &[AppendRequest], care: Care) -> Result<(CommitOutcome, Plan), LogError> {
        if care == Care::Locked {
            let clock = &self.clock;
            let mut after = None;
            let keys = keys_of(batch, None);
            let done = self
                .engine
                .commit_locked(&keys, batch, &mut |mut found| {
                    let plan = sequence(&mut found, batch, now(clock));
                    after = Some(found);
                    plan
                })
                .await?;
            *memory = after;
            return Ok(done);
        }
        let mut known = self.know(memory.take(), batch, care).await?;
        let expected = known.head.position;
        let plan = sequence(&mut known, batch, now(&self.clock));
        let outcome = if care == Care::Remembered && !self.refusals_stand(expected, batch, &plan).await? {
            CommitOutcome::CommandExists
        } else if plan.accepted.is_empty() {
            CommitOutcome::Committed
        } else {
            self.engine.commit(expected, batch, &plan).await?
        };
        *memory = Some(known);
        Ok((outcome, plan))
    }

    /// Whether what is refused is refused by the log as it is, not as it was when another process wrote to it; and is no
    /// repeated command, which would be a conflict or find its name taken merely because it had been written before.
    async fn refusals_stand(&self, expected: Position, batch: &[AppendRequest], plan: &Plan) -> Result<bool, LogError> {
        let refused = batch.iter().zip(&plan.answers).filter(|(_, answer)| answer.is_err());
        let keys = Keys { commands: refused.map(|(request, _)| (request.account, request.command_id)).collect(), ..Keys::default() };
        if keys.is_empty() {
            return Ok(true);
        }
        let found = self.engine.look(&keys).await?;
        Ok(found.head.position == expected && found.commands.is_empty())
    }

    /// What the batch needs to know: what is remembered, completed by one look.
    async fn know(&self, memory: Option<Known>, batch: &[AppendRequest], care: Care) -> Result<Known, LogError> {
        let moved = |known: &Known| self.engine.foreign_heads().is_some_and(|heads| *heads.borrow() > known.head.position);
        let too_large = |known: &Known| known.streams.len().max(known.commands.len()).max(known.claims.len()) > KNOWN_MAX;
        let remembered = memory.filter(|known| care == Care::Remembered && !moved(known) && !too_large(known));
        let mut keys = keys_of(batch, remembered.as_ref());
        if care == Care::Remembered {
            // Nearly every command is new; one that is not is found by its unique key, and looked up then.
            keys.commands.clear();
        }
        let Some(mut known) = remembered else { return self.engine.look(&keys).await };
        if keys.is_empty() {
            return Ok(known);
        }
        let found = self.engine.look(&keys).await?;
        if found.head != known.head {
            let everything = Keys { commands: Vec::new(), ..keys_of(batch, None) };
            return self.engine.look(&everything).await;
        }
        known.streams.extend(found.streams);
        known.commands.extend(found.commands);
        known.claims.extend(found.claims);
        known.chains.extend(found.chains);
        Ok(known)
    }

    /// Makes a committed batch visible to the subscriptions of this process.
    fn publish(&self, batch: &[AppendRequest], plan: &Plan) {
        if !plan.events.is_empty() {
            self.recent.push((0..plan.events.len()).map(|index| recorded(batch, plan, index)));
            metrics::counter!("vitrina_log_events_total").increment(plan.events.len() as u64);
            metrics::counter!("vitrina_log_batches_total").increment(1);
        }
        // Also when all had been written before: after a connection lost during commit nobody has told of it yet.
        self.announce(plan.head.position);
    }

    /// Tells the subscriptions of this process how far the log goes.
    fn announce(&self, position: Position) {
        self.head.send_if_modified(|head| {
            let newer = position > *head;
            *head = position.max(*head);
            newer
        });
    }
}

/// The next head that another process has written; never, where there can be no other.
async fn foreign_head(heads: &mut Option<watch::Receiver<Position>>) -> Position {
    if let Some(receiver) = heads {
        if receiver.changed().await.is_ok() {
            return *receiver.borrow_and_update();
        }
        *heads = None;
    }
    std::future::pending().await
}

enum Failure {
    Refused(String),
    Log(LogError),
}

/// Stored times have microseconds; what is decided on must equal what is stored.
fn now(clock: &Clock) -> DateTime<Utc> {
    clock().trunc_subsecs(6)
}

fn answer(replies: Vec<Reply>, answers: Vec<Result<Committed, AppendError>>) {
    for (reply, answer) in replies.into_iter().zip(answers) {
        // A caller that has gone away gets no answer; its command is written all the same.
        let _ = reply.send(answer);
    }
}

/// What the batch names and is not remembered.
fn keys_of(batch: &[AppendRequest], known: Option<&Known>) -> Keys {
    let mut keys = Keys::default();
    let unknown_stream = |s: &crate::StreamId| known.is_none_or(|k| !k.streams.contains_key(s));
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
