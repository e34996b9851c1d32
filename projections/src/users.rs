//! Users and their sessions: for signing in and for knowing who calls. State, not history: these are not read `as_of`.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Scrubs, Tables},
    sql::{Store, Value, sql},
    table::{Field, Json, Table, table},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    event::Event,
    ids::{AccountId, RoleId, SessionId, SubjectId, UserId},
    module::Access,
    subject::Forgotten,
    user::UserEvent,
};
use vitrina_eventlog::Decoded;

table! {
    /// A user. What is personal is absent when the person was erased.
    pub struct UserRow in "users" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The user.
            user_id: UserId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// Address to sign in with.
            email: Option<String>,
            /// The address as it is compared.
            email_key: Option<String>,
            /// Name.
            name: Option<String>,
            /// argon2id, PHC string.
            password_hash: Option<String>,
            /// What the user may open.
            access: Json<Access>,
            /// When the user was made.
            created_at: DateTime<Utc>,
            /// Whether the user may no longer sign in.
            deleted: bool,
            /// Until when nobody signs in as this user, after too many wrong passwords.
            locked_until: Option<DateTime<Utc>>,
            /// Position of the event that made the row as it is.
            position: i64,
        }
    }
}

table! {
    /// A session that has not been revoked; it may have expired.
    pub struct SessionRow in "sessions" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The session.
            session_id: SessionId,
        }
        columns {
            /// SHA-256 of its token, lower-case hexadecimal.
            token_hash: String,
            /// Who signed in.
            user_id: UserId,
            /// When it was opened.
            opened_at: DateTime<Utc>,
            /// When it ends by itself.
            expires_at: DateTime<Utc>,
            /// What signed in, in its own words.
            device: Option<String>,
        }
    }
}

table! {
    /// A user has a role; the role may have been deleted.
    pub struct UserRoleRow in "user_roles" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The user.
            user_id: UserId,
            /// The role.
            role_id: RoleId,
        }
        columns {
            /// Since when.
            assigned_at: DateTime<Utc>,
        }
    }
}

/// Keeps users, their roles and their sessions.
pub struct UsersProjection;

impl Projection for UsersProjection {
    fn name(&self) -> &'static str {
        "users"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<UserRow>();
        tables.add::<SessionRow>();
        tables.add::<UserRoleRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::User(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        let Event::User(user) = &event.event else { return };
        match user {
            UserEvent::Created(_) => keys.create::<UserRow>(key(event)),
            UserEvent::SessionOpened(opened) => {
                keys.load::<UserRow>(key(event));
                keys.create::<SessionRow>((event.account(), opened.session_id));
            }
            UserEvent::SessionRevoked(revoked) => {
                keys.load::<UserRow>(key(event));
                keys.load::<SessionRow>((event.account(), revoked.session_id));
            }
            UserEvent::RoleAssigned(assigned) => {
                keys.load::<UserRow>(key(event));
                keys.load::<UserRoleRow>(role_key(event, assigned.role_id));
            }
            UserEvent::RoleRevoked(revoked) => {
                keys.load::<UserRow>(key(event));
                keys.load::<UserRoleRow>(role_key(event, revoked.role_id));
            }
            _ => keys.load::<UserRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::User(user) = &event.event else { return Ok(()) };
        let (account_id, user_id) = key(event);
        match user {
            UserEvent::Created(created) => {
                let email = created.email.get().cloned();
                return rows.put(UserRow {
                    account_id,
                    user_id,
                    version: event.version(),
                    email_key: email.as_deref().map(email_key),
                    email,
                    name: created.name.get().cloned(),
                    password_hash: None,
                    access: Json(created.access.clone()),
                    created_at: event.at(),
                    deleted: false,
                    locked_until: None,
                    position: event.recorded.position.0,
                });
            }
            UserEvent::SessionOpened(opened) => rows.put(SessionRow {
                account_id,
                session_id: opened.session_id,
                token_hash: opened.token_hash.clone(),
                user_id,
                opened_at: event.at(),
                expires_at: opened.expires_at,
                device: opened.device.as_ref().and_then(|device| device.get().cloned()),
            })?,
            UserEvent::SessionRevoked(revoked) => rows.remove::<SessionRow>(&(account_id, revoked.session_id))?,
            UserEvent::RoleAssigned(assigned) => {
                rows.put(UserRoleRow { account_id, user_id, role_id: assigned.role_id, assigned_at: event.at() })?;
            }
            UserEvent::RoleRevoked(revoked) => rows.remove::<UserRoleRow>(&role_key(event, revoked.role_id))?,
            UserEvent::EmailChanged(_)
            | UserEvent::PasswordSet(_)
            | UserEvent::AccessChanged(_)
            | UserEvent::SignInFailed(_)
            | UserEvent::LockedOut(_)
            | UserEvent::Deleted(_) => {}
        }
        rows.change::<UserRow>(&(account_id, user_id), |row| {
            row.version = event.version();
            row.position = event.recorded.position.0;
            match user {
                UserEvent::EmailChanged(changed) => {
                    row.email = changed.email.get().cloned();
                    row.email_key = row.email.as_deref().map(email_key);
                }
                UserEvent::PasswordSet(set) => row.password_hash = set.password_hash.get().cloned(),
                UserEvent::LockedOut(locked) => row.locked_until = Some(locked.until),
                UserEvent::AccessChanged(changed) => row.access.0 = changed.access.clone(),
                // Sessions of a user who is deleted count no more: the query by token looks at the user too.
                UserEvent::Deleted(_) => row.deleted = true,
                _ => {}
            }
        })
    }

    fn forgets(&self, account: AccountId, subject: SubjectId, _: &Forgotten, scrubs: &mut Scrubs) {
        let values = || vec![account.to_value(), subject.0.to_value()];
        scrubs.rows::<UserRow>((&["account_id", "user_id"], "user_id"), values(), |rows, _| {
            rows.iter_mut().for_each(|row| (row.email, row.email_key, row.name, row.password_hash) = (None, None, None, None));
        });
        // By the index over users.
        scrubs.rows::<SessionRow>((&["account_id", "user_id"], "opened_at"), values(), |rows, _| {
            rows.iter_mut().for_each(|row| row.device = None)
        });
    }
}

fn key(event: &Decoded) -> (AccountId, UserId) {
    (event.account(), UserId(event.recorded.stream.id))
}

fn role_key(event: &Decoded, role: RoleId) -> (AccountId, UserId, RoleId) {
    let (account, user) = key(event);
    (account, user, role)
}

/// An e-mail address as it is compared: case does not matter, accents do.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

const GET: &str = sql!("SELECT ", UserRow::COLUMNS, " FROM users WHERE account_id = $1 AND user_id = $2");

const LIST: &str =
    sql!("SELECT ", UserRow::COLUMNS, " FROM users WHERE account_id = $1 AND user_id > $2 AND deleted = 0 ORDER BY user_id LIMIT $3");

/// The same address may belong to users of several accounts.
const BY_EMAIL: &str = sql!(
    "SELECT ",
    UserRow::COLUMNS,
    " FROM users WHERE email_key = $1 AND deleted = 0 AND (account_id = $2 OR $2 IS NULL) ORDER BY account_id LIMIT 20"
);

/// The one question without an account: its answer says which account it is.
const BY_TOKEN: &str = "SELECT s.account_id, s.session_id, s.token_hash, s.user_id, s.opened_at, s.expires_at, s.device,
            u.account_id, u.user_id, u.version, u.email, u.email_key, u.name, u.password_hash, u.access, u.created_at, u.deleted, u.locked_until, u.position
     FROM sessions s JOIN users u ON u.account_id = s.account_id AND u.user_id = s.user_id
     WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.deleted = 0";

/// At most `user::SESSIONS_MAX` are not revoked.
const SESSIONS: &str = sql!(
    "SELECT ",
    SessionRow::COLUMNS,
    " FROM sessions WHERE account_id = $1 AND user_id = $2 AND expires_at > $3 ORDER BY opened_at DESC LIMIT 100"
);

const SESSION: &str = sql!("SELECT ", SessionRow::COLUMNS, " FROM sessions WHERE account_id = $1 AND session_id = $2");

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, LIST, BY_EMAIL, BY_TOKEN, SESSIONS, SESSION];

