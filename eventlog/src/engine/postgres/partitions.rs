//! Partitions of the events by position, made ahead of need, so that years of them can be detached one day.

use super::{connect, error::failed};
use crate::{LogError, Position};
use deadpool_postgres::Pool;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio_postgres::error::SqlState;

/// Events in a partition.
pub const PARTITION_EVENTS: i64 = 10_000_000;
/// The next partition is made when the head is this near to it: hours ahead at full speed of thousands a second.
const AHEAD: i64 = PARTITION_EVENTS / 2;

/// How far partitions are known to reach.
#[derive(Default)]
pub struct Partitions {
    /// First position that has no partition for certain.
    until: AtomicI64,
}

impl Partitions {
    /// Makes sure that the position, and those ahead of it, have a partition.
    pub async fn ensure(&self, pool: &Pool, position: Position) -> Result<(), LogError> {
        while position.0 + AHEAD >= self.until.load(Ordering::Relaxed) {
            let number = self.until.load(Ordering::Relaxed) / PARTITION_EVENTS;
            make(pool, number).await?;
            self.until.store((number + 1) * PARTITION_EVENTS, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Makes a table of its own first: attaching it waits for no reader and no writer, as `PARTITION OF` would.
async fn make(pool: &Pool, number: i64) -> Result<(), LogError> {
    let (from, to) = (number * PARTITION_EVENTS, (number + 1) * PARTITION_EVENTS);
    let table = format!("log.events_p{number}");
    let client = connect::get(pool).await?;
    let exists = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table]).await.map_err(|e| failed(&e))?;
    if exists.get(0) {
        return Ok(());
    }
    let made = client
        .batch_execute(&format!(
            "CREATE TABLE {table} (LIKE log.events INCLUDING ALL); \
             CREATE UNIQUE INDEX events_p{number}_by_stream ON {table} (stream_key, version); \
             ALTER TABLE log.events ATTACH PARTITION {table} FOR VALUES FROM ({from}) TO ({to});"
        ))
        .await;
    match made {
        // Another process made it at the same time: all statements are one transaction, so it is whole.
        Err(error) if [Some(&SqlState::DUPLICATE_TABLE), Some(&SqlState::UNIQUE_VIOLATION)].contains(&error.code()) => Ok(()),
        other => other.map_err(|e| failed(&e)),
    }
}
