//! A stored event: its envelope in clear, its payload with personal values sealed.

use crate::{Position, StreamId, Version, chain::Hash};
use chrono::{DateTime, Utc};
use std::{borrow::Cow, collections::HashMap, sync::Arc, sync::LazyLock};
use vitrina_domain::{
    actor::Actor,
    environment::Environment,
    event::Event,
    floor::Moment,
    ids::{CommandId, CorrelationId, EventId},
};

/// One event as it stands in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the stream.
    pub version: Version,
    /// Stored type, such as `call.claimed`.
    pub event_type: Cow<'static, str>,
    /// Schema version of the payload as stored.
    pub schema_version: u16,
    /// The event.
    pub event_id: EventId,
    /// The command that led to it.
    pub command_id: CommandId,
    /// The outside request that it goes back to.
    pub correlation_id: CorrelationId,
    /// The event that caused the command, for those of process managers.
    pub causation_id: Option<EventId>,
    /// Who did it.
    pub actor: Actor,
    /// Why, where the actor said so.
    pub reason: Option<String>,
    /// Production or test.
    pub environment: Environment,
    /// When it happened, by the clock of the process that decided it. Microseconds, UTC.
    pub occurred_at: DateTime<Utc>,
    /// When it was written; never earlier than that of a lower position. Microseconds, UTC.
    pub recorded_at: DateTime<Utc>,
    /// JSON text, personal values sealed; these very bytes are hashed.
    pub payload: String,
    /// Link of the account's chain (see [`crate::chain`]).
    pub hash: Hash,
}

/// A stored event together with what it says, in the current schema, personal values in clear or erased.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// As it stands in the log.
    pub recorded: Arc<Recorded>,
    /// What it says.
    pub event: Event,
}

impl Decoded {
    /// As the floor counts it.
    pub fn moment(&self) -> Moment<'_> {
        let recorded = &self.recorded;
        Moment {
            account: recorded.stream.account,
            category: recorded.stream.category,
            id: recorded.stream.id,
            version: recorded.version.0,
            position: recorded.position.0,
            event_id: recorded.event_id,
            actor: &recorded.actor,
            at: recorded.recorded_at,
            event: &self.event,
        }
    }
}

/// The type as a `'static` text when this build knows it: an event read costs no allocation for its type.
pub(crate) fn intern(event_type: &str) -> Cow<'static, str> {
    static KNOWN: LazyLock<HashMap<&'static str, &'static str>> =
        LazyLock::new(|| Event::catalogue().into_iter().map(|(_, t, _)| (t, t)).collect());
    KNOWN.get(event_type).map_or_else(|| Cow::Owned(event_type.to_owned()), |known| Cow::Borrowed(*known))
}
