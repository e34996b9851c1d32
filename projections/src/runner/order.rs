//! What a build of read models is asked to do, how far it is, and what became of it.

use super::compare::Comparison;
use std::ops::ControlFlow;
use vitrina_eventlog::Position;

/// What is done with the new tables when they are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// They take the place of the old ones.
    Switch,
    /// They are dropped; the old ones stay.
    Drop,
}

/// Whether the new rows are held against the old ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// Those of builds with the same version of the code, where a difference is a fault.
    SameVersion,
    /// Those of another version, too: what differs there is what the new version is for.
    Everything,
}

/// How much of the machine a build takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All that it can use: questions wait for it.
    Full,
    /// While somebody writes to the log, a quarter of the time, in small steps: nobody waits for it.
    Gentle,
}

/// What a build is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// With what it is compared.
    pub compare: Compare,
    /// How differing rows are told: at most so many of them.
    pub told_max: usize,
    /// What comes at the end.
    pub then: Then,
    /// How much it takes.
    pub pace: Pace,
}

impl Order {
    /// Makes new tables and puts them in the place of the old ones, beside a server at work.
    pub const SWITCH: Self = Self { compare: Compare::SameVersion, told_max: Self::TOLD_MAX, then: Then::Switch, pace: Pace::Gentle };
    /// What a server does at its start.
    pub(super) const MISSING: Self = Self { pace: Pace::Full, ..Self::SWITCH };
    /// Differences that are told unless one says how many: enough to see what kind they are of.
    pub const TOLD_MAX: usize = 20;
}

/// What it is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Folding the log into the new tables.
    Filling,
    /// Holding the new rows against the old ones.
    Comparing {
        /// The table.
        table: &'static str,
        /// Rows that have been compared, of all tables.
        rows: u64,
    },
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// Every event up to here is in the new tables.
    pub position: Position,
    /// Where it has to come.
    pub head: Position,
}

/// Hears how far a build is, and says whether it is to go on.
pub type Listener<'l> = &'l mut (dyn FnMut(Progress) -> ControlFlow<()> + Send + 'l);

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Where the new tables stood at the end.
    pub position: Position,
    /// What the comparison has found.
    pub comparison: Comparison,
    /// What was done at the end.
    pub then: Then,
}
