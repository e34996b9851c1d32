//! What can be asked of the log: an append request, and the answers to it.

use crate::{Environment, LogError, Position, StreamId, Version};
use chrono::{DateTime, Utc};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, CommandId, CorrelationId, EventId},
};

/// What the writer believes of a stream's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Any,
    /// It does not exist yet.
    NoStream,
    /// It exists.
    Exists,
    /// It has exactly this version.
    Exact(Version),
    /// This is its last event. Says more than a version for who decided on events that were sent and not yet committed:
    /// these may fail, and others may bring the stream to the same version.
    After(EventId),
}

impl Expected {
    /// Whether a stream of this version and with this last event (0 and none: it does not exist) is as expected.
    pub fn holds(self, actual: Version, last: Option<EventId>) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual == Version::ZERO,
            Self::Exists => actual > Version::ZERO,
            Self::Exact(version) => actual == version,
            Self::After(event) => last == Some(event),
        }
    }
}

/// An event to be written, its payload sealed already.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Stored type.
    pub event_type: &'static str,
    /// Schema version of the payload.
    pub schema_version: u16,
    /// The event.
    pub event_id: EventId,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// JSON text, personal values sealed.
    pub payload: String,
}

/// Events for one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The stream.
    pub stream: StreamId,
    /// What its version must be before.
    pub expected: Expected,
    /// The environment that the stream is of: one command may write streams of both.
    pub environment: Environment,
    /// In order; at least one.
    pub events: Vec<NewEvent>,
}

/// A condition on a stream that is not written.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// The stream.
    pub stream: StreamId,
    /// What its version must be.
    pub expected: Expected,
}

/// A unique name in a scope of the account, held by one aggregate: decided in the append's own transaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    /// What kind of name, such as `user-email`.
    pub scope: &'static str,
    /// The name, or a blind index of it when it is personal.
    pub name: Vec<u8>,
    /// The aggregate that holds it.
    pub holder: Uuid,
}

/// One command's writes: all or nothing, also across streams.
#[derive(Debug, Clone, PartialEq)]
pub struct AppendRequest {
    /// Whose; every stream written must be of this account.
    pub account: AccountId,
    /// The command; the same one twice is written once.
    pub command_id: CommandId,
    /// What distinguishes a repetition from a misuse of the same id: a digest of the request's content.
    pub fingerprint: [u8; 16],
    /// The outside request that it goes back to.
    pub correlation_id: CorrelationId,
    /// The event that caused the command.
    pub causation_id: Option<EventId>,
    /// Who gives the command.
    pub actor: Actor,
    /// Why, where said.
    pub reason: Option<String>,
    /// At least one, of distinct streams.
    pub writes: Vec<Write>,
    /// Conditions on other streams.
    pub guards: Vec<Guard>,
    /// Names taken.
    pub claims: Vec<Claim>,
    /// Names given back.
    pub releases: Vec<Claim>,
    /// What a repetition is told again, besides the numbers.
    pub result: Vec<u8>,
}

impl AppendRequest {
    /// How many events it writes.
    pub fn event_count(&self) -> usize {
        self.writes.iter().map(|w| w.events.len()).sum()
    }

    /// Bytes of its payloads and result, for the batch's bound.
    pub fn bytes(&self) -> usize {
        self.result.len() + self.writes.iter().flat_map(|w| &w.events).map(|e| e.payload.len()).sum::<usize>()
    }
}

/// What became of a command that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Position of its first event.
    pub first_position: Position,
    /// Position of its last event.
    pub position: Position,
    /// Version of the first stream it wrote, afterwards.
    pub version: Version,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// The digest given with it.
    pub fingerprint: [u8; 16],
    /// The result given with it.
    pub result: Vec<u8>,
    /// Whether it had been written before, and this is the stored outcome.
    pub replayed: bool,
}

/// Why nothing was written (except where it says that this is not known).
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// A stream's version is not the expected one.
    #[error("{stream} is at version {actual}, not as expected ({expected:?})")]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What was expected.
        expected: Expected,
        /// What it is.
        actual: Version,
    },
    /// Somebody else holds a name.
    #[error("the name in {scope} is taken")]
    ClaimTaken {
        /// The claim's scope.
        scope: &'static str,
        /// Who holds it; nil when nobody does (a release of a free name).
        holder: Uuid,
    },
    /// Too many appends are waiting; try again in a moment.
    #[error("the log is busy")]
    Busy,
    /// The request itself is not acceptable to the log or its database; trying again is of no use.
    #[error("the log refuses the request: {0}")]
    Refused(String),
    /// The database cannot be reached. Whether the command was written is **not known**; the same command id tells.
    #[error(transparent)]
    Log(#[from] LogError),
}
