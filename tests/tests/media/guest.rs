//! Somebody in a call's media: an independent WebRTC stack (str0m) that joins over the HTTP form and really sends and gets packets
//! over loopback. It runs on a thread of its own until it leaves or vanishes.

use std::{
    net::UdpSocket,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::SdpAnswer,
    format::Codec,
    media::{Direction, MediaKind, MediaTime, Mid},
    net::{Protocol, Receive},
};
use uuid::Uuid;
use vitrina_tests::{
    http::{Answer, Client},
    patience,
};

/// Longest wait for media to be connected, or to come.
const WITHIN: Duration = Duration::from_secs(60);
/// A frame of sound and a picture every so often.
const FRAME_EVERY: Duration = Duration::from_millis(20);
/// Longest sleep of its loop: it sees that it is to end within it.
const TICK: Duration = Duration::from_millis(5);
/// A key frame of VP8, 640 by 480, as far as a forwarder looks (RFC 6386 section 9.1).
const PICTURE: [u8; 10] = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];

static CRYPTO: Once = Once::new();

/// One presence.
pub struct Guest {
    /// Its id.
    pub participant: Uuid,
    /// Where its presence is.
    pub location: String,
    client: Client,
    seen: Arc<Seen>,
    running: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Seen {
    ends: AtomicBool,
    connected: AtomicBool,
    frames: AtomicU64,
}

/// An offer with its connection.
pub struct Offered {
    rtc: Rtc,
    socket: UdpSocket,
    pending: str0m::change::SdpPendingOffer,
    mids: [Mid; 2],
    /// The offer (SDP).
    pub sdp: String,
}

/// A new connection's offer: microphone and camera, both ways.
///
/// # Panics
/// When loopback has no port.
pub fn offer() -> Offered {
    offer_in(&[Codec::Vp8])
}

/// The same with pictures in these codecs.
///
/// # Panics
/// When loopback has no port.
pub fn offer_in(codecs: &[Codec]) -> Offered {
    CRYPTO.call_once(|| str0m::crypto::from_feature_flags().install_process_default());
    let config = RtcConfig::new().clear_codecs().enable_opus(true, false);
    let config = config.enable_vp8(codecs.contains(&Codec::Vp8)).enable_h264(codecs.contains(&Codec::H264));
    let mut rtc = config.build(Instant::now());
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
    socket.set_read_timeout(Some(TICK)).expect("a socket takes a time-out");
    let address = socket.local_addr().expect("a bound socket has an address");
    rtc.add_local_candidate(Candidate::host(address, "udp").expect("an address is a candidate"));
    let mut api = rtc.sdp_api();
    let mids = [MediaKind::Audio, MediaKind::Video].map(|kind| api.add_media(kind, Direction::SendRecv, None, None, None));
    let (sdp, pending) = api.apply().expect("there is something to offer");
    Offered { rtc, socket, pending, mids, sdp: sdp.to_sdp_string() }
}

/// Sends an offer to join.
pub fn post(client: &mut Client, call: &str, participant: Uuid, offer: &str) -> Answer {
    let path = format!("/v1/calls/{call}/media?participant={participant}&device=desktop");
    client.send("POST", &path, &[("Content-Type", "application/sdp")], Some(offer.as_bytes()))
}

impl Guest {
    /// Joins as whoever the client is, and waits until media is connected.
    ///
    /// # Panics
    /// When that does not come about.
    pub fn join(client: &Client, call: &str) -> Self {
        let mut client = client.moved_to(client.address());
        let participant = Uuid::now_v7();
        let offered = offer();
        let answer = post(&mut client, call, participant, &offered.sdp).expect(201);
        let location = answer.header("location").expect("who joins is told where").to_owned();
        Self::connect(client, participant, location, offered, &answer.text())
    }

