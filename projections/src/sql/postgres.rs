//! PostgreSQL: a pool for queries, and connections of their own for those who write.
//!
//! A writer turns `synchronous_commit` off: its transactions hold rows and checkpoint together, so what a crash takes is
//! folded again from the log, whose own commits are durable before.

use super::{
    Row, Value,
    arrays::{Array, arrays},
    commit::{Commit, LIVE, Load, Outcome, TableWrites},
};
use crate::error::{Error, Result};
use deadpool_postgres::{ClientWrapper, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use std::{collections::HashMap, future::Future, time::Duration};
use tokio::sync::Mutex;
use tokio_postgres::{
    Config, NoTls, Statement,
    error::SqlState,
    types::{ToSql, Type},
};

/// How long a query waits for a connection of the pool.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long the kernel keeps trying to deliver to a server that has gone away.
const UNDELIVERED_MAX: Duration = Duration::from_secs(10);
/// How long a statement may run, on the server's clock: no query of a read model comes near it.
const STATEMENT_MAX_MS: u32 = 30_000;
/// How long any answer may take before the connection counts as lost.
const ANSWER_MAX: Duration = Duration::from_secs(40);

/// A pool for the read models: at most `connections`, in the schema `views`, with time-outs on every wait.
///
/// # Errors
/// [`Error::Open`] when the URL is not one.
pub fn pool(url: &str, connections: usize) -> Result<Pool> {
    pool_in("views", url, connections)
}

/// The same in another schema.
pub(crate) fn pool_in(schema: &str, url: &str, connections: usize) -> Result<Pool> {
    let mut config: Config = url
        .parse()
        .map_err(|e| Error::Open(format!("VITRINA_DATABASE_URL is not a PostgreSQL address (postgres://user@host/database): {e}")))?;
    let given = config.get_options().unwrap_or_default().to_owned();
    config.options(
        format!("{given} -c search_path={schema},public -c statement_timeout={STATEMENT_MAX_MS} -c jit=off").trim_start().to_owned(),
    );
    config.application_name("vitrina").connect_timeout(CONNECT_MAX).tcp_user_timeout(UNDELIVERED_MAX);
    let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    let timeouts = Timeouts { wait: Some(WAIT_MAX), create: Some(CONNECT_MAX), recycle: Some(CONNECT_MAX) };
    Pool::builder(manager)
        .max_size(connections)
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|e| Error::Open(format!("no pool of connections: {e}")))
}

#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub async fn open(pool: Pool) -> Result<Self> {
        Self::with(pool, &format!("CREATE SCHEMA IF NOT EXISTS views;\n{}", super::writer::HOUSE)).await
    }

    /// Uses the pool's database after this script.
    pub async fn with(pool: Pool, script: &str) -> Result<Self> {
        let store = Self { pool };
        store.writer().await?.script(script.to_owned()).await?;
        Ok(store)
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(|e| Error::Unavailable(e.into()))
    }

    /// A connection of one's own, for one who writes or holds a lock; it ends when dropped.
    pub async fn writer(&self) -> Result<PgWriter> {
        let client = Object::take(self.client().await?);
        // The plans must not depend on statistics of tables that have just been made: always by index.
        let settings = "SET synchronous_commit = off; SET plan_cache_mode = force_generic_plan; \
                        SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
                        SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '60s'; \
                        SET client_min_messages = warning";
        in_time(settings, client.batch_execute(settings)).await?;
        Ok(PgWriter { client, statements: Mutex::default() })
    }

    pub async fn query(&self, statement: &'static str, args: Vec<Value>) -> Result<Vec<Row>> {
        let client = self.client().await?;
        let prepared = in_time(statement, client.prepare_cached(statement)).await?;
        let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|value| value as _).collect();
        in_time(statement, client.query(&prepared, &args)).await?.into_iter().map(|row| values(statement, &row)).collect()
    }

    pub async fn prepare(&self, statement: &'static str) -> Result<()> {
        in_time(statement, self.client().await?.prepare(statement)).await.map(drop)
    }
}

/// A connection that writes.
pub struct PgWriter {
    client: ClientWrapper,
    statements: Mutex<Statements>,
}

/// Prepared statements. A plan is made for a table of the size that it has then, and for a nearly empty one any index
/// looks as good as the primary key: so everything is prepared again whenever the rows written have doubled.
#[derive(Default)]
struct Statements {
    known: HashMap<String, Statement>,
    rows_written: usize,
    rows_planned_for: usize,
}

impl Statements {
    fn count(&mut self, rows: usize) {
        self.rows_written += rows;
        if self.rows_written > 2 * self.rows_planned_for {
            self.rows_planned_for = self.rows_written;
            self.known.clear();
        }
    }
}

impl PgWriter {
    /// Physical tables come and go: their statements live as long as this writer, not as long as the pool.
    pub async fn prepared(&self, text: &str) -> Result<Statement> {
        let mut statements = self.statements.lock().await;
        if let Some(statement) = statements.known.get(text) {
            return Ok(statement.clone());
        }
        let statement = in_time(text, self.client.prepare(text)).await?;
        statements.known.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Several statements, as one transaction unless the script says otherwise.
    pub async fn script(&self, script: String) -> Result<()> {
        in_time(&script, self.client.batch_execute(&script)).await
    }

    /// One statement with its answer.
    pub async fn query(&self, statement: &str, args: &[Value]) -> Result<Vec<Row>> {
        let prepared = self.prepared(statement).await?;
        let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|value| value as _).collect();
        in_time(statement, self.client.query(&prepared, &args)).await?.into_iter().map(|row| values(statement, &row)).collect()
    }

