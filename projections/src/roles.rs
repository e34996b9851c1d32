//! Roles, and what the roles of a user add up to. State, not history: these are not read `as_of`.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{Field, Json, Table, table, take},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use vitrina_domain::{
    event::Event,
    ids::{AccountId, RoleId, UserId},
    module::Module,
    role::RoleEvent,
};
use vitrina_eventlog::Decoded;

table! {
    /// A role.
    pub struct RoleRow in "roles" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The role.
            role_id: RoleId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// Name.
            name: String,
            /// The modules that it opens.
            modules: Json<BTreeSet<Module>>,
            /// When it was made.
            created_at: DateTime<Utc>,
            /// Whether it opens nothing any more.
            deleted: bool,
        }
    }
}

/// Keeps the roles.
pub struct RolesProjection;

impl Projection for RolesProjection {
    fn name(&self) -> &'static str {
        "roles"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<RoleRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Role(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Role(RoleEvent::Created(_)) => keys.create::<RoleRow>(key(event)),
            _ => keys.load::<RoleRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Role(role) = &event.event else { return Ok(()) };
        let (account_id, role_id) = key(event);
        if let RoleEvent::Created(created) = role {
            return rows.put(RoleRow {
                account_id,
                role_id,
                version: event.version(),
                name: created.name.clone(),
                modules: Json(created.modules.clone()),
                created_at: event.at(),
                deleted: false,
            });
        }
        rows.change::<RoleRow>(&(account_id, role_id), |row| {
            row.version = event.version();
            match role {
                RoleEvent::Updated(updated) => {
                    row.name = updated.name.clone().unwrap_or_else(|| std::mem::take(&mut row.name));
                    row.modules.0 = updated.modules.clone().unwrap_or_else(|| std::mem::take(&mut row.modules.0));
                }
                RoleEvent::Deleted(_) => row.deleted = true,
                RoleEvent::Created(_) => {}
            }
        })
    }
}

fn key(event: &Decoded) -> (AccountId, RoleId) {
    (event.account(), RoleId(event.recorded.stream.id))
}

const GET: &str = sql!("SELECT ", RoleRow::COLUMNS, " FROM roles WHERE account_id = $1 AND role_id = $2");

const LIST: &str =
    sql!("SELECT ", RoleRow::COLUMNS, " FROM roles WHERE account_id = $1 AND role_id > $2 AND deleted = 0 ORDER BY role_id LIMIT $3");

/// A page of users at once; each has at most `user::ROLES_MAX`.
const OF_USERS: &str = "SELECT u.user_id, r.account_id, r.role_id, r.version, r.name, r.modules, r.created_at, r.deleted
     FROM user_roles u JOIN roles r ON r.account_id = u.account_id AND r.role_id = u.role_id
     WHERE u.account_id = $1 AND u.user_id >= $2 AND u.user_id <= $3 AND r.deleted = 0 ORDER BY u.user_id, u.role_id LIMIT 5000";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, LIST, OF_USERS];

/// The role, also a deleted one; `None` when there is none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, role: RoleId) -> Result<Option<RoleRow>> {
    let rows = store.query(GET, vec![account.to_value(), role.to_value()]).await?;
    rows.into_iter().next().map(|row| RoleRow::from_values(&mut row.into_iter())).transpose()
}

/// The roles of the account that were not deleted, in the order in which they were made.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, after: Option<RoleId>, limit: u32) -> Result<Vec<RoleRow>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |role| role.to_value());
    let limit = limit.min(crate::asked::LIMIT_MAX);
    let rows = store.query(LIST, vec![account.to_value(), after, Value::Int(limit.into())]).await?;
    rows.into_iter().map(|row| RoleRow::from_values(&mut row.into_iter())).collect()
}

/// The roles that a user has and that were not deleted.
///
/// # Errors
/// When the database is away.
pub async fn of_user(store: &Store, account: AccountId, user: UserId) -> Result<Vec<RoleRow>> {
    Ok(of_users(store, account, user, user).await?.into_iter().map(|(_, role)| role).collect())
}

/// The same of all users from one id to another, in the order of their ids.
///
/// # Errors
/// When the database is away.
pub async fn of_users(store: &Store, account: AccountId, first: UserId, last: UserId) -> Result<Vec<(UserId, RoleRow)>> {
    let rows = store.query(OF_USERS, vec![account.to_value(), first.to_value(), last.to_value()]).await?;
    let pair = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok((take(values, "user_roles", "user_id")?, RoleRow::from_values(values)?))
    };
    rows.into_iter().map(pair).collect()
}
