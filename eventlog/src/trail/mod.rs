//! The audit trail outside the log: what an auditor takes away, and how it is checked without this installation.
//!
//! [`export`] writes the log as lines, [`line`] is one event as a line, [`ends`] are the first and the last one; [`verify`] reads
//! such a file and says what is wrong with it ([`fault`]), following the [`chains`]; [`live`] does so in the tables of the log, and
//! [`import`] brings a file into an empty log ([`kept`] is an event on that way). [`merkle`] is the tree over the events' hashes, [`note`] a signed checkpoint of it,
//! [`witness`] holds those against the events, [`proof`] proves one event. [`fork`] writes the log of a sandbox, made of another account's.

pub mod chains;
pub mod ends;
pub mod export;
pub mod fault;
pub mod fork;
pub mod import;
pub mod kept;
pub mod line;
pub mod live;
pub mod merkle;
pub mod note;
mod past;
pub mod proof;
mod scan;
#[cfg(test)]
mod tests;
pub mod verify;
pub mod witness;

use crate::{EventLog, LogError, Position, Recorded};
use futures_util::future::{BoxFuture, FutureExt};

/// Where events are read from.
pub trait Source: Send + Sync {
    /// Position of the last event.
    fn head(&self) -> BoxFuture<'_, Result<Position, LogError>>;

    /// Events after a position, in order, at most `limit`. As they stand, whether they are dense or not.
    fn read(&self, after: Position, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>>;
}

impl Source for EventLog {
    fn head(&self) -> BoxFuture<'_, Result<Position, LogError>> {
        self.ping().boxed()
    }

    fn read(&self, after: Position, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        self.stored(after, limit).boxed()
    }
}
