//! One event as a line of JSON: the whole envelope, the payload as the very text that is stored and hashed, the hash.
//!
//! Members stand in one order and each value has one way to be written, so a reader needs no JSON parser: the payload is what lies
//! between its name and the hash, whose length is known.

use super::scan::{Scan, hex};
use crate::{
    Environment, LogError, Position, Recorded, StreamId, Version,
    chain::{self, Hash, Link},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::value::RawValue;
use std::borrow::Cow;
use uuid::Uuid;
use vitrina_domain::{ids::AccountId, stream::Category};

/// What follows a payload: the name of the hash, the hash, the end of the object.
const TAIL_LEN: usize = ",\"hash\":".len() + 66 + 1;

/// An event as a line says it; nothing is copied.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the stream.
    pub version: Version,
    /// Stored type.
    pub event_type: Cow<'a, str>,
    /// Schema version.
    pub schema_version: u16,
    /// The event.
    pub event_id: Uuid,
    /// The command that led to it.
    pub command_id: Uuid,
    /// The outside request that it goes back to.
    pub correlation_id: Uuid,
    /// The event that caused the command.
    pub causation_id: Option<Uuid>,
    /// Who did it, `kind:id`.
    pub actor: Cow<'a, str>,
    /// Why.
    pub reason: Option<Cow<'a, str>>,
    /// Production or test.
    pub environment: Environment,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// Stored payload.
    pub payload: &'a str,
    /// Link of the account's chain.
    pub hash: Hash,
}

/// Writes the event at the end of `out`, with the end of the line.
///
/// # Errors
/// [`LogError::Damaged`] when the payload is no JSON on one line, which no event was ever written with.
pub fn write(event: &Recorded, out: &mut Vec<u8>) -> Result<(), LogError> {
    let is_one_line =
        serde_json::from_str::<&RawValue>(&event.payload).is_ok_and(|raw| raw.get() == event.payload) && !event.payload.contains('\n');
    if !is_one_line {
        return Err(LogError::Damaged { position: event.position, what: "its payload is not the text of a JSON value".to_owned() });
    }
    let text = |name: &str, text: &str, out: &mut Vec<u8>| {
        out.extend_from_slice(name.as_bytes());
        serde_json::to_writer(&mut *out, text).expect("memory takes a text");
    };
    let id = |name: &str, id: Uuid, out: &mut Vec<u8>| {
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
        out.extend_from_slice(id.hyphenated().encode_lower(&mut [0; 36]).as_bytes());
        out.push(b'"');
    };
    out.extend_from_slice(format!("{{\"position\":{}", event.position).as_bytes());
    id(",\"account\":", event.stream.account.0, out);
    text(",\"category\":", event.stream.category.as_str(), out);
    id(",\"stream\":", event.stream.id, out);
    out.extend_from_slice(format!(",\"version\":{}", event.version).as_bytes());
    text(",\"type\":", &event.event_type, out);
    out.extend_from_slice(format!(",\"schema_version\":{}", event.schema_version).as_bytes());
    id(",\"event_id\":", event.event_id.0, out);
    id(",\"command_id\":", event.command_id.0, out);
    id(",\"correlation_id\":", event.correlation_id.0, out);
    match event.causation_id {
        Some(cause) => id(",\"causation_id\":", cause.0, out),
        None => out.extend_from_slice(b",\"causation_id\":null"),
    }
    text(",\"actor\":", &chain::stored_actor(&event.actor), out);
    match &event.reason {
        Some(reason) => text(",\"reason\":", reason, out),
        None => out.extend_from_slice(b",\"reason\":null"),
    }
    text(",\"environment\":", event.environment.as_str(), out);
    text(",\"occurred_at\":", &instant(event.occurred_at), out);
    text(",\"recorded_at\":", &instant(event.recorded_at), out);
    out.extend_from_slice(b",\"payload\":");
    out.extend_from_slice(event.payload.as_bytes());
    out.extend_from_slice(b",\"hash\":\"");
    hex(&event.hash, out);
    out.extend_from_slice(b"\"}\n");
    Ok(())
}

