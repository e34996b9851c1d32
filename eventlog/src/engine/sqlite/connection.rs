//! Connections to SQLite files: how they are opened, and the pool of readers.

use super::failed;
use crate::{LogError, crew::Crew};
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Readers that may be at work off the async threads: more than cores helps nobody.
const READERS_MAX: usize = 8;
/// Reads in place at once: the batcher's look, and that of a command that is alone.
const IN_PLACE_MAX: usize = 2;
/// Page cache of a connection, in KiB. Small on purpose: after a balance SQLite walks the whole cache at commit, and what is
/// not here is in the system's own cache.
const CACHE_KIB: i64 = 8 * 1024;
/// Pages in the write-ahead log before they are carried over: 32 MiB, so that a checkpoint is seldom and still short.
const CHECKPOINT_PAGES: i64 = 8192;
/// How long a connection waits for another one's lock; only opening and checkpoints ever meet.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// The first release without the WAL-reset corruption.
const VERSION_MIN: (i32, &str) = (3_051_003, "3.51.3");

/// When a commit is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// When it answers.
    Full,
    /// Some time later; after a power cut the last commits may be missing, never torn. For what can be rebuilt.
    Rebuildable,
}

/// Refuses a SQLite with a known fault.
///
/// # Errors
/// [`LogError::Open`] names the version that is needed.
pub fn check_version() -> Result<(), LogError> {
    if rusqlite::version_number() < VERSION_MIN.0 {
        return Err(LogError::Open(format!("SQLite {} can damage files; {} or newer is needed", rusqlite::version(), VERSION_MIN.1)));
    }
    Ok(())
}

/// Opens (and makes) a file for writing, in write-ahead mode.
///
/// # Errors
/// [`LogError::Open`] names the file and what is in the way.
pub fn open_connection(path: &Path, durability: Durability) -> Result<Connection, LogError> {
    let opened = Connection::open(path).and_then(|connection| {
        connection.busy_timeout(LOCK_WAIT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        let synchronous = match durability {
            Durability::Full => "FULL",
            Durability::Rebuildable => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        tune(&connection)?;
        Ok(connection)
    });
    opened.map_err(|error| LogError::Open(format!("{} cannot be opened for writing: {error}", path.display())))
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // No file beside the database: a folder for temporary files that is full, or not there, fails nothing.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Without it every statement with a `LIMIT ?` is prepared anew for each number that it is given.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Whether the error is one of circumstances (disk, lock) and not of the statement.
pub(super) fn unavailable(error: &rusqlite::Error) -> bool {
    let circumstances = [
        ErrorCode::DiskFull,
        ErrorCode::SystemIoFailure,
        ErrorCode::CannotOpen,
        ErrorCode::DatabaseBusy,
        ErrorCode::DatabaseLocked,
        ErrorCode::ReadOnly,
        ErrorCode::OutOfMemory,
        ErrorCode::PermissionDenied,
    ];
    error.sqlite_error_code().is_some_and(|code| circumstances.contains(&code))
}

/// Whether the error is one of the rows that were written, and not of the file they were written to.
pub(super) fn of_the_data(error: &rusqlite::Error) -> bool {
    let data = [ErrorCode::ConstraintViolation, ErrorCode::TypeMismatch, ErrorCode::TooBig];
    error.sqlite_error_code().is_some_and(|code| data.contains(&code))
}

/// Read-only connections to one file, made at the start and kept: a process that has come to the end of its file descriptors
/// reads on.
pub(super) struct Readers {
    path: PathBuf,
    in_place: Mutex<Vec<Connection>>,
    crew: Crew<Connection>,
}

impl Readers {
    pub fn open(path: PathBuf) -> Result<Self, LogError> {
        let connections = |count| (0..count).map(|_| connect(&path)).collect::<rusqlite::Result<Vec<Connection>>>();
        let unopened = |error: &dyn std::fmt::Display| LogError::Open(format!("{} cannot be opened for reading: {error}", path.display()));
        let in_place = connections(IN_PLACE_MAX).map_err(|error| unopened(&error))?;
        let crew = connections(READERS_MAX).map_err(|error| unopened(&error))?;
        let crew = Crew::start("log-reader", crew).map_err(|error| unopened(&error))?;
        Ok(Self { in_place: Mutex::new(in_place), crew, path })
    }

    /// Reads in place.
    pub fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, LogError>) -> Result<T, LogError> {
        let idle = self.in_place.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path).map_err(|error| failed(&error))?,
        };
        let result = read(&connection);
        let mut idle = self.in_place.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IN_PLACE_MAX {
            idle.push(connection);
        }
        result
    }

    /// Reads on a thread for blocking work.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        self.crew.run(|connection| read(connection)).await.map_err(|error| LogError::Unavailable(error.to_string()))?
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(LOCK_WAIT)?;
    tune(&connection)?;
    // The write-ahead log is opened by the first read.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::tune;
    use rusqlite::{Connection, StatementStatus};

    #[test]
    fn a_statement_with_a_limit_is_prepared_once_whatever_the_limit() {
        let connection = Connection::open_in_memory().unwrap();
        tune(&connection).unwrap();
        let mut read = connection.prepare("SELECT name FROM sqlite_schema WHERE name > ?1 ORDER BY name LIMIT ?2").unwrap();
        for limit in 1..4 {
            read.query((0, limit)).unwrap().next().unwrap();
        }
        assert_eq!(read.get_status(StatementStatus::RePrepare), 0);
    }
}
