//! Which secrets an endpoint's deliveries are signed with: numbers, from which the server makes them.

use super::SecretRotated;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long the secret before is used too (PRODUCT.md 5.11).
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);
/// Secrets that are used at once, at most; each adds a signature to every delivery.
pub const SECRETS_MAX: usize = 5;

/// The numbers of the secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Secrets {
    /// The newest.
    pub generation: u32,
    /// Those before and until when they are used, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<(u32, DateTime<Utc>)>,
}

impl Secrets {
    /// The numbers of those that are used now, the newest first.
    pub fn valid(&self, now: DateTime<Utc>) -> impl Iterator<Item = u32> {
        let previous = self.previous.iter().filter(move |(_, until)| *until > now).map(|(generation, _)| *generation);
        std::iter::once(self.generation).chain(previous)
    }

    pub(super) fn rotate(&mut self, rotated: &SecretRotated) {
        self.previous.insert(0, (self.generation, rotated.previous_until));
        self.previous.truncate(SECRETS_MAX - 1);
        self.generation = rotated.generation;
    }
}
