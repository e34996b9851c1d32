//! Clients without UDP: each has a TCP connection to the one port, and frames its packets with their length (RFC 4571).

use super::ice;
use crate::counts::Counters;
use bytes::BytesMut;
use mio::{Interest, Registry, Token, net::TcpStream};
use std::{
    io::{self, Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Connections of a shard at most, so that they cannot use up the process' descriptors.
pub const CONNECTIONS_MAX: usize = 2_000;
/// A connection over which no check has come by then is closed.
pub const STRANGER_WITHIN: Duration = Duration::from_secs(5);
/// What waits for a slow client at most: about half a second of a large picture. More is dropped, never waited for.
const WAITING_MAX: usize = 128 * 1024;
/// What is read from one client before others have their turn.
const READ_MAX: usize = 64 * 1024;
/// Bytes of a check at most: those of browsers have 100 to 150.
const CHECK_MAX: usize = 1_024;

/// One client's connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// The client's address.
    pub remote: SocketAddr,
    /// When it was opened.
    pub opened: Instant,
    /// When something was read of it last.
    pub heard: Instant,
    /// Whether a participant proved to be behind it.
    pub is_known: bool,
    came: Vec<u8>,
    waiting: Vec<u8>,
}

/// What reading left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The client may send more later.
    Open,
    /// More is there already.
    More,
    /// The connection is gone.
    Gone,
}

impl Connection {
    /// Takes a connection over.
    pub fn new(mut stream: TcpStream, remote: SocketAddr, token: Token, registry: &Registry, now: Instant) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self { stream, remote, opened: now, heard: now, is_known: false, came: Vec::new(), waiting: Vec::new() })
    }

    /// Takes the packets that have come.
    pub fn receive(&mut self, take: &mut dyn FnMut(&[u8])) -> State {
        let mut buffer = [0; 16 * 1024];
        let mut read = 0;
        let state = loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => break State::Gone,
                Ok(count) => {
                    self.came.extend_from_slice(&buffer[..count]);
                    read += count;
                    if read >= READ_MAX {
                        break State::More;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break State::Open,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break State::Gone,
            }
        };
        let mut at = 0;
        while let Some([high, low]) = self.came[at..].first_chunk().copied() {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let Some(packet) = self.came.get(at + 2..at + 2 + length) else { break };
            take(packet);
            at += 2 + length;
        }
        self.came.drain(..at);
        state
    }

    /// Sends packets, or keeps what the client does not take yet; what is too much is dropped whole, and counted.
    pub fn send(&mut self, packets: &[BytesMut], counters: &Counters) {
        for packet in packets {
            let Ok(length) = u16::try_from(packet.len()) else { continue };
            if self.waiting.len() + packet.len() > WAITING_MAX {
                counters.unsent(1);
                continue;
            }
            self.waiting.extend_from_slice(&length.to_be_bytes());
            self.waiting.extend_from_slice(packet);
        }
        self.flush();
    }

    /// Sends what waits, as far as the client takes it.
    pub fn flush(&mut self) {
        let mut at = 0;
        while at < self.waiting.len() {
            match self.stream.write(&self.waiting[at..]) {
                Ok(count) if count > 0 => at += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A connection that is gone says so when it is read.
                _ => break,
            }
        }
        self.waiting.drain(..at);
    }

    /// Ends it.
    pub fn close(&mut self, registry: &Registry) {
        let _ = registry.deregister(&mut self.stream);
    }
}

/// A connection of which it is not known yet for which shard it is.
#[derive(Debug)]
pub struct Stranger {
    stream: TcpStream,
    remote: SocketAddr,
    /// When it was opened.
    pub opened: Instant,
}

/// What a stranger's first packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// It has not come in full.
    Waits,
    /// It is a check for a participant of this shard.
    Shard(usize),
    /// It is no check.
    Strange,
}

impl Stranger {
    /// Waits for a connection's first packet.
    pub fn new(mut stream: TcpStream, remote: SocketAddr, token: Token, registry: &Registry, now: Instant) -> io::Result<Self> {
        registry.register(&mut stream, token, Interest::READABLE)?;
        Ok(Self { stream, remote, opened: now })
    }

    /// Looks at the first packet, and leaves it where it is.
    pub fn look(&self) -> First {
        let mut buffer = [0; CHECK_MAX + 2];
        let came = match self.stream.peek(&mut buffer) {
            Ok(0) => return First::Strange,
            Ok(count) => &buffer[..count],
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => return First::Waits,
            Err(_) => return First::Strange,
        };
        let Some([high, low]) = came.first_chunk().copied() else { return First::Waits };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > CHECK_MAX {
            return First::Strange;
        }
        let Some(packet) = came.get(2..2 + length) else { return First::Waits };
        ice::addressee(packet).and_then(ice::shard).map_or(First::Strange, First::Shard)
    }

    /// Gives the connection to whom it is for.
    pub fn hand_over(mut self, registry: &Registry) -> (TcpStream, SocketAddr) {
        let _ = registry.deregister(&mut self.stream);
        (self.stream, self.remote)
    }
}
