//! A look at the read models as they stand at one moment, for as long as it is kept: what is written meanwhile it does not see, and
//! whoever writes does not wait for it.

use super::{EngineName, Row, Store, Value, postgres::PgWriter, sqlite};
use crate::error::{Error, Result};
use rusqlite::Connection;
use std::sync::{Arc, Mutex};

/// The moment is that of this statement.
const LOOK: &str = "SELECT COUNT(*) FROM projections";
/// What the table with this name has for columns.
const COLUMNS_SQLITE: &str = "SELECT name FROM pragma_table_info($1)";
const COLUMNS_POSTGRES: &str =
    "SELECT column_name::TEXT FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1";

/// A look that stays. Dropping it ends it.
pub(crate) enum Snapshot {
    Sqlite(Arc<Mutex<Connection>>),
    Postgres(Box<PgWriter>),
}

impl Snapshot {
    /// Looks now, with a connection of its own.
    pub async fn take(store: &Store) -> Result<Self> {
        let snapshot = match &store.engine {
            super::Engine::Sqlite(sqlite) => {
                let connection = sqlite.connection()?;
                connection.execute_batch("BEGIN").map_err(|e| sqlite::failed("BEGIN", e))?;
                Self::Sqlite(Arc::new(Mutex::new(connection)))
            }
            super::Engine::Postgres(postgres) => {
                let own = postgres.writer().await?;
                own.script("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned()).await?;
                Self::Postgres(Box::new(own))
            }
        };
        snapshot.query(LOOK, Vec::new()).await?;
        Ok(snapshot)
    }

    pub fn engine_name(&self) -> EngineName {
        match self {
            Self::Sqlite(_) => EngineName::Sqlite,
            Self::Postgres(_) => EngineName::Postgres,
        }
    }

    /// The rows of a statement.
    pub async fn query(&self, statement: &str, args: Vec<Value>) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(connection) => {
                let (connection, statement) = (connection.clone(), statement.to_owned());
                let read = tokio::task::spawn_blocking(move || {
                    let connection = connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    sqlite::read(&connection, &statement, &args)
                });
                read.await.map_err(|_| Error::Closed)?
            }
            Self::Postgres(own) => own.query(statement, &args).await,
        }
    }

    /// The names of a table's columns; none when it is not there.
    pub async fn columns(&self, table: &str) -> Result<Vec<String>> {
        let statement = if self.engine_name() == EngineName::Sqlite { COLUMNS_SQLITE } else { COLUMNS_POSTGRES };
        let rows = self.query(statement, vec![Value::Text(table.to_owned())]).await?;
        Ok(rows.into_iter().flatten().filter_map(|value| if let Value::Text(name) = value { Some(name) } else { None }).collect())
    }
}
