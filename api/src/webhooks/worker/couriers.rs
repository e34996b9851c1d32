//! Who carries letters to the endpoint: as many at once as the pace allows. A courier that comes back goes on with the next letter without
//! asking, and what came of several is told together, so that a delivery costs the worker little. After a failure nobody goes on
//! before the worker has seen it.

use super::{Job, Made};
use crate::{
    webhooks::{
        client::{Letter, Line, Tried},
        notes::Of,
        payload::delivery_id,
        signing::{self, Key},
    },
    wiring::State,
};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
    time::Instant,
};
use vitrina_domain::webhook::Payload;

/// Deliveries that are told together while there is more to carry.
const TOLD_TOGETHER: usize = 16;
/// How long one waits for others to be told with.
const TOLD_WITHIN: Duration = Duration::from_millis(5);

/// With what letters are made and sent.
#[derive(Clone)]
pub(super) struct Means {
    pub line: Arc<Line>,
    pub keys: Arc<Vec<Key>>,
    pub payload: Payload,
}

/// All that are out, and what is theirs to carry.
pub(super) struct Couriers {
    office: Arc<Office>,
    out: JoinSet<()>,
}

struct Office {
    state: web::Data<State>,
    of: Of,
    /// Deliveries to all endpoints of the account that are under way at once.
    sending_of_account: Arc<Semaphore>,
    desk: Mutex<Desk>,
    came: Notify,
}

struct Desk {
    means: Means,
    waiting: VecDeque<Job>,
    made: Vec<Made>,
    told_at: Instant,
    out: usize,
    /// How many may be out.
    out_max: usize,
    last_at: DateTime<Utc>,
}

impl Couriers {
    pub(super) fn new(state: web::Data<State>, of: Of, sending_of_account: Arc<Semaphore>, means: Means) -> Self {
        let desk = Desk {
            means,
            waiting: VecDeque::new(),
            made: Vec::new(),
            told_at: Instant::now(),
            out: 0,
            out_max: 0,
            last_at: DateTime::UNIX_EPOCH,
        };
        let office = Office { state, of, sending_of_account, desk: Mutex::new(desk), came: Notify::new() };
        Self { office: Arc::new(office), out: JoinSet::new() }
    }

    /// What is sent from now on is sent so.
    pub(super) fn equip(&self, means: Means) {
        self.office.desk().means = means;
    }

    /// Letters that wait or are under way.
    pub(super) fn held(&self) -> usize {
        let desk = self.office.desk();
        desk.waiting.len() + desk.out
    }

    /// Gives them one to carry.
    pub(super) fn give(&self, job: Job) {
        self.office.desk().waiting.push_back(job);
    }

    /// Has so many be out while there is something to carry.
    pub(super) fn send_out(&mut self, out_max: usize) {
        let missing = {
            let mut desk = self.office.desk();
            desk.out_max = out_max;
            let missing = out_max.saturating_sub(desk.out).min(desk.waiting.len());
            desk.out += missing;
            missing
        };
        for _ in 0..missing {
            self.out.spawn(Arc::clone(&self.office).carry());
        }
    }

    /// Waits until somebody has something to tell. Cancel-safe.
    pub(super) async fn come_back(&self) {
        self.office.came.notified().await;
    }

    /// What came of letters since this was asked last.
    pub(super) fn tell(&mut self) -> Vec<Made> {
        while self.out.try_join_next().is_some() {}
        let mut desk = self.office.desk();
        desk.told_at = Instant::now();
        std::mem::take(&mut desk.made)
    }

    /// Takes back what waits.
    pub(super) fn take_back(&self) -> VecDeque<Job> {
        std::mem::take(&mut self.office.desk().waiting)
    }

    /// Waits until all are back; nobody goes on.
    pub(super) async fn all_back(&mut self) {
        self.office.desk().out_max = 0;
        while self.out.join_next().await.is_some() {}
    }
}

impl Office {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().expect("no holder panics")
    }

    async fn carry(self: Arc<Self>) {
        let mut made = None;
        while let Some((job, at, means)) = self.go_on(made.take()) {
            made = Some(self.deliver(job, at, means).await);
        }
    }

    /// Tells what was made, and takes the next letter; none ends this courier.
    fn go_on(&self, made: Option<Made>) -> Option<(Job, DateTime<Utc>, Means)> {
        let mut desk = self.desk();
        if let Some(made) = made {
            let is_taken = made.tried.is_taken();
            desk.made.push(made);
            if !is_taken {
                desk.out_max = 0;
            }
            if !is_taken || desk.waiting.is_empty() || desk.made.len() >= TOLD_TOGETHER || desk.told_at.elapsed() >= TOLD_WITHIN {
                self.came.notify_one();
            }
        }
        let next = if desk.out > desk.out_max { None } else { desk.waiting.pop_front() };
        let Some(job) = next else {
            desk.out -= 1;
            return None;
        };
        // Each attempt has a time of its own, which is its place among the attempts.
        desk.last_at = Utc::now().max(desk.last_at + TimeDelta::microseconds(1));
        Some((job, desk.last_at, desk.means.clone()))
    }

    async fn deliver(&self, job: Job, at: DateTime<Utc>, means: Means) -> Made {
        // They are closed never.
        let _permits = (self.sending_of_account.acquire().await, self.state.webhooks.sending.acquire().await);
        let begun = Instant::now();
        let sent = AssertUnwindSafe(async {
            let timestamp = Utc::now().timestamp();
            let (id, body) = (delivery_id(job.event.event_id, self.of.webhook), job.event.body(means.payload));
            let signature = signing::header(&means.keys, &id, timestamp, &body);
            means.line.send(Letter { id, timestamp, signature, body }).await
        });
        // A fault of ours is an attempt that failed: what is open here must end.
        let tried = sent.catch_unwind().await.unwrap_or_else(|_| Tried::failed("the server broke off", begun.elapsed()));
        Made { job, at, begun, tried }
    }
}
