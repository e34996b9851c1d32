//! The one writer of events under load: drains what is waiting, commits it in one transaction, and only then answers.
//!
//! A lone request never waits: what is committed just now is the linger of the next batch. When the callers are a crowd, the
//! batcher has two batches under way, each of about half of them: while the store works on one, the callers of the other
//! are answered, come back, and are decided. Between crowds it waits some hundred microseconds for half of the last one,
//! because a commit for its first two or three costs as much as one for all. It runs on a thread of its own.

use crate::{
    AppendError, AppendRequest, LogError, Position,
    engine::{CommitOutcome, Decided, Engine},
    turn,
    writing::{Care, Reply, Writing, answer},
};
use futures_util::{
    StreamExt,
    future::{BoxFuture, FutureExt},
    stream::FuturesOrdered,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, MutexGuard, Notify, OwnedMutexGuard, mpsc, oneshot, watch};

/// Events in one transaction, at most: beyond this the gain is small and the wait of the first one grows.
pub const BATCH_EVENTS_MAX: usize = 512;
/// Payload bytes in one transaction, at most: a batch stays far below any limit of a statement.
pub const BATCH_BYTES_MAX: usize = 1 << 20;
/// Requests that may wait; beyond them callers are told that the log is busy.
pub const WAITING_MAX: usize = 4096;
/// Batches under way, at most: the store works on one, so a third would only wait.
const FLIGHTS_MAX: usize = 2;
/// This many callers at a time are a crowd.
pub const CROWD: usize = 8;
/// How long the batcher waits, in steps, for half of the last crowd to come back.
const GATHER_STEP: Duration = Duration::from_micros(50);
/// Steps of that wait, at most.
const GATHER_STEPS_MAX: usize = 6;
/// Quiet time after which the engine may tidy up.
const TIDY_AFTER: Duration = Duration::from_millis(500);

/// What is sent to the batcher.
pub(crate) enum Message {
    /// A command's writes and where its answer goes.
    Append(Box<AppendRequest>, Reply),
    /// Nothing else is written until the turn that goes there is over.
    Turn(oneshot::Sender<turn::Granted>),
    /// Answered when everything sent before is decided.
    Barrier(oneshot::Sender<()>),
    /// No more: everything sent before is done first.
    Close(oneshot::Sender<()>),
}

/// What the batcher and those who write without it have in common.
pub(crate) struct Desk {
    /// Who holds this writes.
    pub writing: Arc<Mutex<Writing>>,
    /// Appends that were sent to the batcher and are not answered.
    pub unsettled: AtomicUsize,
    /// How many callers there are at a time, lately.
    pub crowd: AtomicUsize,
    /// Something was written without the batcher, after a quiet time.
    pub written: Notify,
    /// Set when the log is closed: nobody writes without the batcher any more, and it has ended.
    pub closed: AtomicBool,
}

pub(crate) struct Batcher {
    pub desk: Arc<Desk>,
    pub engine: Arc<dyn Engine>,
    pub waiting: mpsc::Receiver<Message>,
}

type Landed = (Result<CommitOutcome, LogError>, Arc<Decided>, Vec<Reply>);

/// Batches that the store works on, in order.
#[derive(Default)]
struct Flights {
    commits: FuturesOrdered<BoxFuture<'static, Landed>>,
    requests: usize,
}

impl Flights {
    fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    fn push(&mut self, commit: BoxFuture<'static, Result<CommitOutcome, LogError>>, decided: Arc<Decided>, replies: Vec<Reply>) {
        self.requests += replies.len();
        self.commits.push_back(async move { (commit.await, decided, replies) }.boxed());
    }

    /// The next one whose commit has an outcome; `None` when nothing is under way.
    async fn next(&mut self) -> Option<Landed> {
        let landed = self.commits.next().await?;
        self.requests -= landed.2.len();
        Some(landed)
    }
}

/// What has been taken from the queue and is in no batch yet, and what came behind it that is no append.
#[derive(Default)]
struct Gathered {
    requests: Vec<AppendRequest>,
    replies: Vec<Reply>,
    events: usize,
    bytes: usize,
    end: Option<Message>,
}

impl Gathered {
    fn take(&mut self, message: Message) {
        match message {
            Message::Append(request, reply) => {
                self.events += request.event_count();
                self.bytes += request.bytes();
                self.requests.push(*request);
                self.replies.push(reply);
            }
            end => self.end = Some(end),
        }
    }

    /// Whether nothing more may be taken into a batch of at most this many requests.
    fn is_full(&self, share: usize) -> bool {
        self.end.is_some() || self.is_batch(share)
    }

