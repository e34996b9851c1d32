//! What can be wrong with an exported log, and how it is said.

use super::scan::hex;
use crate::{Position, chain::Hash};
use std::fmt::{Display, Formatter, Result};
use uuid::Uuid;

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1 on; of the live log nothing.
    pub line: Option<u64>,
    /// The position that stands there.
    pub position: Option<Position>,
    /// The event that stands there.
    pub event: Option<Uuid>,
    /// What is wrong.
    pub what: What,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The first line is not the head of an exported log.
    NoHead(&'static str),
    /// A line is not written as events are.
    Unreadable(String),
    /// An event of another account than the head says.
    Foreign,
    /// Its hash does not follow from what it says, and nothing can have been before it.
    Changed,
    /// Its hash does not follow from what it says and from the hash of the event before, and nothing tells why.
    Unlinked {
        /// The event before.
        after: Position,
    },
    /// Before it something is missing: it does not follow from the event before, and its place says so.
    Missing {
        /// The event before.
        after: Position,
        /// How many of its stream.
        of_stream: i64,
    },
    /// What it says is right, since the next event follows from that; its hash is not.
    HashChanged,
    /// It does not belong here: the event after it follows from the one before it.
    Inserted,
    /// It stands behind an event that came after it, or before one that came before it.
    OutOfOrder {
        /// The event before it in the file.
        after: Position,
    },
    /// It stands here a second time.
    Repeated,
    /// Positions that nobody has.
    Hole {
        /// The first one.
        from: Position,
        /// The last one.
        to: Position,
    },
    /// The file ends without its last line.
    Cut {
        /// The last event that is there.
        after: Position,
    },
    /// Lines follow after the last one.
    AfterFoot,
    /// The last line counts other events than there are.
    Count {
        /// What it says.
        said: u64,
        /// What is there.
        found: u64,
    },
    /// The last line names another last event than the one that is there.
    End {
        /// What it says.
        said: (Position, Hash),
        /// What is there.
        found: (Position, Hash),
    },
    /// A file that does not go on where the one before it ended.
    Apart {
        /// Where that ended.
        end: (Position, Hash),
    },
    /// Not the bytes that were written.
    Sum {
        /// What the last line says.
        said: Hash,
        /// What is there.
        found: Hash,
    },
    /// A checkpoint, or a proof, that does not hold.
    Unproven(String),
    /// A table of the log says something else than the events do.
    Table(String),
}

/// Faults that are told in full; beyond it they are counted.
pub const FAULTS_MAX: usize = 100;

/// What was found to be wrong.
#[derive(Debug, Default)]
pub struct Faults {
    /// The first ones.
    pub told: Vec<Fault>,
    /// How many in all.
    pub count: u64,
}

impl Faults {
    /// Takes a fault; gives its place, if it is one of those that are told.
    pub fn add(&mut self, fault: Fault) -> Option<usize> {
        self.count += 1;
        (self.told.len() < FAULTS_MAX).then(|| {
            self.told.push(fault);
            self.told.len() - 1
        })
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (self.line, self.position) {
            (Some(line), Some(position)) => write!(f, "line {line}, position {position}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(position)) => write!(f, "position {position}: ")?,
            (None, None) => {}
        }
        self.what.fmt(f)?;
        match self.event {
            Some(event) => write!(f, " (event {event})"),
            None => Ok(()),
        }
    }
}

impl Display for What {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::NoHead(expected) => write!(f, "this is not the first line of an exported log: expected {expected}"),
            Self::Unreadable(expected) => write!(f, "changed: no event was ever written like this; expected {expected}"),
            Self::Foreign => write!(f, "inserted: it is an event of another account"),
            Self::Unlinked { after } => {
                write!(f, "changed, or what stood before it was removed: its hash does not follow from the event at position {after}")
            }
            Self::Missing { after, of_stream } if *of_stream > 0 => {
                write!(f, "removed: between position {after} and this one events are missing, {of_stream} of its stream")
            }
            Self::Missing { after, .. } => write!(f, "removed: between position {after} and this one events are missing"),
            Self::Changed => write!(f, "changed: its hash does not follow from what it says"),
            Self::HashChanged => write!(f, "changed: its hash is not that of what it says"),
            Self::Inserted => write!(f, "inserted: the event after it follows from the one before it"),
            Self::OutOfOrder { after } => write!(f, "reordered: it stands behind position {after}"),
            Self::Repeated => write!(f, "inserted: it stands here a second time"),
            Self::Hole { from, to } if from == to => write!(f, "removed: the event at position {from} is missing"),
            Self::Hole { from, to } => write!(f, "removed: the events at positions {from} to {to} are missing"),
            Self::Cut { after } => write!(f, "truncated: the last line is missing; the last event that is there is at position {after}"),
            Self::AfterFoot => write!(f, "inserted: it stands after the last line"),
            Self::Count { said, found } => write!(f, "the last line counts {said} events, and {found} are there"),
            Self::End { said, found } => {
                write!(f, "the last line says that the last event is at position {} with hash {}, ", said.0, shown(&said.1))?;
                write!(f, "and the one that is there is at position {} with hash {}", found.0, shown(&found.1))
            }
            Self::Apart { end } => {
                write!(f, "it does not go on where the file before it ended, at position {} with hash {}", end.0, shown(&end.1))
            }
            Self::Sum { said, found } => {
                write!(f, "these are not the bytes that were written: SHA-256 {} was, {} is there", shown(said), shown(found))
            }
            Self::Unproven(why) | Self::Table(why) => write!(f, "{why}"),
        }
    }
}

/// A hash as people read it.
pub fn shown(hash: &Hash) -> String {
    let mut text = Vec::with_capacity(64);
    hex(hash, &mut text);
    text.into_iter().map(char::from).collect()
}
