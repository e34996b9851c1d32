//! Where a server keeps its data: a folder with SQLite files, or a PostgreSQL database. A place outlives the servers that
//! are started on it, can be copied, and can be looked into with SQL.

use crate::{
    folder::Folder,
    postgres::{self, Database, Postgres, Row},
};
use std::{fmt, path::Path};

/// The two storage engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded: files in the data folder.
    Sqlite,
    /// A database server.
    Postgres,
}

impl Engine {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// As printed by the benches.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// An empty place of this kind, on the PostgreSQL server that all suites share.
    pub fn place(self, purpose: &str) -> Place {
        let database = (self == Self::Postgres).then(|| Database::shared(purpose));
        Place { folder: Folder::new(purpose), database }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One of the server's stores: a file of its own on SQLite, a schema of its own on PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// The truth.
    Log,
    /// The read models.
    Views,
}

impl Store {
    /// The schema on PostgreSQL; the file's stem on SQLite.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Views => "views",
        }
    }
}

/// Where a server keeps its data.
#[derive(Debug)]
pub struct Place {
    folder: Folder,
    database: Option<Database>,
}

impl Place {
    /// A place on a PostgreSQL server of one's own, for tests that stop it.
    pub fn on(server: &Postgres, purpose: &str) -> Self {
        Self { folder: Folder::new(purpose), database: Some(server.database(purpose)) }
    }

    /// Which engine.
    pub fn engine(&self) -> Engine {
        if self.database.is_some() { Engine::Postgres } else { Engine::Sqlite }
    }

    /// The server's data folder (on PostgreSQL it holds the master key only).
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `postgres://…`, when it is one.
    pub fn database_url(&self) -> Option<&str> {
        self.database.as_ref().map(|database| database.url.as_str())
    }

    /// A copy. No server may run on this place.
    pub fn copy(&self, purpose: &str) -> Self {
        let folder = Folder::new(purpose);
        for entry in std::fs::read_dir(self.folder()).expect("a place has a folder").flatten() {
            copy_into(&entry.path(), folder.path());
        }
        Self { folder, database: self.database.as_ref().map(|database| database.copy(purpose)) }
    }

    /// A copy without the read models. No server may run on this place.
    pub fn copy_of_the_log(&self, purpose: &str) -> Self {
        let copy = self.copy(purpose);
        match copy.database_url() {
            None => {
                for suffix in ["", "-wal", "-shm"] {
                    // The other two are there only after a crash.
                    let _ = std::fs::remove_file(copy.folder().join(format!("views.sqlite{suffix}")));
                }
            }
            Some(url) => {
                for schema in ["bi", Store::Views.name()] {
                    postgres::query(url, &format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).expect("a schema of ours can be dropped");
                }
            }
        }
        copy
    }

    /// Runs one query in `store` and gives its rows as text.
    pub fn query(&self, store: Store, sql: &str) -> Vec<Row> {
        let Some(database) = &self.database else {
            let file = self.folder().join(format!("{}.sqlite", store.name()));
            return sqlite_query(&file, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        };
        let sql_there = format!("SET search_path TO {}; {sql}", store.name());
        postgres::query(&database.url, &sql_there).unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// The names of the tables of `store`, sorted.
    pub fn tables(&self, store: Store) -> Vec<String> {
        self.names(store, "table", "BASE TABLE")
    }

    /// The names of the views of `store`, sorted.
    pub fn views(&self, store: Store) -> Vec<String> {
        self.names(store, "view", "VIEW")
    }

    fn names(&self, store: Store, on_sqlite: &str, on_postgres: &str) -> Vec<String> {
        let sql = match self.engine() {
            Engine::Sqlite => format!("SELECT name FROM sqlite_schema WHERE type = '{on_sqlite}' AND name NOT LIKE 'sqlite_%'"),
            Engine::Postgres => format!(
                "SELECT table_name FROM information_schema.tables
                 WHERE table_schema = current_schema() AND table_type = '{on_postgres}'"
            ),
        };
        let mut names: Vec<String> = self.query(store, &sql).into_iter().flatten().flatten().collect();
        names.sort();
        names
    }

    /// All rows of a table, in an order that depends on nothing but the rows.
    pub fn rows(&self, store: Store, table: &str) -> Vec<Row> {
        let mut rows = self.query(store, &format!("SELECT * FROM \"{table}\""));
        rows.sort();
        rows
    }

    /// One number.
    pub fn number(&self, store: Store, sql: &str) -> i64 {
        let rows = self.query(store, sql);
        let value = rows.first().and_then(|row| row.first()).and_then(Clone::clone);
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{sql} gives no number: {rows:?}"))
    }
}

fn copy_into(from: &Path, folder: &Path) {
    let status = std::process::Command::new("cp").arg("-a").arg(from).arg(folder).status();
    assert!(status.is_ok_and(|status| status.success()), "{} cannot be copied", from.display());
}

fn sqlite_query(file: &Path, sql: &str) -> rusqlite::Result<Vec<Row>> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let rows =
        statement.query_map([], |row| (0..columns).map(|column| row.get_ref(column).map(text_of)).collect::<rusqlite::Result<Row>>())?;
    rows.collect()
}

fn text_of(value: rusqlite::types::ValueRef<'_>) -> Option<String> {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        // As PostgreSQL prints bytea.
        ValueRef::Blob(bytes) => Some(bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}"))),
    }
}
