//! SQLite: one writer thread that owns the only writing connection, and a bounded pool of readers.
//!
//! `synchronous=NORMAL`: after a power cut the newest batches may be missing, rows and checkpoint together, and are folded
//! again from the log, which is the truth.

use super::{
    Row, Value,
    commit::{Commit, Load, Outcome, Traces},
    hand::Held,
    notebook::Group,
    text::numbered,
};
use crate::error::{Cause, Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, TransactionBehavior, config::DbConfig, types::ValueRef};
use std::{
    collections::HashMap,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};
use vitrina_eventlog::crew::Crew;

/// A database in the data folder.
pub(crate) struct Place {
    /// The file's name without its end; beside it is one that is held locked while a process uses it.
    pub stem: &'static str,
    /// What it holds, for a person.
    pub what: &'static str,
    /// Queries at once: more would only wait for the disk or for a core.
    pub readers_max: usize,
    /// Makes its tables where they are not there.
    pub script: String,
}

/// How long a connection waits for another one's lock, which only happens around a checkpoint of the WAL.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// How long those who read are waited for when the write-ahead log is to be emptied: whoever wants it empty asks again.
const DRAINED_WITHIN: Duration = Duration::from_millis(100);
/// Prepared statements kept per connection: more than there are.
const STATEMENTS_MAX: usize = 256;
/// Jobs that may wait for the writer: the runner sends one at a time, rebuilds one each.
const JOBS_MAX: usize = 16;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

pub(crate) struct Sqlite {
    path: PathBuf,
    writer: mpsc::Sender<Job>,
    readers: Crew<Reader>,
    pub(super) held: Held,
    _lock: File,
}

struct Reader {
    connection: Connection,
    texts: HashMap<&'static str, String>,
}

impl Sqlite {
    pub async fn open(folder: &Path, place: Place) -> Result<Self> {
        let path = folder.join(format!("{}.sqlite", place.stem));
        let lock = lock(folder, &place)?;
        let mut connection = Connection::open(&path).map_err(|e| cannot_open(&path, e))?;
        tune(&connection).map_err(|e| cannot_open(&path, e))?;
        let (writer, mut jobs) = mpsc::channel::<Job>(JOBS_MAX);
        std::thread::Builder::new()
            .name(format!("{}-writer", place.stem))
            .spawn(move || {
                while let Some(job) = jobs.blocking_recv() {
                    job(&mut connection);
                }
            })
            .map_err(|e| cannot_open(&path, e))?;
        // All at the start: a process that has come to the end of its file descriptors reads on.
        let readers: rusqlite::Result<Vec<Reader>> = (0..place.readers_max).map(|_| Reader::open(&path)).collect();
        let readers = Crew::start(place.stem, readers.map_err(|e| cannot_open(&path, e))?).map_err(|e| cannot_open(&path, e))?;
        let store = Self { path, writer, readers, held: Held::default(), _lock: lock };
        store.script(place.script).await?;
        Ok(store)
    }

    /// A connection of one's own that reads.
    pub fn connection(&self) -> Result<Connection> {
        Ok(Reader::open(&self.path).map_err(|e| cannot_open(&self.path, e))?.connection)
    }

