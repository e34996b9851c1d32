//! One browser, played by str0m: sends sound and pictures that can be told apart, and keeps what it gets. Its packets can be lost,
//! spoiled, held back, or go over TCP ([`wire`]); what is in them says whose they are ([`picture`]).

mod picture;
mod wire;

pub use picture::{number, origin, picture_number};

use picture::{coarse_picture, picture};
use std::{
    collections::{HashMap, HashSet},
    net::{SocketAddr, TcpStream, UdpSocket},
    sync::Once,
    time::{Duration, Instant, SystemTime},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    format::Codec,
    media::{Direction, KeyframeRequest, MediaKind, Mid, Rid, Simulcast, SimulcastLayer},
    net::{Protocol, Receive, TcpType},
    rtp::{ExtensionValues, RtpWrite},
};
use vitrina_media::Sfu;
use wire::{Wire, hello, spoil, transaction};

/// What a client wants.
#[derive(Clone)]
pub struct Wish {
    pub lines: Vec<(MediaKind, Direction)>,
    /// Layers of its camera.
    pub layers: Vec<&'static str>,
    /// What it codes and decodes pictures in, in the order of its offer.
    pub codecs: Vec<Codec>,
    /// Over TCP rather than UDP.
    pub tcp: bool,
    /// Tells what arrives, so that its bandwidth is known.
    pub sends: bool,
}

impl Wish {
    /// Microphone and camera, both ways.
    pub fn call() -> Self {
        Self {
            lines: vec![(MediaKind::Audio, Direction::SendRecv), (MediaKind::Video, Direction::SendRecv)],
            layers: vec![],
            codecs: vec![Codec::Vp8],
            tcp: false,
            sends: true,
        }
    }

    pub fn watching() -> Self {
        Self { lines: vec![(MediaKind::Audio, Direction::RecvOnly), (MediaKind::Video, Direction::RecvOnly)], sends: false, ..Self::call() }
    }

    pub fn with_lines(self, more: &[(MediaKind, Direction)]) -> Self {
        let lines = self.lines.iter().chain(more).copied().collect();
        Self { lines, ..self }
    }
}

/// A packet that came.
#[derive(Debug, Clone)]
pub struct Got {
    pub mid: Mid,
    pub ssrc: u32,
    pub sequence: u16,
    pub timestamp: u32,
    pub payload: Vec<u8>,
}

struct Stream {
    mid: Mid,
    rid: Option<Rid>,
    kind: MediaKind,
    sequence: u64,
    picture: u16,
    next: Instant,
    wants_key: bool,
}

pub struct Client {
    pub rtc: Rtc,
    wire: Wire,
    address: SocketAddr,
    server: SocketAddr,
    pub offer: String,
    pending: Option<SdpPendingOffer>,
    /// What it sends pictures in: what the answer names first.
    codec: Codec,
    next: Instant,
    /// Whether media can flow.
    pub is_connected: bool,
    pub got: Vec<Got>,
    pub mids: Vec<Mid>,
    streams: Vec<Stream>,
    /// Requests for key frames, by layer.
    pub key_frames: HashMap<Option<Rid>, usize>,
    /// Bytes that mark what this client sends.
    pub mark: u8,
    /// Bytes of a picture's packet, by layer.
    pub sizes: [usize; 3],
    /// Packets of media that are lost on the way in: one in so many.
    pub loses_in: usize,
    pub loses_out: usize,
    counted: usize,
    pub is_silent: bool,
    pub is_refused: bool,
    /// The last check that it sent, as on the wire.
    pub check: Vec<u8>,
    /// Numbers of all its checks, and of those that were answered.
    pub checks: HashSet<[u8; 12]>,
    pub answers: Vec<[u8; 12]>,
    /// Requests for key frames are not heeded.
    pub is_deaf: bool,
    /// Its checks do not go out any more.
    pub holds_checks: bool,
    /// What begins its handshake goes out once: a repetition would be lost.
    pub says_hello_once: bool,
    said_hello: HashSet<u16>,
    /// Seed of what spoils one in three of its datagrams that are no checks.
    pub spoils: Option<u64>,
    /// Its first datagrams, as on the wire.
    pub sent: Vec<Vec<u8>>,
    /// Payloads that go out instead of its own, the last one first.
    pub payloads: Vec<Vec<u8>>,
    /// Time between two packets of one of its streams.
    pub pace: Duration,
    /// Bits a second that the way in carries; more is dropped.
    pub narrow: Option<f64>,
    allowance: f64,
    allowed_at: Instant,
    /// Loudness that its sound claims, in dB below the loudest.
    pub loudness: i8,
    /// What a stream's sender said last: time of day, and the same on the stream's clock.
    pub said: HashMap<u32, (SystemTime, u32)>,
}

