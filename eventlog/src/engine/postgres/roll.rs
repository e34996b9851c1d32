//! The roll of the processes that serve one database.

use super::{connect, error::failed, in_time};
use crate::{
    LogError,
    processes::{Beat, Roll},
};
use deadpool_postgres::Pool;
use futures_util::future::{BoxFuture, FutureExt};
use tokio_postgres::types::ToSql;
use vitrina_domain::connection::ProcessId;

const ENTER: &str = "INSERT INTO log.processes (process_id, beats) VALUES ($1, 0) ON CONFLICT (process_id) DO NOTHING";
/// The own count that is answered is the one before.
const BEAT: &str = "WITH own AS (UPDATE log.processes SET beats = beats + 1 WHERE process_id = $1)
     SELECT process_id, beats FROM log.processes";
const STRIKE: &str = "DELETE FROM log.processes WHERE process_id = $1 AND beats = $2";
const LEAVE: &str = "DELETE FROM log.processes WHERE process_id = $1";

/// Over the connections of short looks.
pub(super) struct PostgresRoll(pub(super) Pool);

impl PostgresRoll {
    async fn execute(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<u64, LogError> {
        let client = connect::get(&self.0).await?;
        let statement = client.prepare_cached(sql).await.map_err(|e| failed(&e))?;
        client.execute(&statement, parameters).await.map_err(|e| failed(&e))
    }

    async fn count(&self, process: ProcessId) -> Result<Vec<Beat>, LogError> {
        let client = connect::get(&self.0).await?;
        let statement = client.prepare_cached(BEAT).await.map_err(|e| failed(&e))?;
        let rows = client.query(&statement, &[&stored(process)]).await.map_err(|e| failed(&e))?;
        let beat = |row: tokio_postgres::Row| Beat { process: ProcessId::new(row.get::<_, i64>(0).unsigned_abs()), count: row.get(1) };
        Ok(rows.into_iter().map(beat).collect())
    }
}

impl Roll for PostgresRoll {
    fn enter(&self, process: ProcessId) -> BoxFuture<'_, Result<(), LogError>> {
        in_time(async move { self.execute(ENTER, &[&stored(process)]).await.map(drop) }).boxed()
    }

    fn beat(&self, process: ProcessId) -> BoxFuture<'_, Result<Vec<Beat>, LogError>> {
        in_time(self.count(process)).boxed()
    }

    fn strike(&self, beat: Beat) -> BoxFuture<'_, Result<bool, LogError>> {
        in_time(async move { self.execute(STRIKE, &[&stored(beat.process), &beat.count]).await.map(|rows| rows == 1) }).boxed()
    }

    fn leave(&self, process: ProcessId) -> BoxFuture<'_, Result<(), LogError>> {
        in_time(async move { self.execute(LEAVE, &[&stored(process)]).await.map(drop) }).boxed()
    }
}

fn stored(process: ProcessId) -> i64 {
    i64::try_from(process.number()).expect("a process's number is below 2^48")
}
