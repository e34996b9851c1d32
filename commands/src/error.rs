//! Why a command was not carried out.

use crate::unit::{Ground, Need};
use uuid::Uuid;
use vitrina_domain::refusal::Refusal;
use vitrina_eventlog::{AppendError, LogError, StreamId, Version};

/// The answer to a command that appended nothing (except where it says that this is not known).
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommandError {
    /// The aggregate refuses.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// Which aggregate.
        stream: StreamId,
        /// Its state's name.
        state: &'static str,
        /// Its version.
        version: Version,
    },
    /// The aggregate is not at the version that the caller has seen.
    #[error("the version is {actual}")]
    VersionMismatch {
        /// What it is.
        actual: Version,
    },
    /// The command's id was used for a command of other content.
    #[error("the key was used for another request")]
    KeyReused,
    /// The same command is being carried out.
    #[error("the same command is being carried out")]
    InFlight,
    /// Somebody else holds a name.
    #[error("the name in {scope} is taken")]
    ClaimTaken {
        /// What kind of name.
        scope: &'static str,
        /// Who holds it.
        holder: Uuid,
    },
    /// Others kept changing the same aggregate; try again.
    #[error("others keep changing it")]
    Contended,
    /// Too much is waiting; try again in a moment.
    #[error("the log is busy")]
    Busy,
    /// The database does not take the command's data.
    #[error("{0}")]
    Unacceptable(String),
    /// The log failed. With [`LogError::Unavailable`] it is **not known** whether the command was written: the same id
    /// tells.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Why a unit did not come to its end.
#[derive(Debug)]
pub enum Failure {
    /// An aggregate refuses. Boxed: it is seldom, and larger than everything else here.
    Refused(Box<Refused>),
    /// The first aggregate is not at the expected version but at this one.
    VersionMismatch(Ground),
    /// Something must be brought into memory first; the unit is run again then.
    Need(Need),
    /// The log failed.
    Log(LogError),
}

/// A refusal, and by whom.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Which aggregate, and at which version.
    pub ground: Ground,
    /// Its state's name.
    pub state: &'static str,
}

impl From<Refused> for CommandError {
    fn from(refused: Refused) -> Self {
        let Refused { refusal, ground, state } = refused;
        Self::Refused { refusal, stream: ground.stream, state, version: ground.version }
    }
}

impl From<AppendError> for CommandError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict { .. } => Self::Contended,
            AppendError::ClaimTaken { scope, holder } => Self::ClaimTaken { scope, holder },
            AppendError::Busy => Self::Busy,
            AppendError::Refused(reason) => Self::Unacceptable(reason),
            AppendError::Log(error) => Self::Log(error),
        }
    }
}
