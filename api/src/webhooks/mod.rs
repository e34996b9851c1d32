//! Webhooks: other systems are told what happens (PRODUCT.md 5.11). The log is the outbox; each endpoint has a durable place in it.
//!
//! [`feed`] reads the log once for all, [`worker`] tells one endpoint, [`supervisor`] sees to it that each endpoint is told by one process,
//! [`notes`] is what they note, [`book`] who writes it and [`forgetting`] who takes away what is old. [`payload`], [`signing`], [`client`], [`address`] and [`schedule`] are what a delivery
//! is made of. Nothing here is waited for by a command.

pub(crate) mod address;
mod book;
mod client;
mod feed;
mod forgetting;
pub(crate) mod notes;
pub(crate) mod payload;
mod schedule;
mod signing;
mod supervisor;
mod worker;

pub(crate) use address::{Network, Schemes};

use crate::{config::Config, house::StartError, wiring::State};
use actix_web::web;
use book::Book;
use client::{Line, Sender};
use feed::Feed;
use payload::Renderer;
use signing::Secrets;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::timeout,
};
use url::Url;
use vitrina_domain::{connection::ProcessId, webhook::Webhook};
use vitrina_eventlog::{Living, keyring::MasterKey};
use vitrina_projections::sql::notebook::Notebook;

/// Who tells of endpoints, as the events say.
const MANAGER: &str = "webhooks";
/// Deliveries of all endpoints that are under way at once: each has a connection.
const SENDING_MAX: usize = 1_024;
/// How long the server waits for what was sent when it ends.
const END_WITHIN: Duration = Duration::from_secs(10);

/// The webhooks of this process.
pub(crate) struct Webhooks {
    pub(crate) notes: Notebook,
    pub(crate) secrets: Secrets,
    pub(crate) renderer: Renderer,
    feed: Feed,
    book: Book,
    sender: Arc<Sender>,
    sending: Semaphore,
    own: watch::Receiver<ProcessId>,
}

impl Webhooks {
    /// Of this process. Within the runtime that outlives it.
    pub(crate) fn new(config: &Config, master: &MasterKey, notes: Notebook, own: watch::Receiver<ProcessId>) -> Result<Self, StartError> {
        let policy = address::Policy { networks: config.webhook_networks.clone(), schemes: config.webhook_schemes };
        let sender = Sender::new(policy, address::system()).map_err(|error| StartError::Webhooks(error.to_string()))?;
        Ok(Self {
            secrets: Secrets::new(master),
            renderer: Renderer::default(),
            feed: Feed::default(),
            book: Book::open(notes.clone()),
            sending: Semaphore::new(SENDING_MAX),
            sender: Arc::new(sender),
            notes,
            own,
        })
    }

    fn process(&self) -> ProcessId {
        *self.own.borrow()
    }

    fn line(&self, url: Url) -> Line {
        Line::new(Arc::clone(&self.sender), url)
    }

    /// Why nothing would ever be sent there.
    pub(crate) fn refusal(&self, url: &str) -> Option<String> {
        self.sender.check(url).err().map(|refused| refused.to_string())
    }
}

/// After which position an endpoint is told: what happened in another installation was told there.
pub(crate) fn begins_after(state: &State, webhook: &Webhook) -> i64 {
    webhook.after.max(state.log.imported().0)
}

/// What runs beside the server; it ends with this.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    watching: JoinHandle<()>,
    following: JoinHandle<()>,
    forgetting: JoinHandle<()>,
}

/// Starts what runs beside the server.
pub(crate) fn run(state: &web::Data<State>, living: watch::Receiver<Option<Living>>) -> Running {
    let (stop, stopped) = watch::channel(false);
    let (log, from, kept) = (state.log.clone(), state.log.head(), Arc::clone(&state.clone().into_inner()));
    kept.webhooks.feed.begin(from);
    Running {
        stop,
        following: tokio::spawn(async move { kept.webhooks.feed.follow(log, from).await }),
        forgetting: tokio::spawn(forgetting::run(state.clone())),
        watching: tokio::spawn(supervisor::watch_over(state.clone(), living, stopped)),
    }
}

impl Running {
    /// Lets what was sent be answered, notes what is known, and lets other processes go on.
    pub(crate) async fn end(self) {
        let Self { stop, mut watching, following, forgetting } = self;
        // An error means that nobody is left to be told.
        let _ = stop.send(true);
        if timeout(END_WITHIN, &mut watching).await.is_err() {
            watching.abort();
            let _ = watching.await;
        }
        for task in [following, forgetting] {
            task.abort();
            let _ = task.await;
        }
    }
}
