//! As much HTTP as a bench needs on loopback: one request a connection.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

/// Bytes of a body at most.
const BODY_MAX: u64 = 1 << 20;

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
    let first: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    let mut length = None;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(("content-length", value)) = line.to_ascii_lowercase().split_once(':').map(|(name, value)| (name, value.trim())) {
            length = value.parse().ok();
        }
    }
    let is_answer = first.first().is_some_and(|word| word.starts_with("HTTP/"));
    let mut body = Vec::new();
    match length {
        Some(length) => reader.take(BODY_MAX.min(length)).read_to_end(&mut body)?,
        // An answer without a length ends with the connection; a request without one has no body.
        None if is_answer => reader.take(BODY_MAX).read_to_end(&mut body)?,
        None => 0,
    };
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
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let message = read(&stream)?;
    match message.first.get(1).map(String::as_str) {
        Some("200" | "201") => Ok(message.body),
        status => Err(io::Error::other(format!("{method} {path}: {status:?} {}", message.body))),
    }
}
