//! A receiver of webhooks that costs little: takes every request, counts, and notes when each event came and under which ids.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";
/// Longest wait for what is told.
const WITHIN: Duration = Duration::from_secs(600);
/// Bodies that are kept for the bare client.
const BODIES_MAX: usize = 64;

/// What came.
#[derive(Default)]
pub struct Came {
    count: AtomicU64,
    arrivals: Mutex<HashMap<i64, (Instant, BTreeSet<String>)>>,
    bodies: Mutex<Vec<Vec<u8>>>,
}

/// A receiver on a runtime of its own.
pub struct Receiver {
    /// Where it runs.
    pub runtime: Runtime,
    /// What came.
    pub came: Arc<Came>,
    address: SocketAddr,
}

impl Receiver {
    /// One on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let (address, came) = (listener.local_addr().expect("it is bound"), Arc::<Came>::default());
        let kept = Arc::clone(&came);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept)));
            }
        });
        Self { runtime, came, address }
    }

    /// Where it is told.
    pub fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    /// Seconds from the first of so many more to the last: when it is begun is not what is measured.
    ///
    /// # Panics
    /// When they do not come.
    pub fn seconds_of(&self, before: u64, more: u64) -> f64 {
        let asked = Instant::now();
        let wait = |until: u64| {
            while self.came.count() < until {
                assert!(asked.elapsed() < WITHIN, "{} of {more} came", self.came.count() - before);
                std::thread::sleep(Duration::from_millis(1));
            }
            Instant::now()
        };
        let first = wait(before + 1);
        (wait(before + more) - first).as_secs_f64()
    }
}

impl Came {
    /// How many requests came.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The first bodies that came.
    pub fn bodies(&self) -> Vec<Vec<u8>> {
        self.bodies.lock().expect("no holder panics").clone()
    }

    /// When the event of this position came.
    pub fn at(&self, position: i64) -> Option<Instant> {
        self.arrivals.lock().expect("no holder panics").get(&position).map(|(at, _)| *at)
    }

    /// The ids under which the events of the positions came.
    pub fn ids(&self) -> BTreeMap<i64, BTreeSet<String>> {
        self.arrivals.lock().expect("no holder panics").iter().map(|(position, (_, ids))| (*position, ids.clone())).collect()
    }

    fn note(&self, id: &str, body: &[u8]) {
        let text = String::from_utf8_lossy(body);
        let number = text.split_once(r#""position":"#).map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
        if let Some(position) = number.and_then(|digits| digits.parse().ok()) {
            let mut arrivals = self.arrivals.lock().expect("no holder panics");
            arrivals.entry(position).or_insert_with(|| (Instant::now(), BTreeSet::new())).1.insert(id.to_owned());
        }
        let mut bodies = self.bodies.lock().expect("no holder panics");
        if bodies.len() < BODIES_MAX {
            bodies.push(body.to_vec());
        }
        drop(bodies);
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}

async fn serve(mut stream: TcpStream, came: Arc<Came>) {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|n| n.parse().ok()).unwrap_or(0);
            let whole = end + 4 + length;
            if bytes.len() >= whole {
                let id = head.lines().find_map(|line| line.strip_prefix("webhook-id: ")).unwrap_or_default();
                came.note(id, &bytes[end + 4..whole]);
                bytes.drain(..whole);
                if stream.write_all(TAKEN).await.is_err() {
                    return;
                }
                continue;
            }
        }
        if !stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
            return;
        }
    }
}
