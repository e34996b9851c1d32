//! The connections of one endpoint: as many as there are deliveries under way, each used again.

use super::{
    Failure, Letter, Sender, Tried,
    answer::{self, Answer},
    connect::Connection,
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response,
    body::Incoming,
    header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};
use url::{Position, Url};

/// For the whole attempt (PRODUCT.md 5.11).
const ATTEMPT_MAX: Duration = Duration::from_secs(20);
/// How long a connection is kept for the next delivery.
const IDLE_FOR: Duration = Duration::from_secs(60);

/// Where an endpoint is told.
pub(crate) struct Line {
    sender: Arc<Sender>,
    url: Url,
    /// What all its requests say.
    headers: HeaderMap,
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl Line {
    /// To this address.
    pub(crate) fn new(sender: Arc<Sender>, url: Url) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        // What of a URL is no header is no host either: connecting says so.
        if let Ok(host) = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]) {
            headers.insert(HOST, host);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("Vitrina/", env!("CARGO_PKG_VERSION"))));
        Self { sender, url, headers, idle: Mutex::default() }
    }

    /// Whether it is to this address.
    pub(crate) fn leads_to(&self, url: &Url) -> bool {
        self.url == *url
    }

    /// Sends once.
    pub(crate) async fn send(&self, letter: Letter) -> Tried {
        let begun = Instant::now();
        let until = begun + ATTEMPT_MAX;
        let asked = timeout_at(until, self.ask(self.request(letter))).await.unwrap_or(Err(Failure::Late));
        let (response, connection) = match asked {
            Ok(asked) => asked,
            Err(failure) => return Tried::failed(failure, begun.elapsed()),
        };
        let (status, retry_after) = (response.status(), answer::retry_after(&response));
        let read = timeout_at(until, answer::read(response.into_body())).await.unwrap_or(Err(Failure::Late));
        let (answer, failure) = match read {
            Ok(Answer { text, is_whole }) => {
                if is_whole {
                    self.idle.lock().expect("no holder panics").push((connection, Instant::now()));
                }
                (text, status.is_redirection().then(|| "redirects are not followed".to_owned()))
            }
            Err(failure) => (String::new(), Some(failure.to_string())),
        };
        Tried { status: Some(status.as_u16()), failure, retry_after, latency: begun.elapsed(), answer }
    }

    /// Closes connections that nothing was sent on for a while.
    pub(crate) fn tidy(&self) {
        self.idle.lock().expect("no holder panics").retain(|(connection, since)| !connection.is_closed() && since.elapsed() < IDLE_FOR);
    }

    fn request(&self, letter: Letter) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(letter.body));
        *request.method_mut() = Method::POST;
        // What a URL says after its host is a target of requests.
        *request.uri_mut() = self.url[Position::BeforePath..Position::AfterQuery].parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        let value = |text: String| HeaderValue::from_maybe_shared(Bytes::from(text)).expect("ids and signatures are visible ASCII");
        headers.insert("webhook-id", value(letter.id));
        headers.insert("webhook-timestamp", letter.timestamp.into());
        headers.insert("webhook-signature", value(letter.signature));
        request
    }

    /// Asks on a connection that is there, or else on a new one.
    async fn ask(&self, mut request: Request<Full<Bytes>>) -> Result<(Response<Incoming>, Connection), Failure> {
        while let Some(mut connection) = self.kept() {
            if connection.ready().await.is_err() {
                continue;
            }
            match connection.try_send_request(request).await {
                Ok(response) => return Ok((response, connection)),
                Err(mut error) => match error.take_message() {
                    // The other side had closed it, and nothing of the request went out.
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        // It is seldom done and takes much room, which every attempt would be moved about with.
        let mut connection = Box::pin(self.sender.connect(&self.url)).await?;
        Ok((connection.send_request(request).await?, connection))
    }

    /// The connection that was used last: those that are not needed grow old.
    fn kept(&self) -> Option<Connection> {
        let (connection, since) = self.idle.lock().expect("no holder panics").pop()?;
        (since.elapsed() < IDLE_FOR).then_some(connection)
    }
}
