//! As much HTTP/1.1 as a bench needs on loopback: one request a connection.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

/// Bytes of a body at most.
const BODY_MAX: usize = 1 << 20;

/// A request or an answer.
#[derive(Debug, Clone)]
pub struct Message {
    /// The first line's words.
    pub first: Vec<String>,
    /// The body.
    pub body: String,
}

/// Reads one.
///
/// # Errors
/// When the other side sends something else.
pub fn read(stream: &TcpStream) -> io::Result<Message> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let first = line.split_whitespace().map(str::to_owned).collect();
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(("content-length", value)) = line.to_ascii_lowercase().split_once(':').map(|(name, value)| (name, value.trim())) {
            length = value.parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; usize::min(length, BODY_MAX)];
    reader.read_exact(&mut body)?;
    Ok(Message { first, body: String::from_utf8_lossy(&body).into_owned() })
}

/// Writes an answer.
///
/// # Errors
/// When the other side is gone.
pub fn answer(mut stream: &TcpStream, status: &str, kind: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// Asks something; the answer's body when its status is a good one.
///
/// # Errors
/// When there is none.
pub fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let message = read(&stream)?;
    match message.first.get(1).map(String::as_str) {
        Some("200" | "201") => Ok(message.body),
        status => Err(io::Error::other(format!("{method} {path}: {status:?} {}", message.body))),
    }
}
