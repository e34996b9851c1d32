//! The log on SQLite: one file for the events, one for the keys, no server. One process at a time holds the folder.
//!
//! There is one connection that writes; readers have connections of their own and, thanks to the write-ahead log,
//! wait for nobody. `synchronous=FULL`: a commit has reached the disk when it answers; group commit pays for it.

mod connection;
mod differences;
mod imported;
mod keys;
mod reader;
mod source;
mod transaction;
mod writer;

use super::{CommitOutcome, Decide, Decided, Engine, Imported, Keys, Stores};
use crate::{AppendRequest, LogError, Position, Recorded, StreamId, Version, keyring::MasterKey, sequence::Known};
use chrono::{DateTime, Utc};
use connection::{Durability, Readers, unavailable};
use futures_util::future::{BoxFuture, FutureExt, ready};
use rusqlite::Connection;
use std::{fs::File, path::Path, sync::Arc};
use writer::Writer;

pub use connection::{check_version, open_connection};
pub use source::source;

mod log_migrations {
    refinery::embed_migrations!("../migrations/log/sqlite");
}
mod keys_migrations {
    refinery::embed_migrations!("../migrations/keys/sqlite");
}

/// The file of events in the data folder.
pub const LOG_FILE: &str = "log.sqlite";
/// The file of keys in the data folder.
pub const KEYS_FILE: &str = "keys.sqlite";
/// The file whose lock says which process holds the folder.
const LOCK_FILE: &str = "vitrina.lock";

/// The log in a data folder.
pub struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
    /// Held until nothing is written any more; the system gives it back when the process dies, however it dies.
    lock: File,
}

/// Opens (and makes, at the first start) the log in this folder.
///
/// # Errors
/// [`LogError::Open`] says what is in the way: the folder, another process, a newer schema, another master key.
pub fn open(folder: &Path, master: &MasterKey) -> Result<Stores, LogError> {
    check_version()?;
    let lock = lock(folder)?;
    let log = folder.join(LOG_FILE);
    let mut writer = open_connection(&log, Durability::Full)?;
    migrate(log_migrations::migrations::runner(), &mut writer, LOG_FILE)?;
    let mut keys = open_connection(&folder.join(KEYS_FILE), Durability::Full)?;
    migrate(keys_migrations::migrations::runner(), &mut keys, KEYS_FILE)?;
    let keys = keys::SqliteKeys::new(keys, master)?;
    let writer = Writer::start(writer)?;
    let engine = Sqlite { writer, readers: Arc::new(Readers::open(log)?), lock };
    Ok(Stores { engine: Arc::new(engine), keys: Arc::new(keys) })
}

fn lock(folder: &Path) -> Result<File, LogError> {
    let shown = folder.display();
    std::fs::create_dir_all(folder).map_err(|e| LogError::Open(format!("the data folder {shown} cannot be made: {e}")))?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(LOCK_FILE))
        .map_err(|e| LogError::Open(format!("the data folder {shown} cannot be written to: {e}")))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(LogError::Open(format!(
            "another process is using the data folder {shown}; stop it, choose another folder with VITRINA_DATA_DIR, or use \
             PostgreSQL for several processes"
        ))),
        Err(std::fs::TryLockError::Error(e)) => Err(LogError::Open(format!("the data folder {shown} cannot be locked: {e}"))),
    }
}

fn migrate(runner: refinery::Runner, connection: &mut Connection, file: &str) -> Result<(), LogError> {
    runner.run(connection).map(drop).map_err(|error| {
        use refinery::error::Kind;
        LogError::Open(match error.kind() {
            Kind::MissingVersion(_) | Kind::DivergentVersion(..) => {
                format!("{file} was written by a newer or another version of Vitrina ({error}); run that version, or restore a backup")
            }
            _ => format!("{file} cannot be brought to this version's schema: {error}"),
        })
    })
}

impl Engine for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    // Point reads of pages that are in memory: cheaper in place than a change of thread.
    fn look<'a>(&'a self, keys: &'a Keys) -> BoxFuture<'a, Result<Known, LogError>> {
        ready(self.readers.with(|connection| reader::look(connection, keys))).boxed()
    }

    // On the writer's thread, so that the next batch is decided meanwhile.
    fn commit(&self, decided: Arc<Decided>) -> BoxFuture<'static, Result<CommitOutcome, LogError>> {
        self.writer.commit(decided).boxed()
    }

    fn is_here(&self) -> bool {
        true
    }

    fn commit_here(&self, decided: &Decided) -> Result<CommitOutcome, LogError> {
        self.writer.commit_here(decided)
    }

    // Only this process writes, and its batcher waits for this: nothing moves between the look and the write.
    fn commit_locked<'a>(
        &'a self,
        requests: BoxFuture<'a, Vec<AppendRequest>>,
        decide: Decide<'a>,
    ) -> BoxFuture<'a, Result<(CommitOutcome, Decided), LogError>> {
        let locked = async move {
            let batch = requests.await;
            let known = self.readers.with(|connection| reader::look(connection, &Keys::of(&batch)))?;
            let decided = decide(known, batch);
            Ok((self.writer.commit_here(&decided)?, decided))
        };
        locked.boxed()
    }

    fn head(&self) -> BoxFuture<'_, Result<Position, LogError>> {
        ready(self.readers.with(|connection| Ok(reader::head(connection)?.position))).boxed()
    }

    fn read(&self, after: Position, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        self.readers.run(move |connection| reader::read(connection, after, limit)).boxed()
    }

    fn read_stream(&self, stream: StreamId, after: Version, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        self.readers.run(move |connection| reader::read_stream(connection, stream, after, limit)).boxed()
    }

    fn position_at(&self, instant: DateTime<Utc>) -> BoxFuture<'_, Result<Position, LogError>> {
        self.readers.run(move |connection| reader::position_at(connection, instant)).boxed()
    }

    fn imported(&self) -> BoxFuture<'_, Result<Option<Imported>, LogError>> {
        ready(self.readers.with(imported::noted)).boxed()
    }

    fn note_imported(&self, imported: Imported) -> BoxFuture<'_, Result<(), LogError>> {
        ready(self.writer.with(|connection| imported::note(connection, &imported))).boxed()
    }

    // Carries the write-ahead log over while nobody waits, so that a commit under load seldom has to.
    fn tidy(&self) {
        self.writer.carry_over();
    }

    // A reader may still hold this engine for a moment after the log was closed; the folder is free at once.
    fn release(&self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the data folder stays locked until this process ends");
        }
    }

    fn foreign_heads(&self) -> Option<tokio::sync::watch::Receiver<Position>> {
        None
    }
}

/// An error of SQLite while reading or opening.
pub(crate) fn failed(error: &rusqlite::Error) -> LogError {
    if unavailable(error) { LogError::Unavailable(error.to_string()) } else { LogError::Database(error.to_string()) }
}
