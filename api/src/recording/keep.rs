//! What becomes of files: written down as it is told, and what is whole goes into the storage. Each fact has a command id of its
//! own, so that a fact told again, also by the next life of this node, is one event.

use super::{MANAGER, Which, place_of};
use crate::{
    media::facts::insist,
    storage::{Key, StorageError},
    wiring::State,
};
use actix_web::web;
use bytes::Bytes;
use chrono::Utc;
use std::{path::Path, time::Duration};
use tokio::{io::AsyncReadExt, sync::mpsc, task::JoinSet};
use uuid::Uuid;
use vitrina_commands::{CommandMeta, process::id::derived, step};
use vitrina_domain::{
    actor::Actor,
    call::{
        Call, CallAction, RecordingAction,
        recording::{self, RecordingFailure, RecordingFile},
    },
    ids::{EventId, ParticipantId, RecordingId},
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
                stopped(&state, which, &closed, false).await;
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
    let id = derived(MANAGER, which.recording.0, EventId(which.call.0), fact as i64);
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

pub(super) async fn stopped(state: &State, which: Which, closed: &Closed, corrected: bool) {
    let duration_ms = u64::try_from(closed.duration.as_millis()).unwrap_or(u64::MAX);
    tell(state, which, Fact::Stopped, RecordingAction::Stop { recording_id: which.recording, duration_ms, corrected }).await;
}

pub(super) async fn failed(state: &State, which: Which, reason: RecordingFailure) {
    tell(state, which, Fact::Failed, RecordingAction::Fail { recording_id: which.recording, reason }).await;
}

pub(super) async fn lost(state: &State, which: Which) {
    tell(state, which, Fact::Lost, RecordingAction::Lose { recording_id: which.recording }).await;
}

/// Brings a file into the storage, says so, and takes it away from here.
pub(super) async fn store(state: web::Data<State>, which: Which, closed: Closed) {
    let _place = state.recording.storing.acquire().await;
    let file = loop {
        match bring(&state, which, &closed.path).await {
            Ok(file) => break file,
            Err(error) => tracing::warn!(%error, recording = %which.recording, "a recording is brought to the storage again"),
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    };
    insist(&state, &meta(which, Fact::Kept), |unit| step::keep_recording(unit, which.call, which.recording, &file)).await;
    if let Err(error) = tokio::fs::remove_file(&closed.path).await {
        tracing::warn!(%error, path = %closed.path.display(), "a recording that is kept is still here too");
    }
    // The folders of the call go with their last file.
    if let Some(folder) = closed.path.parent() {
        let _ = tokio::fs::remove_dir(folder).await;
    }
}

async fn bring(state: &State, which: Which, path: &Path) -> Result<RecordingFile, StorageError> {
    let failed = |error: std::io::Error| StorageError::Failed(error.to_string());
    let mut file = tokio::fs::File::open(path).await.map_err(failed)?;
    let key = Key::recording(which.account, which.call, which.recording.0);
    let mut upload = state.storage.upload(&key);
    loop {
        let mut bytes = Vec::with_capacity(READ_BYTES);
        let read = (&mut file).take(READ_BYTES as u64).read_to_end(&mut bytes).await;
        let written = match read {
            Ok(0) => break,
            Ok(_) => upload.write(Bytes::from(bytes)).await,
            Err(error) => Err(failed(error)),
        };
        if let Err(error) = written {
            upload.abort().await;
            return Err(error);
        }
    }
    let kept = upload.finish().await?;
    let name = path.file_name().and_then(|name| Name::parse(name.to_str()?));
    let mime = name.map_or(Form::WebM, |name| name.form).media_type();
    Ok(RecordingFile { key: key.to_string(), bytes: kept.bytes, sha256: kept.sha256, mime: mime.to_owned() })
}
