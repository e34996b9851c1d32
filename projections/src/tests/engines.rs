//! Empty stores on both engines, and what is in them.

use super::database;
use crate::{
    Store,
    sql::{EngineName, Row, Value, pool},
    table::{Descriptor, Kind},
};
use std::path::PathBuf;
use uuid::Uuid;

/// An engine with an empty database of its own.
pub enum Place {
    /// A folder that goes with it.
    Sqlite(PathBuf),
    /// A database on the test server.
    Postgres(String),
}

impl Place {
    /// One place per engine that is there.
    pub async fn all() -> Vec<Self> {
        let mut all = vec![Self::sqlite()];
        all.extend(Self::postgres().await);
        all
    }

    pub fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("vitrina-views-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        Self::Sqlite(folder)
    }

    pub async fn postgres() -> Option<Self> {
        database::fresh("views").await.map(Self::Postgres)
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The store; on SQLite one at a time.
    pub async fn open(&self) -> Store {
        match self {
            Self::Sqlite(folder) => Store::sqlite(folder).await.expect("the folder opens"),
            Self::Postgres(url) => Store::postgres(pool(url, 8).expect("the URL is one")).await.expect("the database opens"),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::Sqlite(folder) => drop(std::fs::remove_dir_all(folder)),
            Self::Postgres(url) => database::dropped(url),
        }
    }
}

/// Every declared table.
pub fn descriptors() -> Vec<&'static Descriptor> {
    let tables = crate::all().into_iter().flat_map(|projection| {
        let mut tables = crate::fold::Tables::default();
        projection.tables(&mut tables);
        let mut rows = crate::fold::Rows::new(tables);
        rows.buffers().iter().map(|buffer| buffer.descriptor()).collect::<Vec<_>>()
    });
    tables.collect()
}

/// Every row of every read model, through its view, in the order of the primary keys.
pub async fn contents(store: &Store) -> Vec<(&'static str, Vec<Row>)> {
    let writer = store.writer().await.unwrap();
    let mut all = Vec::new();
    for descriptor in descriptors() {
        let columns: Vec<_> = descriptor.stored().into_iter().map(|(name, _)| name).collect();
        let key = descriptor.key_len + usize::from(descriptor.kind != Kind::State);
        let statement = format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), descriptor.name, columns[..key].join(", "));
        all.push((descriptor.name, writer.query(&statement, Vec::new()).await.unwrap()));
    }
    all
}

/// Fails naming the first row that differs.
pub fn assert_same(ours: &[(&'static str, Vec<Row>)], theirs: &[(&'static str, Vec<Row>)]) {
    for ((table, ours), (_, theirs)) in ours.iter().zip(theirs) {
        for (index, (one, other)) in ours.iter().zip(theirs).enumerate() {
            assert_eq!(one, other, "row {index} of {table}");
        }
        assert_eq!(ours.len(), theirs.len(), "rows of {table}");
    }
}

/// The name of the only build of a table.
pub async fn physical(store: &Store, table: &str) -> String {
    let names = match store.engine_name() {
        EngineName::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE $1",
        EngineName::Postgres => {
            "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = 'views' AND table_type = 'BASE TABLE' AND table_name LIKE $1"
        }
    };
    let writer = store.writer().await.unwrap();
    let rows = writer.query(names, vec![Value::Text(format!("{table}_v%"))]).await.unwrap();
    let [Value::Text(name)] = &rows[..].concat()[..] else { panic!("one build of {table}: {rows:?}") };
    name.clone()
}
