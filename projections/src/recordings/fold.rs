//! From events to the rows of recordings.

use super::rows::{RecordingRow, RecordingStage, RecordingSwitchRow};
use crate::fold::{Envelope, FoldError, Keys, Projection, Rows, Tables};
use vitrina_domain::{
    call::CallEvent,
    event::Event,
    ids::{AccountId, CallId, RecordingId},
};
use vitrina_eventlog::Decoded;

/// Keeps the recordings.
pub struct RecordingsProjection;

impl Projection for RecordingsProjection {
    fn name(&self) -> &'static str {
        "recordings"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<RecordingRow>();
        tables.add::<RecordingSwitchRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        let Event::Call(call) = event else { return false };
        matches!(call, CallEvent::RecordingSwitched(_)) || recording_of(call).is_some()
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        let Event::Call(call) = &event.event else { return };
        let (account, id) = key(event);
        match (call, recording_of(call)) {
            (CallEvent::RecordingSwitched(_), _) => keys.load::<RecordingSwitchRow>((account, id)),
            (CallEvent::RecordingStarted(_), Some(recording)) => keys.create::<RecordingRow>((account, id, recording)),
            (_, Some(recording)) => keys.load::<RecordingRow>((account, id, recording)),
            _ => {}
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Call(call) = &event.event else { return Ok(()) };
        let (account_id, call_id) = key(event);
        let of = |recording| (account_id, call_id, recording);
        match call {
            CallEvent::RecordingSwitched(switched) => {
                rows.put(RecordingSwitchRow { account_id, call_id, switched: switched.state, since: event.at() })
            }
            CallEvent::RecordingStarted(started) => rows.put(RecordingRow {
                account_id,
                call_id,
                recording_id: started.recording_id,
                node_id: started.node_id,
                participant_id: started.participant_id,
                holds: started.holds,
                stage: RecordingStage::Recording,
                offset_ms: number(started.offset_ms),
                started_at: event.at(),
                told_at: event.at(),
                duration_ms: None,
                corrected: false,
                object_key: None,
                bytes: None,
                sha256: None,
                mime: None,
                keep_until: None,
                failure: None,
                deleted_at: None,
                delete_cause: None,
            }),
            CallEvent::RecordingStopped(stopped) => rows.change::<RecordingRow>(&of(stopped.recording_id), |row| {
                // It may have been given up before.
                (row.stage, row.failure, row.told_at) = (RecordingStage::Stopped, None, event.at());
                (row.duration_ms, row.corrected) = (Some(number(stopped.duration_ms)), stopped.corrected);
            }),
            CallEvent::RecordingReady(ready) => rows.change::<RecordingRow>(&of(ready.recording_id), |row| {
                (row.stage, row.told_at, row.object_key) = (RecordingStage::Ready, event.at(), Some(ready.file.key.clone()));
                (row.bytes, row.keep_until) = (Some(number(ready.file.bytes)), ready.keep_until);
                (row.sha256, row.mime) = (Some(ready.file.sha256.clone()), Some(ready.file.mime.clone()));
            }),
            CallEvent::RecordingFailed(failed) => rows.change::<RecordingRow>(&of(failed.recording_id), |row| {
                (row.stage, row.failure) = (RecordingStage::Failed, Some(failed.reason));
            }),
            CallEvent::RecordingLost(lost) => rows.change::<RecordingRow>(&of(lost.recording_id), |row| row.stage = RecordingStage::Lost),
            CallEvent::RecordingDeleted(deleted) => rows.change::<RecordingRow>(&of(deleted.recording_id), |row| {
                row.stage = RecordingStage::Deleted;
                (row.deleted_at, row.delete_cause) = (Some(event.at()), Some(deleted.cause));
            }),
            _ => Ok(()),
        }
    }
}

fn recording_of(event: &CallEvent) -> Option<RecordingId> {
    match event {
        CallEvent::RecordingStarted(started) => Some(started.recording_id),
        CallEvent::RecordingStopped(stopped) => Some(stopped.recording_id),
        CallEvent::RecordingReady(ready) => Some(ready.recording_id),
        CallEvent::RecordingFailed(failed) => Some(failed.recording_id),
        CallEvent::RecordingLost(lost) => Some(lost.recording_id),
        CallEvent::RecordingDeleted(deleted) => Some(deleted.recording_id),
        _ => None,
    }
}

fn key(event: &Decoded) -> (AccountId, CallId) {
    (event.account(), CallId(event.recorded.stream.id))
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
