//! A shard's TCP connections: strangers until their first packet says which shard they are for, then somebody's way.

use super::{
    request::Request,
    route::Route,
    shard::Shard,
    tcp::{self, Connection, First, State, Stranger},
};
use mio::{
    Token,
    net::{TcpListener, TcpStream},
};
use std::{net::SocketAddr, time::Instant};

impl Shard {
    /// Takes the connections that have come.
    pub(super) fn accept(&mut self, now: Instant) {
        while let Some(Ok((stream, remote))) = self.listener.as_ref().map(TcpListener::accept) {
            if self.strangers.len() + self.connections.len() >= tcp::CONNECTIONS_MAX {
                continue;
            }
            let number = self.number_connection();
            if let Ok(stranger) = Stranger::new(stream, remote, Token(number), self.poll.registry(), now) {
                self.strangers.insert(number, stranger);
            }
        }
    }

    fn number_connection(&mut self) -> usize {
        self.next_connection += 1;
        self.next_connection
    }

    /// Takes a connection over that is for this shard.
    pub(super) fn adopt(&mut self, stream: TcpStream, remote: SocketAddr, now: Instant) {
        if self.connections.len() >= tcp::CONNECTIONS_MAX {
            return;
        }
        let number = self.number_connection();
        if let Ok(connection) = Connection::new(stream, remote, Token(number), self.poll.registry(), now) {
            self.connections.insert(number, connection);
            self.read_connection(number, now);
        }
    }

    /// Takes what has come over a connection.
    pub(super) fn read_connection(&mut self, number: usize, now: Instant) {
        if let Some(stranger) = self.strangers.get(&number) {
            let first = stranger.look();
            if first == First::Waits {
                return;
            }
            let Some(stranger) = self.strangers.remove(&number) else { return };
            let (stream, remote) = stranger.hand_over(self.poll.registry());
            match first {
                First::Shard(shard) if shard == usize::from(self.number) => self.adopt(stream, remote, now),
                First::Shard(shard) => {
                    if let Some(reach) = self.all.get(shard) {
                        reach.ask(Request::Connection(stream, remote));
                    }
                }
                _ => {}
            }
            return;
        }
        let Some(connection) = self.connections.get_mut(&number) else { return };
        let route = Route::Tcp { connection: number, remote: connection.remote };
        let mut came = Vec::new();
        let state = connection.receive(&mut |packet| came.push(packet.to_vec()));
        for packet in came {
            self.datagram(route, &packet, now);
        }
        match state {
            State::Open => {}
            State::More => self.unread.push(number),
            State::Gone => {
                if let Some(mut connection) = self.connections.remove(&number) {
                    connection.close(self.poll.registry());
                }
                // The participant may come back over another one; until then it is silent.
                if let Some(slot) = self.by_route.remove(&route)
                    && let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut)
                {
                    peer.lose(route);
                }
            }
        }
    }

    /// Closes the connections over which no check has come.
    pub(super) fn close_strangers(&mut self, now: Instant) {
        let is_late = |opened: Instant| now.saturating_duration_since(opened) > tcp::STRANGER_WITHIN;
        self.strangers.retain(|_, stranger| !is_late(stranger.opened));
        self.connections.retain(|_, connection| connection.is_known || !is_late(connection.opened));
        if !self.strangers.is_empty() {
            self.look_at = self.look_at.min(now + tcp::STRANGER_WITHIN);
        }
    }
}
