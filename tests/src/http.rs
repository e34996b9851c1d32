//! A small blocking HTTP/1.1 client over one kept connection. Knows what our own server sends: a length or chunks.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// No answer of the server may take longer; a test that waits for ever tells nothing.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// 200, 404, …
    pub status: u16,
    /// In the order sent, names in lower case.
    pub headers: Vec<(String, String)>,
    /// As sent.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Itself, when the status is as expected.
    ///
    /// # Panics
    /// When it is not, showing the answer.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The problem document's `code`, when the status is as expected.
    ///
    /// # Panics
    /// When the status is another or the body is no problem document.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        let kind = self.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/problem+json"), "{kind}: {}", self.text());
        let problem = self.json();
        for member in ["type", "title", "status", "detail", "instance", "request_id"] {
            assert!(!problem[member].is_null(), "a problem without `{member}`: {problem}");
        }
        problem["code"].as_str().unwrap_or_else(|| panic!("a problem without `code`: {problem}")).to_owned()
    }
}

/// One caller: an address, a token, a connection that is kept.
#[derive(Debug)]
pub struct Client {
    address: String,
    token: Option<String>,
    connection: Option<BufReader<TcpStream>>,
    next_key: u32,
}

impl Client {
    /// A caller without a token.
    pub fn new(address: &str) -> Self {
        Self { address: address.into(), token: None, connection: None, next_key: 0 }
    }

    /// The same address as somebody else.
    pub fn with_token(&self, token: &str) -> Self {
        Self { address: self.address.clone(), token: Some(token.into()), connection: None, next_key: 0 }
    }

    /// Whom it asks.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The caller's token.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same caller at another address.
    pub fn moved_to(&self, address: &str) -> Self {
        Self { address: address.into(), token: self.token.clone(), connection: None, next_key: 0 }
    }

    /// `GET`.
    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// A command with a fresh `Idempotency-Key`.
    pub fn post(&mut self, path: &str, body: &Value) -> Answer {
        let key = self.fresh_key();
        self.send("POST", path, &[("Idempotency-Key", &key)], Some(body.to_string().as_bytes()))
    }

    /// `PUT`.
    pub fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[], Some(body.to_string().as_bytes()))
    }

    /// `PATCH`.
    pub fn patch(&mut self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[], Some(body.to_string().as_bytes()))
    }

    /// `DELETE`.
    pub fn delete(&mut self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    /// A key that no other request of this run has.
    pub fn fresh_key(&mut self) -> String {
        self.next_key += 1;
        format!("\"{}-{}\"", uuid::Uuid::now_v7(), self.next_key)
    }

    /// Any request. `Content-Type: application/json` goes with a body unless `headers` say another.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Any request, or why there was no answer.
    pub fn try_send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> std::io::Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if let Some(token) = &self.token {
            request.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if body.is_some() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request.push_str("Content-Type: application/json\r\n");
        }
        if body.is_some() || matches!(method, "POST" | "PUT" | "PATCH") {
            request.push_str(&format!("Content-Length: {}\r\n", body.map_or(0, <[u8]>::len)));
        }
        request.push_str("\r\n");
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body.unwrap_or_default());

        // A kept connection may have been closed meanwhile; then nothing came back and a new one is tried, once.
        if let Some(mut connection) = self.connection.take()
            && connection.get_mut().write_all(&bytes).is_ok()
            && let Ok(answer) = read_answer(&mut connection)
        {
            self.keep(connection, &answer);
            return Ok(answer);
        }
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let mut connection = BufReader::new(stream);
        connection.get_mut().write_all(&bytes)?;
        let answer = read_answer(&mut connection)?;
        self.keep(connection, &answer);
        Ok(answer)
    }

    fn keep(&mut self, connection: BufReader<TcpStream>, answer: &Answer) {
        if answer.header("connection").is_none_or(|value| !value.eq_ignore_ascii_case("close")) {
            self.connection = Some(connection);
        }
    }
}

fn read_answer(connection: &mut BufReader<TcpStream>) -> std::io::Result<Answer> {
    let first = read_line(connection)?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| std::io::Error::other(first))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(connection)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| std::io::Error::other(line.clone()))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if let Some(length) = answer.header("content-length").and_then(|length| length.parse().ok()) {
        answer.body = vec![0; length];
        connection.read_exact(&mut answer.body)?;
    } else if answer.header("transfer-encoding").is_some_and(|encoding| encoding.contains("chunked")) {
        loop {
            let line = read_line(connection)?;
            let length = usize::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
            let mut chunk = vec![0; length];
            connection.read_exact(&mut chunk)?;
            read_line(connection)?;
            if length == 0 {
                break;
            }
            answer.body.extend_from_slice(&chunk);
        }
    }
    Ok(answer)
}

fn read_line(connection: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