    /// Goes on with an answer.
    ///
    /// # Panics
    /// When media does not connect.
    pub fn connect(client: Client, participant: Uuid, location: String, offered: Offered, answer: &str) -> Self {
        let Offered { mut rtc, socket, pending, mids, .. } = offered;
        let answer = SdpAnswer::from_sdp_string(answer).expect("the answer is SDP");
        rtc.sdp_api().accept_answer(pending, answer).expect("the answer fits the offer");
        let seen = Arc::new(Seen::default());
        let watched = Arc::clone(&seen);
        let running = std::thread::spawn(move || run(rtc, &socket, mids, &watched));
        let guest = Self { participant, location, client, seen, running: Some(running) };
        let connected = patience::wait_for(WITHIN, || guest.seen.connected.load(Ordering::Relaxed).then_some(()));
        assert!(connected.is_some(), "media was not connected");
        guest
    }

    /// Frames of others that have come so far.
    pub fn frames(&self) -> u64 {
        self.seen.frames.load(Ordering::Relaxed)
    }

    /// Waits until more of the others' frames come.
    ///
    /// # Panics
    /// When none does.
    pub fn must_see_more(&self) {
        let before = self.frames();
        assert!(patience::wait_for(WITHIN, || (self.frames() > before).then_some(())).is_some(), "nothing of the others came");
    }

    /// Says something about an own track.
    pub fn turn(&mut self, track: &str, state: &str) -> Answer {
        let path = format!("{}/tracks/{track}", self.location);
        self.client.put(&path, &serde_json::json!({ "state": state }))
    }

    /// Leaves as one should.
    pub fn leave(mut self) -> Answer {
        let answer = self.client.delete(&self.location);
        self.end();
        answer
    }

    /// Is gone without a word.
    pub fn vanish(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.seen.ends.store(true, Ordering::Relaxed);
        if let Some(running) = self.running.take() {
            // A panic of its thread was printed already.
            let _ = running.join();
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(mut rtc: Rtc, socket: &UdpSocket, mids: [Mid; 2], seen: &Seen) {
    let address = socket.local_addr().expect("a bound socket has an address");
    let begun = Instant::now();
    let (mut next, mut frame_at) = (begun, begun);
    let mut buffer = [0; 2_048];
    while !seen.ends.load(Ordering::Relaxed) && rtc.is_alive() {
        let now = Instant::now();
        if let Ok((length, source)) = socket.recv_from(&mut buffer)
            && let Ok(contents) = buffer[..length].try_into()
        {
            let receive = Receive { proto: Protocol::Udp, source, destination: address, contents };
            if rtc.handle_input(Input::Receive(now, receive)).is_err() {
                return;
            }
        }
        if seen.connected.load(Ordering::Relaxed) && frame_at <= now {
            frame_at = now + FRAME_EVERY;
            send(&mut rtc, mids, now, now - begun);
        }
        if next <= now && rtc.handle_input(Input::Timeout(now)).is_err() {
            return;
        }
        loop {
            match rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    next = at;
                    break;
                }
                // What the network does not take is lost, as in any network.
                Ok(Output::Transmit(transmit)) => drop(socket.send_to(&transmit.contents, transmit.destination)),
                Ok(Output::Event(Event::Connected)) => seen.connected.store(true, Ordering::Relaxed),
                Ok(Output::Event(Event::MediaData(_))) => {
                    seen.frames.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Output::Event(_)) => {}
                Err(_) => return,
            }
        }
    }
}

/// A frame of sound and one picture.
fn send(rtc: &mut Rtc, mids: [Mid; 2], now: Instant, since: Duration) {
    for (mid, data) in mids.into_iter().zip([vec![0xf8, 0xff, 0xfe], PICTURE.repeat(20)]) {
        let Some(writer) = rtc.writer(mid) else { continue };
        let Some(codec) = writer.payload_params().next().map(|params| params.pt()) else { continue };
        let time = MediaTime::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX));
        // What cannot be written now is lost.
        let _ = writer.write(codec, now, time, data);
    }
}
