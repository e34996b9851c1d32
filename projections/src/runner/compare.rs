//! Two builds of a table side by side: a merge by key that holds two pages in memory, however large the tables are.
//!
//! Both are looked at in one snapshot, in which they stand at the same position.

use super::{order::Stage, pace::Walk};
use crate::{
    error::Result,
    sql::{Row, Value, snapshot::Snapshot},
    table::{Descriptor, Kind},
};
use std::{cmp::Ordering, collections::VecDeque};
use vitrina_eventlog::Position;

/// Characters of a value that are told.
const SHOWN_CHARS_MAX: usize = 120;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Each table that there are two of.
    pub tables: Vec<TableCompared>,
    /// The first of the differences.
    pub told: Vec<Difference>,
}

impl Comparison {
    /// Rows that differ although both builds are of one version: what was there is not what the log says.
    pub fn unexplained(&self) -> u64 {
        self.tables.iter().filter(|table| table.old_version == table.new_version).map(TableCompared::differing).sum()
    }

    /// Rows that differ where the new build is of another version.
    pub fn explained(&self) -> u64 {
        self.tables.iter().filter(|table| table.old_version != table.new_version).map(TableCompared::differing).sum()
    }

    /// Rows that were held against each other.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.equal + table.differing()).sum()
    }
}

/// Two builds of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCompared {
    /// The read model.
    pub projection: &'static str,
    /// The table.
    pub table: &'static str,
    /// Of the code that made the old build.
    pub old_version: i64,
    /// Of this code.
    pub new_version: i64,
    /// Where both stood.
    pub position: Position,
    /// Rows that are alike.
    pub equal: u64,
    /// Rows with another value in some column.
    pub changed: u64,
    /// Rows that only the old one has.
    pub gone: u64,
    /// Rows that only the new one has.
    pub new: u64,
    /// Columns that only one of both has, and that were left out.
    pub columns_apart: Vec<String>,
    /// The old one has no such table, or with another key: nothing could be compared.
    pub is_apart: bool,
}

impl TableCompared {
    /// Rows that are not alike.
    pub fn differing(&self) -> u64 {
        self.changed + self.gone + self.new
    }
}

/// A value that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The row's key: `account_id=…, call_id=…, from_position=…`.
    pub key: String,
    /// The column; `None` when the whole row is missing on one side.
    pub column: Option<String>,
    /// What stood there; `None` without a row.
    pub old: Option<String>,
    /// What the log says; `None` without a row.
    pub new: Option<String>,
    /// Whether the new build is of another version, which is there to differ.
    pub by_version: Option<(i64, i64)>,
}

/// Two builds to be compared.
#[derive(Clone)]
pub(super) struct Pair {
    pub projection: &'static str,
    pub descriptor: &'static Descriptor,
    pub old: (String, i64),
    pub new: (String, i64),
}

/// Compares one table.
pub(super) async fn table(
    snapshot: &Snapshot,
    pair: &Pair,
    position: Position,
    (told, told_max): (&mut Comparison, usize),
    walk: &mut Walk<'_>,
) -> Result<TableCompared> {
    let (key_len, columns, columns_apart) = in_common(snapshot, pair).await?;
    let before = told.rows();
    let mut found = TableCompared {
        projection: pair.projection,
        table: pair.descriptor.name,
        old_version: pair.old.1,
        new_version: pair.new.1,
        position,
        equal: 0,
        changed: 0,
        gone: 0,
        new: 0,
        columns_apart,
        is_apart: columns.is_empty(),
    };
    if columns.is_empty() {
        return Ok(found);
    }
    let (mut old, mut new) = (Side::new(&pair.old.0, &columns, key_len), Side::new(&pair.new.0, &columns, key_len));
    let mut telling = Telling {
        table: pair.descriptor.name,
        columns: &columns,
        key_len,
        versions: (pair.old.1, pair.new.1),
        told: (&mut told.told, told_max),
    };
    loop {
        if old.wants_page() || new.wants_page() {
            let rows = walk.step().rows;
            old.fill(snapshot, rows).await?;
            new.fill(snapshot, rows).await?;
            walk.on(Stage::Comparing { table: found.table, rows: before + found.equal + found.differing() }, position, position).await?;
        }
        let order = match (old.page.front(), new.page.front()) {
            (None, None) => return Ok(found),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a[..key_len].partial_cmp(&b[..key_len]).unwrap_or(Ordering::Equal),
        };
        let one = if order.is_le() { old.page.pop_front() } else { None };
        let other = if order.is_ge() { new.page.pop_front() } else { None };
        match (&one, &other) {
            (Some(a), Some(b)) if a == b => found.equal += 1,
            (Some(_), Some(_)) => found.changed += 1,
            (Some(_), None) => found.gone += 1,
            _ => found.new += 1,
        }
        if one != other {
            telling.tell(one.as_ref(), other.as_ref());
        }
    }
}

