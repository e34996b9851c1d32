//! The door of the SFU: what can be asked of it, and what it answers.

use crate::{
    core::{
        layers::Layer,
        room::{Flow, ParticipantId, Role, Track},
    },
    facts::{Fact, LeaveReason},
    options::Options,
    record::Tap,
};
use std::net::SocketAddr;
use tokio::sync::mpsc;
use uuid::Uuid;

/// A room: the call's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub Uuid);

/// A wish to take part.
#[derive(Debug, Clone)]
pub struct Join {
    /// Where.
    pub room: RoomId,
    /// The presence, minted by whoever asks: coming back is another one.
    pub participant: ParticipantId,
    /// What the participant may do.
    pub role: Role,
    /// The client's offer (SDP).
    pub offer: String,
}

/// The answer to an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The answer (SDP).
    pub sdp: String,
    /// Who is to be seen and heard on which line.
    pub lines: Vec<Line>,
}

/// What a receiver gets on a line of its offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line (`a=mid`); `None` for a track that no line is left for: the client may offer more.
    pub mid: Option<String>,
    /// The track on it, if any.
    pub track: Option<Track>,
}

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// No thread, no certificate.
    #[error("cannot set up the media node: {0}")]
    SetUp(String),
}

/// Why an offer is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The offer is no SDP, or lacks something that an answer needs.
    #[error("the offer cannot be answered: {0}")]
    Offer(String),
    /// The participant is in the room already.
    #[error("this participant is in the room already")]
    There,
    /// The participant is not in the room.
    #[error("this participant is not in the room")]
    NotThere,
    /// As many take part as can.
    #[error("the room is full")]
    RoomFull,
    /// The node has as many rooms as it can.
    #[error("this node takes no further room")]
    NodeFull,
    /// The node has ended, or is too busy to take the offer.
    #[error("the media node does not answer")]
    Gone,
}

/// A running node. Clones are the same node; it ends with the last one.
#[derive(Debug, Clone)]
pub struct Sfu {
    address: SocketAddr,
}

impl Sfu {
    /// Starts a node that tells `facts` what happens.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(options: Options, facts: mpsc::Sender<Fact>) -> Result<Self, StartError> {
        drop(facts);
        Ok(Self { address: options.udp })
    }

    /// The UDP address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes somebody into a room, which is opened by its first.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn join(&self, _join: Join) -> Result<Answer, JoinError> {
        Err(JoinError::Gone)
    }

    /// Answers a further offer of a participant: other networks (ICE restart), more lines.
    ///
    /// # Errors
    /// [`JoinError`].
    pub async fn renegotiate(&self, _room: RoomId, _participant: ParticipantId, _offer: String) -> Result<Answer, JoinError> {
        Err(JoinError::Gone)
    }

    /// A participant switched one of its own tracks off or on; while off, nothing of it is forwarded.
    pub async fn mute(&self, _room: RoomId, _track: Track, _flow: Flow) {}

    /// A participant shows a track small: no larger layer than `most` is of use.
    pub async fn limit(&self, _room: RoomId, _participant: ParticipantId, _track: Track, _most: Layer) {}

    /// Takes somebody out of a room; the fact `Left` follows if the participant was connected.
    pub async fn leave(&self, _room: RoomId, _participant: ParticipantId, _reason: LeaveReason) {}

    /// From now on the recorder gets a copy of every packet of the room, or no more with `None`. A room that is not there yet
    /// is tapped when it opens; one that ends is tapped no more.
    pub fn record(&self, _room: RoomId, _tap: Option<Tap>) {}

    /// Ends a room; the fact `Left` follows for everybody in it, with `RoomClosed`.
    pub async fn close(&self, _room: RoomId) {}
}
