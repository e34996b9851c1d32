//! Whether a person's device is there: a customer's in their call, a shopper's at work.

use crate::ids::ConnectionId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A person's newest connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Which one.
    pub id: ConnectionId,
    /// Whether it is there.
    pub link: Link,
}

/// Whether a connection is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// It is.
    Up,
    /// It was lost; until when its person may come back, where that ends.
    Lost(Option<DateTime<Utc>>),
}
