//! Connections that append: one for each thread that does, opened and driven there, so that an append changes no thread.
//!
//! The batches that the batcher has under way share its one, so that the server gets the next statement while it works on
//! the one before, and runs them one after the other. Two connections never append at the same time: one who appends
//! holds the lock on the writing side of the log.

use super::connect::{self, Use};
use crate::LogError;
use deadpool_postgres::{Object, Pool};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::ThreadId,
};

/// The batcher's, those of the threads that take requests, and one for a batch that takes the lock first: made when needed,
/// and more than any machine has threads that take requests.
const CONNECTIONS: usize = 64;

/// Connections that append.
pub struct Appends {
    pool: Pool,
    kept: Mutex<HashMap<ThreadId, Arc<Object>>>,
}

impl Appends {
    /// Connects when needed.
    pub fn new(url: &str) -> Result<Self, LogError> {
        Ok(Self { pool: connect::pool(url, CONNECTIONS, Use::Append)?, kept: Mutex::default() })
    }

    /// This thread's connection.
    pub async fn of_this_thread(&self) -> Result<Arc<Object>, LogError> {
        let thread = std::thread::current().id();
        let found = self.kept().get(&thread).cloned();
        if let Some(found) = found.filter(|found| !found.is_closed()) {
            return Ok(found);
        }
        // The closed one goes back to the pool first, which throws it away.
        self.kept().remove(&thread);
        let fresh = Arc::new(connect::get(&self.pool).await?);
        self.kept().insert(thread, Arc::clone(&fresh));
        Ok(fresh)
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<ThreadId, Arc<Object>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection for one transaction of several statements.
    pub async fn alone(&self) -> Result<Object, LogError> {
        connect::get(&self.pool).await
    }
}
