//! The one UDP port of all calls. Several shards have a socket each on it (SO_REUSEPORT).

use super::route::Route;
use crate::counts::Counters;
use bytes::BytesMut;
use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, SocketAddr},
    ops::Range,
};

/// Datagrams that one system call brings.
const BATCH: usize = 16;
/// The kernel may merge datagrams of one sender into one buffer (GRO), up to this.
const BUFFER: usize = 64 * 1024;
/// Room for some 50 ms of 200 Mbit/s in either direction while the shard is busy; the kernel may grant less.
const SOCKET_BUFFER: usize = 4 << 20;
/// Bytes of datagrams sent at once to one receiver (GSO): the kernel takes 64 kB with headers.
const SEGMENTS_BYTES: usize = 60_000;

/// Opens a node's sockets, all on the one port; fails when anybody else has it.
pub fn open(address: SocketAddr, count: usize) -> io::Result<Vec<mio::net::UdpSocket>> {
    // The first takes the port for itself alone, and shares it only then: another node would share it in silence, and get half of
    // what is meant for this one.
    let first = socket(address)?;
    first.bind(&address.into())?;
    first.set_reuse_port(count > 1)?;
    let taken = first.local_addr()?;
    let mut all = vec![first];
    for _ in 1..count {
        let another = socket(address)?;
        another.set_reuse_port(true)?;
        another.bind(&taken)?;
        all.push(another);
    }
    Ok(all.into_iter().map(|socket| mio::net::UdpSocket::from_std(socket.into())).collect())
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    // Larger is better, and any size works.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    Ok(socket)
}

/// Datagrams that came with one system call.
pub struct Batch {
    buffers: [Vec<u8>; BATCH],
    came: Vec<(Route, usize, Range<usize>)>,
}

impl Default for Batch {
    fn default() -> Self {
        Self { buffers: std::array::from_fn(|_| vec![0; BUFFER]), came: Vec::new() }
    }
}

impl Batch {
    /// Where each came from, and what it is.
    pub fn datagrams(&self) -> impl Iterator<Item = (Route, &[u8])> {
        self.came.iter().filter_map(|(route, at, range)| Some((*route, self.buffers[*at].get(range.clone())?)))
    }
}

/// One shard's socket.
pub struct Udp {
    socket: mio::net::UdpSocket,
    state: UdpSocketState,
    segments: Vec<u8>,
}

impl Udp {
    /// Takes a socket over.
    pub fn new(socket: mio::net::UdpSocket) -> io::Result<Self> {
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self { socket, state, segments: Vec::with_capacity(BUFFER) })
    }

    /// The socket, for the poll.
    pub fn source(&mut self) -> &mut mio::net::UdpSocket {
        &mut self.socket
    }

    /// Takes what has come, at most one system call's worth; `false` when there is nothing more.
    pub fn receive(&mut self, batch: &mut Batch) -> bool {
        batch.came.clear();
        let mut meta = [RecvMeta::default(); BATCH];
        let mut slices = batch.buffers.each_mut().map(|buffer| IoSliceMut::new(buffer));
        // An error belongs to one of the clients (ICMP), or to none; the next call brings the next datagram.
        let count = match self.state.recv(UdpSockRef::from(&self.socket), &mut slices, &mut meta) {
            Ok(count) => count,
            Err(error) => return !matches!(error.kind(), io::ErrorKind::WouldBlock),
        };
        for (at, meta) in meta.iter().enumerate().take(count) {
            let route = Route::Udp { remote: meta.addr, local: meta.dst_ip };
            let (stride, length) = (meta.stride.max(1), meta.len.min(BUFFER));
            batch.came.extend((0..length).step_by(stride).map(|from| (route, at, from..(from + stride).min(length))));
        }
        true
    }

    /// Sends datagrams to one client, as few system calls as possible; counts what the kernel does not take.
    pub fn send(&mut self, remote: SocketAddr, local: Option<IpAddr>, datagrams: &[BytesMut], counters: &Counters) {
        let mut rest = datagrams;
        while let Some(first) = rest.first() {
            let size = first.len();
            let segments_max = self.state.max_gso_segments().min(SEGMENTS_BYTES / size.max(1)).max(1);
            // All of a burst but its last have one size.
            let equal = rest.iter().take(segments_max).take_while(|datagram| datagram.len() == size).count();
            let has_tail = equal < segments_max && rest.get(equal).is_some_and(|next| next.len() < size);
            let count = equal + usize::from(has_tail);
            let contents = if count == 1 {
                first.as_ref()
            } else {
                self.segments.clear();
                rest[..count].iter().for_each(|datagram| self.segments.extend_from_slice(datagram));
                self.segments.as_slice()
            };
            let segment_size = (count > 1).then_some(size);
            let transmit = Transmit { destination: remote, ecn: None, contents, segment_size, src_ip: local };
            if self.state.try_send(UdpSockRef::from(&self.socket), &transmit).is_err() {
                counters.unsent(count as u64);
            }
            rest = &rest[count..];
        }
    }
}
