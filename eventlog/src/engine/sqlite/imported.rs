//! The note of the log that was brought in from another installation.

use super::failed;
use crate::{LogError, Position, engine::Imported};
use rusqlite::{Connection, OptionalExtension, params};

const NOTED: &str = "SELECT upto, hash, is_whole FROM log_import WHERE one = 1";
const NOTE: &str = "INSERT INTO log_import (one, upto, hash, is_whole) VALUES (1, ?1, ?2, ?3) \
     ON CONFLICT (one) DO UPDATE SET upto = excluded.upto, hash = excluded.hash, is_whole = excluded.is_whole";

/// What is noted.
pub fn noted(connection: &Connection) -> Result<Option<Imported>, LogError> {
    let found = connection
        .query_row(NOTED, [], |row| Ok(Imported { upto: Position(row.get(0)?), hash: row.get(1)?, is_whole: row.get(2)? }))
        .optional();
    found.map_err(|e| failed(&e))
}

/// Notes it.
pub fn note(connection: &Connection, imported: &Imported) -> Result<(), LogError> {
    let noted = connection.execute(NOTE, params![imported.upto.0, imported.hash, imported.is_whole]);
    noted.map(drop).map_err(|e| failed(&e))
}
