//! The log on PostgreSQL: any number of processes on one database.
//!
//! A batch is written by one statement that moves the head only from where it is expected and writes nothing if it was
//! not there: one round trip, and the lock is never held across one. The next statement is sent while the one before is
//! under way, on the same connection, which the server works off in order, each with a snapshot of its own. A batch that lost its race takes the lock first
//! (`FOR UPDATE`), looks *in a statement after it* (one that locks and reads at once sees the old versions), and writes.

mod appends;
mod connect;
mod differences;
mod error;
mod heads;
mod imported;
mod keys;
mod look;
mod partitions;
mod read;
mod roll;
mod signals;
mod source;
mod write;

use super::{CommitOutcome, Decide, Decided, Engine, Imported, Keys, Stores};
use crate::{
    AppendRequest, LogError, Position, Recorded, StreamId, Version, keyring::MasterKey, processes::Roll, sequence::Known, signal::Wire,
};
use appends::Appends;
use chrono::{DateTime, Utc};
use deadpool_postgres::Pool;
use error::{failed, in_time};
use futures_util::future::{BoxFuture, FutureExt};
use partitions::Partitions;
use roll::PostgresRoll;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

pub use connect::{Use, pool};
pub use error::is_away;
pub use source::source;

/// Connections for reads of the log and of the keys.
const READERS_MAX: usize = 8;
/// Connections for looks at what a command names: an append must not wait until long reads are done.
const LOOKERS_MAX: usize = 4;

/// The log in a PostgreSQL database.
pub struct Postgres {
    appends: Arc<Appends>,
    looks: Pool,
    reads: Pool,
    partitions: Arc<Partitions>,
    heads: watch::Receiver<Position>,
    signals: Mutex<Option<Wire>>,
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
    let appends = Arc::new(Appends::new(url)?);
    let looks = pool(url, LOOKERS_MAX, Use::Look)?;
    let partitions = Arc::new(Partitions::default());
    partitions.ensure(&reads, head).await?;
    let heads = heads::listen(url, head)?;
    let signals = Mutex::new(Some(signals::connect(url)?));
    Ok(Stores { engine: Arc::new(Postgres { appends, looks, reads, partitions, heads, signals }), keys: Arc::new(keys) })
}

impl Postgres {
    async fn write_locked(
        &self,
        requests: BoxFuture<'_, Vec<AppendRequest>>,
        decide: Decide<'_>,
    ) -> Result<(CommitOutcome, Decided), LogError> {
        let mut client = self.appends.alone().await?;
        let transaction = client.transaction().await.map_err(|e| failed(&e))?;
        transaction.execute("SELECT 1 FROM log.head WHERE one = 1 FOR UPDATE", &[]).await.map_err(|e| failed(&e))?;
        let batch = requests.await;
        let known = look::look(&transaction, &Keys::of(&batch)).await?;
        let decided = decide(known, batch);
        if decided.plan.accepted.is_empty() {
            return Ok((CommitOutcome::Committed, decided));
        }
        self.partitions.ensure(&self.reads, decided.plan.head.position).await?;
        let outcome = write::write(&transaction, &decided).await?;
        if matches!(outcome, CommitOutcome::Committed) {
            transaction.commit().await.map_err(|e| failed(&e))?;
        }
        Ok((outcome, decided))
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

    fn commit(&self, decided: Arc<Decided>) -> BoxFuture<'static, Result<CommitOutcome, LogError>> {
        let (appends, partitions, reads) = (Arc::clone(&self.appends), Arc::clone(&self.partitions), self.reads.clone());
        let commit = async move {
            partitions.ensure(&reads, decided.plan.head.position).await?;
            let client = appends.of_this_thread().await?;
            write::write(&*client, &decided).await
        };
        in_time(commit).boxed()
    }

    fn commit_locked<'a>(
        &'a self,
        requests: BoxFuture<'a, Vec<AppendRequest>>,
        decide: Decide<'a>,
    ) -> BoxFuture<'a, Result<(CommitOutcome, Decided), LogError>> {
        in_time(self.write_locked(requests, decide)).boxed()
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

    fn imported(&self) -> BoxFuture<'_, Result<Option<Imported>, LogError>> {
        in_time(imported::noted(&self.looks)).boxed()
    }

    fn note_imported(&self, imported: Imported) -> BoxFuture<'_, Result<(), LogError>> {
        in_time(imported::note(&self.looks, imported)).boxed()
    }

    fn foreign_heads(&self) -> Option<watch::Receiver<Position>> {
        Some(self.heads.clone())
    }

    fn signal_wire(&self) -> Option<Wire> {
        self.signals.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn roll(&self) -> Option<Arc<dyn Roll>> {
        Some(Arc::new(PostgresRoll(self.looks.clone())))
    }
}
