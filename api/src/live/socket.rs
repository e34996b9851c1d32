//! The WebSocket itself: one task that reads frames, writes what its session has to send, and keeps time.
//!
//! It holds the connection's bare socket: no buffer outlives the bytes in it, so an idle connection costs little more than
//! its state. Frames are bounded, silence is bounded, and a peer that does not read is waited for only so long.

use super::{
    protocol::{self, FRAME_BYTES_MAX, Format, Out, Said},
    session::{End, Session, Words},
};
use crate::{
    error::{ApiError, Code},
    wiring::State,
};
use actix_codec::{Decoder, Encoder};
use actix_http::ws::{CloseCode, CloseReason, Codec, Frame, Item, Message, ProtocolError};
use actix_web::{rt::net::TcpStream, web};
use bytes::BytesMut;
use chrono::Utc;
use std::time::Duration;
use tokio::{
    io::{AsyncWriteExt, Interest},
    time::{Instant, sleep_until, timeout},
};

/// Time for a client to say who it is, where the handshake did not.
const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(10);
/// Time for a peer to take some bytes.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// Time for a peer to close its side after we have closed ours.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// Bytes read at once.
const READ_BYTES: usize = 2 * 1024;
/// Close code: the credential holds no more. From the range that is free for applications.
const REVOKED: u16 = 4401;

/// How a connection ends.
enum Close {
    /// With this frame.
    With(CloseReason),
    /// The peer is gone, or takes nothing.
    Gone,
}

impl Close {
    fn because(code: CloseCode, description: &str) -> Self {
        Self::With(CloseReason { code, description: Some(description.to_owned()) })
    }
}

impl From<End> for Close {
    fn from(end: End) -> Self {
        match end {
            End::Revoked => Self::because(CloseCode::Other(REVOKED), "revoked"),
            End::TooSlow => Self::because(CloseCode::Again, "too much waits for you; connect again"),
            End::GoingAway => Self::because(CloseCode::Away, "the server goes down; connect again"),
        }
    }
}

impl From<ProtocolError> for Close {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::Overflow => Self::because(CloseCode::Size, "too long a frame"),
            _ => Self::because(CloseCode::Protocol, "no WebSocket frame"),
        }
    }
}

/// An upgraded connection.
pub(crate) struct Socket {
    stream: TcpStream,
    codec: Codec,
    read: BytesMut,
    /// A message of which some frames have come.
    partial: Option<BytesMut>,
    out: Out,
    heard_at: Instant,
    silence_max: Duration,
}

