//! The real server in process, on SQLite in a folder of its own, and a client that speaks just enough HTTP.

use serde_json::{Value, json};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use vitrina_api::{Config, Server};

/// Longest wait for a server that is started again.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
/// Pause between two attempts.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The owner's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running server; its folder goes with it.
pub struct TestApp {
    server: Option<Server>,
    operator: String,
    folder: PathBuf,
    address: std::net::SocketAddr,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// A request that is being put together.
pub struct Request {
    address: std::net::SocketAddr,
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// A customer's call.
pub struct Visit {
    pub call: String,
    pub conversation: String,
    pub customer: String,
    pub token: String,
    pub position: i64,
}

fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn variables(folder: &std::path::Path, options: &[(&str, &str)]) -> Vec<(String, String)> {
    let data = folder.display().to_string();
    let own = [
        ("VITRINA_LISTEN", "127.0.0.1:0"),
        ("VITRINA_MEDIA_LISTEN", "127.0.0.1:0"),
        ("VITRINA_DATA_DIR", &*data),
        ("VITRINA_FIRST_PASSWORD", PASSWORD),
        ("VITRINA_WORKERS", "1"),
    ];
    own.iter().chain(options).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl TestApp {
    /// A server at its first start.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with options.
    pub async fn start_with(options: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("vitrina-api-{}-{}", std::process::id(), next()));
        let config = Config::load(None, variables(&folder, options)).expect("the options are good");
        let server = vitrina_api::build(config.clone()).await.expect("the server starts");
        let operator = vitrina_api::house::operator_token(&config).expect("the server has made the key");
        Self { operator, address: server.address(), server: Some(server), folder }
    }

    pub fn request(&self, method: &'static str, path: &str) -> Request {
        Request { address: self.address, method, path: path.to_owned(), headers: Vec::new(), body: None }
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.request("GET", path).bearer(token).send().await
    }

    /// A command with a new key.
    pub async fn ask(&self, method: &'static str, path: &str, token: &str, body: Value) -> Answer {
        self.request(method, path).bearer(token).key(&format!("key-{}", next())).json(&body).send().await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> String {
        self.ask("POST", "/v1/sessions", "", json!({"email": email, "password": password})).await.expect(201).text("token")
    }

    /// The token of who runs the server.
    pub fn operator(&self) -> String {
        self.operator.clone()
    }

    pub async fn owner(&self) -> String {
        self.sign_in("owner@example.com", PASSWORD).await
    }

    /// A shopper's id and token.
    pub async fn shopper(&self, owner: &str, name: &str) -> (String, String) {
        let email = format!("{name}@example.com");
        let body = json!({"name": name, "email": email, "password": PASSWORD});
        let id = self.ask("POST", "/v1/shoppers", owner, body).await.expect(201).text("id");
        (id, self.sign_in(&email, PASSWORD).await)
    }

    /// A customer asks for a call.
    pub async fn visit(&self) -> Visit {
        let made = self.ask("POST", "/v1/calls", "", json!({"customer": {"name": "Ana"}})).await.expect(201);
        Visit {
            call: made.text("id"),
            conversation: made.text("conversation_id"),
            customer: made.text("customer_id"),
            token: made.text("customer_token"),
            position: made.number("position"),
        }
    }

    /// Stops the server; [`Self::restart`] starts another one on what is in its folder then.
    pub async fn halt(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }

    /// Where its data is.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Stops the server and starts another one on the same folder.
    pub async fn restart(self) -> Self {
        self.restart_with(&[]).await
    }

    /// The same, with options.
    pub async fn restart_with(mut self, options: &[(&str, &str)]) -> Self {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
        let variables = variables(&self.folder, options);
        let config = Config::load(None, variables).expect("the options are good");
        let begun = Instant::now();
        // The former one was in this process: its last threads may hold the databases for a moment longer.
        let server = loop {
            match vitrina_api::build(config.clone()).await {
                Ok(server) => break server,
                Err(error) => assert!(begun.elapsed() < STARTS_WITHIN, "the server does not start: {error:?}"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        };
        (self.address, self.server) = (server.address(), Some(server));
        self
    }

    /// How many objects are in the storage.
    pub fn stored(&self) -> usize {
        fn files(folder: &std::path::Path) -> usize {
            let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
            entries.flatten().map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
        }
        files(&self.folder.join("objects"))
    }

    pub async fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Request {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        if token.is_empty() { self } else { self.header("Authorization", &format!("Bearer {token}")) }
    }

    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(&body.to_string())
    }

    pub fn body(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    pub async fn send(self) -> Answer {
        let mut stream = self.begin().await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.expect("the server answers");
        Answer::parse(&bytes)
    }

    /// Sends it and reads nothing of the answer.
    pub async fn begin(self) -> TcpStream {
        let body = self.body.unwrap_or_default();
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n", self.method, self.path, body.len());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(self.address).await.expect("the server listens");
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.expect("the server reads");
        stream
    }
}

/// A body without its chunks' frames; one that breaks off fails the test.
fn whole(mut chunked: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunked.windows(2).position(|two| two == b"\r\n").expect("a chunk begins with its length");
        let digits = std::str::from_utf8(&chunked[..end]).expect("a length is digits");
        let length = usize::from_str_radix(digits, 16).expect("digits are hexadecimal");
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&chunked[end + 2..end + 2 + length]);
        chunked = &chunked[end + 2 + length + 2..];
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status");
        let headers: HashMap<_, _> =
            lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
        let body = &bytes[end + 4..];
        let is_chunked = headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked");
        // What answers a HEAD has none.
        let body = if is_chunked && !body.is_empty() { whole(body) } else { body.to_vec() };
        Self { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// The code of the problem that this must be.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let json = self.json();
        for member in ["type", "title", "detail", "instance", "request_id"] {
            assert!(json[member].is_string(), "no {member}: {json}");
        }
        assert_eq!(json["status"], status);
        self.text("code")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    #[track_caller]
    /// Without what says of which position it is.
    pub fn timeless(&self) -> Value {
        let mut answer = self.json();
        forget_positions(&mut answer);
        answer
    }

    pub fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_else(|| panic!("no {member}: {}", self.body)).to_owned()
    }

    #[track_caller]
    pub fn number(&self, member: &str) -> i64 {
        self.json()[member].as_i64().unwrap_or_else(|| panic!("no {member}: {}", self.body))
    }

    /// The pointer of the first field that a problem names.
    #[track_caller]
    pub fn pointer(&self) -> String {
        self.json()["errors"][0]["pointer"].as_str().unwrap_or_else(|| panic!("names no field: {}", self.body)).to_owned()
    }
}

fn forget_positions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // Where facts are listed says at which position.
            members.retain(|name, _| name != "position" && name != "facts");
            members.values_mut().for_each(forget_positions);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_positions),
        _ => {}
    }
}