/// An instant as lines have it.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl<'a> Line<'a> {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// What was expected where the line differs.
    pub fn read(line: &'a [u8]) -> Result<Self, &'static str> {
        let (before, tail) = line.len().checked_sub(TAIL_LEN).and_then(|at| line.split_at_checked(at)).ok_or("an event and its hash")?;
        let mut scan = Scan::new(tail);
        scan.word(",\"hash\":")?;
        let hash = scan.hash()?;
        scan.word("}")?;
        let mut scan = Scan::new(before);
        let instant = |micros| DateTime::from_timestamp_micros(micros).ok_or("an instant");
        scan.word("{\"position\":")?;
        let position = Position(scan.number()?);
        scan.word(",\"account\":")?;
        let account = AccountId(scan.id()?);
        scan.word(",\"category\":")?;
        let category = Category::from_stored(&scan.text()?).ok_or("a category of streams")?;
        scan.word(",\"stream\":")?;
        let stream = StreamId { account, category, id: scan.id()? };
        scan.word(",\"version\":")?;
        let version = Version(scan.number()?);
        scan.word(",\"type\":")?;
        let event_type = scan.text()?;
        scan.word(",\"schema_version\":")?;
        let schema_version = u16::try_from(scan.number()?).map_err(|_| "a schema version")?;
        scan.word(",\"event_id\":")?;
        let event_id = scan.id()?;
        scan.word(",\"command_id\":")?;
        let command_id = scan.id()?;
        scan.word(",\"correlation_id\":")?;
        let correlation_id = scan.id()?;
        scan.word(",\"causation_id\":")?;
        let causation_id = if scan.takes("null") { None } else { Some(scan.id()?) };
        scan.word(",\"actor\":")?;
        let actor = scan.text()?;
        scan.word(",\"reason\":")?;
        let reason = if scan.takes("null") { None } else { Some(scan.text()?) };
        scan.word(",\"environment\":")?;
        let environment = Environment::from_stored(&scan.text()?).ok_or("production or test")?;
        scan.word(",\"occurred_at\":")?;
        let occurred_at = instant(scan.instant()?)?;
        scan.word(",\"recorded_at\":")?;
        let recorded_at = instant(scan.instant()?)?;
        scan.word(",\"payload\":")?;
        let payload = std::str::from_utf8(scan.rest()).map_err(|_| "a payload in UTF-8")?;
        Ok(Self {
            position,
            stream,
            version,
            event_type,
            schema_version,
            event_id,
            command_id,
            correlation_id,
            causation_id,
            actor,
            reason,
            environment,
            occurred_at,
            recorded_at,
            payload,
            hash,
        })
    }

    /// The hash that a line ends with, also when the rest of it cannot be read.
    pub fn hash_of(line: &[u8]) -> Option<Hash> {
        let mut scan = Scan::new(line.get(line.len().checked_sub(TAIL_LEN)?..)?);
        scan.word(",\"hash\":").ok()?;
        scan.hash().ok()
    }

    /// The hash that it must have after `previous`.
    pub fn expected_hash(&self, previous: &Hash) -> Hash {
        let command = self.command_digest();
        chain::link(previous, &self.link(&command))
    }

    /// Digest of what the events of its command share.
    pub fn command_digest(&self) -> Hash {
        let (cause, reason) = (self.causation_id, self.reason.as_deref());
        chain::command_digest(self.command_id, self.correlation_id, cause, &self.actor, reason, self.environment)
    }

    /// What its hash covers.
    pub fn link<'l>(&'l self, command: &'l Hash) -> Link<'l> {
        Link {
            position: self.position,
            stream: self.stream,
            version: self.version,
            event_type: &self.event_type,
            schema_version: self.schema_version,
            event_id: self.event_id.into(),
            occurred_at: self.occurred_at,
            recorded_at: self.recorded_at,
            payload: self.payload,
            command,
        }
    }
}
