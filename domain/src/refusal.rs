//! Why a command was refused. One enum for all aggregates: the API maps each variant to one problem type, and every
//! refusal says what to do.

use std::borrow::Cow;

/// The reason that a command appended nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The aggregate has no event yet.
    #[error("it does not exist")]
    NotFound,
    /// The aggregate exists already.
    #[error("it exists already")]
    AlreadyExists,
    /// The state machine has no such transition (PRODUCT.md 5.4).
    #[error("{action} is not possible in state {state}")]
    IllegalTransition {
        /// The state it is in, by its stored name.
        state: &'static str,
        /// What was wanted, by its name in the API.
        action: &'static str,
    },
    /// The actor may not do this here: not a participant, not the holder.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// What was written there is kept no longer (retention, PRODUCT.md 5.12), so that nothing is added to it.
    #[error("what was written here is kept no longer (retention), and nothing is added to it")]
    Expired,
    /// A customer must consent first (V13).
    #[error("the customer has not consented to the terms that are in force")]
    ConsentRequired,
    /// The call's media is at the node of this address.
    #[error("the media of this call is at {0}")]
    Elsewhere(String),
    /// A field's value is not acceptable.
    #[error("{field}: {expected}")]
    Invalid {
        /// JSON pointer of the field, such as `/nps`, relative to the command's own body.
        field: Cow<'static, str>,
        /// Stable machine-readable code, such as `out_of_range`.
        code: &'static str,
        /// What would have been accepted, for a person.
        expected: String,
    },
}

impl Refusal {
    /// An [`Refusal::Invalid`].
    pub fn invalid(field: impl Into<Cow<'static, str>>, code: &'static str, expected: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), code, expected: expected.into() }
    }

    /// The same refusal of a value that stands deeper in a body: `prefix`, such as `/customer`, goes before the pointer.
    #[must_use]
    pub fn under(self, prefix: &str) -> Self {
        match self {
            Self::Invalid { field, code, expected } => Self::Invalid { field: format!("{prefix}{field}").into(), code, expected },
            other => other,
        }
    }
}