    /// Whether it is as large as a batch gets.
    fn is_batch(&self, share: usize) -> bool {
        self.requests.len() >= share || self.events >= BATCH_EVENTS_MAX || self.bytes >= BATCH_BYTES_MAX
    }

    fn batch(&mut self) -> (Vec<AppendRequest>, Vec<Reply>) {
        (self.events, self.bytes) = (0, 0);
        (std::mem::take(&mut self.requests), std::mem::take(&mut self.replies))
    }
}

impl Batcher {
    /// Runs until it is closed or every sender is gone.
    pub async fn run(mut self) {
        let mut foreign = self.engine.foreign_heads();
        let mut is_tidy = true;
        loop {
            let message = tokio::select! {
                message = self.waiting.recv() => message,
                () = self.desk.written.notified() => {
                    is_tidy = false;
                    continue;
                }
                () = tokio::time::sleep(TIDY_AFTER), if !is_tidy => {
                    is_tidy = self.tidied().await;
                    continue;
                }
                head = foreign_head(&mut foreign) => {
                    self.desk.writing.lock().await.announce(head);
                    continue;
                }
            };
            let Some(message) = message else { return };
            is_tidy = false;
            if let Some(closed) = self.work(message).await {
                // The answer means that this thread holds nothing any more.
                drop(self);
                let _ = closed.send(());
                return;
            }
        }
    }

    /// Tidies up, if it has been quiet for long enough.
    async fn tidied(&self) -> bool {
        let writing = self.desk.writing.lock().await;
        let is_quiet = writing.last_write.elapsed() >= TIDY_AFTER;
        if is_quiet {
            self.engine.tidy();
        }
        is_quiet
    }

    /// Writes until nothing is waiting and nothing under way. Answers with who is to be told that this was the end.
    async fn work(&mut self, first: Message) -> Option<oneshot::Sender<()>> {
        let desk = Arc::clone(&self.desk);
        let mut writing = desk.writing.lock().await;
        writing.begin();
        let mut flights = Flights::default();
        let mut gathered = Gathered::default();
        gathered.take(first);
        loop {
            if flights.is_empty() {
                self.gather(&gathered);
            }
            let share = self.share();
            while !gathered.is_full(share)
                && let Ok(message) = self.waiting.try_recv()
            {
                gathered.take(message);
            }
            if self.may_start(&gathered, &flights) {
                self.start(&mut writing, &mut gathered, &mut flights).await;
                continue;
            }
            if flights.is_empty() {
                // Whoever asked may have given up waiting; there is nothing else to tell.
                match gathered.end.take() {
                    None => return None,
                    Some(Message::Barrier(settled)) => drop(settled.send(())),
                    Some(Message::Turn(waiting)) => turn::hold(&mut writing, waiting).await,
                    Some(Message::Close(closed)) => {
                        desk.closed.store(true, Ordering::Release);
                        self.engine.release();
                        return Some(closed);
                    }
                    Some(message @ Message::Append(..)) => gathered.take(message),
                }
                continue;
            }
            let landed = tokio::select! {
                biased;
                landed = flights.next() => landed,
                message = self.waiting.recv(), if !gathered.is_full(share) => {
                    message.into_iter().for_each(|message| gathered.take(message));
                    None
                }
            };
            if let Some(landed) = landed {
                self.crowd_is(landed.2.len() + flights.requests + gathered.requests.len());
                self.land(&mut writing, landed, &mut flights).await;
            }
        }
    }

    fn crowd(&self) -> usize {
        self.desk.crowd.load(Ordering::Relaxed)
    }

    /// Requests in one batch: half of the crowd, so that the other half is under way meanwhile.
    fn share(&self) -> usize {
        self.crowd().div_ceil(2).max(CROWD)
    }

    /// Whether what is gathered becomes a batch now: at once when nothing is under way, else when it is half of all.
    fn may_start(&self, gathered: &Gathered, flights: &Flights) -> bool {
        match flights.commits.len() {
            0 => !gathered.requests.is_empty(),
            1..FLIGHTS_MAX => gathered.is_batch(self.share()),
            _ => false,
        }
    }

    /// Lets half of the last crowd come back before a batch is taken. Sleeps on the thread, since the async timer is too
    /// coarse: nothing runs here meanwhile but the engine's connection, which has nothing under way.
    fn gather(&self, gathered: &Gathered) {
        let share = self.share();
        if self.crowd() >= CROWD && gathered.end.is_none() {
            for _ in 0..GATHER_STEPS_MAX {
                if gathered.requests.len() + self.waiting.len() >= share {
                    return;
                }
                std::thread::sleep(GATHER_STEP);
            }
        }
    }

