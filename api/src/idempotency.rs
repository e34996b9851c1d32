//! `Idempotency-Key` (IETF draft -07): the same request twice happens once.
//!
//! The key becomes the command id, scoped by account, credential, method and path, and goes into the log with the
//! events: a repetition is recognised for as long as the log lives. The fingerprint of the body tells a repetition
//! from a new intent under an old key.

use crate::error::{ApiError, Code, Result};
use actix_web::{HttpRequest, http::header::HeaderMap};
use ring::digest;
use uuid::{Builder, Uuid};
use vitrina_domain::ids::{AccountId, CommandId};

/// The request header.
pub(crate) const HEADER: &str = "Idempotency-Key";
/// The response header of a repetition.
pub(crate) const REPLAYED: &str = "Idempotency-Replayed";
/// Longest key, in bytes: room for any id and then some, and a bound on what is hashed.
const KEY_BYTES_MAX: usize = 255;

/// Whether a request must carry a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It creates something or moves money.
    Required,
    /// Repeating it changes nothing more; without a key it gets an id of its own.
    Optional,
}

/// The id of the command that this request is.
pub(crate) fn command_id(request: &HttpRequest, need: Need, account: AccountId, credential: Uuid) -> Result<CommandId> {
    match (key(request.headers())?, need) {
        (Some(key), _) => Ok(derive(account, credential, request.method().as_str(), request.path(), &key)),
        (None, Need::Optional) => Ok(CommandId(Uuid::now_v7())),
        (None, Need::Required) => Err(ApiError::of_field(
            Code::IdempotencyKeyMissing,
            HEADER,
            "missing",
            "this request creates something: send an Idempotency-Key of your own choice, new for each intent, the same when you repeat it",
        )),
    }
}

/// The key, unquoted. A structured-field string (RFC 8941 section 3.3.3) or the bare token.
fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let invalid = |detail: &str| ApiError::of_field(Code::IdempotencyKeyInvalid, HEADER, "malformed", detail);
    let mut values = headers.get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid("send it once"));
    }
    let text = value.to_str().map_err(|_| invalid("only printable ASCII"))?.trim();
    let key = match text.strip_prefix('"') {
        Some(quoted) => unquote(quoted).ok_or_else(|| invalid("the quoted text does not end as it should"))?,
        None => text.to_owned(),
    };
    let is_printable = key.bytes().all(|b| (0x20..0x7f).contains(&b));
    if key.is_empty() || key.len() > KEY_BYTES_MAX || !is_printable {
        return Err(invalid("1 to 255 printable ASCII characters, quoted or bare"));
    }
    Ok(Some(key))
}

/// The rest of a structured-field string after its opening quote: the text up to the closing one, which must be last.
fn unquote(rest: &str) -> Option<String> {
    let mut text = String::with_capacity(rest.len());
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return chars.as_str().is_empty().then_some(text),
            '\\' => text.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => text.push(c),
        }
    }
}

fn derive(account: AccountId, credential: Uuid, method: &str, path: &str, key: &str) -> CommandId {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(account.0.as_bytes());
    hash.update(credential.as_bytes());
    for part in [method, path, key] {
        // The length before each part keeps ("a", "bc") apart from ("ab", "c").
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut id = [0; 16];
    id.copy_from_slice(&hash.finish().as_ref()[..16]);
    CommandId(Builder::from_custom_bytes(id).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{
        http::header::{HeaderName, HeaderValue},
        test::TestRequest,
    };
    use proptest::prelude::*;

    fn of(key: &str) -> Result<CommandId> {
        let request = TestRequest::post().uri("/v1/calls").insert_header((HEADER, key)).to_http_request();
        command_id(&request, Need::Required, AccountId::default(), Uuid::nil())
    }

    #[test]
    fn quoted_and_bare_are_the_same_key() {
        assert_eq!(of("abc").unwrap(), of("\"abc\"").unwrap());
        assert_eq!(of("\"a\\\"b\"").unwrap(), of("a\"b").unwrap());
        assert_ne!(of("abc").unwrap(), of("abd").unwrap());
    }

    #[test]
    fn a_key_has_1_to_255_printable_characters() {
        assert!(of(&"k".repeat(255)).is_ok());
        for bad in [String::new(), "k".repeat(256), "\"open".to_owned(), "\"a\" b".to_owned(), "\"\"".to_owned()] {
            assert_eq!(of(&bad).unwrap_err().code(), Code::IdempotencyKeyInvalid, "{bad}");
        }
    }

    #[test]
    fn a_missing_key_is_refused_only_where_it_is_required() {
        let request = TestRequest::post().to_http_request();
        let id = |need| command_id(&request, need, AccountId::default(), Uuid::nil());
        assert_eq!(id(Need::Required).unwrap_err().code(), Code::IdempotencyKeyMissing);
        assert_ne!(id(Need::Optional).unwrap(), id(Need::Optional).unwrap());
    }

    proptest! {
        #[test]
        fn no_header_from_outside_ends_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("idempotency-key"), value);
            let _ = key(&headers);
        }

        #[test]
        fn every_printable_key_reads_back_from_its_quotes(wanted in "[ -~]{1,255}") {
            let quoted = format!("\"{}\"", wanted.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assert_eq!(unquote(&quoted[1..]), Some(wanted));
        }
    }
}
