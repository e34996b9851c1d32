//! `ETag` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1.1): the version of a stream as a strong entity tag.

use crate::error::{ApiError, Result};
use actix_web::http::header::{self, HeaderMap};

/// The version that the caller has seen, or `None` when any will do (no header, or `*`).
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse::<i64>().ok());
    version
        .filter(|v| *v >= 0)
        .map(Some)
        .ok_or_else(|| ApiError::parameter("If-Match", "malformed", "one ETag as it came in an answer, such as \"3\" in its quotes"))
}

/// The entity tag of this version.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    fn read(value: &'static str) -> Result<Option<i64>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_static(value));
        if_match(&headers)
    }

    #[test]
    fn an_etag_reads_back_and_what_is_none_is_refused() {
        assert_eq!(read("\"7\"").unwrap(), Some(7));
        assert_eq!(read("*").unwrap(), None);
        for bad in ["7", "\"x\"", "\"-1\"", "\"1\", \"2\"", "W/\"7\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_header_from_outside_ends_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, value);
            let _ = if_match(&headers);
        }

        #[test]
        fn every_version_reads_back_from_its_etag(version in 0..i64::MAX) {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, HeaderValue::from_str(&etag(version)).unwrap());
            prop_assert_eq!(if_match(&headers).unwrap(), Some(version));
        }
    }
}