/// The user, also a deleted one; `None` when there is none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, user: UserId) -> Result<Option<UserRow>> {
    let rows = store.query(GET, vec![account.to_value(), user.to_value()]).await?;
    rows.into_iter().next().map(|row| UserRow::from_values(&mut row.into_iter())).transpose()
}

/// The users of the account who may sign in, in the order in which they were made.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, after: Option<UserId>, limit: u32) -> Result<Vec<UserRow>> {
    let after = after.map_or(Value::Bytes(Vec::new()), |user| user.to_value());
    let limit = limit.min(crate::asked::LIMIT_MAX);
    let rows = store.query(LIST, vec![account.to_value(), after, Value::Int(limit.into())]).await?;
    rows.into_iter().map(|row| UserRow::from_values(&mut row.into_iter())).collect()
}

/// Those who may sign in with this address, in this account or in any.
///
/// # Errors
/// When the database is away.
pub async fn by_email(store: &Store, email: &str, account: Option<AccountId>) -> Result<Vec<UserRow>> {
    let args = vec![Value::Text(email_key(email)), crate::asked::optional(account)];
    store.query(BY_EMAIL, args).await?.into_iter().map(|row| UserRow::from_values(&mut row.into_iter())).collect()
}

/// The session of this token's hash and its user; `None` when it was revoked or has expired, or the user was deleted.
///
/// # Errors
/// When the database is away.
pub async fn by_token(store: &Store, token_hash: &str, now: DateTime<Utc>) -> Result<Option<(SessionRow, UserRow)>> {
    let rows = store.query(BY_TOKEN, vec![Value::Text(token_hash.to_owned()), now.to_value()]).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let values = &mut row.into_iter();
    Ok(Some((SessionRow::from_values(values)?, UserRow::from_values(values)?)))
}

/// The sessions of a user that have neither been revoked nor expired, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn sessions(store: &Store, account: AccountId, user: UserId, now: DateTime<Utc>) -> Result<Vec<SessionRow>> {
    let rows = store.query(SESSIONS, vec![account.to_value(), user.to_value(), now.to_value()]).await?;
    rows.into_iter().map(|row| SessionRow::from_values(&mut row.into_iter())).collect()
}

/// The session, unless it was revoked.
///
/// # Errors
/// When the database is away.
pub async fn session(store: &Store, account: AccountId, session: SessionId) -> Result<Option<SessionRow>> {
    let rows = store.query(SESSION, vec![account.to_value(), session.to_value()]).await?;
    rows.into_iter().next().map(|row| SessionRow::from_values(&mut row.into_iter())).transpose()
}
