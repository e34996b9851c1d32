//! An event of an exported log as it is kept when it is brought in, and whether all events of a file can be.

use super::{import::ImportError, line::Line};
use crate::{
    AppendRequest, Environment, NewEvent, Position, StreamId,
    chain::{Hash, stored_actor},
    envelope::intern,
};
use std::borrow::Cow;
use vitrina_domain::actor::Actor;

/// Looks at every event of a file before the first one is written: whether all of them can be.
#[derive(Debug, Default)]
pub struct Fit {
    last: Position,
    refused: Option<ImportError>,
}

impl Fit {
    /// Looks at the next event.
    pub fn see(&mut self, line: &Line<'_>) {
        if self.refused.is_none() {
            self.refused = match Kept::of(line) {
                Ok(_) if line.position == self.last.next() => None,
                Ok(_) => Some(ImportError::Holes(self.last.next())),
                Err(error) => Some(error),
            };
        }
        self.last = line.position;
    }

    /// What it has found.
    ///
    /// # Errors
    /// The first event that cannot be written.
    pub fn end(self) -> Result<(), ImportError> {
        self.refused.map_or(Ok(()), Err)
    }
}

/// An event of the file, as it is to be kept.
pub(super) struct Kept {
    pub position: Position,
    pub recorded_at: chrono::DateTime<chrono::Utc>,
    pub stream: StreamId,
    pub hash: Hash,
    /// What it shares with the other events of its command; without these.
    pub request: AppendRequest,
    pub environment: Environment,
    pub event: NewEvent,
}

impl Kept {
    pub fn of(line: &Line<'_>) -> Result<Self, ImportError> {
        let unknown = |what: String| ImportError::Unknown { position: line.position, what };
        let Cow::Borrowed(event_type) = intern(&line.event_type) else {
            return Err(unknown(format!("there is no event {}", line.event_type)));
        };
        let actor = line.actor.split_once(':').and_then(|(kind, id)| Actor::from_stored(kind, id));
        let actor =
            actor.filter(|actor| stored_actor(actor) == line.actor).ok_or_else(|| unknown(format!("there is no actor {}", line.actor)))?;
        let request = AppendRequest {
            account: line.stream.account,
            command_id: line.command_id.into(),
            // What the request said is not in its events: a repetition under the same key is refused as another one, and is not done again.
            fingerprint: [0; 16],
            correlation_id: line.correlation_id.into(),
            causation_id: line.causation_id.map(Into::into),
            actor,
            reason: line.reason.as_deref().map(str::to_owned),
            writes: Vec::new(),
            guards: Vec::new(),
            claims: Vec::new(),
            releases: Vec::new(),
            result: Vec::new(),
        };
        let event = NewEvent {
            event_type,
            schema_version: line.schema_version,
            event_id: line.event_id.into(),
            occurred_at: line.occurred_at,
            payload: line.payload.to_owned(),
        };
        Ok(Self {
            position: line.position,
            recorded_at: line.recorded_at,
            stream: line.stream,
            hash: line.hash,
            request,
            environment: line.environment,
            event,
        })
    }
}
