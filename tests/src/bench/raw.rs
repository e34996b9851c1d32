//! The limit of `append`: rows that our log has written, written again by bare set-based inserts into the same tables of an
//! empty log, with the same durability and batch size, on one connection. No sequencing, no checks, no answers.

use crate::{
    bench::store,
    engine::{Engine, Place, Store},
};
use rusqlite::types::Value;
use std::time::Instant;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

/// The two tables that every append writes a row to, and the column that orders them.
const TABLES: [(&str, &str); 2] = [("events", "position"), ("commands", "last_position")];

/// A range of positions, both ends included.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}

/// A second, empty log that takes the rows of the first.
pub struct Bare {
    place: Place,
}

impl Bare {
    /// An empty log of the same schema.
    pub async fn new(empty: Place) -> Self {
        // Opening it once migrates it.
        store::open(&empty).await.close().await;
        Self { place: empty }
    }

    /// Copies the rows of a range from `ours`, in transactions of `batch` events, and gives events a second. Reading
    /// and preparing them is not timed.
    pub async fn copy(&self, ours: &Place, range: Range, batch: usize) -> f64 {
        match self.place.engine() {
            Engine::Sqlite => copy_on_sqlite(ours, &self.place, range, batch),
            Engine::Postgres => copy_on_postgres(ours, &self.place, range, batch).await,
        }
    }
}

fn copy_on_sqlite(ours: &Place, bare: &Place, range: Range, batch: usize) -> f64 {
    let file = |place: &Place| place.folder().join("log.sqlite");
    let source = rusqlite::Connection::open(file(ours)).expect("a place of ours opens");
    let read = |(table, order): (&str, &str)| -> Vec<Vec<Value>> {
        let sql = format!("SELECT * FROM {table} WHERE {order} BETWEEN ?1 AND ?2 ORDER BY {order}");
        let mut statement = source.prepare(&sql).expect("the tables of a log are known");
        let columns = statement.column_count();
        let rows = statement
            .query_map([range.first, range.last], |row| (0..columns).map(|column| row.get(column)).collect())
            .expect("the tables of a log can be read");
        rows.collect::<rusqlite::Result<_>>().expect("the tables of a log can be read")
    };
    let rows = TABLES.map(read);
    let mut target = rusqlite::Connection::open(file(bare)).expect("a place of ours opens");
    for (pragma, value) in [("synchronous", "FULL"), ("wal_autocheckpoint", "8192"), ("cache_size", "-65536")] {
        target.pragma_update(None, pragma, value).expect("a pragma of ours exists");
    }
    let begun = Instant::now();
    let batches = rows[0].len().div_ceil(batch);
    for number in 0..batches {
        let transaction = target.transaction().expect("nobody else writes");
        for ((table, _), rows) in TABLES.iter().zip(&rows) {
            let places = (1..=rows[0].len()).map(|number| format!("?{number}")).collect::<Vec<_>>().join(",");
            let sql = format!("INSERT INTO {table} VALUES ({places})");
            let mut insert = transaction.prepare_cached(&sql).expect("the tables of a log are known");
            for row in share(rows, number, batches) {
                insert.execute(rusqlite::params_from_iter(row)).expect("rows of the same schema fit");
            }
        }
        transaction.commit().expect("nobody else writes");
    }
    rows[0].len() as f64 / begun.elapsed().as_secs_f64()
}

/// The part of the rows that belongs to one of `of` batches.
fn share<T>(rows: &[T], number: usize, of: usize) -> &[T] {
    &rows[rows.len() * number / of..rows.len() * (number + 1) / of]
}

