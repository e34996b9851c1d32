//! The id of a request: the caller's own (`X-Request-Id`) or a new one. It is in the answer, in every log line and, as
//! correlation id, in every event that the request leads to.

use crate::body::fingerprint;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::{Builder, Uuid};
use vitrina_domain::ids::CorrelationId;

/// The header, in requests and answers.
pub(super) const NAME: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over; a longer one is replaced.
const ID_BYTES_MAX: usize = 128;

/// A request's id: printable ASCII.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's id if it is usable, else a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let is_usable =
            |value: &&HeaderValue| (1..=ID_BYTES_MAX).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
        let given = headers.get(NAME).filter(is_usable).cloned();
        Self(given.unwrap_or_else(|| HeaderValue::from_str(&Uuid::now_v7().to_string()).expect("a UUID is printable ASCII")))
    }

    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// As the events carry it: itself when it is a UUID, else a UUID that is always the same for it.
    pub(crate) fn correlation_id(&self) -> CorrelationId {
        let text = self.as_str();
        let derived = || Builder::from_custom_bytes(fingerprint(text.as_bytes())).into_uuid();
        CorrelationId(Uuid::parse_str(text).unwrap_or_else(|_| derived()))
    }
}
