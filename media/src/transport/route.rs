//! Where a client is: an address that it is reached at over UDP, or a TCP connection of its own.

use std::net::{IpAddr, SocketAddr};

/// A way to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// Over the shared UDP port.
    Udp {
        /// The client's address.
        remote: SocketAddr,
        /// The address of this server's that it wrote to: answers come from there.
        local: Option<IpAddr>,
    },
    /// Over a connection of its own (RFC 4571).
    Tcp {
        /// Which of the shard's connections.
        connection: usize,
        /// The client's address.
        remote: SocketAddr,
    },
}

impl Route {
    /// The client's address.
    pub fn remote(&self) -> SocketAddr {
        match self {
            Self::Udp { remote, .. } | Self::Tcp { remote, .. } => *remote,
        }
    }
}
