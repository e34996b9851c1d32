//! The door of the SFU: what can be asked of it, and what it answers.

use crate::{
    core::{
        layers::Layer,
        room::{Flow, ParticipantId, Role, Track},
    },
    counts::{Counters, Counts},
    facts::{Fact, LeaveReason},
    options::Options,
    record::Tap,
    stats::Stats,
    transport::{
        answer::Host,
        neighbour::Neighbour,
        request::{Reach, Request},
        secure::Identity,
        shard::{self, Parts, Shard},
        udp::{self, Udp},
        whereabouts::Whereabouts,
    },
};
use mio::{Poll, Waker, net::TcpListener};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// A room: the call's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub Uuid);

/// A wish to take part.
#[derive(Debug, Clone)]
pub struct Join {
    /// Where.
    pub room: RoomId,
    /// The presence, minted by whoever asks: coming back is another one.
    pub participant: ParticipantId,
    /// What the participant may do.
    pub role: Role,
    /// The client's offer (SDP).
    pub offer: String,
}

/// The answer to an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The answer (SDP).
    pub sdp: String,
    /// Who is to be seen and heard on which line.
    pub layout: Layout,
}

/// What comes on a participant's lines. Answers and facts reach whoever asked on two ways: the higher revision is the later one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// Grows with every change of a room's lines.
    pub revision: u64,
    /// The lines.
    pub lines: Vec<Line>,
    /// What the client is asked for.
    pub wants: Wants,
}

/// What a client is asked for beside taking note.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wants {
    /// Nothing.
    #[default]
    Nothing,
    /// To offer anew, whatever it offers: somebody in the room does not take the codec that the last answer named first.
    Offer,
}

/// What a receiver gets on a line of its offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line (`a=mid`); `None` for a track that no line is left for: the client may offer more.
    pub mid: Option<String>,
    /// The track on it, if any.
    pub track: Option<Track>,
}

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// No thread, no certificate.
    #[error("cannot set up the media node: {0}")]
    SetUp(String),
}

/// Why an offer is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The offer is no SDP, or lacks something that an answer needs.
    #[error("the offer cannot be answered: {0}")]
    Offer(String),
    /// The participant is connected already.
    #[error("this participant is in the room already")]
    There,
    /// The participant is not in the room.
    #[error("this participant is not in the room")]
    NotThere,
    /// As many take part as can.
    #[error("the room is full")]
    RoomFull,
    /// The node has as many rooms as it can.
    #[error("this node takes no further room")]
    NodeFull,
    /// The node has ended.
    #[error("the media node does not answer")]
    Gone,
}

/// A running node. Clones are the same node; it ends with the last one.
#[derive(Clone)]
pub struct Sfu {
    node: Arc<Node>,
}

struct Node {
    udp: SocketAddr,
    tcp: Option<SocketAddr>,
    shards: Vec<Reach>,
    counters: Arc<Counters>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.shards.drain(..).for_each(Reach::end);
    }
}

impl std::fmt::Debug for Sfu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sfu").field("udp", &self.node.udp).field("tcp", &self.node.tcp).finish()
    }
}

/// Shards of a node at most: their number has two digits in the names that clients are given.
const SHARDS_MAX: usize = 255;

impl Sfu {
    /// Starts a node that tells `facts` what happens.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(options: Options, facts: mpsc::Sender<Fact>) -> Result<Self, StartError> {
        let options = Options { shards: options.shards.clamp(1, SHARDS_MAX), ..options };
        let set_up = |error: std::io::Error| StartError::SetUp(error.to_string());
        let cannot_listen = |address| move |source| StartError::Listen { address, source };
        let identity = Arc::new(Identity::new().map_err(StartError::SetUp)?);
        let sockets = udp::open(options.udp, options.shards).map_err(cannot_listen(options.udp))?;
        let address = sockets.first().map_or(Ok(options.udp), mio::net::UdpSocket::local_addr).map_err(set_up)?;
        let listener = options.tcp.map(|tcp| TcpListener::bind(tcp).map_err(cannot_listen(tcp))).transpose()?;
        let tcp = listener.as_ref().map(TcpListener::local_addr).transpose().map_err(set_up)?;
        let host = Arc::new(Host {
            fingerprint: identity.fingerprint.clone(),
            udp: announced(&options.announced, address),
            tcp: tcp.map(|tcp| announced(&options.announced, tcp)).unwrap_or_default(),
        });
        let (counters, whereabouts) = (Arc::new(Counters::default()), Arc::new(Whereabouts::default()));
        let (mut reaches, mut all, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..options.shards {
            let poll = Poll::new().map_err(set_up)?;
            let waker = Arc::new(Waker::new(poll.registry(), shard::WAKE).map_err(set_up)?);
            let (neighbour, handed) = Neighbour::new(Arc::clone(&waker));
            let (reach, requests) = Reach::new(waker);
            reaches.push(reach);
            all.push(neighbour);
            ends.push((poll, requests, handed));
        }
        let mut listener = listener;
        for (number, (socket, (poll, requests, handed))) in sockets.into_iter().zip(ends).enumerate() {
            let parts = Parts {
                number: number as u8,
                options: options.clone(),
                host: Arc::clone(&host),
                identity: Arc::clone(&identity),
                poll,
                udp: Udp::new(socket).map_err(set_up)?,
                listener: listener.take(),
                requests,
                handed,
                all: all.clone(),
                whereabouts: Arc::clone(&whereabouts),
                counters: Arc::clone(&counters),
                facts: facts.clone(),
            };
            let shard = Shard::new(parts).map_err(set_up)?;
            std::thread::Builder::new().name(format!("media-{number}")).spawn(move || shard.run()).map_err(set_up)?;
        }
        Ok(Self { node: Arc::new(Node { udp: address, tcp, shards: reaches, counters }) })
    }

