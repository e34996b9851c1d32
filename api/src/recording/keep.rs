//! What becomes of files: written down as it is told, and what is whole goes into the storage. Each fact has a command id of its
//! own, so that a fact told again, also by the next life of this node, is one event.

use super::{MANAGER, Which, forgotten, place_of};
use crate::{
    insist::insist,
    storage::{Key, StorageError},
    wiring::State,
};
use actix_web::web;
use bytes::Bytes;
use chrono::Utc;
use std::{path::Path, sync::Mutex, time::Duration};
use tokio::{io::AsyncReadExt, sync::mpsc, task::JoinSet};
use uuid::Uuid;
use vitrina_commands::{CommandMeta, process::id::derived, step};
use vitrina_domain::{
    actor::Actor,
    call::{
        Call, CallAction, RecordingAction,
        recording::{self, RecordingFailure, RecordingFile, Stage},
    },
    ids::{CommandId, ParticipantId, RecordingId},
};
use vitrina_media::record::{Closed, Form, Holds, Name, Told, What};

/// Bytes of a file that are read at once.
const READ_BYTES: usize = 1 << 20;
/// Pause before a file is brought to a storage again that has failed.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The facts of a file, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    Started = 0,
    Stopped = 1,
    Kept = 2,
    Failed = 3,
    Lost = 4,
    Expired = 5,
    Repaired = 6,
    Forgotten = 7,
}

/// How a file came to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The recorder closed it.
    Closed,
    /// It was broken off, and finished by the next life of the node.
    Repaired,
}

