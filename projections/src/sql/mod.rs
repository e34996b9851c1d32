//! One SQL text for two engines.
//!
//! Statements are plain text with `$1…$n`, upper-case keywords, in the subset that both engines take; they name the read
//! models by their views. [`Store`] runs them: on SQLite through a bounded pool of readers, on PostgreSQL through
//! deadpool. Rows are written by [`writer`] only, for the runner only.

mod arrays;
pub mod commit;
mod hand;
pub mod notebook;
mod postgres;
pub(crate) mod snapshot;
mod sqlite;
mod text;
mod value;
pub mod writer;

pub use postgres::pool;
pub(crate) use text::sql;
#[doc(hidden)]
pub use text::{join, joined_len};
pub use value::{ColumnType, Row, Value};

use crate::{
    error::Result,
    table::{At, Table},
};
use std::{path::Path, sync::Arc};

/// The database of the read models.
#[derive(Clone)]
pub struct Store {
    pub(crate) engine: Engine,
}

#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(postgres::Postgres),
}

/// Which engine a store is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineName {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The read models in the data folder.
fn views() -> sqlite::Place {
    sqlite::Place { stem: "views", what: "the read models", readers_max: 8, script: writer::HOUSE.to_owned() }
}

impl Store {
    /// Opens (and makes, when it is not there) `views.sqlite` in the data folder.
    ///
    /// # Errors
    /// [`crate::Error::Open`] when the folder cannot be written, another process has it open, or a newer build wrote it.
    pub async fn sqlite(folder: &Path) -> Result<Self> {
        Self { engine: Engine::Sqlite(Arc::new(sqlite::Sqlite::open(folder, views()).await?)) }.must_know_schema().await
    }

    /// Uses the schema `views` of the database that the pool leads to, and makes it when it is not there. The pool is
    /// one made by [`pool`], which sets the search path and the time-outs.
    ///
    /// # Errors
    /// [`crate::Error::Open`] when a newer build wrote it, [`crate::Error::Unavailable`] when it cannot be reached.
    pub async fn postgres(pool: deadpool_postgres::Pool) -> Result<Self> {
        Self { engine: Engine::Postgres(postgres::Postgres::open(pool).await?) }.must_know_schema().await
    }

    /// Which engine this is.
    pub fn engine_name(&self) -> EngineName {
        match self.engine {
            Engine::Sqlite(_) => EngineName::Sqlite,
            Engine::Postgres(_) => EngineName::Postgres,
        }
    }

    /// Runs a statement whose columns are a position and then those of the row.
    ///
    /// # Errors
    /// When the database is away, or a value is not what its column declares.
    pub async fn rows<T: Table>(&self, statement: &'static str, args: Vec<Value>) -> Result<Vec<At<T>>> {
        self.query(statement, args).await?.into_iter().map(|row| At::from_values(&mut row.into_iter())).collect()
    }

    /// The same of a statement that gives one row at most.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub async fn row<T: Table>(&self, statement: &'static str, args: Vec<Value>) -> Result<Option<At<T>>> {
        Ok(self.rows(statement, args).await?.into_iter().next())
    }

    /// All rows that the statement answers with.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when the database is away or too slow, [`crate::Error::Sql`] when it refuses.
    pub async fn query(&self, statement: &'static str, args: Vec<Value>) -> Result<Vec<Row>> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.query(statement, args).await,
            Engine::Postgres(postgres) => postgres.query(statement, args).await,
        }
    }

    /// Has nothing of what was deleted or overwritten on the disk any more, as far as that is the product's own doing; whether it is so. It
    /// is not while somebody looks at what was before. On SQLite the file is written anew, on PostgreSQL its own vacuum does it.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn scour(&self) -> Result<bool> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.scour().await,
            Engine::Postgres(_) => Ok(true),
        }
    }

    /// What [`Self::scour`] leaves while somebody looks at what was before: nothing is written anew, the log of writes is emptied.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn drain(&self) -> Result<bool> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.drain().await,
            Engine::Postgres(_) => Ok(true),
        }
    }

    /// Prepares a statement without running it: a slip of dialect fails here.
    ///
    /// # Errors
    /// [`crate::Error::Sql`] when the engine does not take it.
    pub async fn prepare(&self, statement: &'static str) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.prepare(statement).await,
            Engine::Postgres(postgres) => postgres.prepare(statement).await,
        }
    }
}
