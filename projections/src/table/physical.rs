//! A physical table: one build of a declared one, and the statements that the runner writes it with.
//!
//! Queries never see it: they use the view of the table's name, which leads to the build that is live.

use super::{Descriptor, Kind};
use crate::sql::{ColumnType, EngineName};

/// One build of a table.
#[derive(Debug)]
pub struct Physical {
    /// What it is a build of.
    pub descriptor: &'static Descriptor,
    /// Its own name, such as `calls_v1_3`.
    pub name: String,
    /// The runner's statements.
    pub statements: Statements,
}

/// The runner's statements for one table, in the engine's own way: SQLite takes one row each, PostgreSQL arrays.
#[derive(Debug)]
pub struct Statements {
    /// Of given keys, the row, or the newest version, or the newest fact.
    pub load: String,
    /// New rows.
    pub insert: String,
    /// New or newer rows of a state table.
    pub upsert: String,
    /// Ends versions.
    pub close: String,
    /// Takes rows out of a state table.
    pub delete: String,
    /// Rows of any kind as they are from now on, each version by itself.
    pub rewrite: String,
}

impl Physical {
    /// The build numbered `build` of this table at this version of its projection.
    pub fn new(descriptor: &'static Descriptor, version: u32, build: i64, engine: EngineName) -> Self {
        let name = format!("{}_v{version}_{build}", descriptor.name);
        let statements = match engine {
            EngineName::Sqlite => sqlite(descriptor, &name),
            EngineName::Postgres => postgres(descriptor, &name),
        };
        Self { descriptor, name, statements }
    }

    /// Every stored column of the rows with given values in these columns, ordered by the next column of the key or index.
    pub fn found_by(&self, columns: &[&'static str], order: &'static str) -> String {
        let stored = self.descriptor.stored();
        let matches: Vec<_> = columns.iter().enumerate().map(|(i, name)| format!("{name} = ${}", i + 1)).collect();
        format!("SELECT {} FROM {} WHERE {} ORDER BY {order}", names(&stored), self.name, matches.join(" AND "))
    }

    /// Its DDL for the engine.
    pub fn ddl(&self, engine: EngineName) -> String {
        let (clustered, binary) = match engine {
            EngineName::Sqlite => (" WITHOUT ROWID", "COLLATE BINARY"),
            EngineName::Postgres => ("", "COLLATE \"C\""),
        };
        self.descriptor.ddl.replace("{table}", &self.name).replace(" {clustered}", clustered).replace("{binary}", binary)
    }
}

impl Descriptor {
    /// Every stored column in the order in which rows are written: key, hidden ones of the kind, the others.
    pub fn stored(&self) -> Vec<(&'static str, ColumnType)> {
        let declared = |range: std::ops::Range<usize>| self.columns[range].iter().map(|c| (c.name, c.ty));
        let hidden = self.kind.hidden().iter().map(|name| (*name, ColumnType::Int));
        declared(0..self.key_len).chain(hidden).chain(declared(self.key_len..self.columns.len())).collect()
    }

    /// The column that numbers a key's versions or facts.
    pub fn order(&self) -> Option<&'static str> {
        self.kind.hidden().first().copied()
    }

    fn key(&self) -> Vec<(&'static str, ColumnType)> {
        self.stored().into_iter().take(self.key_len).collect()
    }

    /// The key, and the column that numbers its versions or facts.
    fn primary_len(&self) -> usize {
        self.key_len + usize::from(self.order().is_some())
    }
}

fn names(columns: &[(&'static str, ColumnType)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn joined(columns: &[(&'static str, ColumnType)], separator: &str, each: impl Fn(usize, &str) -> String) -> String {
    columns.iter().enumerate().map(|(i, (name, _))| each(i, name)).collect::<Vec<_>>().join(separator)
}

fn on_conflict(descriptor: &Descriptor, key_len: usize) -> String {
    let mut key = descriptor.stored();
    let rest = key.split_off(key_len);
    let key = names(&key);
    if rest.is_empty() {
        return format!("ON CONFLICT ({key}) DO NOTHING");
    }
    format!("ON CONFLICT ({key}) DO UPDATE SET {}", joined(&rest, ", ", |_, name| format!("{name} = excluded.{name}")))
}

fn sqlite(descriptor: &Descriptor, table: &str) -> Statements {
    let (stored, key) = (descriptor.stored(), descriptor.key());
    let matches = joined(&key, " AND ", |i, name| format!("{name} = ?{}", i + 1));
    let newest = descriptor.order().map(|order| format!(" ORDER BY {order} DESC LIMIT 1")).unwrap_or_default();
    let insert = format!("INSERT INTO {table} ({}) VALUES ({})", names(&stored), joined(&stored, ", ", |i, _| format!("?{}", i + 1)));
    Statements {
        load: format!("SELECT {} FROM {table} WHERE {matches}{newest}", names(&stored)),
        upsert: format!("{insert} {}", on_conflict(descriptor, descriptor.key_len)),
        rewrite: format!("{insert} {}", on_conflict(descriptor, descriptor.primary_len())),
        insert,
        close: format!("UPDATE {table} SET to_position = ?{} WHERE {matches} AND from_position = ?{}", key.len() + 2, key.len() + 1),
        delete: format!("DELETE FROM {table} WHERE {matches}"),
    }
}

fn postgres(descriptor: &Descriptor, table: &str) -> Statements {
    let (stored, key) = (descriptor.stored(), descriptor.key());
    let arrays = |columns: &[(&'static str, ColumnType)]| {
        let each = columns.iter().enumerate().map(|(i, (_, ty))| format!("${}::{}[]", i + 1, ty.sql()));
        each.collect::<Vec<_>>().join(", ")
    };
    let matches = joined(&key, " AND ", |_, name| format!("t.{name} = given.{name}"));
    let insert = format!("INSERT INTO {table} ({}) SELECT * FROM unnest({})", names(&stored), arrays(&stored));
    let given = format!("unnest({}) AS given({})", arrays(&key), names(&key));
    let load = match descriptor.order() {
        Some(order) => format!(
            "SELECT newest.* FROM {given} CROSS JOIN LATERAL \
             (SELECT {} FROM {table} t WHERE {matches} ORDER BY t.{order} DESC LIMIT 1) newest",
            joined(&stored, ", ", |_, name| format!("t.{name}"))
        ),
        None => format!("SELECT {} FROM {given} JOIN {table} t ON {matches}", joined(&stored, ", ", |_, name| format!("t.{name}"))),
    };
    let mut closed = key.clone();
    closed.extend([("from_position", ColumnType::Int), ("to_position", ColumnType::Int)]);
    Statements {
        load,
        upsert: format!("{insert} {}", on_conflict(descriptor, descriptor.key_len)),
        rewrite: format!("{insert} {}", on_conflict(descriptor, descriptor.primary_len())),
        insert,
        close: if descriptor.kind == Kind::Temporal {
            format!(
                "UPDATE {table} t SET to_position = given.to_position FROM unnest({}) AS given({}) \
                 WHERE {matches} AND t.from_position = given.from_position",
                arrays(&closed),
                names(&closed)
            )
        } else {
            String::new()
        },
        delete: format!("DELETE FROM {table} t USING {given} WHERE {matches}"),
    }
}
