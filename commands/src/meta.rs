//! Who gives a command, when, and under which id.

use chrono::{DateTime, Utc};
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, CommandId, CorrelationId, EventId},
};
use vitrina_eventlog::{Environment, Version};

/// What comes with every command.
#[derive(Debug, Clone)]
pub struct CommandMeta {
    /// Whose.
    pub account: AccountId,
    /// The same command twice has the same id, and happens once.
    pub command_id: CommandId,
    /// Digest of its content: the same id with another one is refused.
    pub fingerprint: [u8; 16],
    /// Who gives it.
    pub actor: Actor,
    /// When, by this process's clock.
    pub at: DateTime<Utc>,
    /// The outside request that it goes back to.
    pub correlation_id: CorrelationId,
    /// The event that caused it, when a process manager gives it.
    pub causation_id: Option<EventId>,
    /// Why, where said.
    pub reason: Option<String>,
    /// In which environment it opens calls, conversations and orders. What is there already stays in its own.
    pub opens_in: Environment,
    /// The version that the first aggregate run must have.
    pub if_match: Option<Version>,
}

impl CommandMeta {
    /// A command on its own, which opens in production: not caused by an event, without a reason or a precondition.
    pub fn new(account: AccountId, command_id: CommandId, actor: Actor, at: DateTime<Utc>) -> Self {
        Self {
            account,
            command_id,
            fingerprint: [0; 16],
            actor,
            at,
            correlation_id: CorrelationId(command_id.0),
            causation_id: None,
            reason: None,
            opens_in: Environment::Production,
            if_match: None,
        }
    }
}
