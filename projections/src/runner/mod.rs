//! The runner: follows the log and keeps the read models, on threads of its own.
//!
//! All live projections advance together, one transaction a batch, so there is one read position. A rebuild has a loop of
//! its own beside them ([`rebuild`]) and joins them when it stands where they stand. The compare-and-set of the
//! checkpoints is the fence against every other writer.

mod beside;
pub(crate) mod builds;
pub mod compare;
mod feed;
pub(crate) mod group;
mod order;
mod pace;
mod rebuild;
mod status;
mod tail;

pub use order::{Compare, Listener, Order, Pace, Progress, Rebuilt, Stage, Then};
pub use rebuild::rebuild;
pub use status::{State, Status};

use crate::{
    error::{Error, Result},
    fold::Projection,
    sql::Store,
};
use std::{ops::ControlFlow, sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{Mutex, mpsc, watch},
};
use vitrina_eventlog::{EventLog, Position};

/// Threads: one folds, one reads ahead and decodes.
const THREADS: usize = 2;

/// The name that stands for every projection where one is to be built anew.
pub const ALL: &str = "all";

/// What the loops share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub store: Store,
    pub log: EventLog,
    pub projections: Arc<Vec<Arc<dyn Projection>>>,
    pub status: Arc<watch::Sender<Status>>,
    pub position: Arc<watch::Sender<Position>>,
    /// The furthest position that somebody has waited for: nobody is let wait so that a batch may grow.
    pub wanted: Arc<watch::Sender<Position>>,
    /// Held while the live team commits, and by a swap.
    pub gate: Arc<Mutex<()>>,
    /// Told when the live team has other members.
    pub changed: Arc<watch::Sender<u64>>,
}

/// Keeps the read models. Dropping it stops it after the batch in hand.
pub struct Runner {
    shared: Shared,
    runtime: Handle,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Runner {
    /// Starts to follow the log. It answers at once; [`Runner::status`] tells how far it is.
    ///
    /// # Errors
    /// [`Error::Open`] when its threads do not start.
    pub fn start(store: Store, log: EventLog, projections: Vec<Arc<dyn Projection>>) -> Result<Self> {
        let shared = Shared::new(store, log, projections);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("projections")
            .enable_all()
            .build()
            .map_err(|e| Error::Open(format!("the projections' threads do not start: {e}")))?;
        let handle = runtime.handle().clone();
        let (stop, mut stopped) = mpsc::channel::<()>(1);
        let following = shared.clone();
        let thread = std::thread::Builder::new()
            .name("projections-0".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = tail::follow(&following) => {}
                        _ = stopped.recv() => {}
                    }
                    // The batch in hand, if any, has been committed or will be folded again. Why it failed stays to be asked.
                    if !matches!(following.status.borrow().state, State::Failed(_)) {
                        following.set_state(State::Closed);
                    }
                });
                runtime.shutdown_background();
            })
            .map_err(|e| Error::Open(format!("the projections' threads do not start: {e}")))?;
        Ok(Self { shared, runtime: handle, stop: Some(stop), thread: Some(thread) })
    }

    /// Every event up to here is in every read model.
    pub fn position(&self) -> Position {
        *self.shared.position.borrow()
    }

    /// Tells of every new position.
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.shared.position.subscribe()
    }

    /// Waits until the read models stand at the position or beyond; answers with where they stand.
    ///
    /// # Errors
    /// [`Error::Behind`] when the time runs out, or at once when they have stopped for good.
    pub async fn at_least(&self, wanted: Position, patience: Duration) -> Result<Position> {
        if self.position() >= wanted {
            return Ok(self.position());
        }
        let mut position = self.shared.position.subscribe();
        let mut status = self.shared.status.subscribe();
        self.shared.wanted.send_if_modified(|furthest| {
            let further = wanted > *furthest;
            *furthest = wanted.max(*furthest);
            further
        });
        let arrived = tokio::time::timeout(patience, async {
            tokio::select! {
                arrived = position.wait_for(|reached| *reached >= wanted) => arrived.is_ok(),
                _ = status.wait_for(|status| matches!(status.state, State::Failed(_) | State::Closed)) => false,
            }
        });
        match arrived.await {
            Ok(true) => Ok(self.position()),
            _ => Err(Error::Behind { wanted, reached: self.position() }),
        }
    }

    /// How it is doing.
    pub fn status(&self) -> Status {
        Status { position: self.position(), ..self.shared.status.borrow().clone() }
    }

    /// Tells of every change of the status (not of the position in it).
    pub fn watch_status(&self) -> watch::Receiver<Status> {
        self.shared.status.subscribe()
    }

    /// Builds the tables of a projection, or of [`ALL`], anew beside the live ones, while queries go on, and compares them row by row
    /// before they take their place or go.
    ///
    /// # Errors
    /// [`Error::UnknownProjection`], or what stops the build; the live tables are not touched then.
    pub async fn rebuild(
        &self,
        name: &str,
        order: Order,
        mut listener: impl FnMut(Progress) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Rebuilt> {
        let shared = self.shared.clone();
        let projections = shared.named(name)?;
        let building = self.runtime.spawn(async move { rebuild::build(&shared, &projections, order, &mut listener).await });
        building.await.map_err(|_| Error::Closed)?
    }

    /// Stops after the batch in hand.
    pub async fn close(mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // The thread's own panic has been reported where it happened.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Shared {
    fn new(store: Store, log: EventLog, projections: Vec<Arc<dyn Projection>>) -> Self {
        Self {
            store,
            log,
            projections: Arc::new(projections),
            status: Arc::new(watch::Sender::new(Status::default())),
            position: Arc::new(watch::Sender::new(Position::ZERO)),
            wanted: Arc::new(watch::Sender::new(Position::ZERO)),
            gate: Arc::default(),
            changed: Arc::new(watch::Sender::new(0)),
        }
    }

    fn named(&self, name: &str) -> Result<Vec<Arc<dyn Projection>>> {
        let found: Vec<_> = self.projections.iter().filter(|projection| name == ALL || projection.name() == name).cloned().collect();
        if found.is_empty() { Err(Error::UnknownProjection(name.to_owned())) } else { Ok(found) }
    }

    fn set_state(&self, state: State) {
        self.status.send_if_modified(|status| {
            let differs = status.state != state;
            status.state = state;
            differs
        });
    }

    /// Makes the position known. It only rises, except when everything is made again.
    fn publish(&self, position: Position) {
        let head = self.log.head();
        metrics::gauge!("vitrina_projections_position").set(position.0 as f64);
        metrics::gauge!("vitrina_projections_lag_events").set((head.0 - position.0).max(0) as f64);
        if position >= head {
            self.status.send_if_modified(|status| !std::mem::replace(&mut status.caught_up, true));
        }
        self.position.send_if_modified(|known| std::mem::replace(known, position) != position);
    }
}
