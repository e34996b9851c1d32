//! Tables of the read models: a row struct declares its columns once, and everything else follows from it.
//!
//! Three kinds. A *fact* is inserted once and carries the position of its event. A *temporal* row is one version of a
//! thing, valid from `from_position` up to, not including, `to_position` (open: [`OPEN`]). A *state* row is just the
//! newest one. The DDL is written by hand in `migrations/read/`, so that it can be read; a test compares it with the struct.

mod field;
mod physical;

pub(crate) use field::stored_names;
pub use field::{Field, Json, Named};
pub use physical::{Physical, Statements};

use crate::{
    error::{Error, Result},
    sql::{ColumnType, Value},
};
use std::hash::Hash;

/// `to_position` of a version that is still valid.
pub const OPEN: i64 = i64::MAX;

/// How a table keeps time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Insert only; a hidden column `position` is the last part of its primary key.
    Fact,
    /// Versions; hidden columns `from_position` (the last part of its primary key) and `to_position`.
    Temporal,
    /// One row per key, the newest.
    State,
}

impl Kind {
    /// The columns that come with the kind, after the key.
    pub const fn hidden(self) -> &'static [&'static str] {
        match self {
            Self::Fact => &["position"],
            Self::Temporal => &["from_position", "to_position"],
            Self::State => &[],
        }
    }
}

/// One declared column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: ColumnType,
    /// Whether it may be absent.
    pub nullable: bool,
}

/// What a row struct says of its table.
#[derive(Debug)]
pub struct Descriptor {
    /// The table's name, which is that of the view that queries use.
    pub name: &'static str,
    /// How it keeps time.
    pub kind: Kind,
    /// How many of the columns are the key; they come first.
    pub key_len: usize,
    /// All declared columns.
    pub columns: &'static [Column],
    /// Its DDL with the placeholders `{table}`, `{clustered}` and `{binary}`.
    pub ddl: &'static str,
}

/// A row struct.
pub trait Table: Clone + PartialEq + Send + Sync + 'static {
    /// The key's columns.
    type Key: Clone + Eq + Hash + Send + Sync + std::fmt::Debug + 'static;
    /// The declaration.
    const DESCRIPTOR: &'static Descriptor;
    /// The declared columns as a select list.
    const COLUMNS: &'static str;

    /// The row's key.
    fn key(&self) -> Self::Key;
    /// A key as values, in the columns' order.
    fn key_values(key: &Self::Key) -> Vec<Value>;
    /// The row as values, in the columns' order.
    fn values(&self) -> Vec<Value>;
    /// The row of these values, in the columns' order.
    ///
    /// # Errors
    /// [`Error::Row`] when a value is not what its column declares.
    fn from_values(values: &mut dyn Iterator<Item = Value>) -> Result<Self>;
}

/// Takes the next column of an answer.
///
/// # Errors
/// [`Error::Row`] when it is missing or of another type.
pub fn take<F: Field>(values: &mut dyn Iterator<Item = Value>, table: &'static str, column: &'static str) -> Result<F> {
    values.next().and_then(F::from_value).ok_or(Error::Row { table, column })
}

/// Declares a row struct and its table.
macro_rules! table {
    (
        $(#[$doc:meta])*
        pub struct $row:ident in $name:literal as $kind:ident {
            key { $( $(#[$kdoc:meta])* $key:ident: $kty:ty, )+ }
            columns { $( $(#[$cdoc:meta])* $column:ident: $cty:ty, )* }
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $row {
            $( $(#[$kdoc])* pub $key: $kty, )+
            $( $(#[$cdoc])* pub $column: $cty, )*
        }

        impl $crate::table::Table for $row {
            type Key = ($($kty,)+);
            const DESCRIPTOR: &'static $crate::table::Descriptor = &$crate::table::Descriptor {
                name: $name,
                kind: $crate::table::Kind::$kind,
                key_len: [$(stringify!($key)),+].len(),
                columns: &[
                    $($crate::table::Column {
                        name: stringify!($key),
                        ty: <$kty as $crate::table::Field>::TYPE,
                        nullable: <$kty as $crate::table::Field>::NULLABLE,
                    },)+
                    $($crate::table::Column {
                        name: stringify!($column),
                        ty: <$cty as $crate::table::Field>::TYPE,
                        nullable: <$cty as $crate::table::Field>::NULLABLE,
                    },)*
                ],
                ddl: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/read/", $name, ".sql")),
            };
            const COLUMNS: &'static str = $crate::table::select_list!($($key)+ $($column)*);

            fn key(&self) -> Self::Key {
                ($(self.$key.clone(),)+)
            }

            fn key_values(key: &Self::Key) -> Vec<$crate::sql::Value> {
                let ($($key,)+) = key;
                vec![$($crate::table::Field::to_value($key)),+]
            }

            fn values(&self) -> Vec<$crate::sql::Value> {
                vec![
                    $($crate::table::Field::to_value(&self.$key),)+
                    $($crate::table::Field::to_value(&self.$column),)*
                ]
            }

            fn from_values(values: &mut dyn Iterator<Item = $crate::sql::Value>) -> $crate::error::Result<Self> {
                Ok(Self {
                    $($key: $crate::table::take(values, $name, stringify!($key))?,)+
                    $($column: $crate::table::take(values, $name, stringify!($column))?,)*
                })
            }
        }
    };
}
pub(crate) use table;

macro_rules! select_list {
    ($first:ident $($rest:ident)*) => {
        concat!(stringify!($first), $(", ", stringify!($rest)),*)
    };
}
pub(crate) use select_list;

/// A row together with the position since when it stands so: of the fact's event, or of the version's begin.
#[derive(Debug, Clone, PartialEq)]
pub struct At<T> {
    /// The position.
    pub position: i64,
    /// The row.
    pub row: T,
}

impl<T: Table> At<T> {
    /// Reads an answer whose columns are a position and then [`Table::COLUMNS`].
    ///
    /// # Errors
    /// [`Error::Row`] when a value is not what its column declares.
    pub fn from_values(values: &mut dyn Iterator<Item = Value>) -> Result<Self> {
        Ok(Self { position: take(values, T::DESCRIPTOR.name, "position")?, row: T::from_values(values)? })
    }
}
