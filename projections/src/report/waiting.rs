//! Who waits for a person at a position: how many, and since when (PRODUCT.md 5.7). No facts: a wait is one when it ends.

use crate::{
    asked::optional,
    error::Result,
    sql::{Row, Store, Value},
    table::{Field, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::{Environment, Position};

/// Waits of a call add up: since when it would have waited without a break.
const CALLS: &str = "SELECT COUNT(*), MIN(queued_at - waited_us) FROM queue
     WHERE account_id = $1 AND waiting = 1 AND from_position <= $2 AND to_position > $2 AND (environment = $3 OR $3 IS NULL)";

const CHATS: &str = "SELECT COUNT(*), MIN(waiting_since) FROM conversations
     WHERE account_id = $1 AND open = 1 AND from_position <= $2 AND to_position > $2 AND waiting_since IS NOT NULL
       AND (environment = $3 OR $3 IS NULL)";

pub(crate) const STATEMENTS: &[&str] = &[CALLS, CHATS];

/// Those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// Since when who waits longest does, breaks left out; `None` where nobody waits.
    pub longest_since: Option<DateTime<Utc>>,
}

/// Calls in the queue, and open chats in which no shopper is present.
///
/// # Errors
/// When the database is away.
pub async fn waiting(store: &Store, account: AccountId, environment: Option<Environment>, as_of: Position) -> Result<[Waiting; 2]> {
    let [calls, chats] =
        [CALLS, CHATS].map(|statement| store.query(statement, vec![account.to_value(), Value::Int(as_of.0), optional(environment)]));
    Ok([read(calls.await?)?, read(chats.await?)?])
}

fn read(rows: Vec<Row>) -> Result<Waiting> {
    let values = &mut rows.into_iter().flatten();
    Ok(Waiting { count: take(values, "queue", "count")?, longest_since: take(values, "queue", "longest_since")? })
}
