//! The log on PostgreSQL: any number of processes on one database.
//!
//! A plan is written by one statement that moves the head only from where it is expected and writes nothing if it was
//! not there: one round trip, and the lock is never held across one. A batch that lost its race takes the lock first
//! (`FOR UPDATE`), looks *in a statement after it* (one that locks and reads at once sees the old versions), and writes.

mod connect;
mod error;
mod heads;
mod keys;
mod look;
mod partitions;
mod read;
mod write;

use super::{CommitOutcome, Decide, Engine, Keys, Stores};
use crate::{
    AppendRequest, LogError, Position, Recorded, StreamId, Version,
    keyring::MasterKey,
    sequence::{Known, Plan},
};
use chrono::{DateTime, Utc};
use deadpool_postgres::Pool;
use error::{failed, in_time};
use futures_util::future::{BoxFuture, FutureExt};
use std::sync::Arc;
use tokio::sync::watch;

pub use connect::{Use, pool};
pub use error::is_away;

/// Connections for reads of the log and of the keys.
const READERS_MAX: usize = 8;
/// Connections for looks at what a command names: an append must not wait until long reads are done.
const LOOKERS_MAX: usize = 4;

/// The log in a PostgreSQL database.
pub struct Postgres {
    /// One connection, opened on the batcher's thread and driven there.
    appends: Pool,
    looks: Pool,
    reads: Pool,
    partitions: partitions::Partitions,
    heads: watch::Receiver<Position>,
}

/// Opens the log in this database, after bringing its schema up to date.
///
/// # Errors
/// [`LogError::Open`] says what is in the way: the URL, a newer schema, another master key; [`LogError::Unavailable`] when
/// the server does not answer.
pub async fn open(url: &str, master: &MasterKey) -> Result<Stores, LogError> {
    connect::migrate(url).await?;
    let reads = pool(url, READERS_MAX, Use::Read)?;
    let keys = keys::PostgresKeys::new(reads.clone(), master).await?;
    let head = look::head(&reads).await?;
    let appends = pool(url, 1, Use::Append)?;
    let looks = pool(url, LOOKERS_MAX, Use::Look)?;
    let partitions = partitions::Partitions::default();
    partitions.ensure(&reads, head).await?;
    let heads = heads::listen(url, head)?;
    Ok(Stores { engine: Arc::new(Postgres { appends, looks, reads, partitions, heads }), keys: Arc::new(keys) })
}

impl Postgres {
    async fn write_locked(&self, keys: &Keys, batch: &[AppendRequest], decide: Decide<'_>) -> Result<(CommitOutcome, Plan), LogError> {
        let mut client = connect::get(&self.appends).await?;
        let transaction = client.transaction().await.map_err(|e| failed(&e))?;
        transaction.execute("SELECT 1 FROM log.head WHERE one = 1 FOR UPDATE", &[]).await.map_err(|e| failed(&e))?;
        let known = look::look(&transaction, keys).await?;
        let expected = known.head.position;
        let plan = decide(known);
        if plan.accepted.is_empty() {
            return Ok((CommitOutcome::Committed, plan));
        }
        self.partitions.ensure(&self.reads, plan.head.position).await?;
        let outcome = write::write(&transaction, expected, batch, &plan).await?;
        if matches!(outcome, CommitOutcome::Committed) {
            transaction.commit().await.map_err(|e| failed(&e))?;
        }
        Ok((outcome, plan))
    }
}

impl Engine for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn look<'a>(&'a self, keys: &'a Keys) -> BoxFuture<'a, Result<Known, LogError>> {
        let look = async {
            let client = connect::get(&self.looks).await?;
            look::look(&client, keys).await
        };
        in_time(look).boxed()
    }

    fn commit<'a>(
        &'a self,
        expected: Position,
        batch: &'a [AppendRequest],
        plan: &'a Plan,
    ) -> BoxFuture<'a, Result<CommitOutcome, LogError>> {
        let commit = async move {
            self.partitions.ensure(&self.reads, plan.head.position).await?;
            let client = connect::get(&self.appends).await?;
            write::write(&client, expected, batch, plan).await
        };
        in_time(commit).boxed()
    }

    fn commit_locked<'a>(
        &'a self,
        keys: &'a Keys,
        batch: &'a [AppendRequest],
        decide: Decide<'a>,
    ) -> BoxFuture<'a, Result<(CommitOutcome, Plan), LogError>> {
        in_time(self.write_locked(keys, batch, decide)).boxed()
    }

    fn head(&self) -> BoxFuture<'_, Result<Position, LogError>> {
        in_time(look::head(&self.looks)).boxed()
    }

    fn read(&self, after: Position, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        in_time(read::read(&self.reads, after, limit)).boxed()
    }

    fn read_stream(&self, stream: StreamId, after: Version, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        in_time(read::read_stream(&self.reads, stream, after, limit)).boxed()
    }

    fn position_at(&self, instant: DateTime<Utc>) -> BoxFuture<'_, Result<Position, LogError>> {
        in_time(read::position_at(&self.reads, instant)).boxed()
    }

    fn foreign_heads(&self) -> Option<watch::Receiver<Position>> {
        Some(self.heads.clone())
    }
}
