//! Commands of a webhook endpoint.

use super::{Cause, DeliveryExhausted, Spec};
use chrono::{DateTime, Utc};

/// What can be asked of a webhook endpoint.
#[derive(Debug, Clone, PartialEq)]
pub enum WebhookAction {
    /// Makes it; it is told what happens after the position.
    Create(Spec, i64),
    /// Tells it something else, or otherwise.
    Update(Spec),
    /// Tells it again; nothing happens when it is told.
    Enable,
    /// Tells it no more; nothing happens when it is told nothing.
    Disable(Cause),
    /// Ends it; nothing happens when it has ended.
    Delete,
    /// Gives it another secret.
    Rotate,
    /// Tells it that this was asked.
    Test,
    /// Tells it again what is between these positions.
    Replay {
        /// After this one.
        after: i64,
        /// Up to this one.
        upto: i64,
    },
    /// Tells it what it could not be told between these instants.
    Recover {
        /// At or after this one.
        since: DateTime<Utc>,
        /// Before this one.
        until: DateTime<Utc>,
    },
    /// Notes that an event could not be told. Nothing happens when there is no such endpoint any more.
    Exhaust(DeliveryExhausted),
}
