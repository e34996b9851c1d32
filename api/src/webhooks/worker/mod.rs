//! Tells one endpoint what happens, for as long as this process holds it.
//!
//! What is told comes on three ways: what happens now ([`lane`]), what is told again, and what waits ([`backlog`]). The place in the log moves
//! on only over what was told or is noted as waiting, so a crash leads to telling twice, never to not telling. [`pace`] says how much is sent
//! at once; commands know nothing of any of it.

mod asked;
mod backlog;
mod fill;
mod forget;
mod lane;
mod notes;
mod pace;
mod settle;

use self::{backlog::Backlog, lane::Lane, notes::Writing, pace::Pace};
use super::{
    client::{Letter, Line, Tried},
    feed::{Joined, News},
    notes::{Changes, Of, Place, Replay},
    payload::{Rendered, delivery_id},
    signing::{self, Key},
};
use crate::wiring::State;
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use url::Url;
use uuid::Uuid;
use vitrina_domain::{
    connection::ProcessId,
    webhook::{OrderedBy, Stage, Webhook},
};
use vitrina_eventlog::LogError;

/// How long an ending worker waits for what it has sent.
const END_WITHIN: Duration = Duration::from_secs(5);
/// Longest sleep: a clock that was set, and a secret that is over, are noticed within it.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// Events of others that the place moves on over together: who goes on after a crash reads no more of them, and what is quiet is seldom noted.
const PASSED_MIN: i64 = 1_000;

/// On which way an event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It happened.
    Live,
    /// Somebody wanted it told again.
    Replay,
    /// It waited.
    Waiting,
}

/// An event to be told.
#[derive(Debug, Clone)]
struct Job {
    event: Arc<Rendered>,
    origin: Origin,
    /// Attempts so far.
    attempts: u32,
    /// When it was first tried, or put among what waits.
    first_at: DateTime<Utc>,
}

/// An attempt that was made.
struct Made {
    job: Job,
    at: DateTime<Utc>,
    begun: Instant,
    tried: Tried,
}

/// Why a worker ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The endpoint is told nothing any more, or the server ends.
    Over,
    /// Another process tells it.
    Lost,
}

/// Who tells an endpoint.
pub(super) struct Worker {
    state: web::Data<State>,
    of: Of,
    own: ProcessId,
    webhook: Webhook,
    line: Arc<Line>,
    /// Deliveries to all endpoints of the account that are under way at once.
    sending_of_account: Arc<Semaphore>,
    /// The version of the endpoint's stream that `webhook` is of.
    version: i64,
    keys: Arc<Vec<Key>>,
    keys_of: Instant,
    place: Place,
    live: Lane,
    replay: Option<(Replay, Lane)>,
    backlog: Backlog,
    /// Of each stream that is being told in order, what comes after what is under way.
    busy: HashMap<Uuid, VecDeque<Job>>,
    held: usize,
    ready: VecDeque<Job>,
    sending: JoinSet<Made>,
    pace: Pace,
    changes: Changes,
    writing: Writing,
    news: watch::Receiver<News>,
    /// The last event of an endpoint that was known when the endpoint was heard last.
    heard: i64,
    /// The last event by which somebody is to be forgotten that was heeded.
    forgotten: i64,
    forgotten_at: Option<Instant>,
    turn: u32,
    /// Attempts so far.
    attempts: u64,
    last_at: DateTime<Utc>,
}

impl Worker {
    /// One that goes on where the place is.
    pub(super) async fn begin(state: web::Data<State>, of: Of, own: ProcessId, place: Place) -> Result<Self, LogError> {
        let Joined { news, sending } = state.webhooks.feed.join(of.account);
        // Read before the endpoint is: what happens to it meanwhile is heard.
        let (heard, forgotten) = (news.borrow().of_endpoints, news.borrow().of_forgetting);
        let away = |error: vitrina_projections::Error| LogError::Unavailable(error.chain());
        let backlog = Backlog::load(&state.webhooks.notes, of).await.map_err(away)?;
        let replay = super::notes::replay(&state.webhooks.notes, of).await.map_err(away)?;
        let mut worker = Self {
            of,
            own,
            webhook: Webhook::default(),
            line: Arc::new(state.webhooks.line(Url::parse("https://nowhere.invalid/").expect("it is one"))),
            sending_of_account: sending,
            version: 0,
            keys: Arc::default(),
            keys_of: Instant::now(),
            place,
            live: Lane::new(place.position),
            replay: replay.map(|replay| (replay, Lane::new(replay.position))),
            backlog,
            busy: HashMap::new(),
            held: 0,
            ready: VecDeque::new(),
            sending: JoinSet::new(),
            pace: Pace::default(),
            changes: Changes::default(),
            writing: Writing::default(),
            heard,
            forgotten,
            forgotten_at: None,
            news,
            turn: 0,
            attempts: 0,
            last_at: DateTime::UNIX_EPOCH,
            state,
        };
        worker.hear().await?;
        Ok(worker)
    }

