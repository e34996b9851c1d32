//! A media node behind plain HTTP, for benches and for trying it with a browser. `POST /rooms/{room}/peers` with an offer in
//! JSON is answered in JSON; rooms are numbers. `MEDIA_UDP`, `MEDIA_TCP`, `MEDIA_SHARDS` and `HTTP` are its options; `PAGE`
//! is a file that `GET /` shows.

use serde_json::{Value, json};
use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};
use uuid::Uuid;
use vitrina_media::{Answer, Flow, Join, Layer, LeaveReason, Line, Options, ParticipantId, Role, RoomId, Sfu, Source, Track};
use vitrina_media_bench::http;

fn option<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options {
        udp: option("MEDIA_UDP").unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))),
        tcp: option("MEDIA_TCP"),
        shards: option("MEDIA_SHARDS").unwrap_or(1),
        participants_max: 1_000,
        ..Options::default()
    };
    let (tell, mut facts) = tokio::sync::mpsc::channel(4_096);
    let sfu = Sfu::start(options, tell)?;
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    std::thread::spawn(move || {
        while let Some(fact) = facts.blocking_recv() {
            let text = format!("{:?} {:?}", fact.participant.0.as_u128(), fact.what);
            heard.lock().expect("nobody panics with it").push(text);
        }
    });
    let listener = TcpListener::bind(option("HTTP").unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8099))))?;
    for stream in listener.incoming() {
        let (sfu, told) = (sfu.clone(), Arc::clone(&told));
        std::thread::spawn(move || serve(&stream?, &sfu, &told));
    }
    Ok(())
}

fn serve(stream: &TcpStream, sfu: &Sfu, told: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let message = http::read(stream)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let [method, path, ..] = &message.first[..] else { return Ok(()) };
    let words: Vec<_> = path.split('?').next().unwrap_or_default().split('/').skip(1).collect();
    let number = |at: usize| Uuid::from_u128(words.get(at).and_then(|word: &&str| word.parse().ok()).unwrap_or_default());
    let (room, participant) = (RoomId(number(1)), ParticipantId(number(3)));
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let offer = || body["sdp"].as_str().unwrap_or_default().to_owned();
    let track = || {
        let source = match body["source"].as_str() {
            Some("microphone") => Source::Microphone,
            Some("screen") => Source::Screen,
            _ => Source::Camera,
        };
        let from = ParticipantId(Uuid::from_u128(body["from"].as_str().and_then(|from| from.parse().ok()).unwrap_or_default()));
        Track { from, source }
    };
    let answered = |id: ParticipantId, answer: Result<Answer, vitrina_media::JoinError>| match answer {
        Ok(answer) => {
            let lines: Vec<_> = answer.layout.lines.iter().map(line).collect();
            http::answer(
                stream,
                "201 Created",
                "application/json",
                &json!({"id": id.0.as_u128().to_string(), "type": "answer", "sdp": answer.sdp, "lines": lines}).to_string(),
            )
        }
        Err(error) => http::answer(stream, "422 Unprocessable Content", "text/plain", &error.to_string()),
    };
    match (method.as_str(), words.len(), words.last().copied().unwrap_or_default()) {
        ("POST", 3, "peers") => {
            // Small numbers, so that they can be passed about as text.
            let participant = ParticipantId(Uuid::from_u128(Uuid::now_v7().as_u128() & u128::from(u32::MAX)));
            let join = Join { room, participant, role: Role::Shopper, offer: offer() };
            answered(participant, runtime.block_on(sfu.join(join)))
        }
        ("PATCH", 4, _) => answered(participant, runtime.block_on(sfu.renegotiate(room, participant, offer()))),
        ("DELETE", 4, _) => {
            runtime.block_on(sfu.leave(room, participant, LeaveReason::ClientInitiated));
            http::answer(stream, "200 OK", "text/plain", "")
        }
        ("POST", 5, "limit") => {
            let most = Layer(body["most"].as_u64().unwrap_or_default() as u8);
            runtime.block_on(sfu.limit(room, participant, track(), most));
            http::answer(stream, "200 OK", "text/plain", "")
        }
        ("POST", 5, "mute") => {
            let flow = if body["on"] == true { Flow::On } else { Flow::Muted };
            runtime.block_on(sfu.mute(room, track(), flow));
            http::answer(stream, "200 OK", "text/plain", "")
        }
        ("GET", 2, _) => {
            let stats = runtime.block_on(sfu.stats(room));
            http::answer(stream, "200 OK", "text/plain", &format!("{stats:#?}"))
        }
        ("GET", _, "facts") => http::answer(stream, "200 OK", "text/plain", &told.lock().expect("nobody panics with it").join("\n")),
        ("GET", _, "") => {
            let page = std::env::var("PAGE").ok().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
            http::answer(stream, "200 OK", "text/html; charset=utf-8", &page)
        }
        _ => http::answer(stream, "404 Not Found", "text/plain", ""),
    }
}

fn line(line: &Line) -> Value {
    json!({"mid": line.mid, "from": line.track.map(|track| track.from.0.as_u128().to_string()), "source": line.track.map(|track| format!("{:?}", track.source).to_lowercase())})
}
