//! Webhook endpoints: what each is told, and how. State, not history: the audit has that.

use crate::{
    asked::LIMIT_MAX,
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{Field, Json, Table, table, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    event::Event,
    ids::{AccountId, WebhookId},
    webhook::{Stage, Webhook, WebhookEvent},
};
use vitrina_eventlog::Decoded;

table! {
    /// A webhook endpoint.
    pub struct WebhookRow in "webhooks" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The endpoint.
            webhook_id: WebhookId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// What it is.
            state: Json<Webhook>,
            /// Whether somebody has to tell it: 1 while it is enabled and has an address.
            told: i64,
            /// When it was made.
            created_at: DateTime<Utc>,
            /// When something of it was last changed or asked.
            changed_at: DateTime<Utc>,
        }
    }
}

/// Keeps them.
pub struct WebhooksProjection;

impl Projection for WebhooksProjection {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<WebhookRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Webhook(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Webhook(WebhookEvent::Created(_)) => keys.create::<WebhookRow>(key(event)),
            _ => keys.load::<WebhookRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Webhook(happened) = &event.event else { return Ok(()) };
        let (account_id, webhook_id) = key(event);
        if let WebhookEvent::Created(_) = happened {
            let mut state = Webhook::default();
            state.fold(happened.clone());
            return rows.put(WebhookRow {
                account_id,
                webhook_id,
                version: event.version(),
                told: told(&state),
                state: Json(state),
                created_at: event.at(),
                changed_at: event.at(),
            });
        }
        rows.change::<WebhookRow>(&(account_id, webhook_id), |row| {
            row.state.0.fold(happened.clone());
            (row.version, row.changed_at) = (event.version(), event.at());
            row.told = told(&row.state.0);
        })
    }
}

fn told(webhook: &Webhook) -> i64 {
    i64::from(webhook.stage == Stage::Enabled && webhook.spec.url.is_some())
}

fn key(event: &Decoded) -> (AccountId, WebhookId) {
    (event.account(), WebhookId(event.recorded.stream.id))
}

const GET: &str = sql!("SELECT ", WebhookRow::COLUMNS, " FROM webhooks WHERE account_id = $1 AND webhook_id = $2");

const LIST: &str =
    sql!("SELECT ", WebhookRow::COLUMNS, " FROM webhooks WHERE account_id = $1 AND webhook_id > $2 ORDER BY webhook_id LIMIT $3");

/// The house works for all accounts, so this finds the account.
const TOLD: &str = "SELECT account_id, webhook_id FROM webhooks WHERE told = 1 AND (account_id, webhook_id) > ($1, $2)
    ORDER BY account_id, webhook_id LIMIT $3";

/// An index holds those that are told.
const TOLD_COUNT: &str = "SELECT COUNT(*) FROM webhooks WHERE account_id = $1 AND told = 1";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, LIST, TOLD, TOLD_COUNT];

/// The endpoint, also one that is over; `None` when there is none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, webhook: WebhookId) -> Result<Option<WebhookRow>> {
    let rows = store.query(GET, vec![account.to_value(), webhook.to_value()]).await?;
    rows.into_iter().next().map(|row| WebhookRow::from_values(&mut row.into_iter())).transpose()
}

/// The endpoints of the account, also those that are over, in the order in which they were made.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, after: Option<WebhookId>, limit: u32) -> Result<Vec<WebhookRow>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |webhook| webhook.to_value());
    let rows = store.query(LIST, vec![account.to_value(), after, Value::Int(limit.min(LIMIT_MAX).into())]).await?;
    rows.into_iter().map(|row| WebhookRow::from_values(&mut row.into_iter())).collect()
}

/// How many endpoints of the account somebody has to tell.
///
/// # Errors
/// When the database is away.
pub async fn told_count(store: &Store, account: AccountId) -> Result<i64> {
    let rows = store.query(TOLD_COUNT, vec![account.to_value()]).await?;
    take(&mut rows.into_iter().flatten(), "webhooks", "count")
}

/// The endpoints of all accounts that somebody has to tell, `limit` at most, after one.
///
/// # Errors
/// When the database is away.
pub async fn told_ones(store: &Store, after: Option<(AccountId, WebhookId)>, limit: u32) -> Result<Vec<(AccountId, WebhookId)>> {
    let first = || (Value::Bytes(Vec::new()), Value::Bytes(Vec::new()));
    let (account, webhook) = after.map_or_else(first, |(account, webhook)| (account.to_value(), webhook.to_value()));
    let rows = store.query(TOLD, vec![account, webhook, Value::Int(limit.into())]).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok((take(values, "webhooks", "account_id")?, take(values, "webhooks", "webhook_id")?))
    };
    rows.into_iter().map(read).collect()
}
