//! Tables that are taken away (PRODUCT.md 5.8): what can be asked, answered at once over the wire or by a file that is made beside.
//!
//! [`table`] lists what there is and its filters; [`asked`] is what a request says, [`question`] what it means, which is in the log
//! with whoever asked; [`manifest`] is by what a file can be checked. [`work`] makes files, [`verify`] holds
//! them against what they were made of, [`keep`] deletes those whose time has come.

mod asked;
mod keep;
mod manifest;
mod question;
mod table;
#[cfg(test)]
mod tests;
mod verify;
mod work;

pub(crate) use asked::Asked;
pub(crate) use manifest::{Checked, Manifest};
pub(crate) use question::Question;
pub(crate) use table::Table;
pub(crate) use verify::verify;

use crate::wiring::State;
use actix_web::web;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::timeout,
};
use vitrina_commands::{CommandMeta, process::id::derived};
use vitrina_domain::{
    actor::Actor,
    connection::ProcessId,
    ids::{AccountId, ExportId},
};
use vitrina_eventlog::Living;

/// Who tells of files, as the events say.
const MANAGER: &str = "exports";
/// How long the server waits for files when it ends; they are made anew after the next start.
const END_WITHIN: Duration = Duration::from_secs(10);

/// The exports that this process works on.
pub(crate) struct Exporting {
    own: watch::Receiver<ProcessId>,
    under_way: Mutex<HashMap<ExportId, Arc<Progress>>>,
    asked: Notify,
    is_ending: AtomicBool,
}

/// How far a file has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    rows: AtomicU64,
    bytes: AtomicU64,
    is_unwanted: AtomicBool,
}

impl Progress {
    /// Rows and bytes so far.
    pub(crate) fn so_far(&self) -> (u64, u64) {
        (self.rows.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

impl Exporting {
    /// Of this process.
    pub(crate) fn new(own: watch::Receiver<ProcessId>) -> Self {
        Self { own, under_way: Mutex::default(), asked: Notify::new(), is_ending: AtomicBool::new(false) }
    }

    /// Which process that is.
    pub(crate) fn process(&self) -> ProcessId {
        *self.own.borrow()
    }

    /// Something was asked.
    pub(crate) fn wake(&self) {
        self.asked.notify_one();
    }

    /// How far the file has come, if it is made here.
    pub(crate) fn progress(&self, export: ExportId) -> Option<Arc<Progress>> {
        self.under_way.lock().expect("no holder panics").get(&export).cloned()
    }

    /// Nobody waits for the file any more.
    pub(crate) fn forget(&self, export: ExportId) {
        if let Some(progress) = self.progress(export) {
            progress.is_unwanted.store(true, Ordering::Relaxed);
        }
    }
}

/// What of an export its files' facts are told of once.
#[derive(Debug, Clone, Copy)]
enum Fact {
    Completed = 0,
    Failed = 1,
    Expired = 2,
}

fn meta(account: AccountId, export: ExportId, fact: Fact) -> CommandMeta {
    let id = derived(MANAGER, export.0, account, fact as i64);
    CommandMeta::new(account, id, Actor::System(MANAGER.to_owned()), chrono::Utc::now())
}

/// What runs beside the server; it ends with this.
pub(crate) struct Running {
    work: JoinHandle<()>,
    keeping: JoinHandle<()>,
    state: web::Data<State>,
}

/// Starts what runs beside the server.
pub(crate) fn run(state: &web::Data<State>, living: watch::Receiver<Option<Living>>) -> Running {
    Running {
        work: tokio::spawn(work::work(state.clone(), living)),
        keeping: tokio::spawn(keep::keep_time(state.clone())),
        state: state.clone(),
    }
}

impl Running {
    /// Breaks off what is under way: nothing of it stays, and it is made after the next start.
    pub(crate) async fn end(self) {
        let Self { mut work, keeping, state } = self;
        state.exporting.is_ending.store(true, Ordering::Relaxed);
        state.exporting.wake();
        if timeout(END_WITHIN, &mut work).await.is_err() {
            work.abort();
            let _ = work.await;
        }
        keeping.abort();
        let _ = keeping.await;
    }
}
