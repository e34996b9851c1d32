//! What a client's packets go over, and what becomes of some of them there.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream, UdpSocket},
};

/// A socket, or a connection with what came over it and is not whole yet.
pub enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream, Vec<u8>),
}

impl Wire {
    /// The next packet that has come.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        let mut buffer = [0; 4_096];
        match self {
            Self::Udp(socket) => socket.recv(&mut buffer).ok().map(|length| buffer[..length].to_vec()),
            Self::Tcp(stream, came) => {
                match stream.read(&mut buffer) {
                    Ok(length) => came.extend_from_slice(&buffer[..length]),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => panic!("{error}"),
                }
                let [high, low] = *came.first_chunk()?;
                let length = usize::from(u16::from_be_bytes([high, low]));
                let packet = came.get(2..2 + length)?.to_vec();
                came.drain(..2 + length);
                Some(packet)
            }
        }
    }

    /// Sends a packet; over a connection there is one place only to send to.
    pub fn send(&mut self, packet: &[u8], to: SocketAddr) {
        match self {
            Self::Udp(socket) => drop(socket.send_to(packet, to)),
            Self::Tcp(stream, _) => {
                let length = (packet.len() as u16).to_be_bytes();
                // Loopback takes what a test sends.
                stream.write_all(&[&length[..], packet].concat()).unwrap();
            }
        }
    }
}

/// Changes, cuts or lengthens one datagram in three.
pub fn spoil(datagram: &mut Vec<u8>, seed: &mut u64) {
    // A linear congruential generator (Knuth): the upper bits are random enough for this.
    let mut draw = |below: usize| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) as usize % below.max(1)
    };
    match draw(9) {
        0 => {
            for _ in 0..=draw(8) {
                let at = draw(datagram.len());
                datagram[at] = draw(256) as u8;
            }
        }
        1 => datagram.truncate(draw(datagram.len()).max(1)),
        2 => datagram.extend(std::iter::repeat_n(draw(256) as u8, draw(300))),
        _ => {}
    }
}

/// The number of a check, repeated in its answer.
pub fn transaction(datagram: &[u8]) -> Option<[u8; 12]> {
    datagram.get(8..)?.first_chunk().copied()
}

/// The number of the words that begin a handshake (RFC 6347 section 4.2.2); `None` for anything else.
pub fn hello(datagram: &[u8]) -> Option<u16> {
    let [22, _, _, 0, 0, ..] = *datagram else { return None };
    let [1, _, _, _, high, low, ..] = *datagram.get(13..)? else { return None };
    Some(u16::from_be_bytes([high, low]))
}
