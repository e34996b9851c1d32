//! Files are made. Who took an export on makes its file; others do when that process is dead. The question is in the log with its
//! position, so whoever makes it again makes the same; an object is there whole or not at all.

use super::{Checked, Fact, Progress, Question, meta};
use crate::{insist::insist, reading, storage::Key, wiring::State};
use actix_web::web;
use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use std::{
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet};
use vitrina_domain::{
    export::{Completed, Export, ExportAction, ExportFailure},
    ids::ExportId,
};
use vitrina_eventlog::Living;
use vitrina_projections::{
    accounts,
    export_jobs::{self, ExportRow, ExportStage, Open},
};

/// Files that are made at once: each may hold two pieces of five megabytes, and reads as fast as it can.
const AT_ONCE: usize = 2;
/// How often it is looked for what nobody works on; what is asked here is begun at once.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Exports that one read looks at.
const LOOK_MAX: u32 = 200;
/// Times that a file is tried before it has failed.
const ATTEMPTS: u32 = 3;
/// Pause between two of them.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Bytes that are put together before they go to the storage.
const PIECE_BYTES: usize = 256 * 1024;

/// Why there is no file yet.
enum NotMade {
    /// It is not wanted any more, or the server ends.
    BrokenOff,
    /// It is tried again, and in the end has failed.
    Failed(ExportFailure, String),
}

/// Works until the server ends.
pub(super) async fn work(state: web::Data<State>, living: watch::Receiver<Option<Living>>) {
    let mut jobs = JoinSet::new();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    while !state.exporting.is_ending.load(Ordering::Relaxed) {
        tokio::select! {
            _ = looks.tick() => {}
            () = state.exporting.asked.notified() => {}
            Some(_) = jobs.join_next() => {}
        }
        while jobs.try_join_next().is_some() {}
        match mine(&state, &living, AT_ONCE - jobs.len()).await {
            Ok(found) => {
                for open in found {
                    jobs.spawn(make(state.clone(), open));
                }
            }
            Err(error) => tracing::warn!(%error, "exports that are asked for wait"),
        }
    }
    while jobs.join_next().await.is_some() {}
}

/// What this process is to make, `room` at most: what it took on, and what a dead one did.
async fn mine(state: &State, living: &watch::Receiver<Option<Living>>, room: usize) -> crate::error::Result<Vec<Open>> {
    let (mut found, mut after) = (Vec::new(), None);
    if room == 0 || state.exporting.is_ending.load(Ordering::Relaxed) {
        return Ok(found);
    }
    reading::wait_for(state, state.log.head()).await?;
    loop {
        let waiting = export_jobs::waiting(&state.store, after, LOOK_MAX).await.map_err(reading::problem)?;
        after = waiting.last().map(|open| open.export);
        let is_last = waiting.len() < LOOK_MAX as usize;
        let is_dead = |process| living.borrow().as_ref().is_some_and(|living| !living.processes.contains(&process));
        let is_mine = |open: &Open| {
            (open.process == state.exporting.process() || is_dead(open.process)) && state.exporting.progress(open.export).is_none()
        };
        found.extend(waiting.into_iter().filter(is_mine).take(room - found.len()));
        if is_last || found.len() == room {
            return Ok(found);
        }
    }
}

