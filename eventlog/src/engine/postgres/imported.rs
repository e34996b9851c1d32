//! The note of the log that was brought in from another installation.

use super::{connect, error::failed};
use crate::{LogError, Position, chain::Hash, engine::Imported};
use deadpool_postgres::Pool;

const NOTED: &str = "SELECT upto, hash, is_whole FROM log.import WHERE one = 1";
const NOTE: &str = "INSERT INTO log.import (one, upto, hash, is_whole) VALUES (1, $1, $2, $3) \
     ON CONFLICT (one) DO UPDATE SET upto = excluded.upto, hash = excluded.hash, is_whole = excluded.is_whole";

/// What is noted.
pub async fn noted(pool: &Pool) -> Result<Option<Imported>, LogError> {
    let client = connect::get(pool).await?;
    let Some(row) = client.query_opt(NOTED, &[]).await.map_err(|e| failed(&e))? else { return Ok(None) };
    let upto = Position(row.get(0));
    let hash = Hash::try_from(row.get::<_, &[u8]>(1));
    let hash = hash.map_err(|_| LogError::Damaged { position: upto, what: "table import holds no hash".to_owned() })?;
    Ok(Some(Imported { upto, hash, is_whole: row.get(2) }))
}

/// Notes it.
pub async fn note(pool: &Pool, imported: Imported) -> Result<(), LogError> {
    let client = connect::get(pool).await?;
    let noted = client.execute(NOTE, &[&imported.upto.0, &&imported.hash[..], &imported.is_whole]).await;
    noted.map(drop).map_err(|e| failed(&e))
}
