//! The way to the server: kept connections, a key for every request, and repetition under the same key of whatever got no
//! answer, so that a server that dies takes nothing along and nothing happens twice.
//!
//! Hand-written HTTP/1.1 rather than a library, since this is the load generator of the benches too and shares two cores
//! with what it measures. It speaks plain HTTP to our own server only.

mod answer;
mod fault;
mod wire;

pub use answer::{Answer, Made, Written};
pub use fault::Fault;

use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;
use wire::{Body, Connection, Request};

/// How long a request is repeated before it counts as lost: longer than a killed server needs to be up again.
const REPEATED_FOR: Duration = Duration::from_secs(90);
/// The first pause between two attempts; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_millis(20);
/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_millis(500);
/// Idle connections kept to one server at most: more than people who are in the shop at once.
const IDLE_MAX: usize = 1_024;

/// An address that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no address of a server: expected http://host:port, without a path and without TLS")]
pub struct NoAddress(String);

/// What all callers share: the servers of one installation and the connections to them.
#[derive(Debug)]
pub struct Servers {
    servers: Vec<Server>,
    run: Uuid,
    next_key: AtomicU64,
    counts: Counts,
    micros: Mutex<Vec<u32>>,
}

#[derive(Debug)]
struct Server {
    /// `host:port`
    address: String,
    idle: Mutex<Vec<Connection>>,
}

/// How much was sent.
#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    repeated: AtomicU64,
    replayed: AtomicU64,
}

/// How much was sent, and how long the answers took.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// Requests, each counted once.
    pub requests: u64,
    /// Attempts beyond the first of each.
    pub repeated: u64,
    /// Answers to commands that had been carried out already.
    pub replayed: u64,
    /// From the first attempt to the answer, in microseconds, of each command.
    pub micros: Vec<u32>,
}

impl Servers {
    /// These servers.
    ///
    /// # Errors
    /// When one of the addresses is none, or there is none at all.
    pub fn new(urls: &[String]) -> Result<Arc<Self>, NoAddress> {
        let servers = urls.iter().map(|url| Server::new(url)).collect::<Result<Vec<_>, _>>()?;
        if servers.is_empty() {
            return Err(NoAddress(String::new()));
        }
        Ok(Arc::new(Self {
            servers,
            run: Uuid::now_v7(),
            next_key: AtomicU64::new(0),
            counts: Counts::default(),
            micros: Mutex::default(),
        }))
    }

    /// What tells this run from every other.
    pub fn run(&self) -> Uuid {
        self.run
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.servers.len()
    }

    /// `host:port` of one of them, by any number.
    pub fn address(&self, number: usize) -> &str {
        &self.servers[number % self.servers.len()].address
    }

    /// What was sent so far.
    pub fn traffic(&self) -> Traffic {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Traffic {
            requests: of(&self.counts.requests),
            repeated: of(&self.counts.repeated),
            replayed: of(&self.counts.replayed),
            micros: self.micros.lock().expect("nobody panics with the times in hand").clone(),
        }
    }

    fn fresh_key(&self) -> String {
        format!("{}-{}", self.run.simple(), self.next_key.fetch_add(1, Ordering::Relaxed))
    }
}

impl Server {
    fn new(url: &str) -> Result<Self, NoAddress> {
        let refused = || NoAddress(url.to_owned());
        let address = url.trim().strip_prefix("http://").ok_or_else(refused)?.trim_end_matches('/');
        let (host, port) = address.rsplit_once(':').unwrap_or((address, "80"));
        if host.is_empty() || host.contains('/') || port.parse::<u16>().is_err() {
            return Err(refused());
        }
        Ok(Self { address: format!("{host}:{port}"), idle: Mutex::default() })
    }

    async fn connection(&self) -> std::io::Result<Connection> {
        let kept = self.idle.lock().expect("nobody panics with the connections in hand").pop();
        match kept {
            Some(connection) => Ok(connection),
            None => Connection::open(&self.address).await,
        }
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().expect("nobody panics with the connections in hand");
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
    }
}

/// One caller.
#[derive(Debug, Clone)]
pub struct Client {
    servers: Arc<Servers>,
    token: Option<Arc<str>>,
    /// The server that this caller asks first.
    at: Arc<AtomicUsize>,
}

impl Client {
    /// Somebody without a token, who asks this server first.
    pub fn new(servers: &Arc<Servers>, number: usize) -> Self {
        Self { servers: servers.clone(), token: None, at: Arc::new(AtomicUsize::new(number)) }
    }

