//! What a call remembers of its recordings.

use super::Switch;
use crate::{
    call::{Call, CallEvent, State, media::ConsentKind},
    ids::RecordingId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is being written.
    Started,
    /// It is whole, and not in the storage yet.
    Stopped,
    /// It can be fetched.
    Ready,
    /// It came to nothing, or is lost.
    Gone,
    /// It was deleted.
    Deleted,
}

/// The recordings of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recordings {
    /// What it was switched to last.
    pub(super) switch: Option<Switch>,
    /// Its files.
    pub(super) files: BTreeMap<RecordingId, Stage>,
}

impl Recordings {
    /// How far a file has come; `None` when there is none.
    pub fn stage(&self, recording: RecordingId) -> Option<Stage> {
        self.files.get(&recording).copied()
    }

    pub(in crate::call) fn fold(&mut self, event: &CallEvent) {
        let mut is = |recording, stage| {
            self.files.insert(recording, stage);
        };
        match event {
            CallEvent::RecordingSwitched(switched) => self.switch = Some(switched.state),
            CallEvent::RecordingStarted(started) => is(started.recording_id, Stage::Started),
            CallEvent::RecordingStopped(stopped) => is(stopped.recording_id, Stage::Stopped),
            CallEvent::RecordingReady(ready) => is(ready.recording_id, Stage::Ready),
            CallEvent::RecordingFailed(failed) => is(failed.recording_id, Stage::Gone),
            CallEvent::RecordingLost(lost) => is(lost.recording_id, Stage::Gone),
            CallEvent::RecordingDeleted(deleted) => is(deleted.recording_id, Stage::Deleted),
            _ => {}
        }
    }
}

impl Call {
    /// Its recordings.
    pub fn recordings(&self) -> &Recordings {
        &self.recordings
    }

    /// Whether what happens now is to be recorded: switched on, consented to, and live.
    pub fn is_recorded(&self) -> bool {
        self.recordings.switch == Some(Switch::On) && self.consents_to_recording() && self.state() == State::Live
    }

    /// Whether the customer consents to it.
    pub(super) fn consents_to_recording(&self) -> bool {
        self.media().consent(ConsentKind::Recording).is_some()
    }
}
