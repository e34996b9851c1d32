//! A load on an SFU: publishers, each with subscribers of its own, and what comes of it.

use crate::{
    client::{Client, Tally},
    http,
    janus::{self, Handle},
};
use mio::{Events, Poll};
use serde_json::{Value, json};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};
use str0m::{
    change::{SdpAnswer, SdpOffer},
    media::{Direction, MediaKind},
};

/// Time for everybody to connect.
const CONNECTED_WITHIN: Duration = Duration::from_secs(30);
/// What comes before the window: layers are chosen, caches are warm.
const WARM_UP: Duration = Duration::from_millis(1_500);
/// What comes after it, for what is on its way.
const DRAIN: Duration = Duration::from_millis(500);
/// Packets that a publisher sends before its subscribers come.
const FIRST_PACKETS: u32 = 30;
/// Rooms are numbered from here.
const FIRST_ROOM: usize = 1_000_000;
/// The longest burst that catches up after a pause.
const BURST_MAX: u32 = 200;

/// What everybody in a call of one to one sends, in packets a second: together 320 for a call. A picture's are of a megabit a second.
const PICTURES: f64 = 110.0;
const SOUNDS: f64 = 50.0;
/// Bytes of their payloads.
const PICTURE_BYTES: usize = 1_000;
const SOUND_BYTES: usize = 100;

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// `media_server`.
    Ours,
    /// Janus with the VideoRoom plugin.
    Janus,
}

/// How much.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Publishers.
    pub publishers: usize,
    /// Subscribers of each.
    pub subscribers: usize,
    /// Packets a second of each publisher.
    pub rate: f64,
    /// Bytes of a packet's payload.
    pub bytes: usize,
    /// How long it is measured.
    pub window: Duration,
}

/// Puts the load on the server and tells what came of it as JSON.
///
/// # Errors
/// When somebody does not connect.
pub fn run(server: Server, address: SocketAddr, ip: IpAddr, pid: u32, load: Load) -> io::Result<Value> {
    str0m::crypto::from_feature_flags().install_process_default();
    let mut stage = Stage::new(server, address, ip)?;
    let (set_up_at, set_up_cpu) = (Instant::now(), cpu_s(pid));
    for publisher in 0..load.publishers {
        stage.publisher(publisher, load)?;
    }
    stage.connected()?;
    let set_up_s = set_up_at.elapsed().as_secs_f64();
    let set_up_cpu_ms = (cpu_s(pid) - set_up_cpu) * 1_000.0 / stage.clients.len() as f64;
    let mut due = 0.0;
    let (sent, used, wall) = stage.window(pid, load.window, |stage, passed| {
        let (mut sent, burst) = (0, due_now(&mut due, passed, load.rate));
        for _ in 0..burst {
            for publisher in 0..load.publishers {
                stage.clients[publisher * (load.subscribers + 1)].send(load.bytes, &mut stage.tally)?;
                sent += 1;
            }
        }
        Ok(sent)
    })?;
    let expected = sent * load.subscribers as u64;
    stage.tally.latency.sort_unstable();
    let latency = &stage.tally.latency;
    let percentile = |part: f64| latency.get(((latency.len().max(1) - 1) as f64 * part) as usize).copied().unwrap_or(0);
    let received = stage.tally.received;
    Ok(json!({
        "sent": sent, "expected": expected, "received": received, "lost_percent": 100.0 * (1.0 - received as f64 / expected.max(1) as f64),
        "out_per_s": received as f64 / wall, "cpu_us_per_forwarded": used * 1e6 / received.max(1) as f64, "cores": used / wall,
        "latency_us": {"p50": percentile(0.5), "p90": percentile(0.9), "p99": percentile(0.99), "max": percentile(1.0)},
        "set_up_s": set_up_s, "set_up_cpu_ms": set_up_cpu_ms, "connections": stage.clients.len(), "rss_mb": rss_mb(pid),
    }))
}

