//! One thread with its rooms: takes what comes from the network and from whoever asks, and sends what came of it, turn by
//! turn. Nothing in a turn waits; whoever is too slow loses packets, and only its own.

use super::{
    answer::Host,
    call::Call,
    ice,
    peer::Peer,
    route::Route,
    secure::{Identity, Progress},
    tcp::{Connection, Stranger},
    udp::{Batch, Udp},
};
use crate::{
    core::{
        layers::Layer,
        room::{Flow, ParticipantId, Track},
    },
    facts::{Fact, LeaveReason, What},
    node::{Answer, Join, JoinError, RoomId},
    options::Options,
    record::Tap,
    stats::Stats,
};
use mio::{
    Events, Poll, Token, Waker,
    net::{TcpListener, TcpStream},
};
use ring::rand::SystemRandom;
use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::{mpsc::Sender, mpsc::error::TrySendError, oneshot};

/// The waker's.
pub const WAKE: Token = Token(0);
const UDP: Token = Token(1);
const LISTENER: Token = Token(2);
/// Connections have the numbers from here on.
const FIRST_CONNECTION: usize = 3;
/// Events taken at once.
const EVENTS: usize = 256;
/// System calls that take datagrams in one turn, before what came of them is sent.
const BATCHES: usize = 8;
/// Requests taken in one turn.
const REQUESTS: usize = 64;
/// Timers are looked at no more often than this: what is due is due to a few milliseconds.
const TIMERS_EVERY: Duration = Duration::from_millis(5);
/// The longest that a shard sleeps.
const SLEEP_MAX: Duration = Duration::from_millis(500);
/// Addresses of other shards' clients that are remembered; more are forgotten together, and learned again by the next check.
const ELSEWHERE_MAX: usize = 65_536;
/// Who was heard within this keeps its address against another's check from there: browsers check every 2.5 s.
const KEEPS_ADDRESS: Duration = Duration::from_secs(5);
/// Facts that wait for whoever takes them. Signals give way first; a history that nobody takes is lost in the end.
const BACKLOG_MAX: usize = 16_384;

/// What is asked of a shard.
pub enum Request {
    /// Somebody joins.
    Join(Join, oneshot::Sender<Result<Answer, JoinError>>),
    /// A participant makes another offer.
    Renegotiate(RoomId, ParticipantId, String, oneshot::Sender<Result<Answer, JoinError>>),
    /// A track is switched off or on.
    Mute(RoomId, Track, Flow),
    /// A track is given up.
    Unpublish(RoomId, Track),
    /// A track is shown small.
    Limit(RoomId, ParticipantId, Track, Layer),
    /// Somebody goes.
    Leave(RoomId, ParticipantId, LeaveReason),
    /// A room ends.
    Close(RoomId),
    /// Copies go to a recorder, or to none.
    Record(RoomId, Option<Tap>),
    /// What goes on in a room.
    Stats(RoomId, oneshot::Sender<Option<Stats>>),
    /// Another shard's socket was given this.
    Handed(Route, Vec<u8>),
    /// Datagrams of this address are for that shard.
    Elsewhere(SocketAddr, usize),
    /// Another shard's listener was given this.
    Connection(TcpStream, SocketAddr),
    /// Everything ends.
    End(LeaveReason, Option<oneshot::Sender<()>>),
}

/// How a shard is reached.
#[derive(Clone)]
pub struct Reach {
    /// Its requests.
    pub requests: mpsc::SyncSender<Request>,
    /// Wakes it up.
    pub waker: Arc<Waker>,
}

impl Reach {
    /// Asks something; `false` when the shard is gone, or has more to do than it can.
    pub fn ask(&self, request: Request) -> bool {
        let is_taken = self.requests.try_send(request).is_ok();
        is_taken && self.waker.wake().is_ok()
    }
}

/// What a shard is made of.
pub struct Parts {
    /// Which of the node's shards.
    pub number: u8,
    /// The node's options.
    pub options: Options,
    /// What answers name.
    pub host: Arc<Host>,
    /// Who the node is.
    pub identity: Arc<Identity>,
    /// Its poll, with the waker in it.
    pub poll: Poll,
    /// Its socket on the one port.
    pub udp: Udp,
    /// The one TCP port, for the first shard.
    pub listener: Option<TcpListener>,
    /// What is asked.
    pub requests: mpsc::Receiver<Request>,
    /// All shards, itself among them.
    pub all: Vec<Reach>,
    /// Who is told what happens.
    pub facts: Sender<Fact>,
}

