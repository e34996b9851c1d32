//! What can go wrong on the read side.
//!
//! The difference that matters is [`Error::is_passing`]: a database that is away comes back and is tried again; anything
//! else stops the projections loudly, since going on would make them wrong.

use vitrina_eventlog::{LogError, Position};

/// The cause as an engine tells it.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error of the read side.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached or did not answer in time; it may come back.
    #[error("the read models' database is not available")]
    Unavailable(#[source] Cause),
    /// The database refused a statement.
    #[error("the read models' database refused: {statement}")]
    Sql {
        /// The text, shortened.
        statement: String,
        /// What the engine says.
        #[source]
        source: Cause,
    },
    /// A stored row is not what its table declares.
    #[error("table {table}: column {column} holds an unexpected value")]
    Row {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// An event does not fit the rows: the projection has a fault, or its tables were changed by another hand.
    #[error("projection {projection} cannot apply the event at position {position}: {reason}")]
    Fold {
        /// The projection.
        projection: &'static str,
        /// The event.
        position: Position,
        /// Why not.
        reason: String,
    },
    /// The log handed out an event that does not follow the checkpoint.
    #[error("the log went on at position {found} where {expected} was due")]
    Gap {
        /// The position due.
        expected: Position,
        /// The position that came.
        found: Position,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Nobody declared a projection of this name.
    #[error("there is no projection named {0}")]
    UnknownProjection(String),
    /// The read position did not come so far in the time given.
    #[error("the read models stand at position {reached}, not yet at {wanted}")]
    Behind {
        /// What was asked for.
        wanted: Position,
        /// Where they stand.
        reached: Position,
    },
    /// The files or the schema cannot be used: the text says why and what to do.
    #[error("{0}")]
    Open(String),
    /// Whoever had asked for a build wants it no more.
    #[error("it was given up; the read models are as they were")]
    GivenUp,
    /// The store was closed.
    #[error("the read models are closed")]
    Closed,
}

impl Error {
    /// Whether trying again later can help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Log(LogError::Unavailable(_)))
    }

    /// The error with its causes, in one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(source) = cause {
            text.push_str(": ");
            text.push_str(&source.to_string());
            cause = source.source();
        }
        text
    }

    /// An [`Error::Sql`] about this statement.
    pub(crate) fn sql(statement: &str, source: impl Into<Cause>) -> Self {
        const SHOWN_CHARS_MAX: usize = 200;
        Self::Sql { statement: statement.chars().take(SHOWN_CHARS_MAX).collect(), source: source.into() }
    }
}

/// What this crate's functions answer with.
pub type Result<T, E = Error> = std::result::Result<T, E>;
