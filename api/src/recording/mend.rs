//! What a former life of this node left: files that nobody finished are finished, files that are whole are brought into the
//! storage, what is of somebody who is forgotten is deleted, and what is told to be here and is not, is lost.

use super::{Which, forgotten, keep, place_of};
use crate::{reading, wiring::State};
use actix_web::web;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::task::JoinSet;
use vitrina_domain::{call::recording::RecordingFailure, ids::RecordingId};
use vitrina_media::record::{Closed, Name, repair};
use vitrina_projections::recordings::open_at;

/// Files that are told lost in one go.
const LOST_AT_ONCE: u32 = 200;
/// Pause while the log or the read models are away.
const AWAY_PAUSE: Duration = Duration::from_millis(500);

/// A file that was here when this life began.
#[derive(Debug, Clone)]
pub(super) struct Left {
    which: Which,
    name: Name,
    path: PathBuf,
}

/// The files that are in the folder of this node.
pub(super) fn left(folder: &Path) -> Vec<Left> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
    };
    let calls = inside(folder).into_iter().flat_map(|account| inside(&account));
    let files = calls.flat_map(|call| inside(&call).into_iter().map(move |path| (call.clone(), path)));
    let known = files.filter_map(|(call, path)| {
        let (account, call) = place_of(&call)?;
        let name = Name::parse(path.file_name()?.to_str()?)?;
        Some(Left { which: Which { account, call, recording: RecordingId(name.file) }, name, path })
    });
    known.collect()
}

/// Finishes what was left, and tells what is lost.
pub(super) async fn mend(state: web::Data<State>, left: Vec<Left>) {
    let here: HashSet<_> = left.iter().map(|left| left.which.recording).collect();
    let head = state.log.head();
    // What one file waits for holds up no other, and is waited for no longer than the server runs.
    let mut storing = JoinSet::new();
    for file in left {
        if forgotten::is_so(&state, file.which).await {
            storing.spawn(forgotten::see_it_gone(state.clone(), file.which));
        } else if let Some((which, closed)) = one(&state, file).await {
            storing.spawn(keep::store(state.clone(), which, closed));
        }
        while storing.try_join_next().is_some() {}
    }
    while let Err(error) = tell_lost(&state, &here, head).await {
        tracing::warn!(%error, "the search for lost recordings waits");
        tokio::time::sleep(AWAY_PAUSE).await;
    }
    while storing.join_next().await.is_some() {}
}

/// Finishes a file; what there is then to be stored.
async fn one(state: &web::Data<State>, left: Left) -> Option<(Which, Closed)> {
    let Left { which, name, path } = left;
    tracing::info!(recording = %which.recording, call = %which.call, "a recording was broken off; it is finished");
    keep::started(state, which, name.participant.0, name.holds, name.offset).await;
    let repaired = {
        let path = path.clone();
        tokio::task::spawn_blocking(move || repair(&path, &name)).await
    };
    match repaired {
        Ok(Ok(Some(closed))) => {
            keep::stopped(state, which, &closed, keep::Ended::Repaired).await;
            return Some((which, closed));
        }
        Ok(Ok(None)) => {
            keep::failed(state, which, RecordingFailure::Empty).await;
            if let Err(error) = tokio::fs::remove_file(&path).await {
                tracing::warn!(%error, path = %path.display(), "an empty recording is still here");
            }
        }
        Ok(Err(error)) => {
            tracing::error!(%error, path = %path.display(), "a recording cannot be finished; it stays where it is");
            keep::failed(state, which, RecordingFailure::Disk).await;
        }
        Err(error) => tracing::error!(%error, path = %path.display(), "the repair of a recording broke off"),
    }
    None
}

/// What the read model says is being written here, and no file says so. Files of this life are told before they are in the model.
async fn tell_lost(state: &State, here: &HashSet<RecordingId>, head: vitrina_eventlog::Position) -> crate::error::Result<()> {
    reading::wait_for(state, head).await?;
    let open = open_at(&state.store, state.media.node.id, LOST_AT_ONCE).await.map_err(reading::problem)?;
    for one in open.into_iter().filter(|one| !here.contains(&one.recording)) {
        let which = Which { account: one.account, call: one.call, recording: one.recording };
        if state.recording.has_file(which) {
            continue;
        }
        tracing::error!(recording = %which.recording, call = %which.call, "a recording is lost: its file is not on this node");
        keep::lost(state, which).await;
    }
    Ok(())
}
