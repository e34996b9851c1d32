//! One connection of the live protocol.

use super::Subscription;
use crate::client::{Client, Fault};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue},
};

/// A server that does not answer the handshake within this is gone.
const OPENED_WITHIN: Duration = Duration::from_secs(10);

/// An open connection.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

/// What came.
#[derive(Debug)]
pub enum Frame {
    /// A text of the protocol.
    Said(Value),
    /// The connection is gone.
    Gone,
}

impl Socket {
    /// Opens one at the server that this caller asks first.
    ///
    /// # Errors
    /// When nobody answers, or the caller is refused.
    pub async fn open(client: &Client) -> Result<Self, tungstenite::Error> {
        let opened = async {
            let address = client.address();
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut request = format!("ws://{address}/v1/live").into_client_request()?;
            let headers = request.headers_mut();
            if let Some(token) = client.token() {
                headers.insert("Authorization", HeaderValue::from_str(&format!("Bearer {token}"))?);
            }
            headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static("vitrina.v1"));
            let (stream, _) = client_async(request, stream).await?;
            Ok(Self { stream })
        };
        timeout(OPENED_WITHIN, opened).await.unwrap_or(Err(tungstenite::Error::Io(std::io::ErrorKind::TimedOut.into())))
    }

    /// Asks for a topic under an id.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn subscribe(&mut self, id: &str, subscription: Subscription) -> Result<(), tungstenite::Error> {
        let mut frame = json!({ "type": "subscribe", "id": id, "topic": subscription.topic.as_str() });
        if let Some(key) = subscription.key {
            frame["key"] = json!(key);
        }
        if let Some(after) = subscription.after {
            frame["after"] = json!(after);
        }
        self.stream.send(Message::text(frame.to_string())).await
    }

    /// The next thing that is said. Cancel-safe.
    ///
    /// # Errors
    /// When it is no text of the protocol.
    pub async fn next(&mut self) -> Result<Frame, Fault> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let said = serde_json::from_str(&text).map_err(|cause| Fault::Strange {
                        request: "a socket".to_owned(),
                        cause: cause.to_string(),
                        text: text.to_string(),
                    })?;
                    return Ok(Frame::Said(said));
                }
                // Pings are answered by the library.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Binary(_))) => return Err(Fault::Missing("a text, not a binary frame".to_owned())),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(Frame::Gone),
            }
        }
    }
}