/// Datagrams that a client keeps of those it sent: checks, its handshake, and some media.
const SENT_KEPT: usize = 200;
/// Time between two packets of a stream, unless a test wants fewer.
const PACE: Duration = Duration::from_millis(20);

static CRYPTO: Once = Once::new();

impl Client {
    pub fn new(wish: Wish, sfu: &Sfu) -> Self {
        CRYPTO.call_once(|| str0m::crypto::from_feature_flags().install_process_default());
        let now = Instant::now();
        let config = RtcConfig::new().clear_codecs().enable_opus(true, false).set_rtp_mode(true);
        let config = config.enable_vp8(wish.codecs.contains(&Codec::Vp8)).enable_h264(wish.codecs.contains(&Codec::H264));
        let mut rtc = config.build(now);
        let (wire, address, server) = if wish.tcp {
            let server = sfu.tcp_address().unwrap();
            let stream = TcpStream::connect(server).unwrap();
            stream.set_nonblocking(true).unwrap();
            stream.set_nodelay(true).unwrap();
            let address = stream.local_addr().unwrap();
            rtc.add_local_candidate(Candidate::builder().tcp().host(address).tcptype(TcpType::Active).build().unwrap());
            (Wire::Tcp(stream, Vec::new()), address, server)
        } else {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_nonblocking(true).unwrap();
            let address = socket.local_addr().unwrap();
            rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
            (Wire::Udp(socket), address, sfu.address())
        };
        let mut api = rtc.sdp_api();
        let layer = |rid: &&str| SimulcastLayer::new(rid);
        let mut mids = Vec::new();
        let mut streams = Vec::new();
        for (at, (kind, direction)) in wish.lines.iter().enumerate() {
            let is_camera = at == 1 && !wish.layers.is_empty();
            let simulcast = is_camera.then(|| Simulcast { send: wish.layers.iter().map(layer).collect(), recv: vec![] });
            let mid = api.add_media(*kind, *direction, None, None, simulcast);
            mids.push(mid);
            if wish.sends && matches!(direction, Direction::SendRecv | Direction::SendOnly) {
                let rids: Vec<_> = if is_camera { wish.layers.iter().map(|rid| Some((*rid).into())).collect() } else { vec![None] };
                streams.extend(rids.into_iter().map(|rid| Stream {
                    mid,
                    rid,
                    kind: *kind,
                    sequence: 60_000,
                    picture: 100,
                    next: now,
                    wants_key: true,
                }));
            }
        }
        let (offer, pending) = api.apply().unwrap();
        Self {
            rtc,
            wire,
            address,
            server,
            offer: offer.to_sdp_string(),
            pending: Some(pending),
            codec: Codec::Vp8,
            next: now,
            is_connected: false,
            got: Vec::new(),
            mids,
            streams,
            key_frames: HashMap::new(),
            mark: 0,
            sizes: [200, 500, 1_100],
            loses_in: 0,
            loses_out: 0,
            counted: 0,
            is_silent: false,
            is_refused: false,
            check: Vec::new(),
            checks: HashSet::new(),
            answers: Vec::new(),
            is_deaf: false,
            holds_checks: false,
            says_hello_once: false,
            said_hello: HashSet::new(),
            spoils: None,
            sent: Vec::new(),
            payloads: Vec::new(),
            pace: PACE,
            narrow: None,
            allowance: 0.0,
            allowed_at: now,
            loudness: 40,
            said: HashMap::new(),
        }
    }

    pub fn accept(&mut self, answer: &str) {
        let named = |codec: &str| answer.find(codec).unwrap_or(usize::MAX);
        self.codec = if named("H264/90000") < named("VP8/90000") { Codec::H264 } else { Codec::Vp8 };
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
    }

