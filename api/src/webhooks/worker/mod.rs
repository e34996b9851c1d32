//! Tells one endpoint what happens, for as long as this process holds it.
//!
//! What is told comes on three ways: what happens now ([`lane`]), what is told again, and what waits ([`backlog`]). The place in the log moves
//! on only over what was told or is noted as waiting, so a crash leads to telling twice, never to not telling. [`pace`] says how much is sent
//! at once; commands know nothing of any of it.

mod asked;
mod backlog;
mod fill;
mod lane;
mod notes;
mod pace;
mod settle;

use self::{backlog::Backlog, lane::Lane, notes::Writing, pace::Pace};
use super::{
    client::{Letter, Tried},
    feed::News,
    notes::{Changes, Of, Place, Replay},
    payload::{Rendered, delivery_id},
    signing::{self, Key},
};
use crate::wiring::State;
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
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
    url: Url,
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
    turn: u32,
    last_at: DateTime<Utc>,
}

impl Worker {
    /// One that goes on where the place is.
    pub(super) async fn begin(state: web::Data<State>, of: Of, own: ProcessId, place: Place) -> Result<Self, LogError> {
        let news = state.webhooks.feed.join(of.account);
        // Read before the endpoint is: what happens to it meanwhile is heard.
        let heard = news.borrow().of_endpoints;
        let away = |error: vitrina_projections::Error| LogError::Unavailable(error.chain());
        let backlog = Backlog::load(&state.webhooks.notes, of).await.map_err(away)?;
        let replay = super::notes::replay(&state.webhooks.notes, of).await.map_err(away)?;
        let mut worker = Self {
            of,
            own,
            webhook: Webhook::default(),
            url: Url::parse("https://nowhere.invalid/").expect("it is one"),
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
            news,
            turn: 0,
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
                () = sleep_until(wake) => {}
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

    /// Sends one.
    fn launch(&mut self, job: Job) {
        if self.keys_of.elapsed() > SLEEP_MAX {
            self.sign_anew();
        }
        let (state, url, keys) = (self.state.clone(), self.url.clone(), Arc::clone(&self.keys));
        let (webhook, payload) = (self.of.webhook, self.webhook.spec.payload);
        // Each attempt has a time of its own, which is its place among the attempts.
        let at = Utc::now().max(self.last_at + TimeDelta::microseconds(1));
        self.last_at = at;
        self.sending.spawn(async move {
            // It is closed never.
            let _permit = state.webhooks.sending.acquire().await;
            let (begun, now) = (Instant::now(), Utc::now().timestamp());
            let (id, body) = (delivery_id(job.event.event_id, webhook), job.event.body(payload));
            let signature = signing::header(&keys, &id, now, &body);
            let tried = state.webhooks.sender.send(&url, Letter { id, timestamp: now, signature, body }).await;
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
