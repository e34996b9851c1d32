//! Writes what the workers note, many of them in one transaction.

use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};
use vitrina_projections::sql::notebook::{Group, Notebook};

/// Workers whose notes are written together, at most.
const TOGETHER_MAX: usize = 128;
/// Notes that wait to be written: each worker has one at a time.
const WAITING_MAX: usize = 1_024;
/// Pause before notes are written again while the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(500);
/// Times that one worker's notes are tried: then the worker begins anew where it was.
const TRIES_MAX: u32 = 3;

/// Where workers bring their notes.
#[derive(Clone)]
pub(crate) struct Book {
    desk: mpsc::Sender<(Group, oneshot::Sender<bool>)>,
}

impl Book {
    /// Begins writing into this notebook; it ends when nobody brings notes any more.
    pub(crate) fn open(notes: Notebook) -> Self {
        let (desk, brought) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write(notes, brought));
        Self { desk }
    }

    /// Writes a group; the answer is whether its fence held.
    pub(crate) async fn write(&self, group: Group) -> bool {
        let (answer, written) = oneshot::channel();
        if self.desk.send((group, answer)).await.is_err() {
            return false;
        }
        written.await.unwrap_or(false)
    }
}

async fn write(notes: Notebook, mut brought: mpsc::Receiver<(Group, oneshot::Sender<bool>)>) {
    let mut together = Vec::with_capacity(TOGETHER_MAX);
    while brought.recv_many(&mut together, TOGETHER_MAX).await > 0 {
        let (groups, answers): (Vec<Group>, Vec<_>) = together.drain(..).unzip();
        let held = insist(&notes, groups).await;
        for (answer, held) in answers.into_iter().zip(held) {
            // Who does not wait any more is told nothing.
            let _ = answer.send(held);
        }
    }
}

async fn insist(notes: &Notebook, groups: Vec<Group>) -> Vec<bool> {
    let (mut groups, mut tries) = (Arc::new(groups), 0);
    loop {
        match notes.write(&groups).await {
            Ok(held) => return held,
            Err(vitrina_projections::Error::Unavailable(error)) => tracing::warn!(%error, "notes on deliveries wait for the database"),
            Err(error) => {
                tracing::error!(error = error.chain(), "notes on deliveries cannot be written");
                match Arc::try_unwrap(groups) {
                    // One of them is the cause; the others are not to suffer from it.
                    Ok(several) if several.len() > 1 => return one_by_one(notes, several).await,
                    Ok(alone) => groups = Arc::new(alone),
                    Err(shared) => groups = shared,
                }
                tries += 1;
                if tries == TRIES_MAX {
                    return vec![false; groups.len()];
                }
            }
        }
        tokio::time::sleep(AWAY_PAUSE).await;
    }
}

async fn one_by_one(notes: &Notebook, groups: Vec<Group>) -> Vec<bool> {
    let mut held = Vec::with_capacity(groups.len());
    for group in groups {
        held.extend(Box::pin(insist(notes, vec![group])).await);
    }
    held
}