    /// The UDP address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.node.udp
    }

    /// The TCP address that it listens on, if any.
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        self.node.tcp
    }

    /// Takes somebody into a room, which is opened by its first. The same offer of the same participant has the same
    /// answer; another one takes the place of the first until media is connected.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn join(&self, join: Join) -> Result<Answer, JoinError> {
        let (reply, answer) = oneshot::channel();
        self.ask(join.room, Request::Join(join, reply)).await;
        answer.await.unwrap_or(Err(JoinError::Gone))
    }

    /// Answers a further offer of a participant: other networks (ICE restart), more lines.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn renegotiate(&self, room: RoomId, participant: ParticipantId, offer: String) -> Result<Answer, JoinError> {
        let (reply, answer) = oneshot::channel();
        self.ask(room, Request::Renegotiate(room, participant, offer, reply)).await;
        answer.await.unwrap_or(Err(JoinError::Gone))
    }

    /// A participant switched one of its own tracks off or on; while off, nothing of it is forwarded.
    pub async fn mute(&self, room: RoomId, track: Track, flow: Flow) {
        self.ask(room, Request::Mute(room, track, flow)).await;
    }

    /// A participant has given a track up (told over signalling: nothing on the wire says so). If packets of it come again, it is
    /// published again.
    pub async fn unpublish(&self, room: RoomId, track: Track) {
        self.ask(room, Request::Unpublish(room, track)).await;
    }

    /// A participant shows a track small: no larger layer than `most` is of use, until it says otherwise. It may be told before
    /// the track comes.
    pub async fn limit(&self, room: RoomId, participant: ParticipantId, track: Track, most: Layer) {
        self.ask(room, Request::Limit(room, participant, track, most)).await;
    }

    /// Takes somebody out of a room; the fact `Left` follows if the participant was connected.
    pub async fn leave(&self, room: RoomId, participant: ParticipantId, reason: LeaveReason) {
        self.ask(room, Request::Leave(room, participant, reason)).await;
    }

    /// From now on a copy of every packet of the room goes to the recorder, or to none.
    pub async fn record(&self, room: RoomId, tap: Option<Tap>) {
        self.ask(room, Request::Record(room, tap)).await;
    }

    /// Ends a room; the fact `Left` follows for everybody in it, with `RoomClosed`.
    pub async fn close(&self, room: RoomId) {
        self.ask(room, Request::Close(room)).await;
    }

    /// What goes on in a room; `None` when there is none.
    pub async fn stats(&self, room: RoomId) -> Option<Stats> {
        let (reply, answer) = oneshot::channel();
        self.ask(room, Request::Stats(room, reply)).await;
        answer.await.ok().flatten()
    }

    /// Ends the node: everybody is told, and the facts `Left` follow with `ServerShutdown`.
    pub async fn end(&self) {
        for shard in &self.node.shards {
            let (reply, done) = oneshot::channel();
            if shard.ask(Request::End(LeaveReason::ServerShutdown, Some(reply))).await {
                // A shard that is gone has nobody to tell.
                let _ = done.await;
            }
        }
    }

    /// What it has counted since its start.
    pub fn counts(&self) -> Counts {
        self.node.counters.now()
    }

    /// A room lives on one shard. What a shard cannot take any more is answered by the reply that never comes.
    async fn ask(&self, room: RoomId, request: Request) {
        let shard = (room.0.as_u128() % self.node.shards.len() as u128) as usize;
        if !self.node.shards[shard].ask(request).await {
            tracing::warn!(shard, "a media shard has ended and takes no further request");
        }
    }
}

/// What candidates name: the announced addresses with the port that is listened on.
fn announced(addresses: &[IpAddr], listened: SocketAddr) -> Vec<SocketAddr> {
    if addresses.is_empty() {
        return vec![listened];
    }
    addresses.iter().map(|address| SocketAddr::new(*address, listened.port())).collect()
}
