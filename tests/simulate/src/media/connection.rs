//! One person's connection to the server's node: microphone, camera and, of a shopper, the screen. It sends one packet of each
//! track that is on every [`TICK`], and counts what comes by whose it says it is.

use super::{Flow, Received, Side, Source, Word};
use crate::client::Fault;
use chrono::{DateTime, Utc};
use rtc::{
    media_stream::MediaStreamTrack,
    peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8},
    rtp,
    rtp_transceiver::rtp_sender::{RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind},
};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use uuid::Uuid;
use webrtc::{
    media_stream::{
        track_local::{TrackLocal, static_rtp::TrackLocalStaticRTP},
        track_remote::{TrackRemote, TrackRemoteEvent},
    },
    peer_connection::{
        MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder, RTCPeerConnectionState,
        RTCSessionDescription, Registry, SettingEngineBuilder, register_default_interceptors,
    },
    rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit},
};

/// Between two packets of a track: a low rate, since a day has many calls and is about the record.
const TICK: Duration = Duration::from_millis(50);
/// Number of Opus in the offer.
const OPUS: u8 = 111;
/// Number of VP8 in the offer.
const VP8: u8 = 96;
/// Ticks of Opus' clock in a second.
const OPUS_HZ: u32 = 48_000;
/// Ticks of VP8's clock in a second.
const VP8_HZ: u32 = 90_000;

/// A connection; it ends with [`Connection::close`].
pub struct Connection {
    inner: Arc<dyn PeerConnection>,
    state: watch::Receiver<RTCPeerConnectionState>,
    received: watch::Receiver<Received>,
    flows: Arc<Mutex<BTreeMap<Source, Flow>>>,
    sending: JoinHandle<()>,
}

/// What the connection tells.
struct Handler {
    state: watch::Sender<RTCPeerConnectionState>,
    received: Arc<watch::Sender<Received>>,
}

/// A track of one's own.
struct Own {
    source: Source,
    ssrc: u32,
    track: Arc<TrackLocalStaticRTP>,
}

impl Connection {
    /// A new connection for this presence to a node that is where `server` (`host:port`) is, and its offer. Microphone and camera are
    /// on from the moment that it is connected.
    ///
    /// # Errors
    /// When the machine gives no socket, or the stack refuses.
    pub async fn offer(id: Uuid, side: Side, server: &str) -> Result<(Self, String), Fault> {
        let mut engine = MediaEngine::default();
        for (kind, number) in [(RtpCodecKind::Audio, OPUS), (RtpCodecKind::Video, VP8)] {
            let parameters = RTCRtpCodecParameters { rtp_codec: codec(kind), payload_type: number };
            engine.register_codec(parameters, kind).map_err(fault)?;
        }
        let registry = register_default_interceptors(Registry::new(), &mut engine).map_err(fault)?;
        // No multicast: there is none in a container, and each connection would open a socket for it.
        let settings = SettingEngineBuilder::new()
            .with_include_loopback_candidate(true)
            .with_multicast_dns_mode(rtc::ice::mdns::MulticastDnsMode::Disabled)
            .build();
        let (told, state) = watch::channel(RTCPeerConnectionState::New);
        let (counted, received) = watch::channel(Received::default());
        let inner = PeerConnectionBuilder::new()
            .with_configuration(RTCConfigurationBuilder::new().build())
            .with_media_engine(engine)
            .with_setting_engine(settings)
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(Handler { state: told, received: Arc::new(counted) }))
            .with_udp_addrs(vec![local(server)])
            .build()
            .await
            .map_err(fault)?;
        let inner: Arc<dyn PeerConnection> = Arc::new(inner);
        let own = lines(&*inner, id, side).await?;
        let flows = Arc::new(Mutex::new(BTreeMap::from([(Source::Microphone, Flow::On), (Source::Camera, Flow::On)])));
        let sending = tokio::spawn(send(id, own, flows.clone(), state.clone()));
        let connection = Self { inner, state, received, flows, sending };
        let offer = connection.inner.create_offer(None).await.map_err(fault)?;
        let text = offer.sdp.clone();
        connection.inner.set_local_description(offer).await.map_err(fault)?;
        Ok((connection, text))
    }

    /// Goes on with the server's answer.
    ///
    /// # Errors
    /// When the stack cannot make anything of it.
    pub async fn accept(&self, answer: String) -> Result<(), Fault> {
        let answer = RTCSessionDescription::answer(answer).map_err(fault)?;
        self.inner.set_remote_description(answer).await.map_err(fault)
    }

    /// Waits until media is connected, and says when it was.
    ///
    /// # Errors
    /// When it does not come about in time.
    pub async fn connected(&self, within: Duration) -> Result<DateTime<Utc>, Fault> {
        let mut state = self.state.clone();
        let connected = state.wait_for(|state| *state == RTCPeerConnectionState::Connected);
        match timeout(within, connected).await {
            Ok(Ok(_)) => Ok(Utc::now()),
            _ => Err(Fault::Media(format!("not connected within {within:?} but {}", *self.state.borrow()))),
        }
    }

    /// From now on packets of this track say this; none are sent without.
    pub fn send(&self, source: Source, flow: Option<Flow>) {
        let mut flows = self.flows.lock().expect("nobody panics with the flows in hand");
        match flow {
            Some(flow) => flows.insert(source, flow),
            None => flows.remove(&source),
        };
    }

    /// What has come so far.
    pub fn received(&self) -> Received {
        self.received.borrow().clone()
    }

    /// Waits until more than so many packets of somebody's track have come.
    ///
    /// # Errors
    /// When they do not in time.
    pub async fn hears_more(&self, from: Uuid, source: Source, than: u64, within: Duration) -> Result<(), Fault> {
        let mut received = self.received.clone();
        let came = received.wait_for(|received| received.packets.get(&(from, source)).is_some_and(|count| *count > than));
        match timeout(within, came).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Fault::Media(format!("nothing of {}'s {} came within {within:?}", from, source.name()))),
        }
    }

    /// Ends it, and gives what came.
    pub async fn close(&self) -> Received {
        self.sending.abort();
        // Closed is what it is, whatever the stack says of it.
        let _ = self.inner.close().await;
        self.received()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.sending.abort();
    }
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let received = self.received.clone();
        // Handlers run inside the connection's own loop and must not wait there.
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                let TrackRemoteEvent::OnRtpPacket(packet) = event else { continue };
                // Packets without a payload only try out the network.
                if !packet.payload.is_empty() {
                    received.send_modify(|received| received.count(Word::read(&packet.payload)));
                }
            }
        });
    }
}

