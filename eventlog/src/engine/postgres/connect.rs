//! Connections: pools with time-outs on both sides, and the migration.

use super::error::{failed, text};
use crate::LogError;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Timeouts};
use std::time::Duration;
use tokio_postgres::{Config, NoTls};

mod migrations {
    refinery::embed_migrations!("../migrations/log/postgres");
}

/// Wait for a connection, or for a place in the pool.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long the kernel keeps trying to deliver to a server that has gone away.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
/// Serialises the migrations of processes that start together; any number will do.
const MIGRATION_LOCK: i64 = 0x0076_6974_7269_6e61;
const MIGRATION_TABLE: &str = "vitrina_log_migrations";

/// What a pool's connections are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Appends: a lock that a stopped process holds is freed by the server within seconds.
    Append,
    /// Short looks at rows named by key, which an append may wait for.
    Look,
    /// Reads.
    Read,
}

/// The connection settings of this URL.
pub(super) fn config(url: &str, purpose: Use) -> Result<Config, LogError> {
    let mut config: Config = url
        .parse()
        .map_err(|e| LogError::Open(format!("VITRINA_DATABASE_URL is not a PostgreSQL address (postgres://user@host/database): {e}")))?;
    // Batches name their rows by key; a plan made while the tables were empty must not scan them when they are full.
    let session = match purpose {
        Use::Append | Use::Look => {
            "-c lock_timeout=3000 -c statement_timeout=8000 -c idle_in_transaction_session_timeout=5000 -c jit=off \
             -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
        }
        Use::Read => "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000 -c jit=off",
    };
    let options = config.get_options().map_or_else(|| session.to_owned(), |given| format!("{session} {given}"));
    config.options(options).application_name("vitrina").connect_timeout(CONNECT_MAX).tcp_user_timeout(TCP_USER_TIMEOUT);
    Ok(config)
}

/// A pool over this URL, connected when needed.
///
/// # Errors
/// [`LogError::Open`] when the URL is not one.
pub fn pool(url: &str, size: usize, purpose: Use) -> Result<Pool, LogError> {
    let manager = Manager::from_config(config(url, purpose)?, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(size)
        .timeouts(Timeouts { wait: Some(CONNECT_MAX), create: Some(CONNECT_MAX), recycle: Some(CONNECT_MAX) })
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .build()
        .map_err(|e| LogError::Open(e.to_string()))
}

/// A connection of the pool.
pub(super) async fn get(pool: &Pool) -> Result<Object, LogError> {
    pool.get().await.map_err(|error| match error {
        deadpool_postgres::PoolError::Backend(error) => failed(&error),
        other => LogError::Unavailable(other.to_string()),
    })
}

/// Brings the log's schema up to date; of several processes one does it and the others wait.
pub(super) async fn migrate(url: &str) -> Result<(), LogError> {
    let mut config = config(url, Use::Read)?;
    // Building an index on years of events may take its time.
    config.options("-c statement_timeout=0 -c lock_timeout=0");
    let (mut client, connection) = config.connect(NoTls).await.map_err(|e| failed(&e))?;
    let driver = tokio::spawn(connection);
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await.map_err(|e| failed(&e))?;
    let mut runner = migrations::migrations::runner();
    runner.set_migration_table_name(MIGRATION_TABLE);
    let done = runner.run_async(&mut client).await;
    // The lock goes with the connection.
    drop(client);
    if let Ok(Err(error)) = driver.await {
        tracing::debug!(error = text(&error), "the migration's connection ended with an error");
    }
    done.map(drop).map_err(|error| {
        use refinery::error::Kind;
        LogError::Open(match error.kind() {
            Kind::MissingVersion(_) | Kind::DivergentVersion(..) => {
                format!(
                    "the database was written by a newer or another version of Vitrina ({error}); run that version, or restore a backup"
                )
            }
            _ => format!("the database cannot be brought to this version's schema: {error}"),
        })
    })
}
