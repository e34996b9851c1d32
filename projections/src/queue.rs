//! The waiting queue: who waits, since when, and how many stand before.
//!
//! One temporal row per call. It stays after the call has left the queue (`waiting` is 0 then), so that a call that comes
//! back keeps what it has waited already: waits add up (PRODUCT.md 5.7). Order: priority, then the position of the first
//! queuing, so that whoever is put back keeps their place.

use crate::{
    asked::Page,
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{At, Field, Json, Table, stored_names, table, take},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use vitrina_domain::{
    call::{CallEvent, Opened, QueueReason},
    event::Event,
    ids::{AccountId, CallId, ConversationId, CustomerId},
    metrics::eta::Served,
    product::Product,
};
use vitrina_eventlog::{Decoded, Environment, Position};

stored_names! {
    QueueReason {
        Requested = "requested", Scheduled = "scheduled", ClaimExpired = "claim_expired", Released = "released",
        ShopperLost = "shopper_lost",
    }
}

table! {
    /// A call's place in the queue.
    pub struct QueueRow in "queue" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The call.
            call_id: CallId,
        }
        columns {
            /// Whether it waits now.
            waiting: bool,
            /// Higher is served first.
            priority: i32,
            /// Position of its first queuing: the order among equals. Who is put back keeps their place.
            queued_position: i64,
            /// When it first waited.
            first_queued_at: Option<DateTime<Utc>>,
            /// When it last began to wait.
            queued_at: Option<DateTime<Utc>>,
            /// Why it last began to wait.
            reason: Option<QueueReason>,
            /// What it waited before the last queuing, in microseconds.
            waited_us: i64,
            /// Who waits.
            customer_id: CustomerId,
            /// The chat that goes with it.
            conversation_id: ConversationId,
            /// BCP 47 tag of the customer's language.
            language: Option<String>,
            /// ISO 3166-1 alpha-2.
            country: Option<String>,
            /// Collections asked for.
            collections: Json<Vec<String>>,
            /// What it is about.
            product: Option<Json<Product>>,
            /// Whether a real customer waits.
            environment: Environment,
        }
    }
}

table! {
    /// A wait that ended with a claim.
    pub struct ServedRow in "served" as Fact {
        key {
            /// Whose.
            account_id: AccountId,
            /// When it ended: the key, since what is asked for is the last hour.
            claimed_at: DateTime<Utc>,
        }
        columns {
            /// The call.
            call_id: CallId,
            /// When it began.
            queued_at: DateTime<Utc>,
        }
    }
}

/// Keeps the queue.
pub struct QueueProjection;

impl Projection for QueueProjection {
    fn name(&self) -> &'static str {
        "queue"
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<QueueRow>();
        tables.add::<ServedRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        let Event::Call(call) = event else { return false };
        matches!(
            call,
            CallEvent::Requested(_) | CallEvent::Created(_) | CallEvent::Queued(_) | CallEvent::Claimed(_) | CallEvent::Cancelled(_)
        )
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Call(CallEvent::Requested(_) | CallEvent::Created(_)) => keys.create::<QueueRow>(key(event)),
            _ => keys.load::<QueueRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Call(call) = &event.event else { return Ok(()) };
        if let CallEvent::Claimed(_) = call
            && let Some(queued_at) = waiting_since(event, rows)?
        {
            let (account_id, call_id) = key(event);
            rows.add(ServedRow { account_id, claimed_at: event.at(), call_id, queued_at })?;
        }
        match call {
            CallEvent::Requested(opened) | CallEvent::Created(opened) => rows.put(requested(event, opened)),
            CallEvent::Queued(queued) => rows.change::<QueueRow>(&key(event), |row| {
                row.waiting = true;
                if row.first_queued_at.is_none() {
                    // Who is put back keeps their place.
                    row.queued_position = event.recorded.position.0;
                }
                row.first_queued_at = row.first_queued_at.or(Some(event.at()));
                row.queued_at = Some(event.at());
                row.reason = Some(queued.reason);
            }),
            CallEvent::Claimed(_) | CallEvent::Cancelled(_) => rows.change::<QueueRow>(&key(event), |row| {
                if let (true, Some(since)) = (row.waiting, row.queued_at) {
                    row.waited_us += (event.at() - since).num_microseconds().unwrap_or(i64::MAX);
                }
                row.waiting = false;
            }),
            _ => Ok(()),
        }
    }
}

fn key(event: &Decoded) -> (AccountId, CallId) {
    (event.account(), CallId(event.recorded.stream.id))
}

fn waiting_since(event: &Decoded, rows: &Rows) -> Result<Option<DateTime<Utc>>, FoldError> {
    Ok(rows.get::<QueueRow>(&key(event))?.filter(|row| row.waiting).and_then(|row| row.queued_at))
}

fn requested(event: &Decoded, opened: &Opened) -> QueueRow {
    let (account_id, call_id) = key(event);
    QueueRow {
        account_id,
        call_id,
        waiting: false,
        priority: opened.priority,
        queued_position: 0,
        first_queued_at: None,
        queued_at: None,
        reason: None,
        waited_us: 0,
        customer_id: opened.customer_id,
        conversation_id: opened.conversation_id,
        language: opened.language.clone(),
        country: opened.country.clone(),
        collections: Json(opened.collections.clone()),
        product: opened.product.clone().map(Json),
        environment: event.recorded.environment,
    }
}

