//! Writing, for the runner alone: loading rows by key, committing a batch, and the DDL of a rebuild.

use super::{
    Engine, EngineName, Row, Store, Value,
    commit::{Commit, Load, Outcome},
    hand::Hand,
    postgres::PgWriter,
};
use crate::{
    error::{Error, Result},
    table::take,
};
use std::time::Duration;

/// The tables of the runner itself.
pub(crate) const HOUSE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/read/projections.sql"));

/// Of the tables in [`HOUSE`].
const SCHEMA: i64 = 1;
const SCHEMA_THERE: &str = "SELECT value FROM house WHERE name = 'schema'";

/// The checkpoints of a team: compare and set. As many rows must change as the team has members.
pub(crate) const ADVANCE: &str = "UPDATE projections SET position = $1 WHERE team = $2 AND position = $3";

/// Those who move the live checkpoints take turns with a swap, which must see them stand still. The number is this lock's
/// name.
pub(crate) const LOCK_CHECKPOINTS: &str = "SELECT pg_advisory_xact_lock(7606001)";

/// Held by the process whose runner is at work, as long as its connection lives.
const LEAD: &str = "SELECT CASE WHEN pg_try_advisory_lock(7606002) THEN 1 ELSE 0 END";

/// Whoever fills new tables holds this lock, named by the number of their team, as long as its connection lives.
const CLAIM: &str = "SELECT CASE WHEN pg_try_advisory_lock(7606004, $1::BIGINT::INT) THEN 1 ELSE 0 END";
const LET_GO: &str = "SELECT CASE WHEN pg_advisory_unlock(7606004, $1::BIGINT::INT) THEN 1 ELSE 0 END";

/// Ends the connection of whoever leads and has done nothing for [`STANDSTILL`]: a process that was stopped or lost its
/// network keeps its lock for as long as its connection seems to live.
const DEPOSE: &str = "SELECT COUNT(pg_terminate_backend(l.pid)) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.objid = 7606002 AND l.granted AND a.datname = current_database()
       AND a.state <> 'active' AND a.state_change < now() - make_interval(secs => $1)";
/// Longer than a leader at work ever sits between two statements while there is something to do.
pub(crate) const STANDSTILL: Duration = Duration::from_secs(5);

/// Somebody who writes read models: the runner, or a rebuild.
pub(crate) enum Writer {
    Sqlite(Hand),
    Postgres(Box<PgWriter>),
}

impl Store {
    /// Refuses what a newer build of the program has written.
    pub(super) async fn must_know_schema(self) -> Result<Self> {
        let rows = self.writer().await?.query(SCHEMA_THERE, Vec::new()).await?;
        let schema: i64 = take(&mut rows.into_iter().flatten(), "house", "value")?;
        if schema <= SCHEMA {
            return Ok(self);
        }
        Err(Error::Open(format!(
            "the read models were written by a newer build (schema {schema}; this one knows {SCHEMA}): use that build, or delete \
             the read models, which are made again from the log"
        )))
    }

    /// A writer: on PostgreSQL with a connection of its own.
    pub(crate) async fn writer(&self) -> Result<Writer> {
        Ok(match &self.engine {
            Engine::Sqlite(sqlite) => Writer::Sqlite(Hand::new(sqlite.clone())),
            Engine::Postgres(postgres) => Writer::Postgres(Box::new(postgres.writer().await?)),
        })
    }
}

impl Writer {
    pub fn engine_name(&self) -> EngineName {
        match self {
            Self::Sqlite(_) => EngineName::Sqlite,
            Self::Postgres(_) => EngineName::Postgres,
        }
    }

    /// Whether this process may run the projections: on PostgreSQL one of several at a time may.
    pub async fn lead(&self) -> Result<bool> {
        match self {
            Self::Sqlite(_) => Ok(true),
            Self::Postgres(writer) => Ok(writer.query(LEAD, &[]).await?.first().and_then(|row| row.first()) == Some(&Value::Int(1))),
        }
    }

    /// Says that this writer fills the tables of the team with this number, as long as it lives; whether no other one does.
    pub async fn claim(&self, team: i64) -> Result<bool> {
        match self {
            Self::Sqlite(hand) => Ok(hand.take(team)),
            Self::Postgres(writer) => {
                Ok(writer.query(CLAIM, &[Value::Int(team)]).await?.first().and_then(|row| row.first()) == Some(&Value::Int(1)))
            }
        }
    }

    /// It does so no more.
    pub async fn let_go(&self, team: i64) -> Result<()> {
        match self {
            Self::Sqlite(hand) => hand.let_go(team),
            Self::Postgres(writer) => drop(writer.query(LET_GO, &[Value::Int(team)]).await?),
        }
        Ok(())
    }

    /// Puts a leader aside who does nothing although there is something to do.
    pub async fn depose(&self) -> Result<()> {
        let Self::Postgres(writer) = self else { return Ok(()) };
        let deposed = writer.query(DEPOSE, &[Value::Float(STANDSTILL.as_secs_f64())]).await?;
        if deposed.first().and_then(|row| row.first()) != Some(&Value::Int(0)) {
            tracing::warn!("the process that kept the read models has stood still; another takes over");
        }
        Ok(())
    }

    pub async fn load(&self, loads: Vec<Load>) -> Result<Vec<Vec<Row>>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.load(loads).await,
            Self::Postgres(writer) => writer.load(loads).await,
        }
    }

    pub async fn commit(&self, commit: Commit) -> Result<Outcome> {
        match self {
            Self::Sqlite(sqlite) => sqlite.commit(commit).await,
            Self::Postgres(writer) => writer.commit(commit).await,
        }
    }

    /// Several statements in one transaction.
    pub async fn script(&self, script: String) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.script(script).await,
            Self::Postgres(writer) => writer.script(script).await,
        }
    }

    /// One statement with its answer.
    pub async fn query(&self, statement: &str, args: Vec<Value>) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.write_query(statement.to_owned(), args).await,
            Self::Postgres(writer) => writer.query(statement, &args).await,
        }
    }
}
