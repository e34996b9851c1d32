//! Bodies of requests: JSON, of a bounded size, with no unknown field, and a fingerprint of the bytes.
//!
//! A shape that does not fit becomes a problem that names the field by its JSON pointer.

use crate::error::{ApiError, Code, FieldError, Result};
use actix_web::{HttpRequest, http::header};
use ring::digest;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

/// Bytes of a fingerprint; enough that two bodies of one key never share it by chance.
const FINGERPRINT_BYTES: usize = 16;

/// The fingerprint of these bytes.
pub(crate) fn fingerprint(bytes: &[u8]) -> [u8; FINGERPRINT_BYTES] {
    let mut short = [0; FINGERPRINT_BYTES];
    short.copy_from_slice(&digest::digest(&digest::SHA256, bytes).as_ref()[..FINGERPRINT_BYTES]);
    short
}

fn check_content_type(request: &HttpRequest) -> Result<()> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::new(Code::UnsupportedMediaType, format!("the body came as {given:?}; send it as Content-Type: application/json")))
}

/// The problem of a body that could not be read to its end.
pub(crate) fn unreadable(error: &actix_web::Error) -> ApiError {
    use actix_web::error::PayloadError;
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => too_large("body_bytes_max"),
        _ if error.as_response_error().status_code().as_u16() == 413 => too_large("body_bytes_max"),
        _ => ApiError::new(Code::MalformedJson, "the body broke off before its end"),
    }
}

/// The problem of a body beyond this option.
pub(crate) fn too_large(option: &str) -> ApiError {
    ApiError::new(Code::BodyTooLarge, format!("the body is larger than the limit {option} of this server"))
}

/// What the body of this request says. No body at all counts as `{}`.
pub(crate) fn parse<T: DeserializeOwned>(request: &HttpRequest, bytes: &[u8]) -> Result<T> {
    if bytes.is_empty() {
        return from_json(b"{}");
    }
    check_content_type(request)?;
    from_json(bytes)
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|e| misshapen(&e))?;
    json.end().map_err(|e| ApiError::new(Code::MalformedJson, format!("after the end of the JSON value: {e}")))?;
    Ok(value)
}

fn misshapen(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let cause = error.inner();
    if !cause.is_data() {
        return ApiError::new(Code::MalformedJson, format!("the body is not JSON: {cause}"));
    }
    let FieldError { pointer, code, detail } = describe(&cause.to_string(), pointer(error.path()));
    ApiError::of_field(Code::InvalidBody, pointer, code, detail)
}

/// The path as an RFC 6901 pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter().fold(String::new(), |mut pointer, segment| {
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } | Segment::Enum { variant: key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Unknown => return pointer,
        };
        pointer.push('/');
        pointer.push_str(&name);
        pointer
    })
}

/// What serde says, as a field error. Serde names an unknown or missing field in its text only.
pub(crate) fn describe(text: &str, mut pointer: String) -> FieldError {
    let text = text.split(" at line ").next().unwrap_or(text);
    let named = || text.split('`').nth(1).unwrap_or_default().to_owned();
    let code = if text.starts_with("unknown field") {
        // The path leads to the unknown field itself.
        let name = named();
        if !pointer.ends_with(&format!("/{name}")) {
            pointer = format!("{pointer}/{name}");
        }
        "unknown_field"
    } else if text.starts_with("missing field") {
        pointer = format!("{pointer}/{}", named());
        "missing"
    } else if text.starts_with("unknown variant") {
        "unknown_value"
    } else if text.starts_with("invalid type") {
        "wrong_type"
    } else if text.starts_with("duplicate field") {
        let name = named();
        if !pointer.ends_with(&format!("/{name}")) {
            pointer = format!("{pointer}/{name}");
        }
        return FieldError { pointer, code: "duplicate".to_owned(), detail: "given more than once; give it once".to_owned() };
    } else {
        "invalid"
    };
    FieldError { pointer, code: code.to_owned(), detail: expected(text).unwrap_or_else(|| text.to_owned()) }
}

/// What would have been accepted, where libraries only say what their parser met.
fn expected(text: &str) -> Option<String> {
    let told = match text {
        "invalid digit found in string" | "cannot parse integer from empty string" | "number too small to fit in target type" => {
            "expected a whole number, 0 or more, in digits"
        }
        "number too large to fit in target type" => "expected a smaller number",
        "provided string was not `true` or `false`" => "expected true or false",
        // Of dates and times, in the words of their parser.
        "premature end of input"
        | "input contains invalid characters"
        | "trailing input"
        | "input is out of range"
        | "no possible date and time matching input"
        | "input is not enough for unique date and time" => {
            "expected an instant as in 2026-03-29T09:00:00Z, with its zone; where a day is asked for 2026-03-29, where a time of day 09:00:00"
        }
        _ => return integer(text),
    };
    Some(told.to_owned())
}

/// The same of a number beyond its type: ``invalid value: integer `-1`, expected u8``.
fn integer(text: &str) -> Option<String> {
    let (number, kind) = text.strip_prefix("invalid value: integer `")?.split_once("`, expected ")?;
    let is_natural = matches!(kind, "u8" | "u16" | "u32" | "u64" | "usize");
    let told = if is_natural && number.starts_with('-') { "expected a whole number, 0 or more" } else { "expected a smaller number" };
    Some(format!("{told}, not {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[allow(dead_code)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[allow(dead_code)]
        number: u8,
    }

    fn refused(json: &str) -> String {
        from_json::<Outer>(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_field_that_does_not_fit_is_named_by_its_pointer() {
        assert!(refused(r#"{"inner":[{"number":1},{"number":"x"}]}"#).starts_with("invalid_body: /inner/1/number: invalid type"));
        assert!(refused(r#"{"inner":[{"number":1,"more":2}]}"#).starts_with("invalid_body: /inner/0/more: unknown field"));
        assert!(refused(r#"{"inner":[{}]}"#).starts_with("invalid_body: /inner/0/number: missing field"));
        assert!(refused(r#"{"inner":[{"number":-1}]}"#).ends_with("/inner/0/number: expected a whole number, 0 or more, not -1"));
        assert!(refused(r#"{"inner":[{"number":256}]}"#).ends_with("/inner/0/number: expected a smaller number, not 256"));
        assert!(refused(r#"{"inner":[],"inner":[]}"#).starts_with("invalid_body: /inner: given more than once"));
        assert!(refused("{}").starts_with("invalid_body: /inner: missing field"));
        assert!(refused(r#"{"inner":"#).starts_with("malformed_json"));
        assert!(refused(r#"{"inner":[]} x"#).starts_with("malformed_json"));
    }

    proptest! {
        #[test]
        fn no_bytes_from_outside_end_in_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_json::<Outer>(&bytes);
        }

        #[test]
        fn no_text_of_serde_upsets_the_description(text in any::<String>(), pointer in "(/[a-z~]{1,8}){0,3}") {
            let _ = describe(&text, pointer);
        }

        #[test]
        fn whatever_is_refused_names_a_kind_that_is_no_fault_of_ours(name in "[a-z/~`]{1,12}", number in any::<i64>()) {
            let json = serde_json::json!({"inner": [{name.as_str(): number}]});
            if let Err(error) = from_json::<Outer>(json.to_string().as_bytes()) {
                prop_assert_eq!(error.code(), Code::InvalidBody);
            }
        }
    }
}
