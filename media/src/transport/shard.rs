//! One thread with its rooms: takes what comes from the network and from whoever asks, and sends what came of it, turn by
//! turn. Nothing in a turn waits; whoever is too slow loses packets, and only its own.

use super::{
    answer::Host,
    call::Call,
    neighbour::{Handed, Neighbour},
    peer::Peer,
    request::Request,
    route::Route,
    secure::Identity,
    tcp::{Connection, Stranger},
    udp::{Batch, Udp},
    whereabouts::Whereabouts,
};
use crate::{
    core::room::ParticipantId,
    counts::Counters,
    facts::{Fact, LeaveReason, What},
    node::RoomId,
    options::Options,
};
use mio::{Events, Poll, Token, net::TcpListener};
use ring::rand::SystemRandom;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, mpsc},
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::mpsc::{Receiver, Sender, error::TrySendError};

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
/// Timers are looked at no more often than this: what is due is due to a few milliseconds.
const TIMERS_EVERY: Duration = Duration::from_millis(5);
/// The longest that a shard sleeps.
const SLEEP_MAX: Duration = Duration::from_millis(500);
/// Facts that wait for whoever takes them. Signals give way first; a history that nobody takes is lost in the end.
const BACKLOG_MAX: usize = 16_384;

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
    pub requests: Receiver<Request>,
    /// What came to other shards.
    pub handed: mpsc::Receiver<Handed>,
    /// All shards, itself among them.
    pub all: Vec<Neighbour>,
    /// Whose datagrams are for which of them.
    pub whereabouts: Arc<Whereabouts>,
    /// What is counted.
    pub counters: Arc<Counters>,
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
    pub(super) requests: Receiver<Request>,
    pub(super) handed: mpsc::Receiver<Handed>,
    pub(super) all: Vec<Neighbour>,
    pub(super) whereabouts: Arc<Whereabouts>,
    pub(super) counters: Arc<Counters>,
    facts: Sender<Fact>,
    backlog: VecDeque<Fact>,
    pub(super) peers: Vec<Option<Box<Peer>>>,
    pub(super) free: Vec<usize>,
    pub(super) by_id: HashMap<(RoomId, ParticipantId), usize>,
    pub(super) by_ufrag: HashMap<String, usize>,
    pub(super) by_route: HashMap<Route, usize>,
    pub(super) calls: HashMap<RoomId, Call>,
    pub(super) connections: HashMap<usize, Connection>,
    pub(super) strangers: HashMap<usize, Stranger>,
    pub(super) next_connection: usize,
    /// Whether connections wait that could not be taken.
    pub(super) has_unaccepted: bool,
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
        let Parts { mut udp, mut listener, poll, .. } = parts;
        poll.registry().register(udp.source(), UDP, mio::Interest::READABLE)?;
        if let Some(listener) = &mut listener {
            poll.registry().register(listener, LISTENER, mio::Interest::READABLE)?;
        }
        let now = Instant::now();
        Ok(Self {
            number: parts.number,
            options: parts.options,
            host: parts.host,
            identity: parts.identity,
            random: SystemRandom::new(),
            poll,
            udp,
            batch: Some(Box::default()),
            listener,
            requests: parts.requests,
            handed: parts.handed,
            all: parts.all,
            whereabouts: parts.whereabouts,
            counters: parts.counters,
            facts: parts.facts,
            backlog: VecDeque::new(),
            peers: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_route: HashMap::new(),
            calls: HashMap::new(),
            connections: HashMap::new(),
            strangers: HashMap::new(),
            next_connection: FIRST_CONNECTION,
            has_unaccepted: false,
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
            self.take_handed(now);
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
                self.close_silent(now);
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

    /// Sees to it that a participant's timers are looked at when something of it is due.
    pub(super) fn schedule(&mut self, slot: usize) {
        if let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) {
            peer.next = peer.due();
            self.look_at = self.look_at.min(peer.next);
        }
    }

    pub(super) fn send(&mut self, route: Route, packets: &[bytes::BytesMut]) {
        match route {
            Route::Udp { remote, local } => self.udp.send(remote, local, packets, &self.counters),
            Route::Tcp { connection, .. } => {
                if let Some(connection) = self.connections.get_mut(&connection) {
                    connection.send(packets, &self.counters);
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
        for route in &peer.routes {
            self.lose(*route, slot);
        }
    }

    /// A way is somebody's no more: its connection is closed.
    pub(super) fn lose(&mut self, route: Route, slot: usize) {
        if self.by_route.get(&route) != Some(&slot) {
            return;
        }
        self.by_route.remove(&route);
        match route {
            Route::Udp { remote, .. } => {
                if !self.by_route.keys().any(|other| other.remote() == remote) {
                    self.whereabouts.forget(remote, usize::from(self.number));
                }
            }
            Route::Tcp { connection, .. } => {
                if let Some(mut connection) = self.connections.remove(&connection) {
                    connection.flush();
                    connection.close(self.poll.registry());
                }
            }
        }
    }

    pub(super) fn end(&mut self, reason: LeaveReason) {
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
