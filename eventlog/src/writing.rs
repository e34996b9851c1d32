//! Deciding batches and bringing them to their end. Whoever holds the lock on [`Writing`] is the one writer of the log:
//! the batcher while anything is under way, else a caller whose command is alone.
//!
//! What is known of the log is kept from batch to batch. It may count batches that are still under way: the store commits
//! a batch only on the head that it was decided on, so if an earlier one fails, so does every later one, and all of them
//! are decided anew with more care.

use crate::{
    AppendError, AppendRequest, Committed, LogError, Position,
    engine::{CommitOutcome, Decided, Engine, Keys, memory::recorded},
    recent::Recent,
    sequence::{Known, sequence},
};
use chrono::{DateTime, SubsecRound, Utc};
use futures_util::future::{BoxFuture, FutureExt, ready};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{oneshot, watch};

/// How long a batch is tried while the database is away, before its callers are told.
const AWAY_MAX: Duration = Duration::from_secs(5);
/// Pause between two tries while the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(100);
/// What is remembered of streams, commands and claims, each: bounds the batcher's memory to some tens of megabytes.
const KNOWN_MAX: usize = 100_000;

/// The clock of recorded times; a value, so that tests own it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Where the answer to one request goes.
pub(crate) type Reply = oneshot::Sender<Result<Committed, AppendError>>;

/// How sure one must be of what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// What is remembered, plus a look at streams and claims that are not.
    Remembered,
    /// A fresh look at everything, commands included.
    Fresh,
    /// The same, under the lock.
    Locked,
}

impl Care {
    /// What it takes after this came of a try with this care; `None`: more care is of no use.
    fn after(self, outcome: &CommitOutcome) -> Option<Self> {
        match (self, outcome) {
            (_, CommitOutcome::Refused(_)) => None,
            (Self::Remembered, CommitOutcome::CommandExists) => Some(Self::Fresh),
            (Self::Remembered | Self::Fresh, _) => Some(Self::Locked),
            (Self::Locked, _) => None,
        }
    }
}

/// The writing side of the log.
pub(crate) struct Writing {
    pub engine: Arc<dyn Engine>,
    pub head: watch::Sender<Position>,
    pub recent: Arc<Recent>,
    pub clock: Clock,
    pub known: Option<Known>,
    /// When something was last written.
    pub last_write: Instant,
    /// Set while a caller's thread writes: one that ends in the middle leaves it, and what was known is in doubt.
    pub in_doubt: bool,
}

enum Failure {
    Refused(String, Vec<AppendRequest>),
    Log(LogError, usize),
}

impl Writing {
    /// Decides a batch on what is known. With batches under way the decision counts on them.
    pub async fn decide(&mut self, batch: Vec<AppendRequest>, care: Care) -> Result<Decided, (LogError, Vec<AppendRequest>)> {
        let mut known = match self.know(&batch, care).await {
            Ok(known) => known,
            Err(error) => return Err((error, batch)),
        };
        let decided = decided(&mut known, batch, &self.clock);
        self.known = Some(known);
        Ok(decided)
    }

    /// Whether what is refused is refused by the log as it is, not as it was when another process wrote to it; and is no
    /// repeated command, which would be a conflict or find its name taken merely because it had been written before.
    pub async fn refusals_stand(&self, decided: &Decided) -> Result<bool, LogError> {
        let refused = decided.batch.iter().zip(&decided.plan.answers).filter(|(_, answer)| answer.is_err());
        let keys = Keys { commands: refused.map(|(request, _)| (request.account, request.command_id)).collect(), ..Keys::default() };
        if keys.is_empty() {
            return Ok(true);
        }
        let found = self.engine.look(&keys).await?;
        Ok(found.head == decided.expected && found.commands.is_empty())
    }

