//! The one connection that writes, and the thread that commits on it while the next batch is being decided.

use super::transaction;
use crate::{
    LogError,
    engine::{CommitOutcome, Decided},
};
use rusqlite::Connection;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread::JoinHandle,
};
use tokio::sync::oneshot;

struct Job {
    decided: Arc<Decided>,
    done: oneshot::Sender<Result<CommitOutcome, LogError>>,
}

/// The connection that writes. Its thread ends, and its file is closed, when this is dropped.
pub struct Writer {
    connection: Arc<Mutex<Connection>>,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(connection: Connection) -> Result<Self, LogError> {
        let connection = Arc::new(Mutex::new(connection));
        let (jobs, waiting) = mpsc::channel::<Job>();
        let shared = Arc::clone(&connection);
        let work = move || {
            for Job { decided, done } in waiting {
                let outcome = transaction::commit(&mut lock(&shared), &decided);
                // Before the answer: the batcher wants the batch back.
                drop(decided);
                // A batcher that is gone needs no answer.
                let _ = done.send(outcome);
            }
        };
        let thread = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(work)
            .map_err(|error| LogError::Open(format!("the writer's thread does not start: {error}")))?;
        Ok(Self { connection, jobs: Some(jobs), thread: Some(thread) })
    }

    /// Commits on the writer's thread, in the order of the calls.
    pub fn commit(&self, decided: Arc<Decided>) -> impl Future<Output = Result<CommitOutcome, LogError>> + Send + use<> {
        let (done, outcome) = oneshot::channel();
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job { decided, done }).is_ok());
        async move {
            let gone = || LogError::Database("the writer's thread has ended".to_owned());
            if sent { outcome.await.map_err(|_| gone())? } else { Err(gone()) }
        }
    }

    /// Commits on this thread.
    pub fn commit_here(&self, decided: &Decided) -> Result<CommitOutcome, LogError> {
        transaction::commit(&mut lock(&self.connection), decided)
    }

    /// Does something else on this thread.
    pub fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, LogError>) -> Result<T, LogError> {
        work(&lock(&self.connection))
    }

    /// Carries the write-ahead log over while nobody waits, so that a commit under load seldom has to.
    pub fn carry_over(&self) {
        if let Err(error) = lock(&self.connection).query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::warn!(%error, "the write-ahead log could not be carried over; a later commit will");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there was told already.
            let _ = thread.join();
        }
    }
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
