//! What can go wrong with the log itself.

use crate::Position;

/// An error of the log. Cloneable, because one failed batch answers many callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// The database cannot be reached or did not answer in time; it may come back.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database answered with an error that is not a matter of being away.
    #[error("the database refused a statement: {0}")]
    Database(String),
    /// The log does not hold what its guarantees promise. Reading stops here.
    #[error("the log is damaged at position {position}: {what}")]
    Damaged {
        /// Where.
        position: Position,
        /// What was found.
        what: String,
    },
    /// An event does not decode in this build.
    #[error("event at position {position} does not decode: {what}")]
    Undecodable {
        /// Where.
        position: Position,
        /// Why not.
        what: String,
    },
    /// The log cannot be opened: another process, the folder, the schema, the key.
    #[error("{0}")]
    Open(String),
    /// The log was closed.
    #[error("the log is closed")]
    Closed,
}