    /// Brings a batch to its end while nothing else is under way: every reply is sent. A batch that the database refuses
    /// is cut in two, and again, until the culprit is alone and fails alone.
    pub async fn settle(&mut self, batch: Vec<AppendRequest>, replies: Vec<Reply>, care: Care) {
        let mut parts = vec![(batch, replies)];
        while let Some((batch, mut replies)) = parts.pop() {
            match self.write(batch, care).await {
                Ok(decided) => answer(replies, decided.plan.answers),
                Err(Failure::Refused(reason, batch)) if batch.len() == 1 => answer(replies, vec![Err(AppendError::Refused(reason))]),
                Err(Failure::Refused(_, mut batch)) => {
                    let half = batch.len() / 2;
                    parts.push((batch.split_off(half), replies.split_off(half)));
                    parts.push((batch, replies));
                }
                Err(Failure::Log(error, requests)) => {
                    tracing::error!(%error, requests, "a batch could not be written");
                    // What is left of it would only wait for the same database once more.
                    for replies in parts.drain(..).map(|(_, replies)| replies).chain([replies]) {
                        let answers = replies.iter().map(|_| Err(error.clone().into())).collect();
                        answer(replies, answers);
                    }
                }
            }
        }
    }

    /// Writes a batch, trying again after a lost race, a repeated command or a lost connection, each time with more care.
    async fn write(&mut self, mut batch: Vec<AppendRequest>, mut care: Care) -> Result<Decided, Failure> {
        let started = Instant::now();
        loop {
            let error = match self.attempt(batch, care).await {
                Ok((CommitOutcome::Committed, decided)) => {
                    self.publish(&decided);
                    return Ok(decided);
                }
                Ok((outcome, decided)) => {
                    self.known = None;
                    batch = decided.batch;
                    match (care.after(&outcome), outcome) {
                        (Some(more), _) => care = more,
                        (None, CommitOutcome::Refused(reason)) => return Err(Failure::Refused(reason, batch)),
                        (None, _) => {
                            let what = "the head does not move under its own lock".to_owned();
                            return Err(Failure::Log(LogError::Damaged { position: decided.plan.head.position, what }, batch.len()));
                        }
                    }
                    continue;
                }
                Err((error, back)) => {
                    batch = back;
                    error
                }
            };
            self.known = None;
            match error {
                // Also after a connection lost during commit: the fresh look finds the commands, if they were written.
                LogError::Unavailable(reason) if started.elapsed() < AWAY_MAX => {
                    tracing::warn!(%reason, "the database is away; trying again");
                    care = Care::Fresh;
                    tokio::time::sleep(AWAY_PAUSE).await;
                }
                error => return Err(Failure::Log(error, batch.len())),
            }
        }
    }

    async fn attempt(&mut self, batch: Vec<AppendRequest>, care: Care) -> Result<(CommitOutcome, Decided), (LogError, Vec<AppendRequest>)> {
        if care == Care::Locked {
            // A copy: what fails under the lock is tried again.
            let requests = ready(batch.clone()).boxed();
            return self.locked(requests).await.map_err(|error| (error, batch));
        }
        let decided = self.decide(batch, care).await?;
        if care == Care::Remembered {
            match self.refusals_stand(&decided).await {
                Ok(true) => {}
                Ok(false) => return Ok((CommitOutcome::CommandExists, decided)),
                Err(error) => return Err((error, decided.batch)),
            }
        }
        if decided.plan.accepted.is_empty() {
            return Ok((CommitOutcome::Committed, decided));
        }
        let decided = Arc::new(decided);
        let outcome =
            if self.engine.is_here() { self.engine.commit_here(&decided) } else { self.engine.commit(Arc::clone(&decided)).await };
        let decided = Arc::unwrap_or_clone(decided);
        match outcome {
            Ok(outcome) => Ok((outcome, decided)),
            Err(error) => Err((error, decided.batch)),
        }
    }

    /// Takes the lock, then the requests, and writes them: nobody else writes in between.
    pub async fn locked(&mut self, requests: BoxFuture<'_, Vec<AppendRequest>>) -> Result<(CommitOutcome, Decided), LogError> {
        let clock = &self.clock;
        let mut after = None;
        let done = self
            .engine
            .commit_locked(requests, &mut |mut found, batch| {
                let decided = decided(&mut found, batch, clock);
                after = Some(found);
                decided
            })
            .await?;
        self.known = after;
        Ok(done)
    }

