//! The newest events of the accounts that have endpoints: one reader of the log for all of them, so that an endpoint that keeps up costs no
//! read and is not woken by other shops' events.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::{Notify, Semaphore, watch};
use vitrina_domain::{ids::AccountId, retention::RetentionEvent, stream::Category, subject::SubjectEvent};
use vitrina_eventlog::{EventLog, Filter, LogError, Position, Recorded};

/// Events that are kept for an account; who is further behind reads the log.
const KEPT_MAX: usize = 2_048;
/// Events that are taken at once.
const BATCH: usize = 512;
/// Pause before reading anew while the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(200);

/// Deliveries to all endpoints of one account that are under way at once: those of others have room beside them.
const SENDING_MAX: usize = 128;

/// What an account's endpoints wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct News {
    /// Position of its newest event.
    pub newest: i64,
    /// Position of the newest one about an endpoint.
    pub of_endpoints: i64,
    /// Position of the newest one by which somebody is to be forgotten, or what was said is kept no longer.
    pub of_forgetting: i64,
}

struct Kept {
    /// Everything of the account after this position is in `events`.
    after: i64,
    events: VecDeque<Arc<Recorded>>,
    news: watch::Sender<News>,
    sending: Arc<Semaphore>,
}

/// What the endpoints of an account share.
pub(crate) struct Joined {
    pub news: watch::Receiver<News>,
    /// Each delivery that is under way holds one.
    pub sending: Arc<Semaphore>,
}

#[derive(Default)]
struct Read {
    upto: i64,
    accounts: HashMap<AccountId, Kept>,
}

/// The reader and what it has kept.
#[derive(Default)]
pub(crate) struct Feed {
    read: Mutex<Read>,
    /// Something has happened to an endpoint.
    pub endpoints: Notify,
}

/// Events of one account, and how far the log was read for them.
pub(crate) struct Batch {
    pub events: Vec<Arc<Recorded>>,
    pub upto: i64,
}

impl Feed {
    /// It is read from this position on. Whoever joins before that is known would take what was before for nothing.
    pub(crate) fn begin(&self, from: Position) {
        self.read.lock().expect("no holder panics").upto = from.0;
    }

    /// Reads on after [`Self::begin`], until the log is closed.
    pub(crate) async fn follow(&self, log: EventLog, from: Position) {
        let mut subscription = log.subscribe(from, Filter::default());
        loop {
            match subscription.next(BATCH).await {
                Ok(batch) => self.take(&batch.events, batch.upto.0),
                Err(LogError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "webhooks wait for the log");
                    tokio::time::sleep(AWAY_PAUSE).await;
                }
            }
        }
    }

    fn take(&self, events: &[Arc<Recorded>], upto: i64) {
        let mut read = self.read.lock().expect("no holder panics");
        read.upto = upto;
        let mut told: HashMap<AccountId, News> = HashMap::new();
        for event in events {
            let is_of_endpoint = event.stream.category == Category::Webhook;
            if is_of_endpoint {
                self.endpoints.notify_one();
            }
            let Some(kept) = read.accounts.get_mut(&event.stream.account) else { continue };
            if kept.events.len() == KEPT_MAX {
                kept.after = kept.events.pop_front().map_or(kept.after, |event| event.position.0);
            }
            kept.events.push_back(Arc::clone(event));
            let news = told.entry(event.stream.account).or_insert_with(|| *kept.news.borrow());
            news.newest = event.position.0;
            if is_of_endpoint {
                news.of_endpoints = event.position.0;
            }
            if [SubjectEvent::ERASURE_REQUESTED, RetentionEvent::CONTENT_EXPIRED].contains(&&*event.event_type) {
                news.of_forgetting = event.position.0;
            }
        }
        for (account, news) in told {
            if let Some(kept) = read.accounts.get(&account) {
                kept.news.send_replace(news);
            }
        }
    }

    /// Waits for the account's events from now on.
    pub(crate) fn join(&self, account: AccountId) -> Joined {
        let mut read = self.read.lock().expect("no holder panics");
        let upto = read.upto;
        let new = || Kept {
            after: upto,
            events: VecDeque::new(),
            news: watch::channel(News { newest: upto, of_endpoints: upto, of_forgetting: upto }).0,
            sending: Arc::new(Semaphore::new(SENDING_MAX)),
        };
        let kept = read.accounts.entry(account).or_insert_with(new);
        Joined { news: kept.news.subscribe(), sending: Arc::clone(&kept.sending) }
    }

    /// Nobody waits for the account's events any more, unless somebody does.
    pub(crate) fn leave(&self, account: AccountId) {
        let mut read = self.read.lock().expect("no holder panics");
        if read.accounts.get(&account).is_some_and(|kept| kept.news.receiver_count() == 0) {
            read.accounts.remove(&account);
        }
    }

    /// How far nothing happened in the account after a position; the position itself where that is not known.
    pub(crate) fn quiet_upto(&self, account: AccountId, position: i64) -> i64 {
        self.kept(account, position, 1).map_or(position, |batch| match batch.events.first() {
            Some(event) => event.position.0 - 1,
            None => batch.upto,
        })
    }

    /// The account's events after a position, `limit` at most: of those that are kept, or else of the log.
    pub(crate) async fn after(&self, log: &EventLog, account: AccountId, position: i64, limit: usize) -> Result<Batch, LogError> {
        if let Some(batch) = self.kept(account, position, limit) {
            return Ok(batch);
        }
        let read = log.read(Position(position), limit).await?;
        let upto = read.last().map_or(position, |event| event.position.0);
        Ok(Batch { events: read.into_iter().filter(|event| event.stream.account == account).collect(), upto })
    }

    fn kept(&self, account: AccountId, position: i64, limit: usize) -> Option<Batch> {
        let read = self.read.lock().expect("no holder panics");
        let kept = read.accounts.get(&account).filter(|kept| kept.after <= position && position <= read.upto)?;
        let from = kept.events.partition_point(|event| event.position.0 <= position);
        let events: Vec<_> = kept.events.iter().skip(from).take(limit).cloned().collect();
        let upto = if events.len() == limit { events.last().map_or(position, |event| event.position.0) } else { read.upto };
        Some(Batch { events, upto })
    }
}