/// Makes a file, or says why there is none.
async fn make(state: web::Data<State>, open: Open) {
    let progress = Arc::new(Progress::default());
    state.exporting.under_way.lock().expect("no holder panics").insert(open.export, Arc::clone(&progress));
    let _over = Over { state: &state, export: open.export };
    for attempt in 1..=ATTEMPTS {
        match once(&state, open, &progress).await {
            Ok(()) | Err(NotMade::BrokenOff) => return,
            Err(NotMade::Failed(reason, error)) => {
                tracing::warn!(%error, export = %open.export, attempt, "the file of an export could not be made");
                if attempt == ATTEMPTS || reason == ExportFailure::Outdated {
                    let fact = meta(open.account, open.export, Fact::Failed);
                    insist(&state, &fact, |unit| unit.run::<Export>(open.export, ExportAction::Fail(reason))).await;
                    return told(&state).await;
                }
            }
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

/// Takes an export off the list, however its making ends.
struct Over<'s> {
    state: &'s State,
    export: ExportId,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.state.exporting.under_way.lock().expect("no holder panics").remove(&self.export);
    }
}

/// Until what was told is in the read model, where it would be found again.
async fn told(state: &State) {
    if let Err(error) = reading::wait_for(state, state.log.head()).await {
        tracing::warn!(%error, "what became of an export is not in the read model yet");
    }
}

async fn once(state: &State, open: Open, progress: &Progress) -> Result<(), NotMade> {
    let database = |error: vitrina_projections::Error| NotMade::Failed(ExportFailure::Database, error.chain());
    let row: Option<ExportRow> = export_jobs::get(&state.store, open.account, open.export).await.map_err(database)?;
    let Some(row) = row.filter(|row| row.stage == ExportStage::Requested) else { return Err(NotMade::BrokenOff) };
    let question = Question::from_log(open.account, &row.question.0)
        .filter(Question::is_current)
        .ok_or_else(|| NotMade::Failed(ExportFailure::Outdated, "the table has other columns since".to_owned()))?;
    let (checked, key) = (write(state, open, &question, progress).await?, Key::export(open.account, open.export));
    let account = accounts::get(&state.store, open.account, state.applied()).await.map_err(database)?;
    let own = account.and_then(|at| at.row.retention.0.exports_days).map(|days| TimeDelta::days(days.into()));
    let kept = own.unwrap_or_else(|| TimeDelta::from_std(state.config.exports_kept).expect("the option's maximum fits"));
    let keep_until = Utc::now() + kept;
    let completed = Completed { rows: checked.rows, bytes: checked.bytes, sha256: checked.sha256, keep_until };
    let is_wanted = Mutex::new(false);
    insist(state, &meta(open.account, open.export, Fact::Completed), |unit| {
        let stands = *unit.state::<Export>(open.export)?;
        *is_wanted.lock().expect("no holder panics") = matches!(stands, Export::Requested | Export::Ready);
        unit.run::<Export>(open.export, ExportAction::Complete(completed.clone()))
    })
    .await;
    let is_wanted = is_wanted.into_inner().expect("no holder panics");
    if !is_wanted && let Err(error) = state.storage.delete(&key).await {
        tracing::warn!(%error, %key, "a deleted export is still in the storage; it is taken away within a day");
    }
    told(state).await;
    Ok(())
}

/// Writes the file into the storage, whole or not at all.
async fn write(state: &State, open: Open, question: &Question, progress: &Progress) -> Result<Checked, NotMade> {
    let storage = |error: crate::storage::StorageError| NotMade::Failed(ExportFailure::Storage, error.to_string());
    let database = |error: vitrina_projections::Error| NotMade::Failed(ExportFailure::Database, error.chain());
    let mut export = question.answer(state).await.map_err(database)?;
    let mut upload = state.storage.upload(&Key::export(open.account, open.export));
    let mut piece = Vec::new();
    let written = loop {
        if state.exporting.is_ending.load(Ordering::Relaxed) || progress.is_unwanted.load(Ordering::Relaxed) {
            break Err(NotMade::BrokenOff);
        }
        let more = match export.next().await {
            Ok(more) => more,
            Err(error) => break Err(database(error)),
        };
        let is_over = more.is_none();
        piece.extend(more.unwrap_or_default());
        if piece.len() >= PIECE_BYTES || is_over {
            if let Err(error) = upload.write(Bytes::from(std::mem::take(&mut piece))).await {
                break Err(storage(error));
            }
            progress.bytes.store(upload.bytes(), Ordering::Relaxed);
            progress.rows.store(export.rows(), Ordering::Relaxed);
        }
        if is_over {
            break Ok(());
        }
    };
    if let Err(error) = written {
        upload.abort().await;
        return Err(error);
    }
    let kept = upload.finish().await.map_err(storage)?;
    Ok(Checked { rows: export.rows(), bytes: kept.bytes, sha256: kept.sha256, generated_at: Utc::now() })
}
