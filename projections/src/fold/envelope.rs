//! What folds take from an event's envelope.

use chrono::{DateTime, Utc};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::Decoded;

/// Short names for what every fold needs.
pub trait Envelope {
    /// Whose event it is.
    fn account(&self) -> AccountId;
    /// The stream's version with this event: the entity tag of what it made.
    fn version(&self) -> i64;
    /// When it was recorded. Read models use this time throughout: it never goes backwards from one position to the
    /// next, so no wait and no duration is ever negative, and order by time is order by position.
    fn at(&self) -> DateTime<Utc>;
}

impl Envelope for Decoded {
    fn account(&self) -> AccountId {
        self.recorded.stream.account
    }

    fn version(&self) -> i64 {
        self.recorded.version.0
    }

    fn at(&self) -> DateTime<Utc> {
        self.recorded.recorded_at
    }
}