    /// A new offer, after a change.
    pub fn offer_again(&mut self, change: impl FnOnce(&mut str0m::change::SdpApi<'_>)) -> String {
        let mut api = self.rtc.sdp_api();
        change(&mut api);
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// Moves to another address, as when the network changes.
    pub fn move_away(&mut self) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        self.address = socket.local_addr().unwrap();
        self.rtc.add_local_candidate(Candidate::host(self.address, "udp").unwrap());
        self.wire = Wire::Udp(socket);
    }

    /// When a packet that came on a line was made, by the sender's clock as it was told of; in seconds since its number nought.
    pub fn clock_of(&self, line: usize, ticks_per_second: f64) -> f64 {
        let last = *self.got_on(line).last().unwrap();
        let (ntp, timestamp) = self.said[&last.ssrc];
        let made = f64::from(last.timestamp.wrapping_sub(timestamp) as i32) / ticks_per_second;
        let since = ntp.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
        since + made - f64::from(number(&last.payload)) * PACE.as_secs_f64()
    }

    /// What a line carries.
    pub fn kind(&self, mid: Mid) -> MediaKind {
        self.rtc.media(mid).unwrap().kind()
    }

    pub fn got_on(&self, line: usize) -> Vec<&Got> {
        self.got.iter().filter(|got| got.mid == self.mids[line]).collect()
    }

    /// Sends bytes as they are, from this client's address.
    pub fn send_raw(&self, bytes: &[u8], to: SocketAddr) {
        if let Wire::Udp(socket) = &self.wire {
            let _ = socket.send_to(bytes, to);
        }
    }

    /// Sends a packet as it is over this client's connection.
    pub fn send_framed(&mut self, packet: &[u8]) {
        self.wire.send(packet, self.server);
    }

    /// Does what is due; `true` when there was something.
    pub fn step(&mut self) -> bool {
        let mut was_busy = false;
        if self.is_refused {
            return false;
        }
        while let Some(datagram) = self.wire.receive() {
            was_busy = true;
            self.take(&datagram);
        }
        let now = Instant::now();
        if self.is_connected && !self.is_silent {
            was_busy |= self.send_media(now);
        }
        if self.next <= now {
            self.rtc.handle_input(Input::Timeout(now)).unwrap();
            self.flush();
        }
        was_busy
    }

    fn take(&mut self, datagram: &[u8]) {
        if datagram.starts_with(&[1, 1]) {
            self.answers.extend(transaction(datagram));
        }
        let is_media = datagram[0] >= 128;
        self.counted += 1;
        if is_media && self.loses_in > 0 && self.counted.is_multiple_of(self.loses_in) {
            return;
        }
        let now = Instant::now();
        if let Some(bits) = self.narrow.filter(|_| is_media) {
            let passed = now.duration_since(self.allowed_at).as_secs_f64();
            self.allowed_at = now;
            self.allowance = (self.allowance + passed * bits / 8.0).min(bits / 8.0 * 0.1);
            if self.allowance < datagram.len() as f64 {
                return;
            }
            self.allowance -= datagram.len() as f64;
        }
        let proto = if matches!(self.wire, Wire::Udp(_)) { Protocol::Udp } else { Protocol::Tcp };
        if let Ok(contents) = datagram.try_into() {
            let receive = Receive { proto, source: self.server, destination: self.address, contents };
            // One that was refused gets no further; the test sees that it is not connected.
            if self.rtc.handle_input(Input::Receive(now, receive)).is_err() {
                self.is_refused = true;
                return;
            }
            self.flush();
        }
    }

    fn flush(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => {
                    self.next = at;
                    return;
                }
                Output::Transmit(transmit) => {
                    self.counted += 1;
                    if transmit.contents[..2] == [0, 1] {
                        self.check = transmit.contents.to_vec();
                        self.checks.extend(transaction(&transmit.contents));
                    }
                    if self.holds_checks && transmit.contents[0] < 4 {
                        continue;
                    }
                    if let Some(number) = hello(&transmit.contents)
                        && !self.said_hello.insert(number)
                        && self.says_hello_once
                    {
                        continue;
                    }
                    if transmit.contents[0] >= 128 && self.loses_out > 0 && self.counted.is_multiple_of(self.loses_out) {
                        continue;
                    }
                    let mut contents = transmit.contents.to_vec();
                    if self.sent.len() < SENT_KEPT {
                        self.sent.push(contents.clone());
                    }
                    if let Some(seed) = self.spoils.as_mut().filter(|_| contents[0] > 3) {
                        spoil(&mut contents, seed);
                    }
                    self.wire.send(&contents, transmit.destination);
                }
                Output::Event(event) => self.event(event),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => self.is_connected = true,
            Event::KeyframeRequest(KeyframeRequest { mid, rid, .. }) => {
                *self.key_frames.entry(rid).or_default() += 1;
                let is_meant = |stream: &&mut Stream| !self.is_deaf && stream.mid == mid && stream.rid == rid;
                self.streams.iter_mut().filter(is_meant).for_each(|stream| stream.wants_key = true);
            }
            Event::RtpPacket(packet) => {
                let ssrc = *packet.header.ssrc;
                if let Some(info) = packet.last_sender_info {
                    self.said.insert(ssrc, (info.ntp_time, info.rtp_time.numer() as u32));
                }
                let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid());
                if let Some(mid) = mid {
                    self.got.push(Got {
                        mid,
                        ssrc,
                        sequence: packet.header.sequence_number,
                        timestamp: packet.header.timestamp,
                        payload: packet.payload.to_vec(),
                    });
                }
            }
            _ => {}
        }
    }

    fn send_media(&mut self, now: Instant) -> bool {
        let mut due: Vec<(usize, Instant)> = Vec::new();
        for (at, stream) in self.streams.iter_mut().enumerate() {
            if stream.next <= now {
                due.push((at, stream.next));
                stream.next += self.pace;
            }
        }
        for (at, made) in &due {
            let stream = &mut self.streams[*at];
            let codec = if stream.kind == MediaKind::Audio { Codec::Opus } else { self.codec };
            let Some(pt) = self.rtc.media(stream.mid).and_then(|media| {
                let pts: Vec<_> = media.remote_pts().to_vec();
                pts.into_iter()
                    .find(|pt| self.rtc.codec_config().params().iter().any(|params| params.pt() == *pt && params.spec().codec == codec))
            }) else {
                continue;
            };
            let layer = match stream.rid.as_ref().map(|rid| rid.to_string()).as_deref() {
                Some("h") => 1,
                Some("f") => 2,
                _ => 0,
            };
            let mut payload = if stream.kind == MediaKind::Audio {
                vec![self.mark; 60]
            } else if codec == Codec::H264 {
                coarse_picture(std::mem::take(&mut stream.wants_key), self.mark, layer as u8, self.sizes[layer])
            } else {
                picture(stream.picture, std::mem::take(&mut stream.wants_key), self.mark, layer as u8, self.sizes[layer])
            };
            stream.picture = stream.picture.wrapping_add(1);
            stream.sequence += 1;
            let end = payload.len() - 4;
            if let Some(other) = self.payloads.pop() {
                payload = other;
            } else {
                payload[end..].copy_from_slice(&(stream.sequence as u32).to_be_bytes());
            }
            let ticks = if stream.kind == MediaKind::Audio { 48 } else { 90 } * self.pace.as_millis() as u64;
            let timestamp = (stream.sequence * ticks) as u32;
            let values = ExtensionValues {
                audio_level: (stream.kind == MediaKind::Audio).then_some(-self.loudness),
                voice_activity: Some(self.loudness < 60),
                ..ExtensionValues::default()
            };
            let (mid, rid, sequence) = (stream.mid, stream.rid, stream.sequence);
            let mut api = self.rtc.direct_api();
            let Some(tx) = api.stream_tx_by_mid(mid, rid) else { continue };
            tx.write_rtp(RtpWrite::new(pt, sequence.into(), timestamp, *made, payload).marker(true).ext_vals(values).nackable(true));
            self.rtc.handle_input(Input::Timeout(now)).unwrap();
            self.flush();
        }
        !due.is_empty()
    }
}
