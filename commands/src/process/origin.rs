//! Where a start takes the floor from: a read model, through a trait that the server wires.

use futures_util::future::BoxFuture;
use vitrina_domain::floor::{Activity, Key, Place};
use vitrina_eventlog::Position;

/// The places of the floor at a position. Some may count later events too.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Every event up to here is counted.
    pub position: Position,
    /// What is remembered.
    pub places: Vec<(Key, Place)>,
    /// The newest deeds of shoppers and in chats.
    pub activity: Vec<Activity>,
}

/// The read model cannot be read now.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct OriginError(pub String);

/// Who knows the floor as of a recent position.
pub trait Origin: Send + Sync + 'static {
    /// The floor as it is kept.
    fn snapshot(&self) -> BoxFuture<'_, Result<Snapshot, OriginError>>;
}

/// Nobody: the floor is folded from the first event on. For tests and for logs without read models.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Origin for Nothing {
    fn snapshot(&self) -> BoxFuture<'_, Result<Snapshot, OriginError>> {
        Box::pin(std::future::ready(Ok(Snapshot::default())))
    }
}