/// Why a file is not in the storage yet.
#[derive(Debug, thiserror::Error)]
enum NotKept {
    /// It cannot be read here: no repetition helps.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The storage does not take it now.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Hears until the recorder's thread has ended.
pub(super) async fn hear(state: web::Data<State>, mut reports: mpsc::Receiver<Told>) {
    let mut storing = JoinSet::new();
    while let Some(told) = reports.recv().await {
        let Some((account, call)) = place_of(&told.folder) else { continue };
        let which = Which { account, call, recording: RecordingId(told.file) };
        match told.what {
            What::Opened { offset } => {
                started(&state, which, told.participant.0, told.holds, offset).await;
            }
            What::Closed(closed) => {
                stopped(&state, which, &closed, Ended::Closed).await;
                storing.spawn(store(state.clone(), which, closed));
            }
            What::Failed(error) => {
                tracing::error!(%error, recording = %told.file, "a recording could not be written");
                failed(&state, which, RecordingFailure::Disk).await;
            }
        }
        while storing.try_join_next().is_some() {}
    }
    while storing.join_next().await.is_some() {}
}

/// The command that tells a fact.
pub(super) fn meta(which: Which, fact: Fact) -> CommandMeta {
    let id = derived(MANAGER, which.recording.0, which.call, fact as i64);
    CommandMeta::new(which.account, id, Actor::System(MANAGER.to_owned()), Utc::now())
}

async fn tell(state: &State, which: Which, fact: Fact, action: RecordingAction) {
    insist(state, &meta(which, fact), |unit| unit.run::<Call>(which.call, CallAction::Recording(action.clone()))).await;
}

pub(super) async fn started(state: &State, which: Which, participant: Uuid, holds: Holds, offset: Duration) {
    let holds = match holds {
        Holds::Person => recording::Holds::Person,
        Holds::Screen => recording::Holds::Screen,
    };
    let (recording_id, participant_id) = (which.recording, ParticipantId(participant));
    let offset_ms = u64::try_from(offset.as_millis()).unwrap_or(u64::MAX);
    let start = RecordingAction::Start { recording_id, node_id: state.media.node.id, participant_id, holds, offset_ms };
    tell(state, which, Fact::Started, start).await;
}

pub(super) async fn stopped(state: &State, which: Which, closed: &Closed, ended: Ended) {
    let duration_ms = u64::try_from(closed.duration.as_millis()).unwrap_or(u64::MAX);
    let (fact, corrected) = match ended {
        Ended::Closed => (Fact::Stopped, false),
        Ended::Repaired => (Fact::Repaired, true),
    };
    tell(state, which, fact, RecordingAction::Stop { recording_id: which.recording, duration_ms, corrected }).await;
}

pub(super) async fn failed(state: &State, which: Which, reason: RecordingFailure) {
    tell(state, which, Fact::Failed, RecordingAction::Fail { recording_id: which.recording, reason }).await;
}

pub(super) async fn lost(state: &State, which: Which) {
    tell(state, which, Fact::Lost, RecordingAction::Lose { recording_id: which.recording }).await;
}

/// Brings a file into the storage, says so, and takes it away from here. Of who is forgotten it is only taken away. Only what the call
/// knows as whole: an object that no event names would be nobody's, and outlive every rule.
pub(super) async fn store(state: web::Data<State>, which: Which, closed: Closed) {
    loop {
        match stage(&state, which).await {
            Stand::At(Stage::Stopped) if forgotten::is_so(&state, which).await => break forgotten::see_it_gone(state.clone(), which).await,
            Stand::At(Stage::Stopped) => {}
            // A former life kept it.
            Stand::At(Stage::Ready) => break,
            Stand::At(Stage::Deleted) | Stand::Unknown => {
                tracing::error!(recording = %which.recording, "a recording that its call does not have is thrown away");
                // It may have been deleted while it was brought there.
                while let Err(error) = forgotten::remove_stored(&state, which.account, which.call, which.recording).await {
                    tracing::warn!(%error, recording = %which.recording, "a recording that was deleted is still in the storage");
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                break;
            }
            stand @ (Stand::At(Stage::Started | Stage::Gone) | Stand::NotTold) => {
                return tracing::error!(recording = %which.recording, ?stand, "a recording stays on this node until its next start");
            }
        }
        match once(&state, which, &closed.path).await {
            Ok(Stand::At(Stage::Ready)) => break,
            Ok(stand) => tracing::warn!(recording = %which.recording, ?stand, "a recording was not wanted any more, or not yet"),
            Err(NotKept::Unreadable(error)) => return give_up(&state, which, &closed.path, &error).await,
            Err(error) => tracing::warn!(%error, recording = %which.recording, "a recording is brought to the storage again"),
        }
        // Others have their turn meanwhile.
        tokio::time::sleep(AGAIN_AFTER).await;
    }
    while let Err(error) = forgotten::remove_here(&state, which.account, which.call, which.recording).await {
        tracing::warn!(%error, path = %closed.path.display(), "a recording that is kept, or was deleted, is still here; it is tried again");
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

/// What the call says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// It has come so far.
    At(Stage),
    /// There is none.
    Unknown,
    /// It could not be asked.
    NotTold,
}

async fn stage(state: &State, which: Which) -> Stand {
    let found = Mutex::new(Stand::NotTold);
    let id = CommandId(Uuid::now_v7());
    let meta = CommandMeta::new(which.account, id, Actor::System(MANAGER.to_owned()), Utc::now());
    insist(state, &meta, |unit| {
        let stage = unit.state::<Call>(which.call)?.recordings().stage(which.recording);
        *found.lock().expect("no holder panics") = stage.map_or(Stand::Unknown, Stand::At);
        Ok(())
    })
    .await;
    found.into_inner().expect("no holder panics")
}

/// One attempt to have the file in the storage and in the record; how it stands then.
async fn once(state: &State, which: Which, path: &Path) -> Result<Stand, NotKept> {
    let _place = state.recording.storing.acquire().await;
    let file = bring(state, which, path).await?;
    insist(state, &meta(which, Fact::Kept), |unit| step::keep_recording(unit, which.call, which.recording, &file)).await;
    let stand = stage(state, which).await;
    // What no event names does not stay.
    if !matches!(stand, Stand::At(Stage::Ready) | Stand::NotTold) {
        forgotten::remove_stored(state, which.account, which.call, which.recording).await?;
    }
    Ok(stand)
}

/// A file that this node cannot read: it is not there, and lost, or stays where it is for the next start.
async fn give_up(state: &State, which: Which, path: &Path, error: &std::io::Error) {
    tracing::error!(%error, path = %path.display(), "a recording cannot be brought to the storage");
    if error.kind() == std::io::ErrorKind::NotFound {
        lost(state, which).await;
    } else {
        failed(state, which, RecordingFailure::Disk).await;
    }
}

/// What a file is, as its name here says.
fn form_of(path: &Path) -> Form {
    path.file_name().and_then(|name| Name::parse(name.to_str()?)).map_or(Form::WebM, |name| name.form)
}

fn key(which: Which, form: Form) -> Key {
    Key::recording(which.account, which.call, which.recording.0, form)
}

async fn bring(state: &State, which: Which, path: &Path) -> Result<RecordingFile, NotKept> {
    let mut file = tokio::fs::File::open(path).await?;
    let form = form_of(path);
    let key = key(which, form);
    let mut upload = state.storage.upload(&key);
    loop {
        let mut bytes = Vec::with_capacity(READ_BYTES);
        let read = (&mut file).take(READ_BYTES as u64).read_to_end(&mut bytes).await;
        let written = match read {
            Ok(0) => break,
            Ok(_) => upload.write(Bytes::from(bytes)).await.map_err(NotKept::from),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = written {
            upload.abort().await;
            return Err(error);
        }
    }
    let kept = upload.finish().await?;
    Ok(RecordingFile { key: key.to_string(), bytes: kept.bytes, sha256: kept.sha256, mime: form.media_type().to_owned() })
}
