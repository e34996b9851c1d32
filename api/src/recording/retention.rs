//! Recordings whose time has come. The time is in the event that said that a file is ready, so a later change of the rule does
//! not move it; every process looks, and the call decides once.

use super::{Which, forgotten, keep};
use crate::{insist::insist, reading, wiring::State};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use vitrina_domain::call::{Call, CallAction, RecordingAction, recording::DeleteCause};
use vitrina_projections::recordings::{Open, deleted_since, due};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Files that are deleted in one go.
pub(super) const AT_ONCE: u32 = 100;
/// How far back a start looks for files that were deleted and may still be in the storage.
const LOOK_BACK: TimeDelta = TimeDelta::days(30);
/// Files that one such look is after.
const LOOK_BACK_MAX: u32 = 10_000;
/// How often it is looked back: a storage may have been away when something was deleted.
const LOOK_BACK_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// Times in a row that it is deleted at once; what is still due then, or refused, waits for the next look.
pub(super) const IN_A_ROW: usize = 100;

/// Looks from time to time, as long as the server runs.
pub(super) async fn keep_time(state: web::Data<State>) {
    let (mut looks, mut looks_back) = (tokio::time::interval(LOOK_EVERY), tokio::time::interval(LOOK_BACK_EVERY));
    loop {
        tokio::select! {
            _ = looks_back.tick() => take_away_again(&state, Utc::now()).await,
            _ = looks.tick() => {
                look(|| sweep(&state, Utc::now())).await;
            }
        }
    }
}

/// Deletes again and again while there is more, a bounded number of times.
pub(super) async fn look<Sweep: Future<Output = crate::error::Result<u32>>>(mut sweep: impl FnMut() -> Sweep) {
    for _ in 0..IN_A_ROW {
        if !matches!(sweep().await, Ok(AT_ONCE)) {
            break;
        }
    }
}

/// Deletes what is due; how many they were.
pub(super) async fn sweep(state: &State, now: DateTime<Utc>) -> crate::error::Result<u32> {
    let found = due(&state.store, now, AT_ONCE).await.map_err(reading::problem)?;
    for file in &found {
        let which = which(file);
        let action = RecordingAction::Delete { recording_id: which.recording, cause: DeleteCause::Retention };
        let meta = keep::meta(which, keep::Fact::Expired);
        insist(state, &meta, |unit| unit.run::<Call>(which.call, CallAction::Recording(action.clone()))).await;
        take_away(state, file).await;
    }
    reading::wait_for(state, state.log.head()).await?;
    Ok(u32::try_from(found.len()).unwrap_or(AT_ONCE))
}

/// What was deleted, and is in the storage all the same: the server died between the event and the deed, or the storage was away.
pub(super) async fn take_away_again(state: &State, now: DateTime<Utc>) {
    match deleted_since(&state.store, now - LOOK_BACK, LOOK_BACK_MAX).await {
        Ok(found) => {
            for file in &found {
                take_away(state, file).await;
            }
        }
        Err(error) => tracing::warn!(%error, "deleted recordings are looked for tomorrow"),
    }
}

fn which(file: &Open) -> Which {
    Which { account: file.account, call: file.call, recording: file.recording }
}

async fn take_away(state: &State, file: &Open) {
    // It was kept, and its node could not take it away after that.
    if let Err(error) = forgotten::remove_here(state, file.account, file.call, file.recording).await {
        tracing::warn!(%error, recording = %file.recording, "a deleted recording is still on this node; it is taken away within a day");
    }
    if let Err(error) = forgotten::remove_stored(state, file.account, file.call, file.recording).await {
        tracing::warn!(%error, recording = %file.recording, "a deleted recording is still in the storage; it is taken away within a day");
    }
}
