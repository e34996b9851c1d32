//! Reading what older builds wrote: pure steps from schema version n to n+1, chained.
//!
//! A step is added when the stored shape of an event changes; it is never removed, because the log is never rewritten.
//! `domain/tests/golden` keeps one sample of every (type, version) ever stored.

use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use serde_json::Value;

/// One step: turns a payload of schema version `from` into `from + 1`.
#[derive(Clone, Copy)]
pub struct Step {
    /// Stored type.
    pub event_type: &'static str,
    /// The version it reads.
    pub from: u16,
    /// The change, pure.
    pub apply: fn(Value) -> Value,
}

/// All steps of this build, in any order. Empty while every type is still at its first version.
pub const STEPS: &[Step] = &[];

/// The payload in the newest version that the steps lead to, and that version.
pub fn upcast(steps: &[Step], event_type: &str, mut version: u16, mut payload: Value) -> (u16, Value) {
    while let Some(step) = steps.iter().find(|s| s.event_type == event_type && s.from == version) {
        payload = (step.apply)(payload);
        version += 1;
    }
    (version, payload)
}

/// A step as cqrs-es knows it, for tools built on its persistence.
impl EventUpcaster for Step {
    fn can_upcast(&self, event_type: &str, event_version: &str) -> bool {
        event_type == self.event_type && event_version.parse() == Ok(self.from)
    }

    fn upcast(&self, event: SerializedEvent) -> SerializedEvent {
        SerializedEvent { payload: (self.apply)(event.payload), event_version: (self.from + 1).to_string(), ..event }
    }
}
