//! The name of a stream: whose, of what kind, which one.

use uuid::Uuid;
use vitrina_domain::{ids::AccountId, stream::Category};

/// A stream: the events of one aggregate. The account comes first in it and in every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId {
    /// Whose.
    pub account: AccountId,
    /// Of what kind.
    pub category: Category,
    /// Which one.
    pub id: Uuid,
}

impl StreamId {
    /// The stream of this aggregate.
    pub fn new(account: AccountId, category: Category, id: impl Into<Uuid>) -> Self {
        Self { account, category, id: id.into() }
    }
}

impl std::fmt::Display for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.category.as_str(), self.id)
    }
}
