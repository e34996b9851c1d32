//! What a call answers about its recordings. What a node tells is taken as it comes: told twice or too late, it leads to nothing.

use super::{
    DeleteCause, OfRecording, RecordingAction, RecordingDeleted, RecordingFailed, RecordingReady, RecordingStarted, RecordingStopped,
    Stage, Switch, Switched,
};
use crate::{
    account::RecordingMode,
    call::{Call, CallEvent, State},
    ids::RecordingId,
    refusal::Refusal,
};

/// Files of one call at most: each presence has one or two, and who comes and goes more often is a program gone wild.
pub const RECORDINGS_MAX: usize = 2_000;

const RULE_SAYS_OFF: Refusal =
    Refusal::NotAllowed("the account's settings do not allow recordings: PATCH /v1/account {\"recording\": \"on_request\"}");
const NO_CONSENT: Refusal = Refusal::NotAllowed("the customer has not consented to being recorded");

impl Call {
    pub(in crate::call) fn decide_recording(&self, action: &RecordingAction) -> Result<Vec<CallEvent>, Refusal> {
        match action {
            RecordingAction::Switch { to: Switch::On, mode } => match mode {
                RecordingMode::Off => Err(RULE_SAYS_OFF),
                RecordingMode::OnRequest | RecordingMode::Always if !self.consents_to_recording() => Err(NO_CONSENT),
                RecordingMode::OnRequest | RecordingMode::Always => Ok(self.switched(Switch::On)),
            },
            RecordingAction::Switch { to: Switch::Off, .. } => Ok(match self.recordings.switch {
                None => vec![],
                Some(_) => self.switched(Switch::Off),
            }),
            RecordingAction::Follow { mode } => {
                let begins = *mode == RecordingMode::Always && self.recordings.switch.is_none() && self.state() == State::Live;
                Ok(if begins && self.consents_to_recording() { self.switched(Switch::On) } else { vec![] })
            }
            RecordingAction::Start { recording_id, node_id, participant_id, holds, offset_ms } => {
                let (recording_id, node_id, participant_id) = (*recording_id, *node_id, *participant_id);
                let started = RecordingStarted { recording_id, node_id, participant_id, holds: *holds, offset_ms: *offset_ms };
                let is_new = self.recordings.stage(recording_id).is_none() && self.recordings.files.len() < RECORDINGS_MAX;
                Ok(if is_new { vec![CallEvent::RecordingStarted(started)] } else { vec![] })
            }
            RecordingAction::Stop { recording_id, duration_ms, corrected } => {
                let (recording_id, duration_ms, corrected) = (*recording_id, *duration_ms, *corrected);
                let stopped = CallEvent::RecordingStopped(RecordingStopped { recording_id, duration_ms, corrected });
                // A file that was given up, and is there after all, is whole once it is repaired.
                let stages: &[Stage] = if corrected { &[Stage::Started, Stage::Gone] } else { &[Stage::Started] };
                Ok(self.when(recording_id, stages, stopped))
            }
            RecordingAction::Keep { recording_id, file, keep_until } => {
                let (recording_id, keep_until) = (*recording_id, *keep_until);
                let ready = CallEvent::RecordingReady(RecordingReady { recording_id, file: file.clone(), keep_until });
                Ok(self.when(recording_id, &[Stage::Stopped], ready))
            }
            RecordingAction::Fail { recording_id, reason } => {
                let (recording_id, reason) = (*recording_id, *reason);
                let failed = CallEvent::RecordingFailed(RecordingFailed { recording_id, reason });
                Ok(self.when(recording_id, &[Stage::Started, Stage::Stopped], failed))
            }
            RecordingAction::Lose { recording_id } => {
                let lost = CallEvent::RecordingLost(OfRecording { recording_id: *recording_id });
                Ok(self.when(*recording_id, &[Stage::Started, Stage::Stopped], lost))
            }
            RecordingAction::Download { recording_id } => {
                self.must_have(*recording_id)?;
                Ok(vec![CallEvent::RecordingDownloaded(OfRecording { recording_id: *recording_id })])
            }
            RecordingAction::Delete { recording_id, cause } => match self.recordings.stage(*recording_id) {
                Some(Stage::Deleted) => Ok(vec![]),
                stage => {
                    // Of who is forgotten nothing stays, however far it has come: what is not ready yet, or was given up, may be on a node.
                    if *cause != DeleteCause::Erased || stage.is_none() {
                        self.must_have(*recording_id)?;
                    }
                    let (recording_id, cause) = (*recording_id, *cause);
                    Ok(vec![CallEvent::RecordingDeleted(RecordingDeleted { recording_id, cause })])
                }
            },
        }
    }

    fn switched(&self, to: Switch) -> Vec<CallEvent> {
        if self.recordings.switch == Some(to) { vec![] } else { vec![CallEvent::RecordingSwitched(Switched { state: to })] }
    }

    fn when(&self, recording: RecordingId, stages: &[Stage], event: CallEvent) -> Vec<CallEvent> {
        let fits = self.recordings.stage(recording).is_some_and(|stage| stages.contains(&stage));
        if fits { vec![event] } else { vec![] }
    }

    fn must_have(&self, recording: RecordingId) -> Result<(), Refusal> {
        match self.recordings.stage(recording) {
            Some(Stage::Ready) => Ok(()),
            Some(Stage::Started | Stage::Stopped) => Err(Refusal::IllegalTransition { state: "recording", action: "download_recording" }),
            Some(Stage::Gone | Stage::Deleted) | None => Err(Refusal::NotFound),
        }
    }
}
