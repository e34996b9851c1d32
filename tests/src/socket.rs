//! A blocking client of live updates over WebSocket: what a program that follows the floor does, and a few wrong things.

use crate::walk::Visit;
use serde_json::{Value, json};
use std::{
    net::TcpStream,
    time::{Duration, Instant},
};
use tokio_tungstenite::tungstenite::{
    self, Message, WebSocket,
    client::IntoClientRequest,
    http::{HeaderName, HeaderValue},
    protocol::frame::coding::CloseCode,
};

/// Longest wait for the next frame: a test that waits for ever tells nothing.
const FRAME_WITHIN: Duration = Duration::from_secs(60);

/// One socket.
pub struct Socket {
    inner: WebSocket<TcpStream>,
}

/// What came.
#[derive(Debug, Clone, PartialEq)]
pub enum Came {
    /// A text, as JSON.
    Said(Value),
    /// The end, with its code.
    Closed(u16),
}

impl Socket {
    /// A handshake with these headers.
    ///
    /// # Errors
    /// When it is refused.
    #[allow(clippy::result_large_err, reason = "tungstenite's own error")]
    pub fn handshake(address: &str, headers: &[(&str, &str)]) -> Result<Self, tungstenite::Error> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(FRAME_WITHIN))?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{address}/v1/live").into_client_request()?;
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
            request.headers_mut().append(name, HeaderValue::from_str(value).expect("a header's value"));
        }
        match tungstenite::client(request, stream) {
            Ok((inner, _)) => Ok(Self { inner }),
            Err(tungstenite::HandshakeError::Failure(error)) => Err(error),
            Err(tungstenite::HandshakeError::Interrupted(_)) => panic!("a blocking handshake is not interrupted"),
        }
    }

    /// Connects with this token and takes the greeting.
    pub fn open(address: &str, token: &str) -> Self {
        let mut socket = Self::handshake(address, &[("Authorization", &format!("Bearer {token}"))]).expect("the handshake is taken");
        socket.next_of("welcome");
        socket
    }

    /// Sends a frame.
    pub fn say(&mut self, frame: &Value) {
        self.inner.send(Message::text(frame.to_string())).expect("the server reads");
    }

    /// Sends any message.
    pub fn send(&mut self, message: Message) {
        // The server may have closed already, which the next read tells.
        let _ = self.inner.send(message);
    }

    /// Follows something and takes the confirmation.
    pub fn follow(&mut self, id: &str, topic: &str, key: Option<&str>, after: Option<i64>) -> Value {
        let mut frame = json!({"type": "subscribe", "id": id, "topic": topic});
        if let Some(key) = key {
            frame["key"] = json!(key);
        }
        if let Some(after) = after {
            frame["after"] = json!(after);
        }
        self.say(&frame);
        self.next_of("subscribed")
    }

    /// Follows something from now on, and waits until it is live.
    pub fn follow_live(&mut self, id: &str, topic: &str, key: Option<&str>) {
        self.follow(id, topic, key, None);
        self.next_of("caught_up");
    }

    /// Follows what a visit is about.
    pub fn follow_visit(&mut self, visit: &Visit) {
        self.follow_live("call", "call", Some(&visit.call_id));
        self.follow_live("conversation", "conversation", Some(&visit.conversation_id));
    }

    /// What comes next.
    ///
    /// # Panics
    /// When nothing comes for too long.
    pub fn receive(&mut self) -> Came {
        let end = Instant::now() + FRAME_WITHIN;
        while Instant::now() < end {
            match self.inner.read() {
                Ok(Message::Text(text)) => {
                    return Came::Said(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
                }
                Ok(Message::Close(frame)) => return Came::Closed(frame.map_or(CloseCode::Status, |frame| frame.code).into()),
                Ok(_) => {}
                Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed) => {
                    return Came::Closed(CloseCode::Abnormal.into());
                }
                Err(tungstenite::Error::Io(error)) if error.kind() != std::io::ErrorKind::WouldBlock => {
                    return Came::Closed(CloseCode::Abnormal.into());
                }
                Err(tungstenite::Error::Protocol(_)) => return Came::Closed(CloseCode::Abnormal.into()),
                Err(error) => panic!("nothing came: {error}"),
            }
        }
        panic!("nothing came")
    }

    /// The next text, which must be of this type.
    #[track_caller]
    pub fn next_of(&mut self, kind: &str) -> Value {
        match self.receive() {
            Came::Said(said) if said["type"] == kind => said,
            other => panic!("expected {kind}, got {other:?}"),
        }
    }

    /// The events, and nothing else but the word that one has caught up, that come until this position, or one later, has come.
    #[track_caller]
    pub fn events_upto(&mut self, position: i64) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = match self.receive() {
                Came::Said(said) if said["type"] == "caught_up" => continue,
                Came::Said(said) if said["type"] == "event" => said,
                other => panic!("expected an event, got {other:?}"),
            };
            let at = event["position"].as_i64().expect("an event has a position");
            events.push(event);
            if at >= position {
                return events;
            }
        }
    }

    /// Whether the server still answers, said by the frames of the protocol alone.
    pub fn is_open(&mut self) -> bool {
        self.send(Message::Ping(Default::default()));
        loop {
            match self.inner.read() {
                Ok(Message::Pong(_)) => return true,
                Ok(Message::Close(_)) | Err(_) => return false,
                Ok(_) => {}
            }
        }
    }

    /// Reads to the end, and gives the code.
    pub fn closed(&mut self) -> u16 {
        loop {
            if let Came::Closed(code) = self.receive() {
                return code;
            }
        }
    }

    /// Looks that nothing comes before the answer to a ping: what was to be sent has been sent then.
    ///
    /// # Panics
    /// When something does, showing it.
    #[track_caller]
    pub fn expect_quiet(&mut self) {
        self.say(&json!({"type": "ping"}));
        self.next_of("pong");
    }
}

/// The positions of events.
pub fn positions(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| event["position"].as_i64().expect("an event has a position")).collect()
}
