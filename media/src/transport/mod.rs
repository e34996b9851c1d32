//! Packets from and to the network, driven by what [`crate::core`] decides. Built on the layers of `rtc` (DTLS, SRTP, STUN, SDP,
//! GCC); its peer connection is not used, because it drops what comes before ICE is done, and costs more than all the rest.
//!
//! | to understand | read |
//! |---|---|
//! | a thread's turn | [`shard`], [`request`], [`neighbour`], [`whereabouts`], [`datagram`], [`timers`], [`connections`] |
//! | who is in a room and gets what on which line | [`call`], [`lines`], [`choice`] |
//! | the way of a packet | [`media`], [`stream`], [`leg`], [`recent`], [`packet`] |
//! | one participant's connection | [`peer`], [`inbound`], [`ice`], [`secure`], [`unproven`], [`opening`], [`route`] |
//! | offers and answers | [`offer`], [`negotiation`], [`answer`] |
//! | loss, reports, bandwidth | [`missing`], [`seen`], [`control`], [`arrivals`], [`bandwidth`] |
//! | sockets | [`udp`], [`tcp`] |

pub(crate) mod answer;
mod arrivals;
mod bandwidth;
mod call;
mod choice;
mod connections;
mod control;
mod datagram;
mod ice;
mod inbound;
mod leg;
mod lines;
mod media;
mod missing;
mod negotiation;
pub(crate) mod neighbour;
mod offer;
mod opening;
mod packet;
mod peer;
mod recent;
pub(crate) mod request;
mod route;
pub(crate) mod secure;
mod seen;
pub(crate) mod shard;
#[cfg(test)]
mod strange;
mod stream;
mod tcp;
mod timers;
pub(crate) mod udp;
mod unproven;
pub(crate) mod whereabouts;

pub use offer::OFFER_MAX;