    /// Runs on the writer thread.
    async fn write<R: Send + 'static>(&self, job: impl FnOnce(&mut Connection) -> Result<R> + Send + 'static) -> Result<R> {
        let (answer, done) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Whoever asked may have gone away; the job is done all the same.
            let _ = answer.send(job(connection));
        });
        self.writer.send(job).await.map_err(|_| Error::Closed)?;
        done.await.map_err(|_| Error::Closed)?
    }

    /// Several statements in one transaction.
    pub async fn script(&self, script: String) -> Result<()> {
        self.write(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| failed("BEGIN", e))?;
            transaction.execute_batch(&script).map_err(|e| failed(&script, e))?;
            transaction.commit().map_err(|e| failed("COMMIT", e))
        })
        .await
    }

    /// One statement on the writer, with its answer.
    pub async fn write_query(&self, statement: String, args: Vec<Value>) -> Result<Vec<Row>> {
        self.write(move |connection| read(connection, &statement, &args)).await
    }

    /// Groups of changes in one transaction, each if its fence holds; whether they did.
    pub async fn write_groups(&self, groups: &Arc<Vec<Group>>) -> Result<Vec<bool>> {
        let groups = Arc::clone(groups);
        self.write(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| failed("BEGIN", e))?;
            let mut held = Vec::with_capacity(groups.len());
            for group in groups.iter() {
                let fence = execute(&transaction, &numbered(group.fence.0), std::iter::once(&group.fence.1[..]))?;
                held.push(fence == 1);
                if fence == 1 {
                    for (statement, rows) in &group.changes {
                        execute(&transaction, &numbered(statement), rows.iter().map(Vec::as_slice))?;
                    }
                }
            }
            transaction.commit().map_err(|e| failed("COMMIT", e))?;
            Ok(held)
        })
        .await
    }

    /// The rows of these keys, per load.
    pub async fn load(&self, loads: Vec<Load>) -> Result<Vec<Vec<Row>>> {
        self.write(move |connection| {
            let mut answers = Vec::with_capacity(loads.len());
            for load in &loads {
                let text = &load.table.statements.load;
                let mut statement = connection.prepare_cached(text).map_err(|e| failed(text, e))?;
                let mut found = Vec::with_capacity(load.keys.len());
                for key in &load.keys {
                    found.append(&mut rows(&mut statement, key).map_err(|e| failed(text, e))?);
                }
                answers.push(found);
            }
            Ok(answers)
        })
        .await
    }

    pub async fn commit(&self, commit: Commit) -> Result<Outcome> {
        self.write(move |connection| {
            if commit.traces == Traces::Stay {
                return write_all(connection, &commit);
            }
            let overwriting = |connection: &Connection, state| connection.pragma_update(None, "secure_delete", state);
            overwriting(connection, "ON").map_err(|e| failed("PRAGMA secure_delete", e))?;
            let outcome = write_all(connection, &commit);
            overwriting(connection, "OFF").map_err(|e| failed("PRAGMA secure_delete", e))?;
            // What was before leaves the write-ahead log as well; where somebody still reads it, with a later checkpoint.
            drained(connection, Duration::ZERO)?;
            outcome
        })
        .await
    }

    /// Writes the file anew without what was deleted or overwritten, and [`Self::drain`]s it.
    pub async fn scour(&self) -> Result<bool> {
        self.write(|connection| {
            let run = |script: &str| connection.execute_batch(script).map_err(|e| failed(script, e));
            // The copy may be larger than what fits into memory.
            run("PRAGMA temp_store = FILE")?;
            let written = run("VACUUM");
            run("PRAGMA temp_store = MEMORY")?;
            written.and_then(|()| drained(connection, DRAINED_WITHIN))
        })
        .await
    }

    /// Empties the write-ahead log; whether it is empty. It is not while somebody looks at what was before.
    pub async fn drain(&self) -> Result<bool> {
        self.write(|connection| drained(connection, DRAINED_WITHIN)).await
    }

    pub async fn query(&self, statement: &'static str, args: Vec<Value>) -> Result<Vec<Row>> {
        self.read(move |reader| {
            let text = reader.texts.entry(statement).or_insert_with(|| numbered(statement));
            let mut prepared = reader.connection.prepare_cached(text).map_err(|e| failed(statement, e))?;
            rows(&mut prepared, &args).map_err(|e| failed(statement, e))
        })
        .await
    }

    pub async fn prepare(&self, statement: &'static str) -> Result<()> {
        self.read(move |reader| reader.connection.prepare(&numbered(statement)).map(drop).map_err(|e| failed(statement, e))).await
    }

    async fn read<R: Send + 'static>(&self, job: impl FnOnce(&mut Reader) -> Result<R> + Send + 'static) -> Result<R> {
        self.readers.run(job).await.map_err(|e| Error::Unavailable(e.into()))?
    }
}

impl Reader {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        common(&connection)?;
        // The write-ahead log is opened by the first read.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(Self { connection, texts: HashMap::new() })
    }
}

fn lock(folder: &Path, place: &Place) -> Result<File> {
    let path = folder.join(format!("{}.lock", place.stem));
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|e| cannot_open(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Open(format!(
            "another process uses {} in {}: stop it, or give this one a data folder of its own",
            place.what,
            folder.display()
        ))),
        Err(TryLockError::Error(e)) => Err(cannot_open(&path, e)),
    }
}

/// What holds for those who read and for the one who writes.
fn common(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_MAX)?;
    // Without it every statement with a `LIMIT ?` is prepared anew for each number that it is given.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // No file beside the database: a folder for temporary files that is full, or not there, fails nothing.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    common(connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // 1 MiB between checkpoints of the WAL: what has gathered goes to the disk at once, and a command's acknowledgement waits behind it.
    // With 32 MiB, which write a page that changes often to the file less often, that was 20 ms.
    connection.pragma_update(None, "wal_autocheckpoint", 256)?;
    // 8 MiB: after a balance SQLite walks the whole cache at commit; what is not here is in the system's own cache.
    connection.pragma_update(None, "cache_size", -8_192)?;
    Ok(())
}

