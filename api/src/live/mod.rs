//! Live updates: events reach those who may see them within milliseconds, over WebSocket or as server-sent events.
//!
//! The way of an event: [`tail`] reads it from the log's memory, [`registry`] finds the connections that follow it, [`view`]
//! renders it once for staff and once for customers, [`outbox`] queues the shared bytes for each connection, [`session`]
//! puts the ids of its subscriptions before them, and [`socket`] or [`stream`] writes. What was written before a
//! subscription comes through [`catch_up`]. [`topic`] says who may follow what, [`work`] whose work something is,
//! [`protocol`] holds the words, [`upgrade`] takes connections over from HTTP, [`signals`] bounds what clients send,
//! [`media`] takes offers for a call's media and tells who is on which line.
//!
//! Nothing here writes to the log but [`presence`], and nothing waits for a reader: who is slow is told where to resume.

mod catch_up;
pub(crate) mod media;
mod outbox;
mod presence;
mod protocol;
mod registry;
mod session;
mod signals;
mod socket;
pub(crate) mod stream;
mod tail;
#[cfg(test)]
mod tests;
pub(crate) mod topic;
pub(crate) mod upgrade;
mod view;
mod work;

use crate::{
    error::{ApiError, Code, RETRY_SOON_S, Result},
    wiring::State,
};
use actix_web::web;
use presence::Presence;
pub(crate) use registry::Connection;
use registry::Registry;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinHandle,
};
use vitrina_domain::connection::ProcessId;
use vitrina_eventlog::Position;

/// The live side of one process.
#[derive(Debug)]
pub(crate) struct Live {
    registry: Registry,
    /// Events after this are handed out.
    begins_at: Position,
    is_closing: AtomicBool,
    presence: Presence,
    seats: Arc<Semaphore>,
}

/// One of the live connections that this process may hold, from its handshake to its end, whether it has said who it is or not.
#[derive(Debug)]
pub(crate) struct Seat {
    _taken: OwnedSemaphorePermit,
}

/// The tasks that feed the connections; they end with this.
pub(crate) struct Feeding {
    tasks: Vec<JoinHandle<()>>,
    state: web::Data<State>,
}

impl Live {
    /// With nobody connected; `head` is where the log stands, `process` the id of this process, `sockets_max` how many live
    /// connections it holds at once.
    pub(crate) fn new(head: Position, process: watch::Receiver<ProcessId>, sockets_max: usize) -> Self {
        let seats = Arc::new(Semaphore::new(sockets_max.min(Semaphore::MAX_PERMITS)));
        Self { registry: Registry::new(head), begins_at: head, is_closing: AtomicBool::new(false), presence: Presence::new(process), seats }
    }

    /// Whether the server goes down.
    fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// Room for one more connection, for as long as it lasts; a refusal when there is none.
    pub(crate) fn enter(&self) -> Result<Seat> {
        let taken = if self.is_closing() { None } else { Arc::clone(&self.seats).try_acquire_owned().ok() };
        let full = || ApiError::new(Code::Busy, "this server holds as many live connections as it may").retry_after_s(RETRY_SOON_S);
        taken.map(|taken| Seat { _taken: taken }).ok_or_else(full)
    }

    /// Ends all connections, which are told that the server goes away, and takes no more.
    pub(crate) fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        self.registry.go_away();
    }
}

/// Starts to feed the connections.
pub(crate) fn feed(state: &web::Data<State>) -> Feeding {
    let events = tokio::spawn(tail::events(state.clone(), tail::subscription(state)));
    let signals = tokio::spawn(tail::signals(state.clone()));
    Feeding { tasks: vec![events, signals], state: state.clone() }
}

impl Feeding {
    /// Ends the tasks, once all connections are gone and known to be, and with them their hold on the server's state.
    pub(crate) async fn end(self) {
        self.state.live.presence.settled().await;
        for task in self.tasks {
            task.abort();
            // It was cancelled, which is what is wanted.
            let _ = task.await;
        }
    }
}
