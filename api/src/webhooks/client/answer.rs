//! What an endpoint answers: its beginning, and when it wants to be asked again.

use super::Failure;
use http_body_util::BodyExt;
use hyper::{Response, StatusCode, body::Incoming, header::RETRY_AFTER};
use std::time::Duration;

/// Bytes of an answer that are shown.
const SHOWN_BYTES_MAX: usize = 1_024;
/// Bytes of an answer that are read, so that its connection can be used again; with more, it is closed.
const READ_BYTES_MAX: usize = 16 * 1_024;
/// The longest time that an endpoint is believed when it asks to be left alone.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3_600);

/// What was read of an answer.
pub(super) struct Answer {
    /// Its beginning.
    pub text: String,
    /// Whether it was read to its end, so that the connection is free.
    pub is_whole: bool,
}

/// Reads the beginning of an answer.
pub(super) async fn read(mut body: Incoming) -> Result<Answer, Failure> {
    let (mut shown, mut bytes) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame?.into_data() else { continue };
        let room = SHOWN_BYTES_MAX - shown.len();
        shown.extend_from_slice(&chunk[..chunk.len().min(room)]);
        bytes += chunk.len();
        if bytes > READ_BYTES_MAX {
            break;
        }
    }
    // A NUL is no text to a database.
    let text = String::from_utf8_lossy(&shown).replace('\0', "\u{fffd}");
    Ok(Answer { text, is_whole: bytes <= READ_BYTES_MAX })
}

/// `Retry-After` in seconds, or as a date.
pub(super) fn retry_after(response: &Response<Incoming>) -> Option<Duration> {
    if !matches!(
        response.status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT
    ) {
        return None;
    }
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
            (at.to_utc() - chrono::Utc::now()).to_std().unwrap_or_default()
        }
    };
    Some(pause.min(RETRY_AFTER_MAX))
}