    /// Writes one request on this thread, if its store is here and nothing stands in its way; else gives it back.
    pub fn at_once(&mut self, request: Box<AppendRequest>) -> Result<Committed, Box<AppendRequest>> {
        let batch = vec![*request];
        let back = |mut batch: Vec<AppendRequest>| Box::new(batch.pop().expect("a batch of one"));
        let Some(Ok(mut known)) = self.know(&batch, Care::Remembered).now_or_never() else {
            self.known = None;
            return Err(back(batch));
        };
        let decided = decided(&mut known, batch, &self.clock);
        let stands = matches!(decided.plan.answers[..], [Ok(_)]);
        if stands && matches!(self.engine.commit_here(&decided), Ok(CommitOutcome::Committed)) {
            self.known = Some(known);
            self.publish(&decided);
            let committed = decided.plan.answers.into_iter().find_map(Result::ok);
            return Ok(committed.expect("it was accepted"));
        }
        self.known = None;
        Err(back(decided.batch))
    }

    /// Brings one request to its end on the thread of its caller.
    pub async fn settle_alone(&mut self, request: AppendRequest, reply: Reply) {
        self.in_doubt = true;
        self.settle(vec![request], vec![reply], Care::Remembered).await;
        self.in_doubt = false;
    }

    /// To be called with the lock just taken.
    pub fn begin(&mut self) {
        if std::mem::take(&mut self.in_doubt) {
            self.known = None;
        }
    }

    /// What the batch needs to know: what is remembered, completed by one look.
    async fn know(&mut self, batch: &[AppendRequest], care: Care) -> Result<Known, LogError> {
        let moved = |known: &Known| self.engine.foreign_heads().is_some_and(|heads| *heads.borrow() > known.head.position);
        let too_large = |known: &Known| known.streams.len().max(known.commands.len()).max(known.claims.len()) > KNOWN_MAX;
        let remembered = self.known.take().filter(|known| care == Care::Remembered && !moved(known) && !too_large(known));
        let mut keys = Keys::missing(batch, remembered.as_ref());
        if care == Care::Remembered {
            // Nearly every command is new; one that is not is found by its unique key, and looked up then.
            keys.commands.clear();
        }
        let Some(mut known) = remembered else { return self.engine.look(&keys).await };
        if keys.is_empty() {
            return Ok(known);
        }
        let found = self.engine.look(&keys).await?;
        // Not beyond the head that is known: if that head comes true, this is a part of its history, and what it lacks is
        // under way here and has touched none of these keys, since all that it touched is known.
        if found.head.position > known.head.position {
            return self.engine.look(&Keys { commands: Vec::new(), ..Keys::of(batch) }).await;
        }
        known.streams.extend(found.streams);
        known.commands.extend(found.commands);
        known.claims.extend(found.claims);
        known.chains.extend(found.chains);
        Ok(known)
    }

    /// Makes a committed batch visible to the subscriptions of this process.
    pub fn publish(&mut self, decided: &Decided) {
        let plan = &decided.plan;
        if !plan.events.is_empty() {
            self.last_write = Instant::now();
            self.recent.push((0..plan.events.len()).map(|index| recorded(&decided.batch, plan, index)));
            metrics::counter!("vitrina_log_events_total").increment(plan.events.len() as u64);
            metrics::counter!("vitrina_log_batches_total").increment(1);
        }
        // Also when all had been written before: after a connection lost during commit nobody has told of it yet.
        self.announce(plan.head.position);
    }

    /// Tells the subscriptions of this process how far the log goes.
    pub fn announce(&self, position: Position) {
        self.head.send_if_modified(|head| {
            let newer = position > *head;
            *head = position.max(*head);
            newer
        });
    }
}

fn decided(known: &mut Known, batch: Vec<AppendRequest>, clock: &Clock) -> Decided {
    let expected = known.head;
    // Stored times have microseconds; what is decided on must equal what is stored.
    let plan = sequence(known, &batch, clock().trunc_subsecs(6));
    Decided { expected, batch, plan }
}

/// Sends each answer to its caller.
pub(crate) fn answer(replies: Vec<Reply>, answers: Vec<Result<Committed, AppendError>>) {
    for (reply, answer) in replies.into_iter().zip(answers) {
        // A caller that has gone away gets no answer; its command is written all the same.
        let _ = reply.send(answer);
    }
}