/// Connects this many publishers at once, two in a room, and tells how long it took and what it cost as JSON.
///
/// # Errors
/// When somebody does not connect.
pub fn connect(server: Server, address: SocketAddr, ip: IpAddr, pid: u32, connections: usize) -> io::Result<Value> {
    str0m::crypto::from_feature_flags().install_process_default();
    let mut stage = Stage::new(server, address, ip)?;
    let (began, cpu_before) = (Instant::now(), cpu_s(pid));
    for number in 0..connections {
        let client = stage.offer(FIRST_ROOM + number / 2)?.0;
        stage.clients.push(client);
        stage.step(0)?;
    }
    stage.connected()?;
    let (seconds, cpu_ms) = (began.elapsed().as_secs_f64(), (cpu_s(pid) - cpu_before) * 1_000.0);
    Ok(json!({"connections": connections, "seconds": seconds, "cpu_ms": cpu_ms / connections as f64}))
}

/// Holds this many calls of one to one, everybody with sound and pictures at [`PICTURES`] and [`SOUNDS`] packets a second, and tells what
/// a call costs as JSON. Only on our own server: on Janus a call is made of subscriptions, which is another thing.
///
/// # Errors
/// When somebody does not connect.
pub fn calls(address: SocketAddr, ip: IpAddr, pid: u32, calls: usize, window: Duration) -> io::Result<Value> {
    str0m::crypto::from_feature_flags().install_process_default();
    let before_mb = rss_mb(pid);
    let mut stage = Stage::new(Server::Ours, address, ip)?;
    for number in 0..calls * 2 {
        let client = stage.comer(FIRST_ROOM + number / 2)?;
        stage.clients.push(client);
        stage.step(0)?;
    }
    stage.connected()?;
    // Nobody's packets are due together with another's, as little as people's are.
    let count = stage.clients.len();
    let mut due: Vec<(f64, f64)> = (0..count).map(|number| number as f64 / count as f64).map(|part| (part, part)).collect();
    let (sent, used, wall) = stage.window(pid, window, |stage, passed| {
        let Stage { clients, tally, .. } = stage;
        let mut sent = 0;
        for (client, (pictures, sounds)) in clients.iter_mut().zip(&mut due) {
            let (pictures, sounds) = (due_now(pictures, passed, PICTURES), due_now(sounds, passed, SOUNDS));
            (0..pictures).try_for_each(|_| client.send(PICTURE_BYTES, tally))?;
            (0..sounds).try_for_each(|_| client.say(SOUND_BYTES, tally))?;
            sent += u64::from(pictures + sounds);
        }
        Ok(sent)
    })?;
    let (received, cores) = (stage.tally.received, used / wall);
    Ok(json!({
        "calls": calls, "sent": sent, "received": received, "lost_percent": 100.0 * (1.0 - received as f64 / sent.max(1) as f64),
        "out_per_s_of_a_call": received as f64 / wall / calls as f64, "cores": cores, "calls_per_core": calls as f64 / cores,
        "rss_mb": rss_mb(pid), "mb_per_call": (rss_mb(pid) - before_mb) / calls as f64,
    }))
}

/// How many packets are due now, after so much time more.
fn due_now(due: &mut f64, passed: Duration, rate: f64) -> u32 {
    *due += passed.as_secs_f64() * rate;
    let burst = due.floor();
    *due -= burst;
    (burst as u32).min(BURST_MAX)
}

struct Stage {
    poll: Poll,
    clients: Vec<Client>,
    tally: Tally,
    handles: Vec<Handle>,
    server: Server,
    address: SocketAddr,
    ip: IpAddr,
}

impl Stage {
    fn new(server: Server, address: SocketAddr, ip: IpAddr) -> io::Result<Self> {
        let tally = Tally { began: Instant::now(), counts: false, latency: Vec::new(), received: 0 };
        Ok(Self { poll: Poll::new()?, clients: Vec::new(), tally, handles: Vec::new(), server, address, ip })
    }

