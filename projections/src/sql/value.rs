//! The five types that pass between the program and either engine.
//!
//! Time is an integer (microseconds, UTC), a truth value is 0 or 1, an id is 16 bytes, JSON is text: what both engines
//! store, compare and sort alike.

use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A parameter or a column of an answer.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Value {
    /// Absent.
    Null,
    /// A whole number, a time or a truth value.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes, such as an id.
    Bytes(Vec<u8>),
}

/// One row of an answer, its columns in the statement's order.
pub type Row = Vec<Value>;

/// The type of a stored column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// `BIGINT`.
    Int,
    /// `DOUBLE PRECISION`.
    Float,
    /// `TEXT`.
    Text,
    /// `BYTEA`.
    Bytes,
}

impl ColumnType {
    /// The name in SQL, which both engines take.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Int => "BIGINT",
            Self::Float => "DOUBLE PRECISION",
            Self::Text => "TEXT",
            Self::Bytes => "BYTEA",
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, crate::error::Cause> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(n), &Type::INT4) => i32::try_from(*n)?.to_sql(ty, out),
            (Self::Int(n), _) => n.to_sql(ty, out),
            (Self::Float(x), _) => x.to_sql(ty, out),
            (Self::Text(text), _) => text.to_sql(ty, out),
            (Self::Bytes(bytes), _) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
