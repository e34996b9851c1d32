//! What a worker notes: collected, and written as one group behind the fence of its place.

use super::{
    Attempt, Of, Place, Replay, Waiting, holder_value, pages,
    statements::{FENCE, RECOVER, REPLAY, REPLAYED, TOLD, TRIED, TRIM_ATTEMPTS, WAIT},
};
use chrono::{DateTime, Utc};
use vitrina_domain::connection::ProcessId;
use vitrina_projections::{
    sql::{
        Row, Value,
        notebook::{Call, Group},
    },
    table::Field,
};

/// What a process writes about an endpoint at once.
#[derive(Default)]
pub(crate) struct Changes {
    calls: Vec<Call>,
    attempts: Vec<Attempt>,
}

impl Changes {
    pub(crate) fn len(&self) -> usize {
        self.calls.len() + self.attempts.len()
    }

    pub(crate) fn wait(&mut self, of: Of, w: &Waiting) {
        let (due, status) = (w.due_at.to_value(), w.status.map(i64::from).to_value());
        let rest = [Value::Int(w.position), w.stream.to_value(), Value::Int(w.attempts.into()), w.first_at.to_value(), due, status];
        self.calls.push((WAIT, of.args(rest)));
    }

    pub(crate) fn told(&mut self, of: Of, position: i64) {
        self.calls.push((TOLD, of.args([Value::Int(position)])));
    }

    pub(crate) fn recover(&mut self, of: Of, now: DateTime<Utc>, (since, until): (DateTime<Utc>, DateTime<Utc>)) {
        self.calls.push((RECOVER, of.args([now.to_value(), since.to_value(), until.to_value()])));
    }

    pub(crate) fn replay(&mut self, of: Of, replay: Replay) {
        let rest = [Value::Int(replay.version), Value::Int(replay.position), Value::Int(replay.upto)];
        self.calls.push((REPLAY, of.args(rest)));
    }

    pub(crate) fn replayed(&mut self, of: Of, version: i64) {
        self.calls.push((REPLAYED, of.args([Value::Int(version)])));
    }

    pub(crate) fn tried(&mut self, attempt: Attempt) {
        self.attempts.push(attempt);
    }

    /// Forgets what was answered.
    pub(crate) fn blank_answers(&mut self) {
        self.attempts.iter_mut().for_each(|attempt| attempt.answer.clear());
    }

    /// Forgets all attempts but so many.
    pub(crate) fn trim(&mut self, of: Of, kept: i64) {
        self.calls.push((TRIM_ATTEMPTS, of.args([Value::Int(kept)])));
    }

    /// All of it, if the process still holds the endpoint.
    pub(crate) fn group(self, of: Of, holder: ProcessId, place: Place) -> Group {
        let rest = [
            Value::Int(place.position),
            Value::Int(place.asked),
            place.failing_since.to_value(),
            holder_value(holder),
            Value::Int(place.epoch),
        ];
        let mut changes: Vec<(&'static str, Vec<Row>)> = Vec::new();
        for (statement, row) in self.calls {
            // In the order in which they were noted: what waits and was told must not wait again.
            match changes.last_mut() {
                Some((last, rows)) if *last == statement => rows.push(row),
                _ => changes.push((statement, vec![row])),
            }
        }
        if !self.attempts.is_empty() {
            changes.push((TRIED, pages::rows(of, self.attempts)));
        }
        Group { fence: (FENCE, of.args(rest)), changes }
    }
}
