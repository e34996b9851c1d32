//! The connection that appends: one, shared by the batches that are under way, so that the server gets the next
//! statement while it works on the one before, and runs them one after the other.

use super::connect::{self, Use};
use crate::LogError;
use deadpool_postgres::{Object, Pool};
use std::sync::{Arc, Mutex, PoisonError};

/// One for the batches under way, one for a batch that takes the lock first.
const CONNECTIONS: usize = 2;

/// Connections that append, opened and driven on the batcher's thread.
pub struct Appends {
    pool: Pool,
    shared: Mutex<Option<Arc<Object>>>,
}

impl Appends {
    /// Connects when needed.
    pub fn new(url: &str) -> Result<Self, LogError> {
        Ok(Self { pool: connect::pool(url, CONNECTIONS, Use::Append)?, shared: Mutex::default() })
    }

    /// The connection that all batches under way share.
    pub async fn shared(&self) -> Result<Arc<Object>, LogError> {
        let kept = self.shared.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| !kept.is_closed()) {
            return Ok(kept);
        }
        // The closed one goes back to the pool first, which throws it away.
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let fresh = Arc::new(connect::get(&self.pool).await?);
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// A connection for one transaction of several statements.
    pub async fn alone(&self) -> Result<Object, LogError> {
        connect::get(&self.pool).await
    }
}
