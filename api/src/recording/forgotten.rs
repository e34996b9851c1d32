//! Recordings of calls whose customer is forgotten: whatever comes of them is deleted, whenever it comes (PRODUCT.md 5.12).
//!
//! The contents go first and the event says so after it: whoever reads the record is told of nothing that is still to be done. What is here
//! is deleted by whoever has it: a file that was given up may be on its node only.

use super::{MANAGER, Which, keep};
use crate::{
    insist::insist,
    storage::{Key, StorageError},
    wiring::State,
};
use actix_web::web;
use chrono::Utc;
use std::{io::ErrorKind, sync::Mutex, time::Duration};
use uuid::Uuid;
use vitrina_commands::{CommandMeta, step};
use vitrina_domain::{
    actor::Actor,
    call::{Call, CallAction, RecordingAction, recording::DeleteCause},
    ids::{AccountId, CallId, CommandId, RecordingId},
};
use vitrina_media::record::Form;

/// Pause before it is tried again to delete what a disk or a storage did not give up.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Why something is still there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotGone {
    /// The node's disk.
    #[error("the disk does not give it up: {0}")]
    Disk(#[from] std::io::Error),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whether the call's customer is to be forgotten, or is. No when it cannot be asked: who keeps a recording asks again.
pub(super) async fn is_so(state: &State, which: Which) -> bool {
    let found = Mutex::new(false);
    let meta = CommandMeta::new(which.account, CommandId(Uuid::now_v7()), Actor::System(MANAGER.to_owned()), Utc::now());
    insist(state, &meta, |unit| {
        *found.lock().expect("no holder panics") = step::is_of_forgotten(unit, which.call)?;
        Ok(())
    })
    .await;
    found.into_inner().expect("no holder panics")
}

/// Deletes a recording that nobody writes, here and in the storage, and tells it.
///
/// # Errors
/// [`NotGone`]: nothing is told then.
pub(crate) async fn take_away(state: &State, account: AccountId, call: CallId, recording: RecordingId) -> Result<(), NotGone> {
    let which = Which { account, call, recording };
    remove_here(state, account, call, recording).await?;
    remove_stored(state, account, call, recording).await?;
    let delete = || CallAction::Recording(RecordingAction::Delete { recording_id: recording, cause: DeleteCause::Erased });
    insist(state, &keep::meta(which, keep::Fact::Forgotten), |unit| unit.run::<Call>(call, delete())).await;
    Ok(())
}

/// Deletes what the storage has of a recording, whatever it is named there: one that was deleted while it was brought there has no name
/// in the record.
///
/// # Errors
/// What the storage says; what was deleted until then is gone.
pub(crate) async fn remove_stored(state: &State, account: AccountId, call: CallId, recording: RecordingId) -> Result<(), StorageError> {
    for form in Form::ALL {
        state.storage.delete(&Key::recording(account, call, recording.0, form)).await?;
    }
    Ok(())
}

/// Deletes what this node has of a recording.
///
/// # Errors
/// What the file system says.
pub(crate) async fn remove_here(state: &State, account: AccountId, call: CallId, recording: RecordingId) -> std::io::Result<()> {
    let folder = state.recording.folder_of(account, call);
    let mut entries = match tokio::fs::read_dir(&folder).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let name = recording.to_string();
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_name().to_string_lossy().starts_with(&name) {
            match tokio::fs::remove_file(entry.path()).await {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    // The folder of the call goes with its last file.
    let _ = tokio::fs::remove_dir(&folder).await;
    Ok(())
}

/// The same as [`take_away`], again and again until it is done.
pub(super) async fn see_it_gone(state: web::Data<State>, which: Which) {
    while let Err(error) = take_away(&state, which.account, which.call, which.recording).await {
        tracing::error!(%error, recording = %which.recording, "a recording of somebody who is forgotten is still here; it is tried again");
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}
