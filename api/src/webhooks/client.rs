//! One attempt: a request to an address of somebody else's, from whom anything may come. No redirect is followed, no more is read than is
//! shown, and everything has a time.

use super::address::{Guard, Lookup, Policy, Refused};
use bytes::Bytes;
use reqwest::{Client, Response, StatusCode, Url, header, redirect};
use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

/// For the whole attempt (PRODUCT.md 5.11).
const ATTEMPT_MAX: Duration = Duration::from_secs(20);
/// For the connection.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Bytes of an answer that are shown.
const SHOWN_BYTES_MAX: usize = 1_024;
/// Bytes of an answer that are read, so that its connection can be used again; with more, it is closed.
const READ_BYTES_MAX: usize = 16 * 1_024;
/// Connections that are kept for the next delivery, for each host.
const IDLE_MAX: usize = 64;
const IDLE_FOR: Duration = Duration::from_secs(60);
/// The longest time that an endpoint is believed when it asks to be left alone.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3_600);

/// What came of an attempt.
#[derive(Debug, Clone)]
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

/// Sends deliveries.
#[derive(Clone)]
pub(crate) struct Sender {
    client: Client,
    policy: Policy,
}

impl Sender {
    /// One that connects to what the policy allows.
    pub(crate) fn new(policy: Policy, lookup: Lookup) -> Result<Self, reqwest::Error> {
        // It is installed already when something else uses TLS in this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_MAX)
            .timeout(ATTEMPT_MAX)
            .pool_max_idle_per_host(IDLE_MAX)
            .pool_idle_timeout(IDLE_FOR)
            .tcp_nodelay(true)
            .user_agent(concat!("Vitrina/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Guard { policy: policy.clone(), lookup }))
            .build()?;
        Ok(Self { client, policy })
    }

    /// Refuses a URL that would never be sent to.
    pub(crate) fn check(&self, url: &str) -> Result<(), Refused> {
        self.policy.check(&url.parse().map_err(|_| Refused::NoHost)?)
    }

    /// Sends once.
    pub(crate) async fn send(&self, url: &Url, letter: Letter) -> Tried {
        let begin = Instant::now();
        let failed = |failure: String| Tried {
            status: None,
            failure: Some(failure),
            retry_after: None,
            latency: begin.elapsed(),
            answer: String::new(),
        };
        if let Err(refused) = self.policy.check(url) {
            return failed(refused.to_string());
        }
        let request = self
            .client
            .post(url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", letter.id)
            .header("webhook-timestamp", letter.timestamp)
            .header("webhook-signature", letter.signature)
            .body(letter.body);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return failed(why(&error)),
        };
        let (status, retry_after) = (response.status(), retry_after(&response));
        let read = read(response).await;
        let failure = match (&read, status) {
            (Err(error), _) => Some(why(error)),
            (Ok(_), status) if status.is_redirection() => Some("redirects are not followed".to_owned()),
            (Ok(_), _) => None,
        };
        Tried { status: Some(status.as_u16()), failure, retry_after, latency: begin.elapsed(), answer: read.unwrap_or_default() }
    }
}

/// The beginning of the answer.
async fn read(mut response: Response) -> Result<String, reqwest::Error> {
    let (mut shown, mut bytes) = (Vec::new(), 0);
    while let Some(chunk) = response.chunk().await? {
        let room = SHOWN_BYTES_MAX - shown.len();
        shown.extend_from_slice(&chunk[..chunk.len().min(room)]);
        bytes += chunk.len();
        if bytes > READ_BYTES_MAX {
            break;
        }
    }
    // A NUL is no text to a database.
    Ok(String::from_utf8_lossy(&shown).replace('\0', "\u{fffd}"))
}

/// `Retry-After` in seconds, or as a date.
fn retry_after(response: &Response) -> Option<Duration> {
    if !matches!(
        response.status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT
    ) {
        return None;
    }
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
            (at.to_utc() - chrono::Utc::now()).to_std().unwrap_or_default()
        }
    };
    Some(pause.min(RETRY_AFTER_MAX))
}

/// Why there was no answer, in a few words for whoever looks at the attempts.
fn why(error: &reqwest::Error) -> String {
    let mut cause: Option<&dyn Error> = Some(error);
    let mut innermost = error.to_string();
    while let Some(source) = cause {
        if let Some(refused) = source.downcast_ref::<Refused>() {
            return refused.to_string();
        }
        innermost = source.to_string();
        cause = source.source();
    }
    let what = match () {
        () if error.is_timeout() => return "no answer in time".to_owned(),
        () if error.is_connect() => "no connection",
        () => "no whole answer",
    };
    format!("{what}: {innermost}").chars().take(200).collect()
}
