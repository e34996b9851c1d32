//! What may not happen on a simulated day: a refusal of something that is allowed, silence, an answer that makes no sense.

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The server said no.
    #[error("{request} was answered {status}: {text}")]
    Refused {
        /// Method and path.
        request: String,
        /// The HTTP status.
        status: u16,
        /// The problem's stable code, where it has one.
        code: String,
        /// What it said.
        text: String,
    },
    /// No server answered for longer than a restart takes.
    #[error("{request} was not answered: {cause}")]
    Silent {
        /// Method and path.
        request: String,
        /// Of the last attempt.
        cause: std::io::Error,
    },
    /// The answer is of another shape than the API says.
    #[error("{request} was answered with something else than expected ({cause}): {text}")]
    Strange {
        /// Method and path.
        request: String,
        /// What is wrong with it.
        cause: String,
        /// What it said.
        text: String,
    },
    /// Media does not work.
    #[error("media: {0}")]
    Media(String),
    /// Something that has to follow did not.
    #[error("{0}")]
    Missing(String),
}

impl Fault {
    /// The problem's stable code; empty when it is no refusal.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            _ => "",
        }
    }

    /// Whether somebody else was faster: the state has moved on.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { status: 409, .. })
    }
}
