//! Which events an endpoint is told of.

use super::Spec;
use crate::{event::Event, refusal::Refusal, stream::Category};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Entries of the list of types: more than there are types.
pub const TYPES_MAX: usize = 300;
/// Conditions of one endpoint; each is looked at for every event.
pub const CONDITIONS_MAX: usize = 10;
/// Values that a condition names.
pub const VALUES_MAX: usize = 50;
/// Characters of a pointer.
const POINTER_CHARS_MAX: usize = 200;

/// What a member of the payload must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Which one, as a JSON pointer (RFC 6901) into the payload, such as `/data/channel`.
    pub field: String,
    /// What it may be.
    pub one_of: Vec<Value>,
}

impl Spec {
    /// Whether events of this type are told at all.
    ///
    /// What happens to endpoints is told only where it is asked for by name: an endpoint that takes nothing must not become another
    /// one's work.
    pub fn wants(&self, category: Category, event_type: &str) -> bool {
        let is_named = |wanted: &String| match wanted.strip_suffix('*') {
            Some(prefix) => event_type.starts_with(prefix),
            None => wanted == event_type,
        };
        if self.events.is_empty() { category != Category::Webhook } else { self.events.iter().any(is_named) }
    }

    /// Whether an event with this payload is told.
    pub fn holds(&self, payload: &Value) -> bool {
        self.conditions.iter().all(|condition| payload.pointer(&condition.field).is_some_and(|found| condition.one_of.contains(found)))
    }
}

pub(super) fn check_types(types: &BTreeSet<String>) -> Result<(), Refusal> {
    if types.len() > TYPES_MAX {
        return Err(Refusal::invalid("/events", "too_many", format!("at most {TYPES_MAX} types")));
    }
    let catalogue = Event::catalogue();
    let is_known = |wanted: &String| match wanted.strip_suffix(".*") {
        Some(group) => catalogue.iter().any(|(_, known, _)| known.split_once('.').is_some_and(|(of, _)| of == group)),
        None => catalogue.iter().any(|(_, known, _)| known == wanted),
    };
    match types.iter().position(|wanted| !is_known(wanted)) {
        Some(at) => Err(Refusal::invalid(
            format!("/events/{at}"),
            "unknown",
            "a type of event, such as call.finished, or all of a group, such as call.*",
        )),
        None => Ok(()),
    }
}

pub(super) fn check_conditions(conditions: &[Condition]) -> Result<(), Refusal> {
    if conditions.len() > CONDITIONS_MAX {
        return Err(Refusal::invalid("/conditions", "too_many", format!("at most {CONDITIONS_MAX} conditions")));
    }
    for (at, condition) in conditions.iter().enumerate() {
        if !condition.field.starts_with('/') || condition.field.chars().count() > POINTER_CHARS_MAX {
            let expected = "a JSON pointer into the payload, such as /data/channel";
            return Err(Refusal::invalid(format!("/conditions/{at}/field"), "pointer", expected));
        }
        let is_plain = |value: &Value| !value.is_object() && !value.is_array();
        if condition.one_of.is_empty() || condition.one_of.len() > VALUES_MAX || !condition.one_of.iter().all(is_plain) {
            let expected = format!("one to {VALUES_MAX} values that are texts, numbers, true, false or null");
            return Err(Refusal::invalid(format!("/conditions/{at}/one_of"), "values", expected));
        }
    }
    Ok(())
}
