//! Whether a person's device is there: a customer's in their call, a shopper's at work.

use crate::ids::{ConnectionId, MediaSessionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A process that serves: one run of the program, from its start to its end. 48 bits, drawn anew at each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessId(u64);

impl ProcessId {
    const BITS: u32 = 48;

    /// The process of this number, of which the lowest 48 bits count.
    pub const fn new(number: u64) -> Self {
        Self(number & ((1 << Self::BITS) - 1))
    }

    /// Its number, below 2^48.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0)
    }
}

impl ConnectionId {
    /// The nth connection of a process: who reads the id knows whose life the connection hangs on. A UUID of version 8.
    pub fn of(process: ProcessId, nth: u64) -> Self {
        let bits = (u128::from(process.0) << (128 - ProcessId::BITS)) | u128::from(nth);
        Self(uuid::Builder::from_custom_bytes(bits.to_be_bytes()).into_uuid())
    }

    /// The process that holds it. One that was given before ids said so names a process that never lived.
    pub fn process(self) -> ProcessId {
        let Self(id) = self;
        ProcessId::new(u64::try_from(Uuid::as_u128(&id) >> (128 - ProcessId::BITS)).unwrap_or_default())
    }
}

impl MediaSessionId {
    /// A session on a process; `drawn` tells its sessions apart. A UUID of version 8, which says whose life it hangs on.
    pub fn of(process: ProcessId, drawn: u64) -> Self {
        Self(ConnectionId::of(process, drawn).0)
    }

    /// The process that it is on.
    pub fn process(self) -> ProcessId {
        ConnectionId(self.0).process()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_names_the_process_that_holds_it_and_is_like_no_other_of_it() {
        let process = ProcessId::new(u64::MAX - 5);
        let (one, other) = (ConnectionId::of(process, 1), ConnectionId::of(process, 2));
        assert_eq!((one.process(), other.process()), (process, process));
        assert_ne!(one, other);
        assert_ne!(ConnectionId::of(ProcessId::new(7), 1).process(), process);
        assert_eq!(one.0.get_version_num(), 8);
    }
}