impl Socket {
    /// Over this stream, of which these bytes have been read already.
    pub(crate) fn new(stream: TcpStream, read: &[u8], ping_every: Duration) -> Self {
        // What is said is small and wanted at once. A socket that does not know the option works too.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            codec: Codec::new().max_size(FRAME_BYTES_MAX),
            // A copy, so that the buffer of the HTTP side is freed.
            read: BytesMut::from(read),
            partial: None,
            out: Out::new(Format::WebSocket),
            heard_at: Instant::now(),
            silence_max: ping_every,
        }
    }

    /// Serves the connection to its end. `token` is what the handshake brought.
    pub(crate) async fn run(mut self: Box<Self>, state: web::Data<State>, words: Words, token: Option<String>) {
        // Boxed, so that what finding out who calls takes is freed before the socket's long life.
        let close = match Box::pin(self.begin(state, words, token)).await {
            Ok(session) => self.serve(session).await,
            Err(close) => close,
        };
        if let Close::With(reason) = close {
            self.close(reason).await;
        }
    }

    /// Waits until the caller is known.
    async fn begin(&mut self, state: web::Data<State>, words: Words, token: Option<String>) -> Result<Box<Session>, Close> {
        let has_paid = token.is_some();
        let token = match token {
            Some(token) => token,
            None => match timeout(AUTHENTICATE_WITHIN, self.token(&state, &words)).await {
                Ok(token) => token?,
                Err(_) => return Err(Close::because(CloseCode::Policy, "no token came; send {\"type\":\"authenticate\"} first")),
            },
        };
        let opened = Session::open(state.clone(), words.clone(), &token).await;
        let admitted = opened.and_then(|session| if has_paid { Ok(session) } else { session.pay().map(|()| session) });
        match admitted {
            Ok(session) => {
                session.welcome(&mut self.out);
                Ok(Box::new(session))
            }
            Err(error) => {
                self.say_refused(&state, &words, &error);
                let code = if error.code() == Code::Unauthenticated { CloseCode::Other(REVOKED) } else { CloseCode::Policy };
                Err(Close::because(code, error.code().name()))
            }
        }
    }

    /// The token in the first message.
    async fn token(&mut self, state: &web::Data<State>, words: &Words) -> Result<String, Close> {
        loop {
            if let Some(text) = self.next_text()? {
                if let Ok(Said::Authenticate { token }) = protocol::parse(&text) {
                    return Ok(token);
                }
                let refusal = "say who you are first: {\"type\":\"authenticate\",\"token\":\"…\"}";
                self.say_refused(state, words, &ApiError::new(Code::Unauthenticated, refusal));
                return Err(Close::because(CloseCode::Policy, "no token came"));
            }
            self.flush().await?;
            self.stream.readable().await.map_err(|_| Close::Gone)?;
            self.read_some()?;
        }
    }

    fn say_refused(&mut self, state: &web::Data<State>, words: &Words, error: &ApiError) {
        let problem = Box::new(words.problem(state, error));
        self.out.say(&protocol::Says::Error { id: None, participant: None, asked: None, problem });
    }

    /// Reads and writes until one side ends it.
    async fn serve(&mut self, mut session: Box<Session>) -> Close {
        match self.run_session(&mut session).await {
            Ok(end) => end.into(),
            Err(close) => close,
        }
    }

    async fn run_session(&mut self, session: &mut Session) -> Result<End, Close> {
        let expires_at = session.expires_at.map(|at| Instant::now() + (at - Utc::now()).to_std().unwrap_or_default());
        let mut ping_at = Instant::now() + self.silence_max;
        loop {
            while let Some(text) = self.next_text()? {
                session.receive(protocol::parse(&text), &mut self.out);
            }
            self.flush().await?;
            let wake_at = expires_at.map_or(ping_at, |at| at.min(ping_at));
            tokio::select! {
                readable = self.stream.readable() => {
                    readable.map_err(|_| Close::Gone)?;
                    self.read_some()?;
                }
                () = session.ready() => {
                    if let Some(end) = session.fill(&mut self.out) {
                        return Ok(end);
                    }
                }
                () = sleep_until(wake_at) => {
                    let now = Instant::now();
                    if expires_at.is_some_and(|at| at <= now) {
                        return Ok(session.revoke(&mut self.out));
                    }
                    if now.duration_since(self.heard_at) > self.silence_max * 2 {
                        return Err(Close::because(CloseCode::Away, "nothing was heard for too long"));
                    }
                    self.send(Message::Ping(Default::default()))?;
                    ping_at = now + self.silence_max;
                }
            }
        }
    }

    /// The next whole text that has come; control frames are answered on the way.
    fn next_text(&mut self) -> Result<Option<BytesMut>, Close> {
        while let Some(frame) = self.codec.decode(&mut self.read)? {
            match frame {
                Frame::Text(text) if self.partial.is_none() => return Ok(Some(BytesMut::from(&text[..]))),
                Frame::Continuation(Item::FirstText(part)) => self.partial = Some(BytesMut::from(&part[..])),
                Frame::Continuation(Item::Continue(part)) => self.add(&part)?,
                Frame::Continuation(Item::Last(part)) => {
                    self.add(&part)?;
                    return Ok(self.partial.take());
                }
                Frame::Ping(data) => self.send(Message::Pong(data))?,
                Frame::Pong(_) => {}
                Frame::Close(_) => return Err(Close::because(CloseCode::Normal, "")),
                Frame::Text(_) => return Err(Close::because(CloseCode::Protocol, "a message within a message")),
                Frame::Binary(_) | Frame::Continuation(Item::FirstBinary(_)) => {
                    return Err(Close::because(CloseCode::Unsupported, "JSON texts only"));
                }
            }
        }
        if self.read.is_empty() {
            // Nothing is kept for the time until the next frame.
            self.read = BytesMut::new();
        }
        Ok(None)
    }

    fn add(&mut self, part: &[u8]) -> Result<(), Close> {
        let partial = self.partial.as_mut().ok_or_else(|| Close::because(CloseCode::Protocol, "a continuation of nothing"))?;
        if partial.len() + part.len() > FRAME_BYTES_MAX {
            return Err(Close::because(CloseCode::Size, "too long a message"));
        }
        partial.extend_from_slice(part);
        Ok(())
    }

    fn read_some(&mut self) -> Result<(), Close> {
        self.read.reserve(READ_BYTES);
        match self.stream.try_read_buf(&mut self.read) {
            Ok(0) => Err(Close::Gone),
            Ok(_) => {
                self.heard_at = Instant::now();
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(()),
            Err(_) => Err(Close::Gone),
        }
    }

    fn send(&mut self, message: Message) -> Result<(), Close> {
        self.codec.encode(message, &mut self.out.bytes).map_err(Close::from)
    }

    /// Writes what there is, and keeps no buffer.
    async fn flush(&mut self) -> Result<(), Close> {
        if self.out.bytes.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.out.bytes);
        metrics::counter!("vitrina_live_frames_total").increment(std::mem::take(&mut self.out.frames));
        let mut left = &bytes[..];
        while !left.is_empty() {
            match timeout(WRITE_WITHIN, self.stream.write(left)).await {
                Ok(Ok(written)) if written > 0 => left = &left[written..],
                _ => return Err(Close::Gone),
            }
        }
        Ok(())
    }

    /// Says goodbye, and waits a moment for the peer to do so too, since a socket that is closed with bytes unread would
    /// take back what was just sent.
    async fn close(mut self, reason: CloseReason) {
        let reason = (reason.code != CloseCode::Normal).then_some(reason);
        if self.send(Message::Close(reason)).is_err() || self.flush().await.is_err() {
            return;
        }
        let _ = self.stream.shutdown().await;
        let _ = timeout(CLOSE_WITHIN, async {
            loop {
                if self.stream.ready(Interest::READABLE).await.is_err() || self.read_some().is_err() {
                    return;
                }
                self.read.clear();
            }
        })
        .await;
    }
}
