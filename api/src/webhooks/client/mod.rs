//! One attempt: a request to an address of somebody else's, from whom anything may come. No redirect is followed, no more is read than is
//! shown, and everything has a time.
//!
//! Each endpoint has connections of its own ([`Line`]), so how many there are is how many deliveries to it are under way, and nothing is
//! looked for among those of others.

mod answer;
mod connect;
mod line;

pub(crate) use connect::Sender;
pub(crate) use line::Line;

use super::address::Refused;
use bytes::Bytes;
use std::{error::Error, time::Duration};

/// What came of an attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tried {
    /// The answer's status, if there was one.
    pub status: Option<u16>,
    /// Why there was none, or none that counts.
    pub failure: Option<String>,
    /// When the endpoint wants to be asked again.
    pub retry_after: Option<Duration>,
    /// How long it took.
    pub latency: Duration,
    /// The beginning of the answer.
    pub answer: String,
}

impl Tried {
    /// One without an answer.
    pub(crate) fn failed(failure: impl ToString, latency: Duration) -> Self {
        Self { failure: Some(failure.to_string()), latency, ..Self::default() }
    }

    /// Whether it was taken: 2xx, and nothing else.
    pub(crate) fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status)) && self.failure.is_none()
    }

    /// Whether the endpoint is over.
    pub(crate) fn is_gone(&self) -> bool {
        self.status == Some(410)
    }

    /// Whether the endpoint asks for time.
    pub(crate) fn is_throttled(&self) -> bool {
        matches!(self.status, Some(429 | 502 | 503 | 504))
    }
}

/// A delivery as it goes over the wire.
pub(crate) struct Letter {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// The body.
    pub body: Bytes,
}

/// Why there was no answer, in a few words for whoever looks at the attempts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It may not be connected to.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Nobody is there, or not who should be.
    #[error("no connection: {}", shown(.0))]
    Connect(std::io::Error),
    /// It broke off.
    #[error("no whole answer: {}", shown(.0))]
    Answer(#[from] hyper::Error),
    /// It took too long.
    #[error("no answer in time")]
    Late,
}

/// Characters of a cause that are shown.
const SHOWN_MAX: usize = 200;

/// The innermost cause.
fn shown(error: &(dyn Error + 'static)) -> String {
    let innermost = std::iter::successors(Some(error), |error| Error::source(*error)).last().unwrap_or(error);
    innermost.to_string().chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests;
