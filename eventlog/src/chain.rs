//! The hash chain of an account: each event's hash covers its stored bytes and the hash before it, so that a removed,
//! changed, inserted or reordered event shows (PRODUCT.md 4.1, number 5).
//!
//! `hash = SHA-256("vitrina/1" ‖ previous ‖ envelope ‖ payload)`, every part length-prefixed. Personal values are hashed
//! sealed, so the chain still verifies after an erasure.

use crate::{Environment, Position, StreamId, Version, append::AppendRequest, envelope::Recorded};
use chrono::{DateTime, Utc};
use ring::digest::{Context, SHA256};
use vitrina_domain::ids::EventId;

/// SHA-256.
pub type Hash = [u8; 32];

/// What the first event of an account is chained to.
pub const GENESIS: Hash = [0; 32];

/// Domain separation; the number rises if the canonical form ever changes.
const TAG: &[u8] = b"vitrina/1";

/// The parts of an event that its hash covers.
pub struct Link<'a> {
    /// Place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the stream.
    pub version: Version,
    /// Stored type.
    pub event_type: &'a str,
    /// Schema version.
    pub schema_version: u16,
    /// The event.
    pub event_id: EventId,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// Stored payload.
    pub payload: &'a str,
    /// Digest of what all events of one command share: see [`command_digest`].
    pub command: &'a Hash,
}

fn part(context: &mut Context, bytes: &[u8]) {
    context.update(&(bytes.len() as u64).to_be_bytes());
    context.update(bytes);
}

fn finish(context: Context) -> Hash {
    let mut hash = GENESIS;
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Digest of what the events of one command share in one environment: command, correlation, causation, actor, reason, environment.
pub fn command_digest(
    command_id: uuid::Uuid,
    correlation_id: uuid::Uuid,
    causation_id: Option<uuid::Uuid>,
    actor: &str,
    reason: Option<&str>,
    environment: Environment,
) -> Hash {
    let mut context = Context::new(&SHA256);
    part(&mut context, command_id.as_bytes());
    part(&mut context, correlation_id.as_bytes());
    part(&mut context, causation_id.as_ref().map_or(&[][..], |id| id.as_bytes()));
    part(&mut context, actor.as_bytes());
    // An absent reason and an empty one differ.
    part(&mut context, &[u8::from(reason.is_some())]);
    part(&mut context, reason.unwrap_or_default().as_bytes());
    part(&mut context, environment.as_str().as_bytes());
    finish(context)
}

/// The hash of an event after `previous`.
pub fn link(previous: &Hash, event: &Link<'_>) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(TAG);
    context.update(previous);
    context.update(&event.position.0.to_be_bytes());
    context.update(event.stream.account.0.as_bytes());
    context.update(event.stream.id.as_bytes());
    context.update(&event.version.0.to_be_bytes());
    context.update(&event.schema_version.to_be_bytes());
    context.update(event.event_id.0.as_bytes());
    context.update(&event.occurred_at.timestamp_micros().to_be_bytes());
    context.update(&event.recorded_at.timestamp_micros().to_be_bytes());
    context.update(event.command);
    part(&mut context, event.stream.category.as_str().as_bytes());
    part(&mut context, event.event_type.as_bytes());
    part(&mut context, event.payload.as_bytes());
    finish(context)
}

/// The command digest of a request that is being written, for its streams of this environment.
pub(crate) fn request_digest(request: &AppendRequest, environment: Environment) -> Hash {
    command_digest(
        request.command_id.0,
        request.correlation_id.0,
        request.causation_id.map(|id| id.0),
        &stored_actor(&request.actor),
        request.reason.as_deref(),
        environment,
    )
}

/// The hash that a stored event must have after `previous`.
pub fn expected_hash(previous: &Hash, event: &Recorded) -> Hash {
    let command = command_digest(
        event.command_id.0,
        event.correlation_id.0,
        event.causation_id.map(|id| id.0),
        &stored_actor(&event.actor),
        event.reason.as_deref(),
        event.environment,
    );
    link(
        previous,
        &Link {
            position: event.position,
            stream: event.stream,
            version: event.version,
            event_type: &event.event_type,
            schema_version: event.schema_version,
            event_id: event.event_id,
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            payload: &event.payload,
            command: &command,
        },
    )
}

/// The actor as one text, `kind:id`: how it is stored and hashed.
pub fn stored_actor(actor: &vitrina_domain::actor::Actor) -> String {
    format!("{}:{}", actor.kind(), actor.id())
}