/// Sort key of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Higher is served first.
    pub priority: i32,
    /// Among equals, the lower is served first.
    pub queued_position: i64,
}

/// One who waits, with the place in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// 1 is served next.
    pub place: i64,
    /// Since which position it stands so.
    pub position: i64,
    /// The rest.
    pub row: QueueRow,
}

/// Where a call stands in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its row; `waiting` tells whether it waits.
    pub row: QueueRow,
    /// People ahead; `None` when it does not wait.
    pub ahead: Option<i64>,
    /// How many wait in all.
    pub length: i64,
}

const LIST: &str = sql!(
    "SELECT from_position, ",
    QueueRow::COLUMNS,
    " FROM queue WHERE account_id = $1 AND waiting = 1 AND to_position > $2 AND from_position <= $2
       AND (priority < $3 OR (priority = $3 AND queued_position > $4))
     ORDER BY priority DESC, queued_position LIMIT $5"
);

/// Those who stand before a place.
const AHEAD: &str = "SELECT COUNT(*) FROM queue WHERE account_id = $1 AND waiting = 1 AND to_position > $2 AND from_position <= $2
       AND (priority > $3 OR (priority = $3 AND queued_position < $4))";

const LENGTH: &str = "SELECT COUNT(*) FROM queue WHERE account_id = $1 AND waiting = 1 AND to_position > $2 AND from_position <= $2";

const GET: &str = sql!(
    "SELECT from_position, ",
    QueueRow::COLUMNS,
    " FROM (SELECT * FROM queue WHERE account_id = $1 AND call_id = $3 AND from_position <= $2
             ORDER BY from_position DESC LIMIT 1) AS newest
     WHERE to_position > $2"
);

const SERVED: &str =
    "SELECT queued_at, claimed_at FROM served WHERE account_id = $1 AND claimed_at > $2 AND claimed_at <= $3 AND position <= $4
     ORDER BY claimed_at DESC LIMIT $5";

/// Served waits that an estimate rests on, at most: the newest say more than the others.
pub const SERVED_MAX: i64 = 200;

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[LIST, AHEAD, LENGTH, GET, SERVED];

async fn count(store: &Store, statement: &'static str, args: Vec<Value>) -> Result<i64> {
    let rows = store.query(statement, args).await?;
    take(&mut rows.into_iter().flatten(), "queue", "count")
}

/// Those who wait, the one who is served next first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, page: Page<Place>) -> Result<Vec<Waiting>> {
    // Priorities are of 32 bits: this is before every row.
    let (priority, queued_position) = page.after.map_or((i64::MAX, 0), |after| (after.priority.into(), after.queued_position));
    let at = vec![account.to_value(), page.as_of_value(), Value::Int(priority), Value::Int(queued_position)];
    let before = match page.after {
        None => 0,
        // The last one of the page before is among those ahead of the next.
        Some(_) => count(store, AHEAD, at.clone()).await? + 1,
    };
    let args = at.into_iter().chain([page.limit_value()]).collect();
    let rows = store.query(LIST, args).await?;
    let numbered = rows.into_iter().zip(before + 1..).map(|(row, place)| {
        let At { position, row } = At::<QueueRow>::from_values(&mut row.into_iter())?;
        Ok(Waiting { place, position, row })
    });
    numbered.collect()
}

/// How many wait.
///
/// # Errors
/// When the database is away.
pub async fn length(store: &Store, account: AccountId, as_of: Position) -> Result<i64> {
    count(store, LENGTH, vec![account.to_value(), Value::Int(as_of.0)]).await
}

/// Where a call stands in the queue; `None` when there was no such call.
///
/// # Errors
/// When the database is away.
pub async fn standing(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Option<Standing>> {
    let at = vec![account.to_value(), Value::Int(as_of.0)];
    let found = store.query(GET, [at.clone(), vec![call.to_value()]].concat()).await?;
    let Some(found) = found.into_iter().next() else { return Ok(None) };
    let row = At::<QueueRow>::from_values(&mut found.into_iter())?.row;
    let ahead = if row.waiting {
        let place = vec![Value::Int(row.priority.into()), Value::Int(row.queued_position)];
        Some(count(store, AHEAD, [at.clone(), place].concat()).await?)
    } else {
        None
    };
    Ok(Some(Standing { ahead, length: count(store, LENGTH, at).await?, row }))
}

/// The newest waits that ended with a claim in `(from, to]`.
///
/// # Errors
/// When the database is away.
pub async fn served(store: &Store, account: AccountId, from: DateTime<Utc>, to: DateTime<Utc>, as_of: Position) -> Result<Vec<Served>> {
    let args = vec![account.to_value(), from.to_value(), to.to_value(), Value::Int(as_of.0), Value::Int(SERVED_MAX)];
    let rows = store.query(SERVED, args).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok(Served { queued_at: take(values, "served", "queued_at")?, claimed_at: take(values, "served", "claimed_at")? })
    };
    rows.into_iter().map(read).collect()
}
