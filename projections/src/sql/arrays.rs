//! Rows turned into columns: PostgreSQL takes many rows as one array for each column.

use super::{Row, Value};
use tokio_postgres::{
    Statement,
    types::{ToSql, Type},
};

/// Columns of many rows, as arrays for `unnest`.
pub(super) enum Array<'a> {
    Int(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Text(Vec<Option<&'a str>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl Array<'_> {
    pub(super) fn as_param(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Int(all) => all,
            Self::Float(all) => all,
            Self::Text(all) => all,
            Self::Bytes(all) => all,
        }
    }
}

/// Turns rows into columns of the types that the statement asks for.
pub(super) fn arrays<'a>(rows: &'a [Row], statement: &Statement) -> Vec<Array<'a>> {
    let mut columns: Vec<Array> = statement
        .params()
        .iter()
        .map(|ty| match *ty {
            Type::FLOAT8_ARRAY => Array::Float(Vec::with_capacity(rows.len())),
            Type::TEXT_ARRAY => Array::Text(Vec::with_capacity(rows.len())),
            Type::BYTEA_ARRAY => Array::Bytes(Vec::with_capacity(rows.len())),
            _ => Array::Int(Vec::with_capacity(rows.len())),
        })
        .collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            match (column, value) {
                (Array::Int(all), Value::Int(n)) => all.push(Some(*n)),
                (Array::Float(all), Value::Float(x)) => all.push(Some(*x)),
                (Array::Text(all), Value::Text(text)) => all.push(Some(text)),
                (Array::Bytes(all), Value::Bytes(bytes)) => all.push(Some(bytes)),
                (Array::Int(all), _) => all.push(None),
                (Array::Float(all), _) => all.push(None),
                (Array::Text(all), _) => all.push(None),
                (Array::Bytes(all), _) => all.push(None),
            }
        }
    }
    columns
}