    /// Decides what is gathered and sends it to the store; or brings it to its end here, when it is small or not plain.
    async fn start(&self, writing: &mut MutexGuard<'_, Writing>, gathered: &mut Gathered, flights: &mut Flights) {
        let (batch, replies) = gathered.batch();
        metrics::histogram!("vitrina_log_batch_requests").record(batch.len() as f64);
        if flights.is_empty() && batch.len() < CROWD {
            self.crowd_is(batch.len());
            return self.settle(writing, batch, replies, Care::Remembered).await;
        }
        let decided = match writing.decide(batch, Care::Remembered).await {
            Ok(decided) if decided.plan.answers.iter().all(Result::is_ok) && !decided.plan.accepted.is_empty() => Arc::new(decided),
            // A refusal is given on what is in the log only; and so is everything after something went wrong.
            other => {
                let batch = other.map_or_else(|(_, batch)| batch, |decided| decided.batch);
                self.land_all(writing, flights).await;
                writing.known = None;
                return self.settle(writing, batch, replies, Care::Remembered).await;
            }
        };
        let commit = self.engine.commit(Arc::clone(&decided));
        flights.push(commit, decided, replies);
        // Polled once, it is on its way.
        if let Some(Some(landed)) = flights.next().now_or_never() {
            self.land(writing, landed, flights).await;
        }
        // Lets the engine's connection send it before the next one is decided.
        tokio::task::yield_now().await;
    }

    /// Remembers how many callers there are; forgets a crowd little by little.
    fn crowd_is(&self, requests: usize) {
        self.desk.crowd.store(requests.max(self.crowd() * 7 / 8), Ordering::Relaxed);
    }

    /// Brings the batch that was longest under way to its end; if it failed, all others as well.
    async fn land(&self, writing: &mut MutexGuard<'_, Writing>, landed: Landed, flights: &mut Flights) {
        let Err(failed) = self.landed(writing, landed) else { return };
        // Those behind it rest on it and have failed as well, or are written if it was, although nobody told.
        let mut again = vec![failed];
        while let Some(landed) = flights.next().await {
            again.extend(self.landed(writing, landed).err());
        }
        writing.known = None;
        for (care, decided, replies) in again {
            self.settle(writing, Arc::unwrap_or_clone(decided).batch, replies, care).await;
        }
    }

    async fn land_all(&self, writing: &mut MutexGuard<'_, Writing>, flights: &mut Flights) {
        while let Some(landed) = flights.next().await {
            self.land(writing, landed, flights).await;
        }
    }

    /// Answers the callers of a batch that is written; gives any other back, with the care that it takes now.
    fn landed(&self, writing: &mut MutexGuard<'_, Writing>, landed: Landed) -> Result<(), (Care, Arc<Decided>, Vec<Reply>)> {
        let (outcome, decided, replies) = landed;
        match outcome {
            Ok(CommitOutcome::Committed) => {
                writing.publish(&decided);
                let count = replies.len();
                let decided = Arc::unwrap_or_clone(decided);
                self.desk.unsettled.fetch_sub(count, Ordering::Release);
                answer(replies, decided.plan.answers);
                Ok(())
            }
            Ok(CommitOutcome::HeadMoved) => Err((Care::Locked, decided, replies)),
            Ok(CommitOutcome::CommandExists | CommitOutcome::Refused(_)) | Err(_) => Err((Care::Fresh, decided, replies)),
        }
    }

    async fn settle(&self, writing: &mut MutexGuard<'_, Writing>, batch: Vec<AppendRequest>, replies: Vec<Reply>, care: Care) {
        let count = replies.len();
        writing.settle(batch, replies, care).await;
        self.desk.unsettled.fetch_sub(count, Ordering::Release);
    }
}

impl Desk {
    /// A desk at which nobody has written yet.
    pub fn new(writing: Writing) -> Self {
        Self {
            writing: Arc::new(Mutex::new(writing)),
            unsettled: AtomicUsize::new(0),
            crowd: AtomicUsize::new(0),
            written: Notify::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// Gives the writing side of the log to a caller who is alone: nothing under way, and callers lately no crowd.
    pub fn alone(&self) -> Option<OwnedMutexGuard<Writing>> {
        if self.crowd.load(Ordering::Relaxed) >= CROWD {
            return None;
        }
        let mut writing = Arc::clone(&self.writing).try_lock_owned().ok()?;
        // What was sent to the batcher before comes before, also if it has not taken it yet.
        if self.unsettled.load(Ordering::Acquire) > 0 || self.closed.load(Ordering::Acquire) {
            return None;
        }
        writing.begin();
        if writing.last_write.elapsed() >= TIDY_AFTER {
            self.written.notify_one();
        }
        Some(writing)
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

/// Nobody answers any more.
pub(crate) fn closed() -> AppendError {
    LogError::Closed.into()
}