/// A batch in one transaction, or nothing of it.
fn write_all(connection: &mut Connection, commit: &Commit) -> Result<Outcome> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| failed("BEGIN", e))?;
    let advance = &commit.advance;
    let args = [Value::Int(advance.to.0), Value::Text(advance.team.clone()), Value::Int(advance.from.0)];
    if execute(&transaction, &numbered(super::writer::ADVANCE), std::iter::once(&args[..]))? != advance.members {
        return Ok(Outcome::Lost);
    }
    for writes in &commit.writes {
        let statements = &writes.table.statements;
        execute(&transaction, &statements.close, writes.closes.iter().map(Vec::as_slice))?;
        execute(&transaction, &statements.insert, writes.inserts.iter().map(Vec::as_slice))?;
        execute(&transaction, &statements.upsert, writes.upserts.iter().map(Vec::as_slice))?;
        execute(&transaction, &statements.delete, writes.deletes.iter().map(Vec::as_slice))?;
        execute(&transaction, &statements.rewrite, writes.rewrites.iter().map(Vec::as_slice))?;
    }
    transaction.commit().map_err(|e| failed("COMMIT", e))?;
    Ok(Outcome::Committed)
}

/// Runs a statement once per row; answers with the rows changed.
fn execute<'a>(connection: &Connection, statement: &str, all: impl ExactSizeIterator<Item = &'a [Value]>) -> Result<usize> {
    if all.len() == 0 {
        return Ok(0);
    }
    let mut prepared = connection.prepare_cached(statement).map_err(|e| failed(statement, e))?;
    let mut changed = 0;
    for args in all {
        bind(&mut prepared, args).map_err(|e| failed(statement, e))?;
        changed += prepared.raw_execute().map_err(|e| failed(statement, e))?;
    }
    Ok(changed)
}

/// The rows of a statement on this connection.
pub(super) fn read(connection: &Connection, statement: &str, args: &[Value]) -> Result<Vec<Row>> {
    let mut prepared = connection.prepare_cached(&numbered(statement)).map_err(|e| failed(statement, e))?;
    rows(&mut prepared, args).map_err(|e| failed(statement, e))
}

fn bind(statement: &mut Statement<'_>, args: &[Value]) -> rusqlite::Result<()> {
    for (index, value) in args.iter().enumerate() {
        match value {
            Value::Null => statement.raw_bind_parameter(index + 1, rusqlite::types::Null)?,
            Value::Int(n) => statement.raw_bind_parameter(index + 1, n)?,
            Value::Float(x) => statement.raw_bind_parameter(index + 1, x)?,
            Value::Text(text) => statement.raw_bind_parameter(index + 1, text)?,
            Value::Bytes(bytes) => statement.raw_bind_parameter(index + 1, bytes)?,
        }
    }
    Ok(())
}

fn rows(statement: &mut Statement<'_>, args: &[Value]) -> rusqlite::Result<Vec<Row>> {
    bind(statement, args)?;
    let columns = statement.column_count();
    let mut answer = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|i| {
            Ok(match row.get_ref(i)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(n) => Value::Int(n),
                ValueRef::Real(x) => Value::Float(x),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
            })
        });
        answer.push(values.collect::<rusqlite::Result<Row>>()?);
    }
    Ok(answer)
}

fn cannot_open(path: &Path, cause: impl Into<Cause>) -> Error {
    Error::Open(format!("{} cannot be opened for writing: {}", path.display(), cause.into()))
}

pub(super) fn failed(statement: &str, error: rusqlite::Error) -> Error {
    let away = matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen
        )
    );
    if away { Error::Unavailable(error.into()) } else { Error::sql(statement, error) }
}

/// Empties the write-ahead log, unless somebody reads what was before for longer than this; whether it is empty.
fn drained(connection: &Connection, wait: Duration) -> Result<bool> {
    let (timeout, truncate) = ("PRAGMA busy_timeout", "PRAGMA wal_checkpoint(TRUNCATE)");
    connection.busy_timeout(wait).map_err(|e| failed(timeout, e))?;
    let busy = connection.query_row(truncate, [], |row| row.get::<_, i64>(0)).map_err(|e| failed(truncate, e));
    connection.busy_timeout(BUSY_MAX).map_err(|e| failed(timeout, e))?;
    Ok(busy? == 0)
}
