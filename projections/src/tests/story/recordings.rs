//! The recordings of a story's call: switched on and off, files that come to each of their ends.

use uuid::Uuid;
use vitrina_domain::{
    call::{CallEvent, recording::*},
    ids::*,
};

/// How far a file has come.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Started,
    GivenUp,
    Stopped,
    Ready,
}

/// The recordings of a call, as they are now.
#[derive(Default)]
pub(super) struct Recordings {
    is_on: bool,
    files: Vec<(RecordingId, Stage)>,
}

impl Recordings {
    /// What comes next, by a figure below eleven and a fresh id.
    pub(super) fn goes_on(&mut self, amount: usize, id: Uuid) -> Vec<CallEvent> {
        if !self.is_on {
            self.is_on = true;
            return vec![CallEvent::RecordingSwitched(Switched { state: Switch::On })];
        }
        if self.files.is_empty() || amount < 3 {
            let (recording_id, participant_id) = (RecordingId(id), ParticipantId(id));
            self.files.push((recording_id, Stage::Started));
            let holds = if amount == 0 { Holds::Screen } else { Holds::Person };
            let (node_id, offset_ms) = (NodeId(Uuid::from_u128(1)), amount as u64 * 1_000);
            return vec![CallEvent::RecordingStarted(RecordingStarted { recording_id, node_id, participant_id, holds, offset_ms })];
        }
        let index = amount % self.files.len();
        let (recording_id, stage) = self.files[index];
        match (stage, amount) {
            (_, 10) => {
                self.is_on = false;
                vec![CallEvent::RecordingSwitched(Switched { state: Switch::Off })]
            }
            (Stage::Started, 3) => {
                self.files[index].1 = Stage::GivenUp;
                vec![CallEvent::RecordingFailed(RecordingFailed { recording_id, reason: RecordingFailure::Disk })]
            }
            (Stage::Started, 4) => {
                self.files.remove(index);
                vec![CallEvent::RecordingLost(OfRecording { recording_id })]
            }
            (Stage::Started, _) => {
                self.files[index].1 = Stage::Stopped;
                let (duration_ms, corrected) = (amount as u64 * 60_000, amount == 5);
                vec![CallEvent::RecordingStopped(RecordingStopped { recording_id, duration_ms, corrected })]
            }
            (Stage::GivenUp, _) => {
                self.files[index].1 = Stage::Stopped;
                vec![CallEvent::RecordingStopped(RecordingStopped { recording_id, duration_ms: 60_000, corrected: true })]
            }
            (Stage::Stopped, _) => {
                self.files[index].1 = Stage::Ready;
                let file = RecordingFile { key: format!("r/{id}"), bytes: 77, sha256: "ab".repeat(32), mime: "video/webm".into() };
                let keep_until = (amount > 5).then(|| super::beginning() + chrono::Duration::days(amount as i64));
                vec![CallEvent::RecordingReady(RecordingReady { recording_id, file, keep_until })]
            }
            (Stage::Ready, 7..) => {
                self.files.remove(index);
                vec![CallEvent::RecordingDeleted(RecordingDeleted { recording_id, cause: DeleteCause::Retention })]
            }
            (Stage::Ready, _) => vec![CallEvent::RecordingDownloaded(OfRecording { recording_id })],
        }
    }
}
