//! What an event says to who has no keys: what is personal reads as erased.

use crate::{
    LogError, Recorded, seal,
    upcast::{STEPS, upcast},
};
use vitrina_domain::event::Event;

/// The event, upcast and decoded.
///
/// # Errors
/// [`LogError::Undecodable`] for one that this build does not know.
pub fn event(recorded: &Recorded) -> Result<Event, LogError> {
    let undecodable = |what: String| LogError::Undecodable { position: recorded.position, what };
    let mut payload = serde_json::from_str(&recorded.payload).map_err(|error| undecodable(error.to_string()))?;
    seal::erase(&mut payload);
    let (_, payload) = upcast(STEPS, &recorded.event_type, recorded.schema_version, payload);
    Event::decode(recorded.stream.category, &recorded.event_type, payload).map_err(|error| undecodable(error.to_string()))
}
