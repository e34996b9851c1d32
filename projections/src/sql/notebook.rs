//! What the house notes about its own work beside the log: how far another system was told, what is to be tried again.
//!
//! It is no event and is folded from none, so it stands in a database of its own, which is not made anew like the read models. A note that
//! a crash of the machine takes must only lead to work that is done twice.

use super::{
    Engine, EngineName, Row, Store, Value,
    postgres::{PgWriter, Postgres, pool_in},
    sqlite::{Place, Sqlite},
};
use crate::error::{Error, Result};
use std::{path::Path, sync::Arc};
use tokio::sync::Mutex;

const SCRIPT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/deliveries/deliveries.sql"));
/// The file and the schema.
const NAME: &str = "deliveries";
/// Connections that read: who looks at attempts, and a worker that looks at what is due.
const READERS_MAX: usize = 4;
/// Makes the tables by one process at a time. The number is this lock's name.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7606003)";

/// The database of notes.
#[derive(Clone)]
pub struct Notebook {
    store: Store,
    writer: Arc<Mutex<Option<Box<PgWriter>>>>,
}

/// A statement and its arguments.
pub type Call = (&'static str, Row);

/// Changes that are written only if their fence changes exactly one row.
pub struct Group {
    /// The fence.
    pub fence: Call,
    /// Statements, each for some rows.
    pub changes: Vec<(&'static str, Vec<Row>)>,
}

impl Notebook {
    /// Opens (and makes, when it is not there) `deliveries.sqlite` in the data folder.
    ///
    /// # Errors
    /// [`Error::Open`] when the folder cannot be written or another process has it open.
    pub async fn sqlite(folder: &Path) -> Result<Self> {
        let place = Place { stem: NAME, what: "the notes on deliveries", readers_max: READERS_MAX, script: SCRIPT.to_owned() };
        Ok(Self::of(Engine::Sqlite(Arc::new(Sqlite::open(folder, place).await?))))
    }

    /// Uses the schema `deliveries` of the database, and makes it when it is not there.
    ///
    /// # Errors
    /// [`Error::Open`] when the URL is not one, [`Error::Unavailable`] when the database cannot be reached.
    pub async fn postgres(url: &str) -> Result<Self> {
        let script = format!("BEGIN;\n{LOCK};\nCREATE SCHEMA IF NOT EXISTS {NAME};\n{SCRIPT}\nCOMMIT;");
        Ok(Self::of(Engine::Postgres(Postgres::with(pool_in(NAME, url, READERS_MAX + 1)?, &script).await?)))
    }

    fn of(engine: Engine) -> Self {
        Self { store: Store { engine }, writer: Arc::default() }
    }

    /// The engine, whose words some statements need.
    pub fn engine_name(&self) -> EngineName {
        self.store.engine_name()
    }

    /// All rows that the statement answers with.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database is away or too slow, [`Error::Sql`] when it refuses.
    pub async fn query(&self, statement: &'static str, args: Vec<Value>) -> Result<Vec<Row>> {
        self.store.query(statement, args).await
    }

    /// One statement that changes something, with its answer.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn change(&self, statement: &'static str, args: Vec<Value>) -> Result<Vec<Row>> {
        match &self.store.engine {
            Engine::Sqlite(sqlite) => sqlite.write_query(statement.to_owned(), args).await,
            Engine::Postgres(postgres) => {
                let mut held = self.writer.lock().await;
                let writer = connected(&mut held, postgres).await?;
                let answer = writer.query(statement, &args).await;
                lost(&mut held, answer)
            }
        }
    }

    /// Writes the groups in one transaction; whether the fence of each held.
    ///
    /// # Errors
    /// As [`Self::query`]. Then nothing was written, or the database cannot say so.
    pub async fn write(&self, groups: &Arc<Vec<Group>>) -> Result<Vec<bool>> {
        match &self.store.engine {
            Engine::Sqlite(sqlite) => sqlite.write_groups(groups).await,
            Engine::Postgres(postgres) => {
                let mut held = self.writer.lock().await;
                let writer = connected(&mut held, postgres).await?;
                let answer = write_groups(writer, groups).await;
                lost(&mut held, answer)
            }
        }
    }

    /// The same as [`Store::scour`].
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn scour(&self) -> Result<bool> {
        self.store.scour().await
    }

    /// The same as [`Store::drain`].
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn drain(&self) -> Result<bool> {
        self.store.drain().await
    }

    /// Prepares a statement without running it: a slip of dialect fails here.
    ///
    /// # Errors
    /// [`Error::Sql`] when the engine does not take it.
    pub async fn prepare(&self, statement: &'static str) -> Result<()> {
        self.store.prepare(statement).await
    }
}

async fn connected<'a>(held: &'a mut Option<Box<PgWriter>>, postgres: &Postgres) -> Result<&'a PgWriter> {
    let writer = match held.take() {
        Some(writer) => writer,
        None => Box::new(postgres.writer().await?),
    };
    Ok(held.insert(writer))
}

/// After an error another connection is made: this one may be gone, or in the middle of something.
fn lost<T>(held: &mut Option<Box<PgWriter>>, answer: Result<T>) -> Result<T> {
    if matches!(answer, Err(Error::Unavailable(_))) {
        *held = None;
    }
    answer
}

/// Groups of changes in one transaction, each if its fence holds; whether they did. Two round trips and the commit.
async fn write_groups(writer: &PgWriter, groups: &[Group]) -> Result<Vec<bool>> {
    writer.script("BEGIN".to_owned()).await?;
    let written = async {
        let mut fences = Vec::with_capacity(groups.len());
        for group in groups {
            fences.push((group.fence.0, writer.prepared(group.fence.0).await?, &group.fence.1));
        }
        let counts = fences.iter().map(|(text, statement, row)| writer.execute(text, statement, row));
        let held: Vec<bool> = futures_util::future::try_join_all(counts).await?.into_iter().map(|count| count == 1).collect();
        let mut changes = Vec::new();
        for (group, _) in groups.iter().zip(&held).filter(|(_, held)| **held) {
            for (text, rows) in &group.changes {
                let statement = writer.prepared(text).await?;
                changes.extend(rows.iter().map(|row| (*text, statement.clone(), row)));
            }
        }
        let changed = changes.iter().map(|(text, statement, row)| writer.execute(text, statement, row));
        futures_util::future::try_join_all(changed).await?;
        writer.script("COMMIT".to_owned()).await?;
        Ok(held)
    }
    .await;
    if written.is_err() {
        // If this fails too, the connection is gone and the transaction with it.
        let _ = writer.script("ROLLBACK".to_owned()).await;
    }
    written
}