/// How many columns are the key, the columns that both have, the key first, and those that only one of both has. None when the key is
/// not the same.
async fn in_common(snapshot: &Snapshot, pair: &Pair) -> Result<(usize, Vec<String>, Vec<String>)> {
    let descriptor = pair.descriptor;
    let key_len = descriptor.key_len + usize::from(descriptor.kind != Kind::State);
    let ours: Vec<String> = descriptor.stored().into_iter().map(|(name, _)| name.to_owned()).collect();
    if pair.old.1 == pair.new.1 {
        return Ok((key_len, ours, Vec::new()));
    }
    let theirs = snapshot.columns(&pair.old.0).await?;
    if !ours[..key_len].iter().all(|column| theirs.contains(column)) {
        return Ok((key_len, Vec::new(), Vec::new()));
    }
    let (common, only_ours): (Vec<_>, Vec<_>) = ours.into_iter().partition(|column| theirs.contains(column));
    let only_theirs = theirs.into_iter().filter(|column| !common.contains(column));
    let apart = only_ours.iter().cloned().chain(only_theirs).collect();
    Ok((key_len, common, apart))
}

/// One of both tables, read page by page in the order of its primary key.
struct Side {
    first: String,
    next: String,
    key_len: usize,
    page: VecDeque<Row>,
    last: Option<Row>,
    is_over: bool,
}

impl Side {
    fn new(table: &str, columns: &[String], key_len: usize) -> Self {
        let (all, key) = (columns.join(", "), columns[..key_len].join(", "));
        let after = (2..=key_len + 1).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        Self {
            first: format!("SELECT {all} FROM {table} ORDER BY {key} LIMIT $1"),
            next: format!("SELECT {all} FROM {table} WHERE ({key}) > ({after}) ORDER BY {key} LIMIT $1"),
            key_len,
            page: VecDeque::new(),
            last: None,
            is_over: false,
        }
    }

    fn wants_page(&self) -> bool {
        self.page.is_empty() && !self.is_over
    }

    async fn fill(&mut self, snapshot: &Snapshot, rows_max: usize) -> Result<()> {
        if !self.wants_page() {
            return Ok(());
        }
        let mut args = vec![Value::Int(i64::try_from(rows_max).unwrap_or(i64::MAX))];
        let statement = if self.last.is_some() { &self.next } else { &self.first };
        args.extend(self.last.take().into_iter().flatten());
        let rows = snapshot.query(statement, args).await?;
        self.is_over = rows.len() < rows_max;
        self.last = rows.last().map(|row| row[..self.key_len].to_vec());
        self.page = rows.into();
        Ok(())
    }
}

/// Where differences are told.
struct Telling<'a> {
    table: &'static str,
    columns: &'a [String],
    key_len: usize,
    versions: (i64, i64),
    told: (&'a mut Vec<Difference>, usize),
}

impl Telling<'_> {
    fn tell(&mut self, old: Option<&Row>, new: Option<&Row>) {
        let Some(any) = old.or(new) else { return };
        let key = self.columns[..self.key_len].iter().zip(any).map(|(column, value)| format!("{column}={}", shown(value)));
        let key = key.collect::<Vec<_>>().join(", ");
        let by_version = (self.versions.0 != self.versions.1).then_some(self.versions);
        let difference = |column, old, new| Difference { table: self.table, key: key.clone(), column, old, new, by_version };
        let differing = match (old, new) {
            (Some(old), Some(new)) => {
                let both = self.columns.iter().zip(old.iter().zip(new)).filter(|(_, (a, b))| a != b);
                both.map(|(column, (a, b))| difference(Some(column.clone()), Some(shown(a)), Some(shown(b)))).collect()
            }
            _ => {
                let whole = |row: Option<&Row>| row.map(|row| short(&row[self.key_len..].iter().map(shown).collect::<Vec<_>>().join(", ")));
                vec![difference(None, whole(old), whole(new))]
            }
        };
        let (told, told_max) = (&mut *self.told.0, self.told.1);
        let room = told_max.saturating_sub(told.len());
        told.extend(differing.into_iter().take(room));
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Int(n) => n.to_string(),
        Value::Float(x) => x.to_string(),
        Value::Text(text) => short(&format!("{text:?}")),
        Value::Bytes(bytes) => match uuid::Uuid::from_slice(bytes) {
            Ok(id) => id.to_string(),
            Err(_) => short(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        },
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
