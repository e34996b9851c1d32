//! Read models filled by hand, as the fold leaves them: writing two years of events takes longer than asking about them.

use crate::engine::{Engine, Place, Store};

/// `to_position` of what still holds.
pub const OPEN: i64 = i64::MAX;
/// Since when everything stands: a place of a bench has had its first start.
pub const SINCE: i64 = 1;

/// A place whose tables can be filled.
pub struct Filled<'p> {
    place: &'p Place,
    tables: Vec<String>,
}

impl<'p> Filled<'p> {
    /// A place where a server has been.
    pub fn new(place: &'p Place) -> Self {
        Self { place, tables: place.tables(Store::Views) }
    }

    /// Inserts `count` rows into a table: `values` are expressions of the number `i` of the row, by column.
    ///
    /// # Panics
    /// When the table does not take them.
    pub fn insert(&self, table: &str, count: i64, values: &[(&str, String)]) {
        let prefix = format!("{table}_v");
        let physical = self.tables.iter().find(|name| name.starts_with(&prefix)).unwrap_or_else(|| panic!("no table of {table}"));
        let columns: Vec<_> = values.iter().map(|(column, _)| *column).collect();
        let values: Vec<_> = values.iter().map(|(_, value)| value.as_str()).collect();
        let statement = format!(
            "INSERT INTO {physical} ({}) SELECT {} FROM (WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n
             WHERE i + 1 < {count}) SELECT i FROM n) AS numbered",
            columns.join(", "),
            values.join(", ")
        );
        self.place.query(Store::Views, &statement);
    }

    /// Lets the engine know what is there now.
    pub fn done(&self) {
        if self.place.engine() == Engine::Postgres {
            self.place.query(Store::Views, "ANALYZE");
        }
    }

    /// Sixteen bytes that follow from a number: an id.
    pub fn id(&self, number: &str) -> String {
        match self.place.engine() {
            Engine::Sqlite => format!("CAST(printf('%016d', {number}) AS BLOB)"),
            Engine::Postgres => format!("convert_to(lpad(CAST({number} AS TEXT), 16, '0'), 'UTF8')"),
        }
    }

    /// The bytes of an id that is known.
    pub fn uuid(&self, id: &str) -> String {
        let digits = id.replace('-', "");
        match self.place.engine() {
            Engine::Sqlite => format!("x'{digits}'"),
            Engine::Postgres => format!("CAST('\\x{digits}' AS BYTEA)"),
        }
    }
}
