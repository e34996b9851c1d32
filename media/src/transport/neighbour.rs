//! What shards give each other: the kernel brings a datagram or a connection to any of them, whoever it is for.
//!
//! Anybody may make these, so they have a queue of their own, and what it has no room for is lost as on any way. What has been
//! handed over once is never handed over again.

use super::{route::Route, shard::Shard};
use crate::counts::Counters;
use mio::{Waker, net::TcpStream};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Instant,
};

/// What waits for a shard at most: 50 ms of some 100 Mbit/s, all of it on the wrong socket.
const HANDED_MAX: usize = 1_024;
/// What a shard takes of it in one turn.
const HANDED: usize = 256;

/// Something that came to another shard.
pub enum Handed {
    /// A datagram. What comes over a connection is never handed over: the connection itself was.
    Datagram {
        /// The client's address.
        remote: SocketAddr,
        /// The address of this server's that it wrote to.
        local: Option<IpAddr>,
        /// What it is.
        datagram: Vec<u8>,
    },
    /// A connection whose first packet was for this shard.
    Connection(TcpStream, SocketAddr),
}

/// How a shard is reached by the others.
#[derive(Clone)]
pub struct Neighbour {
    handed: SyncSender<Handed>,
    waker: Arc<Waker>,
}

impl Neighbour {
    /// A way to the shard that this wakes up, and its end.
    pub fn new(waker: Arc<Waker>) -> (Self, Receiver<Handed>) {
        let (handed, end) = sync_channel(HANDED_MAX);
        (Self { handed, waker }, end)
    }

    /// Gives the shard what is for it, if it has room.
    pub fn hand(&self, handed: Handed, counters: &Counters) {
        counters.handed();
        if self.handed.try_send(handed).is_err() {
            counters.not_handed();
        } else {
            self.wake();
        }
    }

    /// Sees to it that the shard's next turn comes at once.
    pub fn wake(&self) {
        // Without its waker a shard comes by itself, later.
        let _ = self.waker.wake();
    }
}

impl Shard {
    /// Takes what other shards were given for this one.
    pub(super) fn take_handed(&mut self, now: Instant) {
        for _ in 0..HANDED {
            match self.handed.try_recv() {
                Ok(Handed::Datagram { remote, local, datagram }) => self.handed_datagram(Route::Udp { remote, local }, &datagram, now),
                Ok(Handed::Connection(stream, remote)) => self.adopt(stream, remote, now),
                Err(_) => return,
            }
        }
        self.all[usize::from(self.number)].wake();
    }
}