async fn copy_on_postgres(ours: &Place, bare: &Place, range: Range, batch: usize) -> f64 {
    let source = connect(ours).await;
    let mut target = connect(bare).await;
    let events = usize::try_from(range.last - range.first + 1).expect("a range is not empty");
    let batches = events.div_ceil(batch);
    let mut prepared = Vec::new();
    for (table, order) in TABLES {
        let sql = format!("SELECT * FROM log.{table} WHERE {order} BETWEEN $1 AND $2 ORDER BY {order}");
        let rows = source.query(&sql, &[&range.first, &range.last]).await.expect("the tables of a log can be read");
        let kinds: Vec<Type> = rows[0].columns().iter().map(|column| column.type_().clone()).collect();
        let insert = target.prepare(&insert_of(table, &kinds)).await.expect("the tables of a log are known");
        let parts: Vec<Vec<Array>> = (0..batches)
            .map(|number| {
                let rows = share(&rows, number, batches);
                kinds.iter().enumerate().map(|(column, kind)| array(rows, column, kind)).collect()
            })
            .collect();
        prepared.push((insert, parts));
    }
    let begun = Instant::now();
    for number in 0..batches {
        let transaction = target.transaction().await.expect("nobody else writes");
        // Both statements and the commit travel together.
        let inserts = prepared.iter().map(|(insert, parts)| {
            let parameters: Vec<&(dyn ToSql + Sync)> = parts[number].iter().map(|array| &**array as _).collect();
            let transaction = &transaction;
            async move { transaction.execute(insert, &parameters).await }
        });
        for inserted in futures_util::future::join_all(inserts).await {
            inserted.expect("rows of the same schema fit");
        }
        transaction.commit().await.expect("nobody else writes");
    }
    events as f64 / begun.elapsed().as_secs_f64()
}

async fn connect(place: &Place) -> tokio_postgres::Client {
    let url = place.database_url().expect("a place on PostgreSQL has an address");
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the server runs");
    tokio::spawn(connection);
    client
}

/// One column of a batch.
type Array = Box<dyn ToSql + Sync + Send>;

fn insert_of(table: &str, kinds: &[Type]) -> String {
    let arrays: Vec<String> = kinds
        .iter()
        .enumerate()
        // JSON travels as text, and is checked by the server as ours is.
        .map(|(column, kind)| format!("${}::{}[]", column + 1, if *kind == Type::JSON { "text" } else { kind.name() }))
        .collect();
    let names: Vec<String> = (0..kinds.len()).map(|column| format!("c{column}")).collect();
    let values: Vec<String> =
        kinds.iter().zip(&names).map(|(kind, name)| if *kind == Type::JSON { format!("{name}::json") } else { name.clone() }).collect();
    format!("INSERT INTO log.{table} SELECT {} FROM unnest({}) AS rows({})", values.join(", "), arrays.join(", "), names.join(", "))
}

fn array(rows: &[tokio_postgres::Row], column: usize, kind: &Type) -> Array {
    /// JSON as it came, without parsing it.
    struct Text(String);
    impl<'a> tokio_postgres::types::FromSql<'a> for Text {
        fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
            Ok(Self(String::from_utf8(raw.to_vec())?))
        }
        fn accepts(kind: &Type) -> bool {
            *kind == Type::JSON
        }
    }
    match *kind {
        Type::INT8 => Box::new(rows.iter().map(|row| row.get(column)).collect::<Vec<Option<i64>>>()),
        Type::INT2 => Box::new(rows.iter().map(|row| row.get(column)).collect::<Vec<Option<i16>>>()),
        Type::UUID => Box::new(rows.iter().map(|row| row.get(column)).collect::<Vec<Option<Uuid>>>()),
        Type::BYTEA => Box::new(rows.iter().map(|row| row.get(column)).collect::<Vec<Option<Vec<u8>>>>()),
        Type::JSON => Box::new(rows.iter().map(|row| row.get::<_, Text>(column).0).collect::<Vec<String>>()),
        _ => Box::new(rows.iter().map(|row| row.get(column)).collect::<Vec<Option<String>>>()),
    }
}

/// How many events a transaction of the log had on average in a range: events of one batch share their time.
pub fn average_batch(ours: &Place, range: Range) -> usize {
    let sql =
        format!("SELECT count(*) / count(DISTINCT recorded_at) FROM events WHERE position BETWEEN {} AND {}", range.first, range.last);
    usize::try_from(ours.number(Store::Log, &sql)).unwrap_or(1).max(1)
}
