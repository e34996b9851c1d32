//! `live`: 2,000 sockets on one account, each following one of 20 conversations, so that 100 want each message; 200
//! messages/s. Time from the acknowledged command to the last socket that has it, p50 against 5 ms and p99 against 50 ms;
//! and what an idle socket adds to the server's memory, against 15 KiB (Odoo 19: 40 KiB; p50 50 ms and p99 74 ms with one
//! client and one listener).
//!
//! The sockets' other ends run in this process, on the same machine: what they take is in the figures too.

use crate::{
    bench::{Scene, Size, measure::Figure, served::Served},
    engine::Engine,
    http::Client,
    walk::{self, Visit},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

/// Milliseconds that half of the messages may take.
const P50_LIMIT_MS: f64 = 5.0;
/// Milliseconds that all but one in a hundred may take.
const P99_LIMIT_MS: f64 = 50.0;
/// What an idle socket may take.
const MEMORY_LIMIT_KIB: f64 = 15.0;
/// Threads that send; each has some of the conversations.
const SENDERS: usize = 4;
/// Messages each second, over all conversations.
const RATE: usize = 200;
/// Longest wait for the last frames.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);
/// Handshakes at once.
const OPENING_MAX: usize = 64;

/// When the last socket had the event at each position, and how many had it by then.
type Arrivals = Arc<Mutex<HashMap<i64, (usize, Instant)>>>;

/// Runs it and prints three lines.
pub fn run(engine: Engine, size: Size) {
    let (conversations, readers, length) = size.pick((20, 100, Duration::from_secs(20)), (4, 5, Duration::from_secs(1)));
    let scene = Scene::new(engine);
    let place = scene.place("live");
    let served = Served::start(&place);
    let visits: Vec<Visit> = (0..conversations).map(|_| served.visit()).collect();
    let (address, token) = (served.address().to_owned(), served.owner_token());

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let arrivals = Arrivals::default();
    let before = resident_kib(served.pid());
    let sockets = runtime.block_on(open_all(&address, &token, &visits, readers));
    let idle_kib = (resident_kib(served.pid()) - before) / sockets.len() as f64;
    eprintln!("  {} sockets, {idle_kib:.1} KiB each", sockets.len());

    let (acknowledged, acks) = mpsc::channel();
    let senders: Vec<_> = (0..SENDERS)
        .map(|at| {
            let mine: Vec<_> = visits.iter().skip(at).step_by(SENDERS).map(|visit| (visit.messages(), visit.token.clone())).collect();
            let (address, acknowledged) = (address.clone(), acknowledged.clone());
            std::thread::spawn(move || send(&address, &mine, length, &acknowledged))
        })
        .collect();
    drop(acknowledged);
    let received = Arc::clone(&arrivals);
    runtime.block_on(async move {
        sockets.into_iter().for_each(|socket| drop(tokio::spawn(read(socket, Arc::clone(&received)))));
        tokio::time::sleep(length).await;
    });
    let acks: Vec<(i64, Instant)> = acks.into_iter().collect();
    let end = Instant::now() + DRAIN_WITHIN;
    let is_complete = |arrivals: &Arrivals| {
        let arrivals = arrivals.lock().expect("no holder panics");
        acks.iter().all(|(position, _)| arrivals.get(position).is_some_and(|(count, _)| *count == readers))
    };
    runtime.block_on(async {
        while !is_complete(&arrivals) && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(is_complete(&arrivals), "not every socket got every message once");
    senders.into_iter().for_each(|sender| sender.join().expect("a sender does not panic"));

    let arrivals = arrivals.lock().expect("no holder panics");
    let mut took: Vec<f64> = acks
        .iter()
        .map(|(position, acknowledged)| arrivals[position].1.saturating_duration_since(*acknowledged).as_secs_f64() * 1000.0)
        .collect();
    took.sort_by(f64::total_cmp);
    let percentile = |share: f64| took[((took.len() - 1) as f64 * share).round() as usize];
    eprintln!("  {} messages to {readers} sockets each, longest {:.1} ms", took.len(), percentile(1.0));
    Figure::new("live_p50", engine, percentile(0.5), P50_LIMIT_MS, "ms").print();
    Figure::new("live_p99", engine, percentile(0.99), P99_LIMIT_MS, "ms").print();
    Figure::new("live_memory", engine, idle_kib, MEMORY_LIMIT_KIB, "KiB/socket").print();
}

/// All sockets, each following its conversation.
async fn open_all(address: &str, token: &str, visits: &[Visit], readers: usize) -> Vec<WebSocketStream<TcpStream>> {
    let wanted = visits.iter().flat_map(|visit| std::iter::repeat_n(&visit.conversation_id, readers));
    let opening = wanted.map(|conversation| open(address, token, conversation));
    futures_util::stream::iter(opening).buffer_unordered(OPENING_MAX).collect().await
}

async fn open(address: &str, token: &str, conversation: &str) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    let mut request = format!("ws://{address}/v1/live").into_client_request().expect("an address");
    request.headers_mut().insert("Authorization", HeaderValue::from_str(&format!("Bearer {token}")).expect("a token is ASCII"));
    let (mut socket, _) = client_async(request, stream).await.expect("the handshake is taken");
    let follow = json!({"type": "subscribe", "id": "c", "topic": "conversation", "key": conversation});
    socket.send(Message::text(follow.to_string())).await.expect("the server reads");
    loop {
        let text = socket.next().await.expect("an open socket").expect("a frame").into_text().expect("a text");
        if text.contains("\"caught_up\"") {
            return socket;
        }
    }
}

/// Notes every event that comes.
async fn read(mut socket: WebSocketStream<TcpStream>, arrivals: Arrivals) {
    while let Some(Ok(message)) = socket.next().await {
        let Ok(text) = message.to_text() else { continue };
        let Some(position) = position_of(text) else { continue };
        let mut arrivals = arrivals.lock().expect("no holder panics");
        let (count, last) = arrivals.entry(position).or_insert_with(|| (0, Instant::now()));
        (*count, *last) = (*count + 1, Instant::now());
    }
}

/// The position of an event, without reading the rest of it.
fn position_of(text: &str) -> Option<i64> {
    let (_, rest) = text.strip_prefix(r#"{"type":"event""#)?.split_once(r#""position":"#)?;
    rest[..rest.find(|c: char| !c.is_ascii_digit())?].parse().ok()
}

/// Sends messages at a steady rate and tells when each was acknowledged.
fn send(address: &str, conversations: &[(String, String)], length: Duration, acknowledged: &mpsc::Sender<(i64, Instant)>) {
    let mut clients: Vec<_> = conversations.iter().map(|(path, token)| (path.as_str(), Client::new(address).with_token(token))).collect();
    let every = Duration::from_secs_f64(SENDERS as f64 / RATE as f64);
    let begun = Instant::now();
    for count in 0_u32.. {
        let due = begun + every * count;
        if due - begun >= length {
            return;
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let turn = count as usize % clients.len();
        let (path, client) = &mut clients[turn];
        let answer = client.post(path, &json!({"body": "Does it come in green, and would you ship it to Lisbon?"})).expect(201);
        let now = Instant::now();
        acknowledged.send((walk::position(&answer), now)).expect("the bench waits for it");
    }
}

/// Memory of a process that is really there.
fn resident_kib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux tells it");
    line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
}

#[cfg(test)]
mod tests {
    use super::position_of;

    #[test]
    fn the_position_is_found_without_parsing() {
        assert_eq!(position_of(r#"{"type":"event","ids":["c"],"actor":{},"position":42,"version":3}"#), Some(42));
        assert_eq!(position_of(r#"{"type":"caught_up","position":42}"#), None);
    }
}
