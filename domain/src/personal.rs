//! Personal data: a value that belongs to a person and can be forgotten.
//!
//! In memory it is known or erased. The log stores it sealed under the key of its subject (`eventlog::seal`); when
//! the key is destroyed, every reading of it yields *erased* (PRODUCT.md 5.12). Never print or log the value.

use crate::ids::SubjectId;
use serde::{Deserialize, Serialize};

/// The JSON member that marks a personal value in clear; `eventlog::seal` looks for it.
pub const CLEAR_MARK: &str = "$personal";

/// Whether a member of an event is the hash of a secret, by its name: it is told to nobody.
pub fn is_secret(name: &str) -> bool {
    name.ends_with("_hash")
}

/// A value of the person `subject`, or the fact that it has been erased.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Marked<T>", into = "Marked<T>", bound(serialize = "T: Clone + Serialize", deserialize = "T: Deserialize<'de>"))]
pub struct Personal<T> {
    subject: SubjectId,
    with_stream: bool,
    value: Option<T>,
}

impl<T> Personal<T> {
    /// A value that is known, of this person.
    pub fn known(subject: impl Into<SubjectId>, value: T) -> Self {
        Self { subject: subject.into(), with_stream: false, value: Some(value) }
    }

    /// The same value, kept no longer than what its stream is about: `eventlog::seal` seals it under the key of the stream's id besides,
    /// and it is erased when either key is destroyed.
    #[must_use]
    pub fn with_stream(self) -> Self {
        Self { with_stream: true, ..self }
    }

    /// A value that has been erased.
    pub fn erased(subject: impl Into<SubjectId>) -> Self {
        Self { subject: subject.into(), with_stream: false, value: None }
    }

    /// Whose data this is.
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    /// The value, or `None` when it has been erased.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value by move, or `None` when it has been erased.
    pub fn into_inner(self) -> Option<T> {
        self.value
    }
}

/// Shows whose data it is, never the data: events end up in logs and panics.
impl<T> std::fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = if self.value.is_some() { "known" } else { "erased" };
        write!(f, "Personal({state}, {})", self.subject)
    }
}

#[derive(Serialize, Deserialize)]
struct Marked<T> {
    #[serde(rename = "$personal")]
    inner: Inner<T>,
}

#[derive(Serialize, Deserialize)]
struct Inner<T> {
    subject: SubjectId,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    with_stream: bool,
    #[serde(skip_serializing_if = "Option::is_none", default = "Option::default")]
    value: Option<T>,
}

impl<T> From<Personal<T>> for Marked<T> {
    fn from(p: Personal<T>) -> Self {
        Self { inner: Inner { subject: p.subject, with_stream: p.with_stream, value: p.value } }
    }
}

impl<T> From<Marked<T>> for Personal<T> {
    fn from(m: Marked<T>) -> Self {
        Self { subject: m.inner.subject, with_stream: m.inner.with_stream, value: m.inner.value }
    }
}
