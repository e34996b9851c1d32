//! The audit: what was done to users, roles, keys, sessions and settings, what was given out to open a call's media, and
//! which tables were taken away, by whom and when. Facts, never changed.
//!
//! Neither a secret nor a hash of one nor anything personal gets here: names and addresses are looked up by id where they
//! may still be read.

use crate::{
    asked::Page,
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{At, Field, Json, Table, table},
};
use chrono::{DateTime, Utc};
use serde_json::Value as JsonValue;
use uuid::Uuid;
use vitrina_domain::{
    call::CallEvent,
    event::Event,
    ids::AccountId,
    log::LogEvent,
    personal::{CLEAR_MARK, is_secret},
};
use vitrina_eventlog::{Decoded, Position};

table! {
    /// One thing that was done.
    pub struct AuditRow in "audit" as Fact {
        key {
            /// Whose.
            account_id: AccountId,
        }
        columns {
            /// What, such as `role.created`.
            kind: String,
            /// The kind of thing that it was done to.
            subject_kind: String,
            /// Which one.
            subject_id: Uuid,
            /// The kind of who did it.
            actor_kind: String,
            /// Who did it.
            actor_id: String,
            /// When.
            at: DateTime<Utc>,
            /// The details that are neither secret nor personal.
            data: Json<JsonValue>,
        }
    }
}

/// Keeps the audit.
pub struct AuditProjection;

impl Projection for AuditProjection {
    fn name(&self) -> &'static str {
        "audit"
    }

    fn version(&self) -> u32 {
        7
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<AuditRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        use Event::{Account, ApiKey, Call, Export, Log, Retention, Role, Subject, User, Webhook};
        // Checkpoints have a list of their own, and come every hour.
        match event {
            Account(_) | User(_) | Role(_) | ApiKey(_) | Export(_) | Webhook(_) | Subject(_) | Retention(_) => true,
            Log(event) => matches!(event, LogEvent::Exported(_)),
            Call(event) => matches!(event, CallEvent::MediaTokenIssued(_)),
            _ => false,
        }
    }

    /// None: a fact needs no row that is there.
    fn keys(&self, _: &Decoded, _: &mut Keys<'_>) {}

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let mut data = event.event.payload();
        disclose(&mut data);
        rows.add(AuditRow {
            account_id: event.account(),
            kind: event.event.event_type().to_owned(),
            subject_kind: event.event.category().as_str().to_owned(),
            subject_id: event.recorded.stream.id,
            actor_kind: event.recorded.actor.kind().to_owned(),
            actor_id: event.recorded.actor.id(),
            at: event.at(),
            data: Json(data),
        })
    }
}

/// Leaves out what is personal and what stands for a secret.
fn disclose(data: &mut JsonValue) {
    let JsonValue::Object(members) = data else { return };
    members.retain(|name, value| value.get(CLEAR_MARK).is_none() && !is_secret(name));
    members.values_mut().for_each(disclose);
}

const LIST: &str = sql!(
    "SELECT position, ",
    AuditRow::COLUMNS,
    " FROM audit WHERE account_id = $1 AND position <= $2 AND position < $3 ORDER BY position DESC LIMIT $4"
);

/// By the index over what was taken away.
const TAKEN: &str = sql!(
    "SELECT position, ",
    AuditRow::COLUMNS,
    " FROM audit WHERE account_id = $1 AND at >= $2 AND position < $3
       AND kind IN ('export.streamed', 'export.downloaded', 'log.exported', 'subject.access_given') ORDER BY position DESC LIMIT $4"
);

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[LIST, TAKEN];

/// What was done, the newest first; the page's sort key is the position.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, page: Page<Position>) -> Result<Vec<At<AuditRow>>> {
    let before = page.after.map_or(i64::MAX, |position| position.0);
    let args = vec![account.to_value(), page.as_of_value(), Value::Int(before), page.limit_value()];
    store.rows(LIST, args).await
}

/// What was taken away since then, of exports, of the log and about persons, the newest first, `limit` at most, before a position.
///
/// # Errors
/// When the database is away.
pub async fn taken(store: &Store, account: AccountId, since: DateTime<Utc>, before: Position, limit: u32) -> Result<Vec<At<AuditRow>>> {
    store.rows(TAKEN, vec![account.to_value(), since.to_value(), Value::Int(before.0), Value::Int(limit.into())]).await
}

#[cfg(test)]
mod tests {
    use super::disclose;
    use serde_json::json;

    #[test]
    fn what_is_personal_or_stands_for_a_secret_is_left_out() {
        let mut data = json!({"email": {"$personal": {"subject": "x", "value": "a@b"}}, "token_hash": "ab", "access": {"kind": "owner"}});
        disclose(&mut data);
        assert_eq!(data, json!({"access": {"kind": "owner"}}));
    }
}
