//! The SFU: participants of a call send their picture and sound here once, and it goes to everybody else.
//!
//! [`Sfu`] is the door: joins, leaves and offers go in, [`Fact`]s come out. [`core`] decides, without I/O and without a clock,
//! who gets which track and layer and under which numbers; `transport` brings packets from and to the network.

pub mod core;
mod counts;
pub mod facts;
mod node;
pub mod options;
pub mod record;
mod stats;
mod transport;

pub use crate::core::{
    codec::Codec,
    layers::Layer,
    room::{Flow, ParticipantId, Role, Source, Track},
};
pub use counts::Counts;
pub use facts::{Fact, JoinFailure, LeaveReason, What};
pub use node::{Answer, Join, JoinError, Layout, Line, RoomId, Sfu, StartError, Wants};
pub use options::Options;
pub use stats::{ParticipantStats, Stats};
pub use transport::OFFER_MAX;
