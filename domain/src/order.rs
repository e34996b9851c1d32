//! A command with who gave it and when: time and identity come in as values, so that deciding is pure and a replay
//! or a retry decides the same.

use crate::actor::Actor;
use chrono::{DateTime, Utc};

/// `command`, as given by `actor` at `at`.
#[derive(Debug, Clone)]
pub struct Order<C> {
    /// Who gives it.
    pub actor: Actor,
    /// When, by the server's clock; events carry it as `occurred_at`.
    pub at: DateTime<Utc>,
    /// What is wanted.
    pub command: C,
}

impl<C> Order<C> {
    /// An order by `actor` at `at`.
    pub fn new(actor: Actor, at: DateTime<Utc>, command: C) -> Self {
        Self { actor, at, command }
    }
}