    /// The same place as somebody else.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.into()), at: Arc::new(AtomicUsize::new(self.at.load(Ordering::Relaxed))), ..self.clone() }
    }

    /// The token.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The servers.
    pub fn servers(&self) -> &Arc<Servers> {
        &self.servers
    }

    /// `host:port` of the server that is asked first now.
    pub fn address(&self) -> &str {
        self.servers.address(self.at.load(Ordering::Relaxed))
    }

    /// Next time another server first.
    pub fn turn_away(&self) {
        self.at.fetch_add(1, Ordering::Relaxed);
    }

    /// What is there.
    ///
    /// # Errors
    /// When it is refused, or no server answers.
    pub async fn get(&self, path: &str) -> Result<Value, Fault> {
        self.send("GET", path, None).await?.good()?.json()
    }

    /// Reads something that is no JSON.
    ///
    /// # Errors
    /// When it is refused, or no server answers.
    pub async fn text(&self, path: &str) -> Result<String, Fault> {
        Ok(self.send("GET", path, None).await?.good()?.text())
    }

    /// Makes something happen.
    ///
    /// # Errors
    /// When it is refused, or no server answers.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer, Fault> {
        self.send("POST", path, Some(body)).await?.good()
    }

    /// Sets something.
    ///
    /// # Errors
    /// When it is refused, or no server answers.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer, Fault> {
        self.send("PUT", path, Some(body)).await?.good()
    }

    /// Any request, repeated under one key until a server has answered it with anything but *not now*.
    ///
    /// # Errors
    /// When no server answers in time.
    pub async fn send(&self, method: &'static str, path: &str, body: Option<&Value>) -> Result<Answer, Fault> {
        let text = body.map(Value::to_string);
        self.send_text(method, path, text.as_deref().map(|text| Body { content_type: "application/json", text })).await
    }

    /// Posts an offer of media and expects a success.
    ///
    /// # Errors
    /// When it is refused, or no server answers.
    pub async fn post_sdp(&self, path: &str, sdp: &str) -> Result<Answer, Fault> {
        self.send_text("POST", path, Some(Body { content_type: "application/sdp", text: sdp })).await?.good()
    }

    async fn send_text(&self, method: &'static str, path: &str, body: Option<Body<'_>>) -> Result<Answer, Fault> {
        let key = (method != "GET").then(|| self.servers.fresh_key());
        let asked = Instant::now();
        let mut pause = PAUSE_FIRST;
        self.servers.counts.requests.fetch_add(1, Ordering::Relaxed);
        loop {
            let server = &self.servers.servers[self.at.load(Ordering::Relaxed) % self.servers.servers.len()];
            let request = Request { method, path, host: &server.address, token: self.token(), key: key.as_deref(), body };
            let attempt = self.attempt(server, &request).await;
            let late = asked.elapsed() >= REPEATED_FOR;
            match attempt {
                Ok(answer) if answer.is_final() || late => {
                    self.answered(&answer, key.is_some(), asked);
                    return Ok(answer);
                }
                Ok(answer) => pause = answer.retry_after().map_or(pause, |told| told.min(PAUSE_MAX).max(pause)),
                Err(cause) if late => return Err(Fault::Silent { request: format!("{method} {path}"), cause }),
                Err(_) => self.turn_away(),
            }
            self.servers.counts.repeated.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn attempt(&self, server: &Server, request: &Request<'_>) -> std::io::Result<Answer> {
        let mut connection = server.connection().await?;
        let answer = connection.exchange(request).await?;
        if answer.keeps_open() {
            server.keep(connection);
        }
        Ok(answer)
    }

    fn answered(&self, answer: &Answer, is_command: bool, asked: Instant) {
        if answer.is_replayed() {
            self.servers.counts.replayed.fetch_add(1, Ordering::Relaxed);
        }
        if is_command {
            let micros = u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX);
            self.servers.micros.lock().expect("nobody panics with the times in hand").push(micros);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_a_host_and_a_port() {
        assert_eq!(Server::new("http://127.0.0.1:8080/").unwrap().address, "127.0.0.1:8080");
        assert_eq!(Server::new("http://shop").unwrap().address, "shop:80");
        for nonsense in ["127.0.0.1:8080", "https://shop", "http://", "http://shop:port", "http://shop/v1"] {
            assert!(Server::new(nonsense).is_err(), "{nonsense}");
        }
    }
}
