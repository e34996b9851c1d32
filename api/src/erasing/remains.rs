//! What was on a machine that was away when the receipt was signed: recordings whose node was gone, or could not read its own disk. Whoever
//! has them deletes them when it is back, and everybody looks whether that is done; each is told once.

use super::{MANAGER, meta};
use crate::{
    error::{ApiError, Result},
    insist::insist,
    reading,
    recording::forgotten::{self, NotGone},
    wiring::State,
};
use vitrina_commands::process::id::derived;
use vitrina_domain::{
    ids::{AccountId, CallId, RecordingId},
    subject::{Pending, Subject, SubjectAction},
};
use vitrina_projections::{
    erasures::{self, Person},
    recordings::{self, RecordingStage},
};

/// Persons that one read names.
const LOOK_MAX: u32 = 100;
/// The step that tells that a recording is no more.
const CLEAR: i64 = 1;

/// What of the person's calls may be on other nodes.
pub(super) async fn pending(state: &State, begun: Person, calls: &[CallId]) -> Result<Vec<Pending>> {
    let mut found = Vec::new();
    for call in calls {
        let rows = recordings::of_call(&state.store, begun.account, *call, state.applied()).await.map_err(reading::problem)?;
        let rows = rows.into_iter().map(|at| at.row).filter(|row| matches!(row.stage, RecordingStage::Failed | RecordingStage::Lost));
        found.extend(rows.map(|row| Pending { recording_id: row.recording_id, call_id: *call, node_id: row.node_id }));
    }
    Ok(found)
}

/// Looks after everybody of whom something is pending.
pub(super) async fn round(state: &State) -> Result<()> {
    let mut after = None;
    loop {
        let some = erasures::pending(&state.store, after, LOOK_MAX).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(()) };
        after = Some(last.subject);
        for begun in some {
            if let Err(error) = clear(state, begun).await {
                tracing::warn!(%error, subject = %begun.subject, "something of somebody who is forgotten is still pending");
            }
        }
    }
}

async fn clear(state: &State, begun: Person) -> Result<()> {
    let row = erasures::get(&state.store, begun.account, begun.subject).await.map_err(reading::problem)?;
    let files = row.and_then(|row| row.pending).map_or_else(Vec::new, |pending| pending.0);
    for file in files.iter().filter(|file| file.node_id == state.media.node.id) {
        take_away(state, begun.account, file.call_id, file.recording_id).await?;
    }
    reading::wait_for(state, state.log.head()).await?;
    for file in files {
        let found = recordings::get(&state.store, begun.account, file.recording_id, state.applied()).await.map_err(reading::problem)?;
        if found.is_none_or(|at| at.row.stage == RecordingStage::Deleted) {
            let mut meta = meta(begun, 0);
            meta.command_id = derived(MANAGER, file.recording_id.0, begun.subject, CLEAR);
            insist(state, &meta, |unit| unit.run::<Subject>(begun.subject, SubjectAction::Clear(file.recording_id))).await;
        }
    }
    reading::wait_for(state, state.log.head()).await.map(drop)
}

/// Deletes a recording that nobody writes, here and in the storage.
pub(super) async fn take_away(state: &State, account: AccountId, call: CallId, recording: RecordingId) -> Result<()> {
    forgotten::take_away(state, account, call, recording).await.map_err(problem)
}

/// Deletes what this node has of a recording.
pub(super) async fn remove_here(state: &State, account: AccountId, call: CallId, recording: RecordingId) -> Result<()> {
    forgotten::remove_here(state, account, call, recording).await.map_err(|error| problem(error.into()))
}

fn problem(error: NotGone) -> ApiError {
    match error {
        NotGone::Storage(error) => error.problem(),
        NotGone::Disk(error) => ApiError::storage_unavailable(error),
    }
}
