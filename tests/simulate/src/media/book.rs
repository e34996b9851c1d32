//! What the people of a meeting did and saw, by their own clock: the other side of the comparison.

use super::{Side, Source};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How far two readings of one moment may be apart, of which one is this program's and the other the server's.
const READ_APART_MAX: TimeDelta = TimeDelta::milliseconds(100);

/// Something happened between these two readings of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub earliest: DateTime<Utc>,
    /// Not after.
    pub latest: DateTime<Utc>,
}

impl Window {
    /// From `earliest` until now.
    pub fn since(earliest: DateTime<Utc>) -> Self {
        Self { earliest: earliest - READ_APART_MAX, latest: Utc::now() + READ_APART_MAX }
    }

    /// Whether the moment is in it.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        (self.earliest..=self.latest).contains(&at)
    }
}

/// What came to somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Packets that were to be heard, by whose presence they are of and which track.
    pub packets: BTreeMap<(Uuid, Source), u64>,
    /// Packets of tracks that were muted when they were sent.
    pub muted: u64,
    /// Packets that say nothing that anybody of ours says.
    pub strange: u64,
}

/// Somebody's presence in a call's media.
#[derive(Debug, Clone)]
pub struct Attendance {
    /// The presence.
    pub id: Uuid,
    /// The customer or the shopper.
    pub who: Uuid,
    /// On which side.
    pub side: Side,
    /// The device.
    pub device: &'static str,
    /// When media was connected.
    pub joined: Window,
    /// When it ended; nothing of a presence that a fault cut off.
    pub left: Option<Window>,
    /// Why.
    pub reason: &'static str,
    /// Tracks that were sent.
    pub published: BTreeSet<Source>,
    /// Tracks that are muted at the end.
    pub muted: BTreeSet<Source>,
    /// Events that were led to, by type.
    pub events: BTreeMap<&'static str, usize>,
    /// Tracks of others that have to have come.
    pub expected: BTreeSet<(Uuid, Source)>,
    /// What came.
    pub received: Received,
}

impl Attendance {
    /// One more event of this type.
    pub fn leads_to(&mut self, kind: &'static str) {
        *self.events.entry(kind).or_default() += 1;
    }
}

/// Somebody did not come to be connected.
#[derive(Debug, Clone, Copy)]
pub struct Failed {
    /// The presence that it would have been.
    pub id: Uuid,
    /// The customer or the shopper.
    pub who: Uuid,
    /// Why.
    pub reason: &'static str,
    /// When it was known.
    pub at: Window,
}

/// The book of a call's media.
#[derive(Debug, Clone, Default)]
pub struct MeetingBook {
    /// Everybody's presences, in the order of coming.
    pub attendances: Vec<Attendance>,
    /// Those that came to nothing.
    pub failures: Vec<Failed>,
}
