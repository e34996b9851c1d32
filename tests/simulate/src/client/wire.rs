//! One connection: a request is written, an answer is read. Understands what our own server sends, which is a length and
//! then so many bytes, or a file in chunks; refuses everything else.

use super::answer::{After, Answer, Replay};
use std::{io, ops::Range, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

/// No answer takes longer; whoever waits longer asks again.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// A machine that does not take a connection for so long is gone.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
/// Headers of an answer at most.
const HEADERS_MAX: usize = 64;
/// Bytes of an answer at most: a page of two hundred calls has a tenth of this.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes read at once.
const READ_BYTES: usize = 16 * 1024;

/// A request.
#[derive(Debug)]
pub struct Request<'a> {
    pub method: &'static str,
    pub path: &'a str,
    pub host: &'a str,
    pub token: Option<&'a str>,
    pub key: Option<&'a str>,
    pub body: Option<Body<'a>>,
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    pub content_type: &'static str,
    pub text: &'a str,
}

/// A connection that is kept.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Request<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", self.method, self.path, self.host);
        let mut header = |name: &str, value: &str| {
            for part in [name, ": ", value, "\r\n"] {
                text.push_str(part);
            }
        };
        if let Some(token) = self.token {
            header("Authorization", &format!("Bearer {token}"));
        }
        if let Some(key) = self.key {
            header("Idempotency-Key", &format!("\"{key}\""));
        }
        if let Some(body) = self.body {
            header("Content-Type", body.content_type);
            header("Content-Length", &body.text.len().to_string());
        } else if self.method != "GET" {
            header("Content-Length", "0");
        }
        text.push_str("\r\n");
        text.push_str(self.body.map_or("", |body| body.text));
        text.into_bytes()
    }
}

impl Connection {
    /// A new one.
    pub async fn open(address: &str) -> io::Result<Self> {
        let stream = timeout(CONNECTED_WITHIN, TcpStream::connect(address)).await.map_err(|_| io::ErrorKind::TimedOut)??;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Sends a request and reads its answer. After an error the connection is of no use any more.
    pub async fn exchange(&mut self, request: &Request<'_>) -> io::Result<Answer> {
        let answered = async {
            self.stream.write_all(&request.bytes()).await?;
            self.read(request).await
        };
        timeout(ANSWER_WITHIN, answered).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    async fn read(&mut self, request: &Request<'_>) -> io::Result<Answer> {
        self.buffer.clear();
        let head = loop {
            self.more().await?;
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
        };
        let body = loop {
            let sent = &self.buffer[head.length..];
            let body = match head.body {
                Length::Known(length) => sent.get(..length).map(<[u8]>::to_vec),
                Length::Chunked => chunks(sent)?.map(|parts| parts.into_iter().flat_map(|part| &sent[part]).copied().collect()),
            };
            match body {
                Some(body) => break body,
                None => self.more().await?,
            }
        };
        Ok(Answer {
            request: format!("{} {}", request.method, request.path),
            status: head.status,
            body,
            arrived: Instant::now(),
            retry_after_s: head.retry_after_s,
            replayed: head.replayed,
            after: head.after,
        })
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.buffer.len() > ANSWER_BYTES_MAX {
            return Err(io::Error::other("the answer is larger than any of ours"));
        }
        self.buffer.reserve(READ_BYTES);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(usize),
    /// As long as its chunks are (RFC 9112 section 7.1).
    Chunked,
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    /// Bytes of the head itself.
    length: usize,
    status: u16,
    body: Length,
    retry_after_s: Option<u64>,
    replayed: Replay,
    after: After,
}

/// The head, once all of it is there.
fn head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(bytes).map_err(io::Error::other)? else {
        return Ok(None);
    };
    let status = response.code.unwrap_or_default();
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.and_then(|header| std::str::from_utf8(header.value).ok()).map(str::trim)
    };
    let body = match (value("content-length"), value("transfer-encoding")) {
        (Some(text), None) => Length::Known(text.parse().map_err(io::Error::other)?),
        (None, Some("chunked")) => Length::Chunked,
        (None, None) if status == 204 || status == 304 => Length::Known(0),
        _ => return Err(io::Error::other("an answer without a length")),
    };
    if matches!(body, Length::Known(length) if length > ANSWER_BYTES_MAX) {
        return Err(io::Error::other("the answer is larger than any of ours"));
    }
    let closes = value("connection").is_some_and(|text| text.eq_ignore_ascii_case("close"));
    Ok(Some(Head {
        length,
        status,
        body,
        retry_after_s: value("retry-after").and_then(|text| text.parse().ok()),
        replayed: if value("idempotency-replayed") == Some("true") { Replay::Repeated } else { Replay::First },
        after: if closes { After::Close } else { After::Keep },
    }))
}

/// Where the parts of a body in chunks are, once all of it is there.
fn chunks(bytes: &[u8]) -> io::Result<Option<Vec<Range<usize>>>> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(at..) {
        let parsed = httparse::parse_chunk_size(rest).map_err(|_| io::Error::other("a chunk without a length"))?;
        let httparse::Status::Complete((head, size)) = parsed else { break };
        let begin = at + head;
        let end = usize::try_from(size).ok().filter(|size| *size <= ANSWER_BYTES_MAX).map(|size| begin + size);
        let end = end.ok_or_else(|| io::Error::other("the answer is larger than any of ours"))?;
        match bytes.get(end..end + 2) {
            None => break,
            Some(b"\r\n") if size == 0 => return Ok(Some(parts)),
            Some(b"\r\n") => parts.push(begin..end),
            Some(_) => return Err(io::Error::other("a chunk that does not end")),
        }
        at = end + 2;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let text = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nRetry-After: 3\r\nConnection: close\r\n\r\n{}";
        let whole = text.len() - 2;
        assert_eq!(head(&text[..whole - 1]).unwrap(), None);
        let read = head(text).unwrap().unwrap();
        assert_eq!((read.length, read.status, read.body), (whole, 503, Length::Known(2)));
        assert_eq!((read.retry_after_s, read.replayed, read.after), (Some(3), Replay::First, After::Close));
    }

    #[test]
    fn an_answer_without_a_length_is_refused() {
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(head(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn a_body_in_chunks_is_read_once_its_last_one_is_there() {
        let text = b"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
        assert_eq!(chunks(&text[..text.len() - 1]).unwrap(), None);
        assert_eq!(chunks(text).unwrap(), Some(vec![3..8, 13..14]));
        assert!(chunks(b"5\r\nhello, you").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_of_a_server_upset_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = (head(&bytes), chunks(&bytes));
        }

        #[test]
        fn no_header_of_a_server_upsets_the_reader(name in "[A-Za-z-]{1,20}", value in "[ -~]{0,40}") {
            let _ = head(format!("HTTP/1.1 200 OK\r\n{name}: {value}\r\n\r\n").as_bytes());
        }
    }
}