impl Received {
    fn count(&mut self, word: Option<Word>) {
        match word {
            Some(Word { from, source, flow: Flow::On }) => *self.packets.entry((from, source)).or_default() += 1,
            Some(Word { flow: Flow::Muted, .. }) => self.muted += 1,
            None => self.strange += 1,
        }
    }
}

/// The lines of the offer, in the order that the API asks for, and one more of each kind for a colleague's tracks.
async fn lines(inner: &dyn PeerConnection, id: Uuid, side: Side) -> Result<Vec<Own>, Fault> {
    let mut own = Vec::new();
    for (source, number) in Source::ALL.into_iter().zip(0..) {
        if source == Source::Screen && side == Side::Customer {
            take(inner, RtpCodecKind::Video).await?;
            continue;
        }
        let [.., a, b, c, d] = *id.as_bytes();
        let ssrc = u32::from_be_bytes([a, b, c, d]).wrapping_add(number).max(1);
        let track = Arc::new(track(source, ssrc));
        inner.add_track(track.clone() as Arc<dyn TrackLocal>).await.map_err(fault)?;
        own.push(Own { source, ssrc, track });
    }
    take(inner, RtpCodecKind::Audio).await?;
    take(inner, RtpCodecKind::Video).await?;
    Ok(own)
}

/// A line on which something can come.
async fn take(inner: &dyn PeerConnection, kind: RtpCodecKind) -> Result<(), Fault> {
    let init = RTCRtpTransceiverInit { direction: RTCRtpTransceiverDirection::Recvonly, streams: Vec::new(), send_encodings: Vec::new() };
    inner.add_transceiver_from_kind(kind, Some(init)).await.map_err(fault).map(drop)
}

fn track(source: Source, ssrc: u32) -> TrackLocalStaticRTP {
    let kind = kind(source);
    let coding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() },
        codec: codec(kind),
        ..Default::default()
    };
    TrackLocalStaticRTP::new(MediaStreamTrack::new(
        format!("stream-{ssrc}"),
        format!("track-{ssrc}"),
        source.name().to_owned(),
        kind,
        vec![coding],
    ))
}

fn kind(source: Source) -> RtpCodecKind {
    if source == Source::Microphone { RtpCodecKind::Audio } else { RtpCodecKind::Video }
}

fn codec(kind: RtpCodecKind) -> RTCRtpCodec {
    match kind {
        RtpCodecKind::Audio => RTCRtpCodec {
            mime_type: MIME_TYPE_OPUS.to_owned(),
            clock_rate: OPUS_HZ,
            channels: 2,
            sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
            rtcp_feedback: vec![],
        },
        _ => RTCRtpCodec { mime_type: MIME_TYPE_VP8.to_owned(), clock_rate: VP8_HZ, ..Default::default() },
    }
}

/// Where packets leave: loopback for a server there, any network otherwise.
fn local(server: &str) -> String {
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
    let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if is_loopback { "127.0.0.1:0".to_owned() } else { "0.0.0.0:0".to_owned() }
}

/// Sends one packet of each track that is on, tick by tick, once connected.
async fn send(id: Uuid, own: Vec<Own>, flows: Arc<Mutex<BTreeMap<Source, Flow>>>, mut state: watch::Receiver<RTCPeerConnectionState>) {
    if state.wait_for(|state| *state == RTCPeerConnectionState::Connected).await.is_err() {
        return;
    }
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for number in 0_u32.. {
        ticks.tick().await;
        let flows = flows.lock().expect("nobody panics with the flows in hand").clone();
        for Own { source, ssrc, track } in &own {
            let Some(flow) = flows.get(source) else { continue };
            let word = Word { from: id, source: *source, flow: *flow };
            // What cannot be sent is lost, as in any network.
            let _ = track.write_rtp(packet(word, *ssrc, number)).await;
        }
    }
}

fn packet(word: Word, ssrc: u32, number: u32) -> rtp::Packet {
    let (payload_type, hz) = if word.source == Source::Microphone { (OPUS, OPUS_HZ) } else { (VP8, VP8_HZ) };
    let ticks = u32::try_from(u128::from(hz) * TICK.as_millis() / 1_000).unwrap_or(hz);
    let header = rtp::Header {
        version: 2,
        // The last packet of a picture; of sound, the first after a silence.
        marker: word.source != Source::Microphone,
        payload_type,
        sequence_number: (number & 0xffff) as u16,
        timestamp: number.wrapping_mul(ticks),
        ssrc,
        ..Default::default()
    };
    rtp::Packet { header, payload: word.payload().into() }
}

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault::Media(error.to_string())
}
