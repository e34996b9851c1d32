//! A shard's TCP connections: strangers until their first packet says which shard they are for, then somebody's way.

use super::{
    neighbour::Handed,
    route::Route,
    shard::Shard,
    tcp::{self, Connection, First, State, Stranger},
};
use mio::{
    Token,
    net::{TcpListener, TcpStream},
};
use std::{io, net::SocketAddr, time::Instant};

/// Connections taken in one turn.
const ACCEPTED: usize = 256;

impl Shard {
    /// Takes the connections that have come. The poll speaks up once for all of them: what is left waits for the next look at timers.
    pub(super) fn accept(&mut self, now: Instant) {
        self.has_unaccepted = false;
        for _ in 0..ACCEPTED {
            let Some(accepted) = self.listener.as_ref().map(TcpListener::accept) else { return };
            let (stream, remote) = match accepted.map_err(|error| Refusal::of(&error)) {
                Ok(accepted) => accepted,
                Err(Refusal::This) => continue,
                Err(Refusal::None) => return,
                Err(Refusal::All) => break,
            };
            if self.strangers.len() + self.connections.len() >= tcp::CONNECTIONS_MAX {
                continue;
            }
            let number = self.number_connection();
            if let Ok(stranger) = Stranger::new(stream, remote, Token(number), self.poll.registry(), now) {
                self.strangers.insert(number, stranger);
            }
        }
        self.has_unaccepted = true;
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
                    if let Some(neighbour) = self.all.get(shard) {
                        neighbour.hand(Handed::Connection(stream, remote), &self.counters);
                    }
                }
                _ => {}
            }
            return;
        }
        let Some(connection) = self.connections.get_mut(&number) else { return };
        let route = Route::Tcp { connection: number, remote: connection.remote };
        connection.heard = now;
        let mut came = Vec::new();
        let state = connection.receive(&mut |packet| came.push(packet.to_vec()));
        for packet in came {
            self.datagram(route, &packet, now);
        }
        match state {
            State::Open => {}
            State::More => self.unread.push(number),
            State::Gone => self.disconnect(number),
        }
    }

    fn disconnect(&mut self, number: usize) {
        let Some(mut connection) = self.connections.remove(&number) else { return };
        connection.close(self.poll.registry());
        let route = Route::Tcp { connection: number, remote: connection.remote };
        // The participant may come back over another one; until then it is silent.
        if let Some(slot) = self.by_route.remove(&route)
            && let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut)
        {
            peer.lose(route);
        }
    }

    /// Closes the connections over which no check has come, and those that are silent though they are somebody's.
    pub(super) fn close_silent(&mut self, now: Instant) {
        let is_late = |opened: Instant| now.saturating_duration_since(opened) > tcp::STRANGER_WITHIN;
        self.strangers.retain(|_, stranger| !is_late(stranger.opened));
        let is_over = |connection: &Connection| match connection.is_known {
            true => now.saturating_duration_since(connection.heard) > self.options.silence_max,
            false => is_late(connection.opened),
        };
        let over: Vec<_> = self.connections.iter().filter(|(_, connection)| is_over(connection)).map(|(number, _)| *number).collect();
        over.into_iter().for_each(|number| self.disconnect(number));
        if !self.strangers.is_empty() {
            self.look_at = self.look_at.min(now + tcp::STRANGER_WITHIN);
        }
        if self.has_unaccepted {
            self.accept(now);
        }
    }
}

/// What an error of the listener is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// One connection, which was gone before it was taken.
    This,
    /// No connection: none is left.
    None,
    /// Every connection, for now: this process has no descriptor left, or the system no memory.
    All,
}

impl Refusal {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock => Self::None,
            io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted => Self::This,
            _ => Self::All,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_connection_that_is_gone_does_not_end_the_taking_of_others() {
        let refusal = |kind: io::ErrorKind| Refusal::of(&kind.into());
        assert_eq!(refusal(io::ErrorKind::ConnectionAborted), Refusal::This);
        assert_eq!(refusal(io::ErrorKind::WouldBlock), Refusal::None);
        // Too many open files.
        assert_eq!(Refusal::of(&io::Error::from_raw_os_error(24)), Refusal::All);
    }
}