/// One thread with its rooms.
pub struct Shard {
    pub(super) number: u8,
    pub(super) options: Options,
    pub(super) host: Arc<Host>,
    pub(super) identity: Arc<Identity>,
    pub(super) random: SystemRandom,
    pub(super) poll: Poll,
    udp: Udp,
    /// Where datagrams are taken into, while none is looked at.
    batch: Option<Box<Batch>>,
    pub(super) listener: Option<TcpListener>,
    requests: mpsc::Receiver<Request>,
    pub(super) all: Vec<Reach>,
    facts: Sender<Fact>,
    backlog: VecDeque<Fact>,
    pub(super) peers: Vec<Option<Box<Peer>>>,
    pub(super) free: Vec<usize>,
    pub(super) by_id: HashMap<(RoomId, ParticipantId), usize>,
    pub(super) by_ufrag: HashMap<String, usize>,
    pub(super) by_route: HashMap<Route, usize>,
    elsewhere: HashMap<SocketAddr, usize>,
    pub(super) calls: HashMap<RoomId, Call>,
    pub(super) connections: HashMap<usize, Connection>,
    pub(super) strangers: HashMap<usize, Stranger>,
    pub(super) next_connection: usize,
    /// Connections that have more to read than one turn took.
    pub(super) unread: Vec<usize>,
    /// Peers that may have something to send.
    pub(super) touched: Vec<usize>,
    /// Changes of lines that were told: each has its number.
    pub(super) layouts: u64,
    /// When timers are looked at next.
    pub(super) look_at: Instant,
    pub(super) listen_at: Instant,
}

impl Shard {
    /// Puts a shard together.
    pub fn new(parts: Parts) -> std::io::Result<Self> {
        let Parts { number, options, host, identity, poll, mut udp, mut listener, requests, all, facts } = parts;
        poll.registry().register(udp.source(), UDP, mio::Interest::READABLE)?;
        if let Some(listener) = &mut listener {
            poll.registry().register(listener, LISTENER, mio::Interest::READABLE)?;
        }
        let now = Instant::now();
        Ok(Self {
            number,
            options,
            host,
            identity,
            random: SystemRandom::new(),
            poll,
            udp,
            batch: Some(Box::default()),
            listener,
            requests,
            all,
            facts,
            backlog: VecDeque::new(),
            peers: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_route: HashMap::new(),
            elsewhere: HashMap::new(),
            calls: HashMap::new(),
            connections: HashMap::new(),
            strangers: HashMap::new(),
            next_connection: FIRST_CONNECTION,
            unread: Vec::new(),
            touched: Vec::new(),
            layouts: 0,
            look_at: now,
            listen_at: now,
        })
    }

