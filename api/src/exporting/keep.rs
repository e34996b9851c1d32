//! Files whose time has come. The time is in the event that said that a file is there; every process looks, and the export decides once.

use super::{Fact, meta};
use crate::{insist::insist, reading, storage::Key, wiring::State};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use vitrina_domain::export::{Export, ExportAction, Over};
use vitrina_projections::export_jobs::{Open, deleted_since, due};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Files that are deleted in one go.
const AT_ONCE: u32 = 100;
/// How far back it is looked for files that were deleted and may still be in the storage, which may have been away.
const LOOK_BACK: TimeDelta = TimeDelta::days(30);
/// Files that one such look is after.
const LOOK_BACK_MAX: u32 = 10_000;
/// How often it is looked back.
const LOOK_BACK_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Looks from time to time, as long as the server runs.
pub(super) async fn keep_time(state: web::Data<State>) {
    let (mut looks, mut looks_back) = (tokio::time::interval(LOOK_EVERY), tokio::time::interval(LOOK_BACK_EVERY));
    loop {
        tokio::select! {
            _ = looks_back.tick() => match deleted_since(&state.store, Utc::now() - LOOK_BACK, LOOK_BACK_MAX).await {
                Ok(found) => for open in found {
                    take_away(&state, open).await;
                },
                Err(error) => tracing::warn!(%error, "deleted exports are looked for tomorrow"),
            },
            _ = looks.tick() => if let Err(error) = sweep(&state, Utc::now()).await {
                tracing::warn!(%error, "exports whose time has come are looked for again");
            },
        }
    }
}

/// Deletes what is due, some at most; how many they were.
pub(super) async fn sweep(state: &State, now: DateTime<Utc>) -> crate::error::Result<usize> {
    let found = due(&state.store, now, AT_ONCE).await.map_err(reading::problem)?;
    for open in &found {
        let expired = meta(open.account, open.export, Fact::Expired);
        insist(state, &expired, |unit| unit.run::<Export>(open.export, ExportAction::Delete(Over::Retention))).await;
        take_away(state, *open).await;
    }
    Ok(found.len())
}

async fn take_away(state: &State, open: Open) {
    let key = Key::export(open.account, open.export);
    if let Err(error) = state.storage.delete(&key).await {
        tracing::warn!(%error, %key, "a deleted export is still in the storage; it is taken away within a day");
    }
}