    /// One statement; the rows that it changed.
    pub async fn execute(&self, text: &str, statement: &Statement, row: &Row) -> Result<u64> {
        let args: Vec<&(dyn ToSql + Sync)> = row.iter().map(|value| value as _).collect();
        in_time(text, self.client.execute(statement, &args)).await
    }

    /// The rows of these keys, per load: one round trip for all.
    pub async fn load(&self, loads: Vec<Load>) -> Result<Vec<Vec<Row>>> {
        let mut calls = Vec::with_capacity(loads.len());
        for load in &loads {
            let statement = self.prepared(&load.table.statements.load).await?;
            let keys = arrays(&load.keys, &statement);
            calls.push((&load.table, statement, keys));
        }
        let answers = calls.iter().map(|(table, statement, args)| async {
            let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(Array::as_param).collect();
            let rows = in_time(&table.statements.load, self.client.query(statement, &args)).await?;
            rows.iter().map(|row| values(&table.statements.load, row)).collect()
        });
        futures_util::future::try_join_all(answers).await
    }

    /// The whole batch in two round trips: everything up to the last row, and the commit.
    pub async fn commit(&self, commit: Commit) -> Result<Outcome> {
        let advance = &commit.advance;
        self.statements.lock().await.count(commit.writes.iter().map(TableWrites::len).sum());
        let advance_text = super::writer::ADVANCE;
        let lock_text = if advance.team == LIVE { super::writer::LOCK_CHECKPOINTS } else { "SELECT 1" };
        let (lock, cas) = (self.prepared(lock_text).await?, self.prepared(advance_text).await?);
        let mut calls = Vec::new();
        for writes in &commit.writes {
            let statements = &writes.table.statements;
            let parts = [
                (&statements.close, &writes.closes),
                (&statements.insert, &writes.inserts),
                (&statements.upsert, &writes.upserts),
                (&statements.delete, &writes.deletes),
                (&statements.rewrite, &writes.rewrites),
            ];
            for (text, rows) in parts {
                if !rows.is_empty() {
                    let statement = self.prepared(text).await?;
                    let columns = arrays(rows, &statement);
                    calls.push((text, statement, columns));
                }
            }
        }
        let (to, from) = (advance.to.0, advance.from.0);
        // Sent in this order without waiting in between; the server works them off in this order.
        let begin = self.client.batch_execute("BEGIN");
        let locked = self.client.execute(&lock, &[]);
        let advanced = async { self.client.execute(&cas, &[&to, &advance.team, &from]).await };
        let written = futures_util::future::join_all(calls.iter().map(|(text, statement, args)| async move {
            let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(Array::as_param).collect();
            in_time(text, self.client.execute(statement, &args)).await
        }));
        let (begin, locked, advanced, written) =
            futures_util::future::join4(in_time("BEGIN", begin), in_time(lock_text, locked), in_time(advance_text, advanced), written)
                .await;
        // The first error is the cause; those after it only say that the transaction is aborted. Rows written beside moved
        // checkpoints may well collide: then the checkpoints are the cause.
        let sent = begin.and(locked).and(advanced).and_then(|moved| {
            let ours = moved == advance.members as u64;
            if ours { written.into_iter().collect::<Result<Vec<_>>>().map(|_| ours) } else { Ok(ours) }
        });
        match sent {
            Ok(true) => {
                self.script("COMMIT".to_owned()).await?;
                Ok(Outcome::Committed)
            }
            Ok(false) => {
                self.script("ROLLBACK".to_owned()).await?;
                Ok(Outcome::Lost)
            }
            Err(error) => {
                // If this fails too, the connection is gone and the transaction with it.
                let _ = self.script("ROLLBACK".to_owned()).await;
                Err(error)
            }
        }
    }
}

async fn in_time<T>(statement: &str, answer: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
    match tokio::time::timeout(ANSWER_MAX, answer).await {
        Ok(answer) => answer.map_err(|e| failed(statement, e)),
        Err(late) => Err(Error::Unavailable(late.into())),
    }
}

fn values(statement: &str, row: &tokio_postgres::Row) -> Result<Row> {
    let value = |index: usize, ty: &Type| {
        Ok::<_, tokio_postgres::Error>(match *ty {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map_or(Value::Null, Value::Int),
            Type::INT4 => row.try_get::<_, Option<i32>>(index)?.map_or(Value::Null, |n| Value::Int(n.into())),
            Type::FLOAT8 => row.try_get::<_, Option<f64>>(index)?.map_or(Value::Null, Value::Float),
            Type::BOOL => row.try_get::<_, Option<bool>>(index)?.map_or(Value::Null, |b| Value::Int(b.into())),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.map_or(Value::Null, Value::Bytes),
            _ => row.try_get::<_, Option<String>>(index)?.map_or(Value::Null, Value::Text),
        })
    };
    let columns = row.columns().iter().enumerate();
    columns.map(|(index, column)| value(index, column.type_()).map_err(|e| Error::sql(statement, e))).collect()
}

fn failed(statement: &str, error: tokio_postgres::Error) -> Error {
    let passing = match error.code() {
        // Nothing from the server: the connection itself.
        None => error.is_closed() || error.as_db_error().is_none(),
        Some(code) => {
            let class = &code.code()[..2];
            // Connection, resources, operator's intervention, and losing against another transaction.
            // A table that is gone belonged to a build that another process has replaced: look again which is live.
            matches!(class, "08" | "53" | "57" | "40") || [SqlState::LOCK_NOT_AVAILABLE, SqlState::UNDEFINED_TABLE].contains(code)
        }
    };
    if passing { Error::Unavailable(error.into()) } else { Error::sql(statement, error) }
}
