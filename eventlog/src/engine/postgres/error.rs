//! Errors of PostgreSQL: which ones mean that the database is away, and the bound on every wait for it.

use crate::LogError;
use std::time::Duration;
use tokio_postgres::error::SqlState;

/// How long one exchange with the database may take: longer than the server's own time-outs, so that they speak first.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Whether the error is one of circumstances (connection, shutdown, lock, failover) and not of the statement.
pub fn is_away(error: &tokio_postgres::Error) -> bool {
    let Some(state) = error.code() else { return true };
    let class = &state.code()[..2];
    // 08 connection, 53 resources, 57 operator intervention (shutdown, cancelled), 58 system
    matches!(class, "08" | "53" | "57" | "58")
        || [
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ]
        .contains(state)
}

/// Whether the error is one of the rows that were sent, and not of the database they were sent to.
pub(super) fn is_of_the_data(error: &tokio_postgres::Error) -> bool {
    // 22 data exception, 23 integrity constraint, 54 program limit exceeded (a value too large for an index)
    error.code().is_some_and(|state| matches!(&state.code()[..2], "22" | "23" | "54"))
}

/// The error with the server's own words, which the driver keeps in its source.
pub(super) fn text(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |db| format!("{} ({})", db.message(), db.code().code()))
}

pub(super) fn failed(error: &tokio_postgres::Error) -> LogError {
    if is_away(error) { LogError::Unavailable(text(error)) } else { LogError::Database(text(error)) }
}

/// Bounds the wait for an answer of the database.
pub(super) async fn in_time<T>(exchange: impl Future<Output = Result<T, LogError>>) -> Result<T, LogError> {
    tokio::time::timeout(ANSWER_MAX, exchange)
        .await
        .unwrap_or_else(|_| Err(LogError::Unavailable(format!("no answer within {} s", ANSWER_MAX.as_secs()))))
}
