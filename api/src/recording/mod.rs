//! Recordings, as far as this process makes them: it decides nothing, since whether a call is recorded is the call's own business
//! (`domain::call::recording`).
//!
//! [`studio`] begins and ends takes as events say. [`keep`] hears from the recorder's thread what becomes of files, writes it into
//! the log, and brings what is whole into the storage. [`mend`] finishes what a former life of this node left, and tells what is
//! lost. [`abandoned`] tells what nodes have that do not come back. [`retention`] deletes what has come to its time, and [`forgotten`]
//! what is of somebody who is forgotten.

mod abandoned;
pub(crate) mod forgotten;
mod keep;
mod mend;
mod retention;
mod studio;
#[cfg(test)]
pub(crate) mod tests;

use crate::{config::Config, house::StartError, wiring::State};
use actix_web::web;
use mend::Left;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::timeout,
};
use uuid::Uuid;
use vitrina_domain::ids::{AccountId, CallId, MediaSessionId, NodeId, RecordingId};
use vitrina_media::record::{Ending, Recorder, Tap, Told};

/// Who tells of recordings, as the events say.
const MANAGER: &str = "recording";
/// Word of files that waits to be written down; the recorder's thread waits when there is more.
const TOLD_MAX: usize = 1_024;
/// Files on their way into the storage at once.
const STORING_MAX: usize = 2;
/// How long the server waits for the last files when it ends; what is left then is finished at the next start.
const END_WITHIN: Duration = Duration::from_secs(10);

/// The recording side of one process.
pub(crate) struct Recording {
    recorder: Recorder,
    /// Where files are while they are written: this node's own folder.
    folder: PathBuf,
    /// The takes that are under way.
    takes: Mutex<HashMap<CallId, Taking>>,
    storing: Arc<Semaphore>,
}

/// A take that is under way.
#[derive(Debug, Clone)]
struct Taking {
    take: Uuid,
    /// The session whose room it taps.
    session: MediaSessionId,
    /// What counts the packets that found no room.
    tap: Tap,
}

/// What is to be done by [`run`].
pub(crate) struct Reports {
    told: mpsc::Receiver<Told>,
    ending: Ending,
    left: Vec<Left>,
}

/// What runs beside the server; it ends with this.
pub(crate) struct Running {
    studio: JoinHandle<()>,
    keeping: JoinHandle<()>,
    others: Vec<JoinHandle<()>>,
    ending: Ending,
    state: web::Data<State>,
}

/// A file of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Which {
    account: AccountId,
    call: CallId,
    recording: RecordingId,
}

impl Recording {
    /// Starts the recorder's thread.
    pub(crate) fn start(config: &Config, node: NodeId) -> Result<(Self, Reports), StartError> {
        let folder = config.recordings_dir.clone().unwrap_or_else(|| config.data_dir.join("recordings")).join(node.to_string());
        // Before anything is written: what is there now is of a former life.
        let left = mend::left(&folder);
        let (tell, told) = mpsc::channel(TOLD_MAX);
        let failed = |source| StartError::Folder { what: "cannot start the recorder for", path: folder.display().to_string(), source };
        let (recorder, ending) = Recorder::start(tell).map_err(failed)?;
        let recording = Self { recorder, folder, takes: Mutex::default(), storing: Arc::new(Semaphore::new(STORING_MAX)) };
        Ok((recording, Reports { told, ending, left }))
    }

    fn takes(&self) -> MutexGuard<'_, HashMap<CallId, Taking>> {
        self.takes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the file is here.
    fn has_file(&self, which: Which) -> bool {
        let name = which.recording.to_string();
        let entries = std::fs::read_dir(self.folder_of(which.account, which.call)).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(&name))
    }

    fn folder_of(&self, account: AccountId, call: CallId) -> PathBuf {
        self.folder.join(account.to_string()).join(call.to_string())
    }
}

/// Whose call the files of this folder are of.
fn place_of(folder: &Path) -> Option<(AccountId, CallId)> {
    let call = folder.file_name()?.to_str()?.parse().ok()?;
    let account = folder.parent()?.file_name()?.to_str()?.parse().ok()?;
    Some((account, call))
}

/// Starts what runs beside the server.
pub(crate) fn run(state: &web::Data<State>, reports: Reports) -> Running {
    let Reports { told, ending, left } = reports;
    let studio = tokio::spawn(studio::follow(state.clone(), studio::subscription(state)));
    let keeping = tokio::spawn(keep::hear(state.clone(), told));
    let others = vec![
        tokio::spawn(mend::mend(state.clone(), left)),
        tokio::spawn(retention::keep_time(state.clone())),
        tokio::spawn(abandoned::look_after(state.clone())),
    ];
    Running { studio, keeping, others, ending, state: state.clone() }
}

impl Running {
    /// Ends all takes; what is written is finished, and brought into the storage as far as time allows.
    pub(crate) async fn end(self) {
        self.studio.abort();
        let _ = self.studio.await;
        self.state.recording.recorder.end();
        let Self { keeping, ending, others, state, .. } = self;
        let written = async {
            // The thread ends when all is written, and the hearer when the thread has ended.
            let _ = tokio::task::spawn_blocking(|| ending.wait()).await;
            let _ = keeping.await;
            let _ = state.recording.storing.acquire_many(STORING_MAX as u32).await;
        };
        if timeout(END_WITHIN, written).await.is_err() {
            tracing::warn!("not every recording could be brought into the storage; the next start does it");
        }
        for task in others {
            task.abort();
            let _ = task.await;
        }
    }
}