    /// Runs until it is told to end.
    pub fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        let mut has_more = false;
        loop {
            let now = Instant::now();
            let wait = if has_more || !self.unread.is_empty() {
                Duration::ZERO
            } else {
                self.look_at.saturating_duration_since(now).min(SLEEP_MAX)
            };
            if let Err(error) = self.poll.poll(&mut events, Some(wait))
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "a media shard cannot wait for packets, and ends");
                self.end(LeaveReason::ServerShutdown);
                return;
            }
            let now = Instant::now();
            if !self.answer_requests(now) {
                return;
            }
            for event in &events {
                match event.token() {
                    WAKE => {}
                    UDP => has_more = true,
                    LISTENER => self.accept(now),
                    Token(number) => {
                        if event.is_writable()
                            && let Some(connection) = self.connections.get_mut(&number)
                        {
                            connection.flush();
                        }
                        self.read_connection(number, now);
                    }
                }
            }
            for number in std::mem::take(&mut self.unread) {
                self.read_connection(number, now);
            }
            if has_more {
                has_more = self.read_datagrams(now);
            }
            if self.look_at <= now {
                self.look_at = now + SLEEP_MAX;
                self.look_at_timers(now);
                self.close_strangers(now);
                self.look_at = self.look_at.max(now + TIMERS_EVERY);
            }
            self.flush();
            self.tell_backlog();
        }
    }

    /// Reads what has come, a bounded number of system calls; `true` when there may be more.
    fn read_datagrams(&mut self, now: Instant) -> bool {
        let Some(mut batch) = self.batch.take() else { return false };
        let mut has_more = true;
        for _ in 0..BATCHES {
            has_more = self.udp.receive(&mut batch);
            if !has_more {
                break;
            }
            batch.datagrams().for_each(|(route, datagram)| self.datagram(route, datagram, now));
        }
        self.batch = Some(batch);
        has_more
    }

    /// A datagram or framed packet has come.
    pub(super) fn datagram(&mut self, route: Route, datagram: &[u8], now: Instant) {
        let kind = ice::kind(datagram);
        let slot = match kind {
            ice::Kind::Stun => ice::addressee(datagram).and_then(|ufrag| self.by_ufrag.get(ufrag)).copied(),
            ice::Kind::Dtls | ice::Kind::Media => self.by_route.get(&route).copied(),
            ice::Kind::Strange => return,
        };
        let Some(slot) = slot else {
            self.hand_over(route, kind, datagram);
            return;
        };
        // What a participant sends harms that participant only, even where it meets a fault of this server.
        let handled = catch_unwind(AssertUnwindSafe(|| match kind {
            ice::Kind::Stun => self.check(slot, route, datagram, now),
            ice::Kind::Dtls => self.handshake(slot, datagram, now),
            _ => self.media(slot, datagram, now),
        }));
        if handled.is_err() {
            tracing::error!(shard = self.number, "a packet could not be handled, and its sender is out of the room");
            self.remove(slot, LeaveReason::MediaFailure, now);
        } else {
            self.schedule(slot);
        }
    }

    /// Sees to it that a participant's timers are looked at when something of it is due.
    pub(super) fn schedule(&mut self, slot: usize) {
        if let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) {
            peer.next = peer.due();
            self.look_at = self.look_at.min(peer.next);
        }
    }

    /// Gives a datagram to the shard that it is for.
    fn hand_over(&mut self, route: Route, kind: ice::Kind, datagram: &[u8]) {
        if self.all.len() < 2 {
            return;
        }
        let shard = match kind {
            ice::Kind::Stun => ice::addressee(datagram).and_then(ice::shard),
            _ => self.elsewhere.get(&route.remote()).copied(),
        };
        if let Some(reach) = shard.filter(|shard| *shard != usize::from(self.number)).and_then(|shard| self.all.get(shard)) {
            reach.ask(Request::Handed(route, datagram.to_vec()));
        }
    }

    fn check(&mut self, slot: usize, route: Route, datagram: &[u8], now: Instant) {
        // A sender's address can be forged: whoever is heard from one keeps it.
        let is_another = |owner: &&usize| **owner != slot;
        let owner = self.by_route.get(&route).filter(is_another).and_then(|owner| self.peers.get(*owner)).and_then(Option::as_deref);
        if owner.is_some_and(|owner| now.saturating_duration_since(owner.heard) < KEEPS_ADDRESS) {
            return;
        }
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { return };
        let Some(answer) = peer.check(datagram, route, now) else { return };
        let routes = peer.routes.clone();
        self.send(route, &[answer.as_slice().into()]);
        if self.by_route.insert(route, slot) != Some(slot) {
            // One that the participant was heard from long ago may have made room.
            self.by_route.retain(|one, of| *of != slot || routes.contains(one));
            if let Route::Tcp { connection, .. } = route
                && let Some(connection) = self.connections.get_mut(&connection)
            {
                connection.is_known = true;
            }
            if let Route::Udp { remote, .. } = route {
                let others = self.all.iter().enumerate().filter(|(number, _)| *number != usize::from(self.number));
                others.for_each(|(_, reach)| {
                    reach.ask(Request::Elsewhere(remote, usize::from(self.number)));
                });
            }
        }
        self.heard(slot);
    }

    fn handshake(&mut self, slot: usize, record: &[u8], now: Instant) {
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { return };
        let progress = peer.secure.handshake(record, now);
        peer.shake();
        self.touched.push(slot);
        match progress {
            Ok(Progress::Same) => {}
            Ok(Progress::Up) => self.connected(slot, now),
            Ok(Progress::Closed) => self.remove(slot, LeaveReason::ClientInitiated, now),
            // Anybody could have sent it; one who cannot be agreed with is never connected.
            Err(error) => tracing::debug!(%error, "a record of a handshake was of no use"),
        }
    }

    fn send(&mut self, route: Route, packets: &[bytes::BytesMut]) {
        match route {
            Route::Udp { remote, local } => self.udp.send(remote, local, packets),
            Route::Tcp { connection, .. } => {
                if let Some(connection) = self.connections.get_mut(&connection) {
                    connection.send(packets);
                }
            }
        }
    }

    /// Sends what this turn has made, one participant after the other.
    pub(super) fn flush(&mut self) {
        for slot in std::mem::take(&mut self.touched) {
            let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { continue };
            let mut outbox = std::mem::take(&mut peer.outbox);
            if let (Some(route), false) = (peer.route, outbox.is_empty()) {
                self.send(route, &outbox);
            }
            outbox.clear();
            if let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) {
                peer.outbox = outbox;
            }
        }
    }

    /// Forgets how somebody was reached who is gone.
    pub(super) fn forget(&mut self, slot: usize, peer: &Peer) {
        self.by_ufrag.retain(|_, of| *of != slot);
        self.by_route.retain(|_, of| *of != slot);
        for route in &peer.routes {
            if let Route::Tcp { connection, .. } = route
                && let Some(mut connection) = self.connections.remove(connection)
            {
                connection.flush();
                connection.close(self.poll.registry());
            }
        }
    }

    /// Takes what is asked; `false` when this is the end.
    fn answer_requests(&mut self, now: Instant) -> bool {
        for _ in 0..REQUESTS {
            let request = match self.requests.try_recv() {
                Ok(request) => request,
                Err(mpsc::TryRecvError::Empty) => return true,
                Err(mpsc::TryRecvError::Disconnected) => Request::End(LeaveReason::ServerShutdown, None),
            };
            match request {
                Request::Join(join, reply) => {
                    // Whoever asked may have gone; the client then never connects.
                    let joined = catch_unwind(AssertUnwindSafe(|| self.join(join, now)));
                    let _ = reply.send(joined.unwrap_or_else(|_| Err(fault())));
                }
                Request::Renegotiate(room, participant, offer, reply) => {
                    let answered = catch_unwind(AssertUnwindSafe(|| self.renegotiate(room, participant, offer, now)));
                    let _ = reply.send(answered.unwrap_or_else(|_| Err(fault())));
                }
                Request::Mute(room, track, flow) => self.mute(room, track, flow, now),
                Request::Unpublish(room, track) => self.unpublish(room, track, now),
                Request::Limit(room, participant, track, most) => self.limit(room, participant, track, most, now),
                Request::Leave(room, participant, reason) => {
                    if let Some(slot) = self.by_id.get(&(room, participant)).copied() {
                        self.remove(slot, reason, now);
                    }
                }
                Request::Close(room) => self.close(room, now),
                Request::Record(room, tap) => self.record(room, tap),
                Request::Stats(room, reply) => {
                    let _ = reply.send(self.stats(room, now));
                }
                Request::Handed(route, datagram) => self.datagram(route, &datagram, now),
                Request::Elsewhere(remote, shard) => {
                    if self.elsewhere.len() >= ELSEWHERE_MAX {
                        self.elsewhere.clear();
                    }
                    self.elsewhere.insert(remote, shard);
                }
                Request::Connection(stream, remote) => self.adopt(stream, remote, now),
                Request::End(reason, reply) => {
                    self.end(reason);
                    if let Some(reply) = reply {
                        let _ = reply.send(());
                    }
                    return false;
                }
            }
        }
        // There may be more: the next turn comes at once.
        let _ = self.all[usize::from(self.number)].waker.wake();
        true
    }

    fn end(&mut self, reason: LeaveReason) {
        let now = Instant::now();
        let slots: Vec<_> = self.by_id.values().copied().collect();
        slots.into_iter().for_each(|slot| self.remove(slot, reason, now));
        self.flush();
        self.tell_backlog();
    }

    /// Tells what happened. What is not taken at once waits.
    pub(super) fn fact(&mut self, room: RoomId, participant: ParticipantId, what: What) {
        let is_signal = matches!(what, What::Lines(_) | What::SpeakerStarted | What::SpeakerStopped);
        if self.backlog.len() >= if is_signal { BACKLOG_MAX / 2 } else { BACKLOG_MAX } {
            tracing::error!(?what, "nobody takes the facts of the media node: one is lost");
            return;
        }
        self.backlog.push_back(Fact { room, participant, at: SystemTime::now(), what });
    }

    fn tell_backlog(&mut self) {
        while let Some(fact) = self.backlog.pop_front() {
            match self.facts.try_send(fact) {
                Ok(()) => {}
                Err(TrySendError::Full(fact)) => {
                    self.backlog.push_front(fact);
                    self.look_at = self.look_at.min(Instant::now() + TIMERS_EVERY);
                    return;
                }
                Err(TrySendError::Closed(_)) => self.backlog.clear(),
            }
        }
    }
}

/// What is told of an offer that met a fault of this server.
fn fault() -> JoinError {
    tracing::error!("an offer could not be handled");
    JoinError::Offer("it could not be handled".to_owned())
}
