//! What one batch changes: rows of some tables, and the checkpoints that move with them.

use super::Row;
use crate::table::Physical;
use std::sync::Arc;
use vitrina_eventlog::Position;

/// Keys whose rows are wanted.
pub struct Load {
    /// The table.
    pub table: Arc<Physical>,
    /// The keys, each once.
    pub keys: Vec<Row>,
}

/// Changes of one table.
pub struct TableWrites {
    /// The table.
    pub table: Arc<Physical>,
    /// Versions that end: key, from_position, to_position.
    pub closes: Vec<Row>,
    /// New rows, every stored column.
    pub inserts: Vec<Row>,
    /// New or newer rows, every stored column.
    pub upserts: Vec<Row>,
    /// Keys of rows that go.
    pub deletes: Vec<Row>,
    /// Rows as they are from now on, every stored column, each version by itself: a person was forgotten.
    pub rewrites: Vec<Row>,
}

impl TableWrites {
    /// No change yet.
    pub fn new(table: Arc<Physical>) -> Self {
        Self { table, closes: Vec::new(), inserts: Vec::new(), upserts: Vec::new(), deletes: Vec::new(), rewrites: Vec::new() }
    }

    /// How many rows it changes.
    pub fn len(&self) -> usize {
        self.closes.len() + self.inserts.len() + self.upserts.len() + self.deletes.len() + self.rewrites.len()
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The team of the builds that queries see.
pub const LIVE: &str = "live";

/// The checkpoints of a team, from one position to another: compare and set.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The builds that advance together.
    pub team: String,
    /// How many they are; all of them stand at `from`.
    pub members: usize,
    /// Where they must stand.
    pub from: Position,
    /// Where they stand afterwards.
    pub to: Position,
}

/// What of overwritten rows may stay on the disk until its place is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traces {
    /// All of it.
    Stay,
    /// Nothing, as far as the engine can see to it: a person was forgotten.
    Go,
}

/// One batch: all of it or nothing.
pub struct Commit {
    /// The fence.
    pub advance: Advance,
    /// The rows.
    pub writes: Vec<TableWrites>,
    /// Whether what is overwritten must not be found on the disk any more.
    pub traces: Traces,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Written.
    Committed,
    /// The checkpoints were not where they were expected: another hand has moved them. Nothing was written.
    Lost,
}