    /// Tells until the endpoint is over, another process holds it, or the server ends.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<End, LogError> {
        loop {
            let news = *self.news.borrow_and_update();
            if news.of_endpoints > self.heard {
                self.heard = news.of_endpoints;
                self.hear().await?;
            }
            if news.of_forgetting > self.forgotten {
                self.forgotten = news.of_forgetting;
                self.render_again(news.of_forgetting).await?;
            }
            if self.webhook.stage != Stage::Enabled || *stop.borrow() {
                return Ok(self.end().await);
            }
            let is_more = self.fill(news.newest).await?;
            self.note();
            let wake = if is_more { Instant::now() } else { self.wake_at() };
            tokio::select! {
                biased;
                Some(made) = self.sending.join_next(), if !self.sending.is_empty() => self.settle_one(made).await,
                held = self.writing.done(), if self.writing.is_under_way() => {
                    if !held {
                        return Ok(End::Lost);
                    }
                    self.noted().await?;
                }
                known = self.news.changed() => known.map_err(|_| LogError::Closed)?,
                () = sleep_until(wake) => self.rest(),
                // Who tells has ended: so does this.
                _ = stop.changed() => {}
            }
            while let Some(made) = self.sending.try_join_next() {
                self.settle_one(made).await;
            }
        }
    }

    fn is_ordered(&self) -> bool {
        self.webhook.spec.ordered_by == OrderedBy::Stream
    }

    /// When there is something to do without anything having happened.
    fn wake_at(&mut self) -> Instant {
        // Without room nothing that waits is looked at, however due it is.
        let look_at = if self.room() > 0 { self.backlog.look_at() } else { None };
        let times = [self.pace.paused_until(), look_at, self.writing.due(self.is_dirty())];
        times.into_iter().flatten().fold(Instant::now() + SLEEP_MAX, Instant::min)
    }

    /// While nothing happens: connections grow old, and the place moves on over what happened to others.
    fn rest(&mut self) {
        self.line.tidy();
        if self.quiet_upto() - self.live.read >= PASSED_MIN {
            self.live.pass(self.quiet_upto());
        }
    }

    /// How far there is nothing to be read.
    fn quiet_upto(&self) -> i64 {
        self.state.webhooks.feed.quiet_upto(self.of.account, self.live.read)
    }

    /// Sends one.
    fn launch(&mut self, job: Job) {
        if self.keys_of.elapsed() > SLEEP_MAX {
            self.sign_anew();
        }
        let (state, line, keys) = (self.state.clone(), Arc::clone(&self.line), Arc::clone(&self.keys));
        let of_account = Arc::clone(&self.sending_of_account);
        let (webhook, payload) = (self.of.webhook, self.webhook.spec.payload);
        // Each attempt has a time of its own, which is its place among the attempts.
        let at = Utc::now().max(self.last_at + TimeDelta::microseconds(1));
        self.last_at = at;
        self.sending.spawn(async move {
            // They are closed never.
            let _permits = (of_account.acquire().await, state.webhooks.sending.acquire().await);
            let (begun, now) = (Instant::now(), Utc::now().timestamp());
            let (id, body) = (delivery_id(job.event.event_id, webhook), job.event.body(payload));
            let signature = signing::header(&keys, &id, now, &body);
            let sent = AssertUnwindSafe(line.send(Letter { id, timestamp: now, signature, body })).catch_unwind().await;
            // A fault of ours is an attempt that failed: what is open here must end.
            let tried = sent.unwrap_or_else(|_| Tried::failed("the server broke off", begun.elapsed()));
            Made { job, at, begun, tried }
        });
    }

    fn sign_anew(&mut self) {
        self.keys = Arc::new(self.state.webhooks.secrets.keys(self.of.account, self.of.webhook, &self.webhook, Utc::now()));
        self.keys_of = Instant::now();
    }

    /// Notes what is known and lets go.
    async fn end(mut self) -> End {
        let wait = async {
            while let Some(made) = self.sending.join_next().await {
                self.settle_one(made).await;
            }
        };
        // What has not answered by then is told again by whoever goes on.
        let _ = timeout(END_WITHIN, wait).await;
        self.sending.abort_all();
        if self.writing.is_under_way() && !self.writing.done().await {
            return End::Lost;
        }
        self.live.pass(self.quiet_upto());
        self.write_all();
        if self.writing.is_under_way() && !self.writing.done().await {
            return End::Lost;
        }
        let (of, notes) = (self.of, &self.state.webhooks.notes);
        let left = match self.webhook.stage {
            Stage::Deleted => super::notes::forget(notes, of).await,
            _ => super::notes::leave(notes, of, self.own, self.place.epoch).await,
        };
        if let Err(error) = left {
            tracing::warn!(error = error.chain(), webhook = %of.webhook, "a webhook endpoint is held until this process is gone");
        }
        End::Over
    }
}
