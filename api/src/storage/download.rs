//! Answering with an object, or the part of it that was asked for (RFC 9110 section 14), as something to be saved and never
//! as something that a browser would run.

use super::{Key, Storage};
use crate::error::{ApiError, Code, Result};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, HeaderMap},
    },
};
use std::ops::Range;

/// How an object is shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Its media type.
    pub(crate) media_type: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// SHA-256 of its content; the `ETag`.
    pub(crate) sha256: String,
    /// The name that it is saved under.
    pub(crate) name: String,
}

/// What of it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Whole,
    Some(Range<u64>),
    /// It has no such part.
    Outside,
}

/// The object as this request wants it.
pub(crate) async fn download(storage: &Storage, key: &Key, shown: &Shown, request: &HttpRequest) -> Result<HttpResponse> {
    let etag = format!("\"{}\"", shown.sha256);
    if text(request.headers(), header::IF_NONE_MATCH).is_some_and(|known| known == "*" || known.split(',').any(|one| one.trim() == etag)) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish());
    }
    let (status, part) = match part(request.headers(), &etag, shown.bytes) {
        Part::Whole => (StatusCode::OK, 0..shown.bytes),
        Part::Some(part) => (StatusCode::PARTIAL_CONTENT, part),
        Part::Outside => {
            let detail = format!("a range within its {} bytes", shown.bytes);
            return Err(ApiError::of_field(Code::RangeNotSatisfiable, "Range", "out_of_range", detail));
        }
    };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_TYPE, shown.media_type.as_str()))
        .insert_header(attachment(&shown.name))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        // Bytes are counted as they are stored: nothing on the way may press them.
        .insert_header((header::CONTENT_ENCODING, "identity"));
    if status == StatusCode::PARTIAL_CONTENT {
        response.insert_header((header::CONTENT_RANGE, format!("bytes {}-{}/{}", part.start, part.end - 1, shown.bytes)));
    }
    if part.is_empty() {
        return Ok(response.finish());
    }
    let length = part.end - part.start;
    let bytes = storage.read(key, part).await.map_err(super::StorageError::problem)?;
    Ok(response.body(actix_web::body::SizedStream::new(length, bytes)))
}

fn attachment(name: &str) -> ContentDisposition {
    let plain: String = name.chars().map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ' { c } else { '_' }).collect();
    let mut parameters = vec![DispositionParam::Filename(plain.clone())];
    if plain != name {
        let value = name.as_bytes().to_vec();
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: header::Charset::Ext("UTF-8".into()),
            language_tag: None,
            value,
        }));
    }
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The one range that is asked for. Several, another unit, or one of another version are answered with the whole, as the
/// standard allows.
fn part(headers: &HeaderMap, etag: &str, bytes: u64) -> Part {
    if text(headers, header::IF_RANGE).is_some_and(|known| known != etag) {
        return Part::Whole;
    }
    let Some(range) = text(headers, header::RANGE).and_then(|range| range.strip_prefix("bytes=")) else { return Part::Whole };
    let Some((first, last)) = range.split_once('-').filter(|_| !range.contains(',')) else { return Part::Whole };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => within(first..last.saturating_add(1), bytes),
        (Ok(first), Err(_)) if last.trim().is_empty() => within(first..bytes.max(first.saturating_add(1)), bytes),
        (Err(_), Ok(0)) if first.trim().is_empty() => Part::Outside,
        (Err(_), Ok(last)) if first.trim().is_empty() => within(bytes.saturating_sub(last)..bytes, bytes),
        _ => Part::Whole,
    }
}

fn within(part: Range<u64>, bytes: u64) -> Part {
    if part.start >= bytes { Part::Outside } else { Part::Some(part.start..part.end.min(bytes)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    fn of(range: &str, bytes: u64) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(range).unwrap());
        part(&headers, "\"e\"", bytes)
    }

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        assert_eq!(of("bytes=0-", 10), Part::Some(0..10));
        assert_eq!(of("bytes=2-4", 10), Part::Some(2..5));
        assert_eq!(of("bytes=2-400", 10), Part::Some(2..10));
        assert_eq!(of("bytes=-3", 10), Part::Some(7..10));
        assert_eq!(of("bytes=-30", 10), Part::Some(0..10));
        for outside in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(of(outside, 10), Part::Outside, "{outside}");
        }
        for whole in ["bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=x-", "bytes=-"] {
            assert_eq!(of(whole, 10), Part::Whole, "{whole}");
        }
        assert_eq!(of("bytes=0-", 0), Part::Outside);
    }

    #[test]
    fn a_part_of_another_version_is_not_given() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=1-2"));
        headers.insert(HeaderName::from_static("if-range"), HeaderValue::from_static("\"other\""));
        assert_eq!(part(&headers, "\"e\"", 10), Part::Whole);
    }

    #[test]
    fn a_name_is_told_in_a_way_that_cannot_break_the_header() {
        assert_eq!(attachment("boots.png").to_string(), "attachment; filename=\"boots.png\"");
        let strange = attachment("\"; x=\u{2019}\r\né.png").to_string();
        assert!(strange.starts_with("attachment; filename=\"_; x=___") && strange.contains("filename*=UTF-8''"), "{strange}");
    }

    proptest! {
        #[test]
        fn no_range_reaches_outside(first in any::<u64>(), last in any::<u64>(), bytes in 0_u64..1_000, form in 0..3) {
            let range = match form { 0 => format!("bytes={first}-{last}"), 1 => format!("bytes={first}-"), _ => format!("bytes=-{last}") };
            if let Part::Some(part) = of(&range, bytes) {
                prop_assert!(part.start < part.end && part.end <= bytes);
            }
        }
    }
}
