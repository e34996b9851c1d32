//! Runs the attribution of orders beside a server until it is told to stop.

use super::attribution::{Attributor, Ledger};
use crate::{Executor, process::driver::Clock};
use std::time::Duration;
use tokio::{sync::watch, task::JoinHandle};
use vitrina_eventlog::LogError;

/// Pause after something was away, before what waits is looked at again.
const AWAY_PAUSE: Duration = Duration::from_millis(500);
/// Between two looks: under load they share what is read.
const BREATH: Duration = Duration::from_millis(5);

/// The attribution of orders, while it runs.
pub struct Selling {
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Selling {
    /// Starts it on the runtime of the caller.
    pub fn start(executor: Executor, ledger: impl Ledger + Clone, clock: Clock) -> Self {
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(async move {
            let mut stopping = stopped.clone();
            tokio::select! {
                () = run(&executor, &ledger, &clock) => {}
                _ = stopping.wait_for(|stop| *stop) => {}
            }
        });
        Self { stop, running }
    }

    /// Stops it. A command under way is written or not, whole; who runs next looks at what waits.
    pub async fn stop(self) {
        // An error means that it has ended already, which is what is wanted.
        let _ = self.stop.send(true);
        let _ = self.running.await;
    }
}

async fn run(executor: &Executor, ledger: &(impl Ledger + Clone), clock: &Clock) {
    loop {
        match Attributor::begin(executor.clone(), ledger.clone()).await {
            Err(error) => tracing::warn!(%error, "the attribution of orders waits for the read models"),
            Ok(mut attributor) => match follow(executor, &mut attributor, clock).await {
                Err(LogError::Closed) => return,
                Err(error) => tracing::warn!(%error, "the attribution of orders waits for the log"),
                Ok(()) => {}
            },
        }
        tokio::time::sleep(AWAY_PAUSE).await;
    }
}

async fn follow(executor: &Executor, attributor: &mut Attributor<impl Ledger>, clock: &Clock) -> Result<(), LogError> {
    let mut head = executor.log().watch();
    loop {
        attributor.catch_up().await?;
        if attributor.act(clock()).await {
            tokio::time::sleep(AWAY_PAUSE).await;
            continue;
        }
        let after = attributor.position();
        head.wait_for(|head| *head > after).await.map_err(|_| LogError::Closed)?;
        tokio::time::sleep(BREATH).await;
    }
}
