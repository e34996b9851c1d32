//! What a node can be told at its start. Every bound of the transport is here, with its reason.

use crate::core::room::PARTICIPANTS_MAX;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

/// How a node listens, and what it bears with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The one UDP address of all calls; port 0 is any free one.
    pub udp: SocketAddr,
    /// The one TCP address (ICE-TCP, RFC 6544) for networks without UDP; `None` for none.
    pub tcp: Option<SocketAddr>,
    /// Addresses that answers name as candidates; empty: those that are listened on.
    pub announced: Vec<IpAddr>,
    /// Threads; a room lives on one of them.
    pub shards: usize,
    /// Rooms of this node at most: some 0.8 MB each with two cameras, so that a node stays under 2 GB.
    pub rooms_max: usize,
    /// Participants of a room at most: what a call page shows, and what one sender's uplink feeds.
    pub participants_max: usize,
    /// A client that is not connected this long after its offer will not be: ICE gives up after about as long.
    pub connect_within: Duration,
    /// For how long nothing may be heard of a connected client: a change of networks takes a few seconds.
    pub silence_max: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            udp: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tcp: None,
            announced: Vec::new(),
            shards: 1,
            rooms_max: 2_000,
            participants_max: PARTICIPANTS_MAX,
            connect_within: Duration::from_secs(15),
            silence_max: Duration::from_secs(10),
        }
    }
}
