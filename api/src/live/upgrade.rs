//! Taking a connection over from HTTP: the handshake of RFC 6455, and who is let in.
//!
//! Requests that ask for a WebSocket leave the way of all others at the HTTP parser, because the buffers of an HTTP
//! connection (16 KiB) would otherwise stay with each socket for its whole life. What the middleware does for the others is
//! done here: the request's id, the quota, the problem document, the log line.

use super::{
    Seat, protocol,
    session::{Words, caller_of},
    socket::Socket,
};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Code, Context, Result},
    limits::{Payer, address_of},
    telemetry::RequestId,
    texts::Locale,
    wiring::State,
};
use actix_codec::{Encoder, Framed};
use actix_http::{
    Request, Response,
    body::{BodySize, BoxBody, MessageBody},
    h1, ws,
};
use actix_web::{
    HttpMessage,
    http::{
        Method,
        header::{self, HeaderMap},
    },
    rt::net::TcpStream,
    web,
};
use bytes::{Bytes, BytesMut};
use tokio::io::AsyncWriteExt;

/// Where live updates are.
pub(crate) const PATH: &str = "/v1/live";
/// What a subprotocol that carries a token begins with: browsers can set no header.
const BEARER: &str = "bearer.";

/// A handshake that is accepted.
struct Accepted {
    seat: Seat,
    token: Option<String>,
    response: Response<()>,
}

/// Serves one connection that wants to be a WebSocket.
pub(crate) async fn serve(state: web::Data<State>, request: Request, framed: Framed<TcpStream, h1::Codec>) {
    let words = Words {
        locale: Locale::negotiate(text(request.headers(), header::ACCEPT_LANGUAGE)),
        path: PATH,
        request_id: RequestId::of(request.headers()).as_str().into(),
    };
    let begun = handshake(&state, &request, &words).await;
    tracing::debug!(request_id = &*words.request_id, refused = begun.as_ref().err().map(|error| error.code().name()), "live connection");
    // What HTTP holds goes before the socket's long life begins.
    drop(request);
    let mut parts = framed.into_parts();
    let mut head = BytesMut::new();
    match begun {
        Ok(Accepted { seat, token, response }) => {
            encode(&mut parts.codec, response, None, &mut head);
            if parts.io.write_all(&head).await.is_ok() {
                // Boxed, so that refused requests and what led here take no room beside it.
                let socket = Box::new(Socket::new(parts.io, &parts.read_buf, state.config.live_ping));
                drop((head, parts.read_buf, parts.write_buf));
                socket.run(state, words, token).await;
            }
            drop(seat);
        }
        Err(error) => {
            let context = Context { public_url: &state.public_url, locale: words.locale, path: words.path, request_id: &words.request_id };
            let (response, body) = Response::<BoxBody>::from(error.respond(&context)).into_parts();
            let body = body.try_into_bytes().expect("a problem document is bytes, not a stream");
            encode(&mut parts.codec, response, Some(body), &mut head);
            if parts.io.write_all(&head).await.is_ok() {
                // The peer may be gone already, which is as good.
                let _ = parts.io.shutdown().await;
            }
        }
    }
}

async fn handshake(state: &State, request: &Request, words: &Words) -> Result<Accepted> {
    if request.path() != PATH {
        return Err(ApiError::new(Code::NoSuchRoute, format!("there is no WebSocket at {}; live updates are at {PATH}", request.path())));
    }
    if request.method() != Method::GET {
        return Err(ApiError::new(Code::MethodNotAllowed, "a WebSocket begins with GET").allowing("GET".to_owned()));
    }
    let offered: Vec<&str> = text(request.headers(), header::SEC_WEBSOCKET_PROTOCOL).split(',').map(str::trim).collect();
    let token = bearer(request.headers())?.or_else(|| offered.iter().find_map(|one| one.strip_prefix(BEARER)).map(str::to_owned));
    let address = address_of(request.peer_addr(), request.headers(), state.config.client_address_header.as_deref());
    let caller = match &token {
        Some(token) => caller_of(state, token).await,
        None => Ok(Caller::Nobody),
    };
    if let Some(standing) = Payer::found(&caller, address).and_then(|payer| state.limits.take(payer)) {
        standing.must_hold()?;
    }
    let seat = state.live.enter()?;
    let mut response = ws::handshake(request.head())
        .map_err(|error| ApiError::parameter("Upgrade", "no_handshake", format!("no handshake of a WebSocket: {error}")))?;
    if offered.contains(&protocol::NAME) {
        response.insert_header((header::SEC_WEBSOCKET_PROTOCOL, protocol::NAME));
    }
    response.insert_header(("x-request-id", &*words.request_id));
    Ok(Accepted { seat, token, response: response.finish().drop_body() })
}

/// Writes a whole response.
fn encode(codec: &mut h1::Codec, response: Response<()>, body: Option<Bytes>, bytes: &mut BytesMut) {
    let size = body.as_ref().map_or(BodySize::None, |body| BodySize::Sized(body.len() as u64));
    let head = codec.encode(h1::Message::Item((response, size)), bytes);
    let body = body.map(|body| codec.encode(h1::Message::Chunk(Some(body)), bytes));
    if let Err(error) = head.and(body.unwrap_or(Ok(()))) {
        tracing::warn!(%error, "the answer to a handshake cannot be written");
    }
}

/// The token of the header `Authorization`.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) => Ok(Some(token.trim().to_owned())),
        None => Err(ApiError::new(Code::Unauthenticated, "send the token as Authorization: Bearer <token>")),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