    /// Waits until everybody is connected.
    fn connected(&mut self) -> io::Result<()> {
        let until = Instant::now() + CONNECTED_WITHIN;
        while self.clients.iter().any(|client| !client.is_connected) {
            if Instant::now() > until {
                return Err(io::Error::other("somebody does not connect"));
            }
            self.step(5)?;
        }
        Ok(())
    }

    /// A publisher on its way into a room, and what Janus calls its feed.
    fn offer(&mut self, room: usize) -> io::Result<(Client, u64)> {
        let mut client = Client::new(self.ip, &self.poll, self.clients.len())?;
        let mut api = client.rtc.sdp_api();
        client.mid = Some(api.add_media(MediaKind::Video, Direction::SendOnly, None, None, None));
        let (offer, pending) = api.apply().ok_or_else(|| io::Error::other("nothing to offer"))?;
        let (answer, feed) = self.publish(room, &offer.to_sdp_string())?;
        let answer = SdpAnswer::from_sdp_string(&answer).map_err(io::Error::other)?;
        client.rtc.sdp_api().accept_answer(pending, answer).map_err(io::Error::other)?;
        client.flush(&mut self.tally)?;
        Ok((client, feed))
    }

    /// Somebody on the way into a call, with sound and pictures both ways.
    fn comer(&mut self, room: usize) -> io::Result<Client> {
        let mut client = Client::new(self.ip, &self.poll, self.clients.len())?;
        let mut api = client.rtc.sdp_api();
        client.sound = Some(api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None));
        client.mid = Some(api.add_media(MediaKind::Video, Direction::SendRecv, None, None, None));
        let (offer, pending) = api.apply().ok_or_else(|| io::Error::other("nothing to offer"))?;
        let answer = self.join(room, &offer.to_sdp_string())?;
        let answer = SdpAnswer::from_sdp_string(&answer).map_err(io::Error::other)?;
        client.rtc.sdp_api().accept_answer(pending, answer).map_err(io::Error::other)?;
        client.flush(&mut self.tally)?;
        Ok(client)
    }

    /// A publisher and then its subscribers.
    fn publisher(&mut self, number: usize, load: Load) -> io::Result<()> {
        let room = FIRST_ROOM + number;
        let (client, feed) = self.offer(room)?;
        self.clients.push(client);
        let publisher = self.clients.len() - 1;
        let until = Instant::now() + CONNECTED_WITHIN;
        let mut sent = 0;
        while sent < FIRST_PACKETS && Instant::now() < until {
            self.step(5)?;
            if self.clients[publisher].is_connected {
                self.clients[publisher].send(load.bytes, &mut self.tally)?;
                sent += 1;
            }
        }
        for _ in 0..load.subscribers {
            let client = self.subscribe(room, feed)?;
            self.clients.push(client);
            self.step(2)?;
        }
        Ok(())
    }

    fn publish(&mut self, room: usize, offer: &str) -> io::Result<(String, u64)> {
        match self.server {
            Server::Ours => Ok((self.join(room, offer)?, 0)),
            Server::Janus => {
                let handle = Handle::new(self.address)?;
                let create = json!({"request": "create", "room": room, "publishers": 10, "bitrate": 0, "videocodec": "vp8", "notify_joining": false});
                // That it is there already is no error of its own: the second of a pair comes into the first one's room.
                handle.message(create, None)?;
                let join = json!({"request": "joinandconfigure", "ptype": "publisher", "room": room, "video": true, "audio": false});
                let event = handle.message(join, Some(json!({"type": "offer", "sdp": offer})))?;
                let feed = event["plugindata"]["data"]["id"].as_u64().ok_or_else(|| io::Error::other(format!("no feed in {event}")))?;
                self.handles.push(handle);
                Ok((janus::description(&event)?, feed))
            }
        }
    }

    fn subscribe(&mut self, room: usize, feed: u64) -> io::Result<Client> {
        let mut client = Client::new(self.ip, &self.poll, self.clients.len())?;
        match self.server {
            Server::Ours => {
                let mut api = client.rtc.sdp_api();
                client.mid = Some(api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None));
                let (offer, pending) = api.apply().ok_or_else(|| io::Error::other("nothing to offer"))?;
                let answer = self.join(room, &offer.to_sdp_string())?;
                let answer = SdpAnswer::from_sdp_string(&answer).map_err(io::Error::other)?;
                client.rtc.sdp_api().accept_answer(pending, answer).map_err(io::Error::other)?;
            }
            Server::Janus => {
                let handle = Handle::new(self.address)?;
                let join = json!({"request": "join", "ptype": "subscriber", "room": room, "streams": [{"feed": feed}]});
                let offer = SdpOffer::from_sdp_string(&janus::description(&handle.message(join, None)?)?).map_err(io::Error::other)?;
                let answer = client.rtc.sdp_api().accept_offer(offer).map_err(io::Error::other)?;
                let start = json!({"request": "start", "room": room});
                handle.message(start, Some(json!({"type": "answer", "sdp": answer.to_sdp_string()})))?;
                self.handles.push(handle);
            }
        }
        client.flush(&mut self.tally)?;
        Ok(client)
    }

    fn join(&self, room: usize, offer: &str) -> io::Result<String> {
        let body = json!({"type": "offer", "sdp": offer}).to_string();
        let answer = http::ask(self.address, "POST", &format!("/rooms/{room}/peers"), &body)?;
        let answer: Value = serde_json::from_str(&answer).map_err(io::Error::other)?;
        Ok(answer["sdp"].as_str().unwrap_or_default().to_owned())
    }

    /// Goes on for the length of the window with `turn`, which sends what is due after so much time more, and says how much that was:
    /// packets sent, CPU seconds of the server, seconds.
    fn window(
        &mut self,
        pid: u32,
        length: Duration,
        mut turn: impl FnMut(&mut Self, Duration) -> io::Result<u64>,
    ) -> io::Result<(u64, f64, f64)> {
        let began = Instant::now();
        let (mut sent, mut last) = (0, began);
        let mut window: Option<(Instant, f64)> = None;
        loop {
            let now = Instant::now();
            match window {
                None if now - began > WARM_UP => {
                    self.tally.counts = true;
                    window = Some((now, cpu_of_threads_s(pid)));
                    sent = 0;
                }
                Some((from, _)) if now - from > length => break,
                _ => {}
            }
            sent += turn(self, now - std::mem::replace(&mut last, now))?;
            self.step(1)?;
        }
        let (from, cpu_before) = window.ok_or_else(|| io::Error::other("no window"))?;
        let (used, wall) = (cpu_of_threads_s(pid) - cpu_before, from.elapsed().as_secs_f64());
        let until = Instant::now() + DRAIN;
        while Instant::now() < until {
            self.step(5)?;
        }
        Ok((sent, used, wall))
    }

    fn step(&mut self, wait_ms: u64) -> io::Result<()> {
        let mut events = Events::with_capacity(1_024);
        if let Err(error) = self.poll.poll(&mut events, Some(Duration::from_millis(wait_ms)))
            && error.kind() != io::ErrorKind::Interrupted
        {
            return Err(error);
        }
        for event in &events {
            self.clients.get_mut(event.token().0).map_or(Ok(()), |client| client.read(&mut self.tally))?;
        }
        let now = Instant::now();
        self.clients.iter_mut().try_for_each(|client| client.tick(now, &mut self.tally))
    }
}

/// Seconds of CPU that a process has used, all its threads (proc(5): utime and stime, in hundredths).
fn cpu_s(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect::<Vec<_>>()).unwrap_or_default();
    fields.get(11..13).into_iter().flatten().filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Seconds of CPU that the living threads of a process have used, to the microsecond (the first number of `schedstat`).
fn cpu_of_threads_s(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let used =
        |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("schedstat")).ok()?.split(' ').next()?.parse::<f64>().ok();
    threads.filter_map(used).sum::<f64>() / 1e9
}

fn rss_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1_024.0
}
