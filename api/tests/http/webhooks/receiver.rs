//! Somebody who is told: a server of a few lines that answers as the test wants, and remembers what came.

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::{hmac, signature};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Longest wait for what is told; the bound is that of a test which hangs.
const WITHIN: Duration = Duration::from_secs(90);

/// What came.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    Status(u16, &'static str),
    /// Half of an answer, and the end of the connection.
    Half,
}

type Script = Arc<dyn Fn(usize, &Delivery) -> Reply + Send + Sync>;

/// A server that is told; it ends with this.
pub struct Receiver {
    pub url: String,
    came: Arc<Mutex<Vec<Delivery>>>,
    script: Arc<Mutex<Script>>,
    serving: JoinHandle<()>,
}

impl Delivery {
    pub fn id(&self) -> String {
        self.headers["webhook-id"].clone()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("bodies are JSON")
    }

    pub fn event(&self) -> String {
        self.json()["type"].as_str().expect("events have types").to_owned()
    }

    fn signed(&self) -> Vec<u8> {
        let mut signed = format!("{}.{}.", self.headers["webhook-id"], self.headers["webhook-timestamp"]).into_bytes();
        signed.extend_from_slice(&self.body);
        signed
    }

    fn signatures<'a>(&'a self, version: &'a str) -> impl Iterator<Item = Vec<u8>> + 'a {
        let all = self.headers["webhook-signature"].split(' ').filter_map(|one| one.split_once(','));
        all.filter(move |(of, _)| *of == version).map(|(_, text)| BASE64_STANDARD.decode(text).expect("signatures are base64"))
    }

    /// As a receiver with this secret would check it.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("secrets are base64");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        self.signatures("v1").any(|signature| hmac::verify(&key, &self.signed(), &signature).is_ok())
    }

    /// As a receiver with this key would check it.
    pub fn is_signed_by(&self, public_key: &str) -> bool {
        let key = BASE64_STANDARD.decode(public_key.strip_prefix("whpk_").expect("a key")).expect("keys are base64");
        let key = signature::UnparsedPublicKey::new(&signature::ED25519, key);
        self.signatures("v1a").any(|signature| key.verify(&self.signed(), &signature).is_ok())
    }
}

impl Receiver {
    /// One that takes everything.
    pub async fn start() -> Self {
        Self::scripted(|_, _| Reply::Status(204, "")).await
    }

    /// One that answers by what came, and how many before it.
    pub async fn scripted(script: impl Fn(usize, &Delivery) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("it is bound"));
        let came: Arc<Mutex<Vec<Delivery>>> = Arc::default();
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Arc::new(script)));
        let (kept, asked) = (Arc::clone(&came), Arc::clone(&script));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept), Arc::clone(&asked)));
            }
        });
        Self { url, came, script, serving }
    }

    /// From now on it answers so.
    pub fn answers(&self, script: impl Fn(usize, &Delivery) -> Reply + Send + Sync + 'static) {
        *self.script.lock().expect("no holder panics") = Arc::new(script);
    }

    /// What came so far.
    pub fn came(&self) -> Vec<Delivery> {
        self.came.lock().expect("no holder panics").clone()
    }

    /// What came once this holds of it.
    pub async fn until(&self, what: &str, holds: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
        let begun = Instant::now();
        loop {
            let came = self.came();
            if holds(&came) {
                return came;
            }
            let seen: Vec<_> = came.iter().map(|one| (one.event(), one.json()["position"].clone())).collect();
            assert!(begun.elapsed() < WITHIN, "{what}; came: {seen:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut stream: TcpStream, came: Arc<Mutex<Vec<Delivery>>>, script: Arc<Mutex<Script>>) {
    let mut bytes = Vec::new();
    loop {
        let Some(delivery) = request(&mut stream, &mut bytes).await else { return };
        let reply = {
            let script = Arc::clone(&script.lock().expect("no holder panics"));
            let mut came = came.lock().expect("no holder panics");
            let reply = script(came.len(), &delivery);
            came.push(delivery);
            reply
        };
        let answer = match reply {
            Reply::Status(status, headers) => format!("HTTP/1.1 {status} So\r\nContent-Length: 2\r\n{headers}\r\nOK"),
            Reply::Half => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it".to_owned(),
        };
        // 204 has no body.
        let answer = answer.replace("HTTP/1.1 204 So\r\nContent-Length: 2\r\n\r\nOK", "HTTP/1.1 204 So\r\n\r\n");
        if stream.write_all(answer.as_bytes()).await.is_err() || matches!(reply, Reply::Half) {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Delivery> {
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut lines = head.lines();
            let path = lines.next()?.split(' ').nth(1)?.to_owned();
            let headers: HashMap<_, _> =
                lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
            let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let body = bytes[end + 4..end + 4 + length].to_vec();
                bytes.drain(..end + 4 + length);
                return Some(Delivery { path, headers, body });
            }
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}
