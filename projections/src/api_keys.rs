//! API keys: for knowing which program calls, and for the list of them. State, not history.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{Field, Json, Table, table},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use vitrina_domain::{
    api_key::ApiKeyEvent,
    bot::Bot,
    event::Event,
    ids::{AccountId, ApiKeyId},
    scope::Scope,
};
use vitrina_eventlog::{Decoded, Environment};

table! {
    /// An API key.
    pub struct ApiKeyRow in "api_keys" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The key.
            key_id: ApiKeyId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// What people call it.
            name: String,
            /// SHA-256 of its secret, lower-case hexadecimal.
            secret_hash: String,
            /// The beginning of its secret.
            hint: String,
            /// What it may do.
            scopes: Json<BTreeSet<Scope>>,
            /// In which environment it opens things.
            environment: Environment,
            /// As whom it writes to customers, where it is a bot's.
            bot: Option<Json<Bot>>,
            /// When it was made.
            created_at: DateTime<Utc>,
            /// When it ends by itself, if it does.
            expires_at: Option<DateTime<Utc>>,
            /// When it was revoked.
            revoked_at: Option<DateTime<Utc>>,
        }
    }
}

/// Keeps the keys.
pub struct ApiKeysProjection;

impl Projection for ApiKeysProjection {
    fn name(&self) -> &'static str {
        "api_keys"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<ApiKeyRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::ApiKey(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::ApiKey(ApiKeyEvent::Created(_)) => keys.create::<ApiKeyRow>(key(event)),
            _ => keys.load::<ApiKeyRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let (account_id, key_id) = key(event);
        match &event.event {
            Event::ApiKey(ApiKeyEvent::Created(created)) => rows.put(ApiKeyRow {
                account_id,
                key_id,
                version: event.version(),
                name: created.name.clone(),
                secret_hash: created.secret_hash.clone(),
                hint: created.hint.clone(),
                scopes: Json(created.scopes.clone()),
                environment: created.environment,
                bot: created.bot.clone().map(Json),
                created_at: event.at(),
                expires_at: created.expires_at,
                revoked_at: None,
            }),
            Event::ApiKey(ApiKeyEvent::Revoked(_)) => rows.change::<ApiKeyRow>(&(account_id, key_id), |row| {
                row.version = event.version();
                row.revoked_at = Some(event.at());
            }),
            _ => Ok(()),
        }
    }
}

fn key(event: &Decoded) -> (AccountId, ApiKeyId) {
    (event.account(), ApiKeyId(event.recorded.stream.id))
}

const GET: &str = sql!("SELECT ", ApiKeyRow::COLUMNS, " FROM api_keys WHERE account_id = $1 AND key_id = $2");

const LIST: &str = sql!("SELECT ", ApiKeyRow::COLUMNS, " FROM api_keys WHERE account_id = $1 AND key_id > $2 ORDER BY key_id LIMIT $3");

/// A question without an account: its answer says which account it is.
const BY_SECRET: &str = sql!(
    "SELECT ",
    ApiKeyRow::COLUMNS,
    " FROM api_keys WHERE secret_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)"
);

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, LIST, BY_SECRET];

/// The key, also a revoked one; `None` when there is none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, key: ApiKeyId) -> Result<Option<ApiKeyRow>> {
    let rows = store.query(GET, vec![account.to_value(), key.to_value()]).await?;
    rows.into_iter().next().map(|row| ApiKeyRow::from_values(&mut row.into_iter())).transpose()
}

/// The keys of the account, also revoked ones, in the order in which they were made.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, after: Option<ApiKeyId>, limit: u32) -> Result<Vec<ApiKeyRow>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |key| key.to_value());
    let limit = limit.min(crate::asked::LIMIT_MAX);
    let rows = store.query(LIST, vec![account.to_value(), after, Value::Int(limit.into())]).await?;
    rows.into_iter().map(|row| ApiKeyRow::from_values(&mut row.into_iter())).collect()
}

/// The key of this secret's hash; `None` when it was revoked or has expired.
///
/// # Errors
/// When the database is away.
pub async fn by_secret(store: &Store, secret_hash: &str, now: DateTime<Utc>) -> Result<Option<ApiKeyRow>> {
    let rows = store.query(BY_SECRET, vec![Value::Text(secret_hash.to_owned()), now.to_value()]).await?;
    rows.into_iter().next().map(|row| ApiKeyRow::from_values(&mut row.into_iter())).transpose()
}
