//! Contents that no event names: what a crash left between an upload and its event. They are looked for at a start and once a day.
//!
//! What is deleted here is gone, so it is only what is sure: of an account that this log knows, under a name as ours are, old enough that
//! nobody is about to name it, and unknown to read models that had come to the end of the log.

use super::key::Named;
use crate::{error::Result, reading, wiring::State};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use std::time::Duration;
use vitrina_projections::{accounts, export_jobs, messages, recordings};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// Pause before a look that failed is taken again.
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// An upload takes minutes, and its event follows at once: what is older than this is not on its way any more.
const AGE_MIN: TimeDelta = TimeDelta::days(1);
/// What is older was looked at before.
const AGE_MAX: TimeDelta = TimeDelta::days(30);

/// Looks from time to time, as long as the server runs.
pub(crate) async fn keep_clean(state: web::Data<State>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    loop {
        ticks.tick().await;
        while let Err(error) = sweep(&state, Utc::now()).await {
            tracing::warn!(%error, "contents that nothing names are looked for again");
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }
}

/// Deletes what nothing names; how many contents they were.
pub(crate) async fn sweep(state: &State, now: DateTime<Utc>) -> Result<usize> {
    reading::wait_for(state, state.log.head()).await?;
    state.storage.forget_unfinished(now - AGE_MIN).await;
    let mut swept = 0;
    let mut objects = state.storage.objects();
    while let Some(object) = objects.next().await {
        let object = object.map_err(super::StorageError::problem)?;
        let is_of_age = (now - AGE_MAX..now - AGE_MIN).contains(&object.modified_at);
        let Some(named) = object.key.named().filter(|_| is_of_age) else { continue };
        if is_ours(state, named).await? && !is_named(state, named).await? {
            tracing::info!(key = %object.key, "a content that nothing names is deleted");
            state.storage.delete(&object.key).await.map_err(super::StorageError::problem)?;
            swept += 1;
        }
    }
    Ok(swept)
}

async fn is_ours(state: &State, named: Named) -> Result<bool> {
    let (Named::File(account, _) | Named::Recording(account, _) | Named::Export(account, _)) = named;
    Ok(accounts::get(&state.store, account, state.applied()).await.map_err(reading::problem)?.is_some())
}

async fn is_named(state: &State, named: Named) -> Result<bool> {
    match named {
        Named::File(account, file) => messages::has_file(&state.store, account, file).await.map_err(reading::problem),
        Named::Export(account, export) => {
            let found = export_jobs::get(&state.store, account, export).await.map_err(reading::problem)?;
            Ok(found.is_some_and(|row| row.stage != export_jobs::ExportStage::Deleted))
        }
        Named::Recording(account, recording) => {
            let found = recordings::get(&state.store, account, recording, state.applied()).await;
            Ok(found.map_err(reading::problem)?.is_some())
        }
    }
}
