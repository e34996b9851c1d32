//! What goes on in a room right now, for whoever runs the node. Never part of a call's history.

use crate::core::{
    layers::Layer,
    room::{ParticipantId, Source, Track},
};

/// A room right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Who is in it.
    pub participants: Vec<ParticipantStats>,
}

/// A participant right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantStats {
    /// Who.
    pub participant: ParticipantId,
    /// Whether packets reach it.
    pub is_connected: bool,
    /// What it is thought to take, in bits a second.
    pub bandwidth: u64,
    /// What it sends, each layer with bits a second.
    pub sends: Vec<(Source, Layer, u64)>,
    /// What it gets, pictures with their layer.
    pub gets: Vec<(Track, Option<Layer>)>,
}
