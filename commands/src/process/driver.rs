//! Runs a manager beside a server until it is told to stop.

use super::{Manager, Origin};
use crate::Executor;
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};
use vitrina_domain::floor::Floor;
use vitrina_eventlog::{Living, LogError, Position};

/// Pause after the log or the read model was away.
const AWAY_PAUSE: Duration = Duration::from_millis(500);
/// Longest sleep: a clock that was set is noticed within it.
const SLEEP_MAX: Duration = Duration::from_secs(30);
/// Between two looks: under load they share what is read and written, and a lone event is answered as if at once.
const BREATH: Duration = Duration::from_millis(2);

/// The clock of deadlines; a value, so that tests own it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Managers that run.
pub struct Managers {
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Managers {
    /// Starts them on the runtime of the caller.
    ///
    /// `living` tells which processes serve the log; without it, nobody is taken for dead.
    pub fn start(executor: Executor, origin: Arc<dyn Origin>, clock: Clock, living: watch::Receiver<Option<Living>>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(async move {
            let mut stopping = stopped.clone();
            tokio::select! {
                () = run(&executor, &*origin, &clock, living) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
        });
        Self { stop, running }
    }

    /// Stops them. A command under way is written or not, whole, and is given again by whoever runs next.
    pub async fn stop(self) {
        // An error means that they have ended already, which is what is wanted.
        let _ = self.stop.send(true);
        let _ = self.running.await;
    }
}

async fn run(executor: &Executor, origin: &dyn Origin, clock: &Clock, mut living: watch::Receiver<Option<Living>>) {
    loop {
        match follow(executor, origin, clock, &mut living).await {
            Err(LogError::Closed) => return,
            Err(error) => tracing::warn!(%error, "the floor's managers wait for the log"),
            Ok(()) => {}
        }
        tokio::time::sleep(AWAY_PAUSE).await;
    }
}

/// Begins with the floor as it is kept, and goes on until the log cannot be read.
async fn follow(
    executor: &Executor,
    origin: &dyn Origin,
    clock: &Clock,
    living: &mut watch::Receiver<Option<Living>>,
) -> Result<(), LogError> {
    let snapshot = match origin.snapshot().await {
        Ok(snapshot) => snapshot,
        Err(error) => {
            tracing::warn!(%error, "the floor's managers wait for the read models");
            return Ok(());
        }
    };
    let mut floor = Floor::with(snapshot.places, snapshot.position.0, clock());
    snapshot.activity.iter().for_each(|activity| floor.was_active(activity));
    let mut manager = Manager::new(executor.clone(), floor);
    let mut head = executor.log().watch();
    loop {
        manager.catch_up().await?;
        let lives = living.borrow_and_update().clone();
        if let Some(lives) = &lives {
            while manager.bury(lives, clock()).await? {}
        }
        while manager.act(clock()).await? {}
        metrics::gauge!("vitrina_floor_position").set(manager.floor().position() as f64);
        let after = Position(manager.floor().position());
        let sleep = manager.floor().next_due().map_or(SLEEP_MAX, |at| (at - clock()).to_std().unwrap_or_default().min(SLEEP_MAX));
        tokio::select! {
            known = head.wait_for(|head| *head > after) => { known.map_err(|_| LogError::Closed)?; }
            // Who tells of the living may have ended, on the way to the end of the server.
            Ok(()) = living.changed() => {}
            () = tokio::time::sleep(sleep) => {}
        }
        tokio::time::sleep(BREATH).await;
    }
}
