//! What conversations hold that may be kept for a time only: since when it is counted, and whether it is there. A list of what is to be
//! deleted and a record of what was. State, not history.

use crate::{
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    sql::{Store, Value, sql},
    table::{Field, Table, table, take},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    conversation::ConversationEvent,
    event::Event,
    ids::{AccountId, ConversationId},
    retention::{ContentKind, RetentionEvent},
};
use vitrina_eventlog::Decoded;

table! {
    /// What a conversation holds. There is none of one that goes on and has no files.
    pub struct ContentsRow in "contents" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The conversation.
            conversation_id: ConversationId,
        }
        columns {
            /// When it was closed.
            closed_at: Option<DateTime<Utc>>,
            /// Files that were shared in it.
            files: i64,
            /// When its words were deleted.
            messages_deleted_at: Option<DateTime<Utc>>,
            /// When its files were deleted.
            files_deleted_at: Option<DateTime<Utc>>,
        }
    }
}

/// Keeps them.
pub struct ContentsProjection;

impl Projection for ContentsProjection {
    fn name(&self) -> &'static str {
        "contents"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<ContentsRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Conversation(ConversationEvent::FileShared(_) | ConversationEvent::Closed(_)) | Event::Retention(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Retention(RetentionEvent::ContentExpired(expired)) => {
                expired.conversations.iter().for_each(|id| keys.load::<ContentsRow>((event.account(), *id)));
            }
            _ => keys.load::<ContentsRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Retention(RetentionEvent::ContentExpired(expired)) = &event.event else {
            let (account_id, conversation_id) = key(event);
            let empty =
                ContentsRow { account_id, conversation_id, closed_at: None, files: 0, messages_deleted_at: None, files_deleted_at: None };
            let mut row = rows.get::<ContentsRow>(&key(event))?.cloned().unwrap_or(empty);
            match &event.event {
                Event::Conversation(ConversationEvent::FileShared(_)) => row.files += 1,
                _ => row.closed_at = Some(event.at()),
            }
            return rows.put(row);
        };
        for id in &expired.conversations {
            let key = (event.account(), *id);
            if rows.get::<ContentsRow>(&key)?.is_none() {
                continue;
            }
            rows.change::<ContentsRow>(&key, |row| {
                if expired.content == ContentKind::Messages {
                    row.messages_deleted_at = row.messages_deleted_at.or(Some(event.at()));
                }
                // Words take the files with them.
                if row.files > 0 {
                    row.files_deleted_at = row.files_deleted_at.or(Some(event.at()));
                }
            })?;
        }
        Ok(())
    }
}

fn key(event: &Decoded) -> (AccountId, ConversationId) {
    (event.account(), ConversationId(event.recorded.stream.id))
}

const GET: &str = sql!("SELECT ", ContentsRow::COLUMNS, " FROM contents WHERE account_id = $1 AND conversation_id = $2");

const DUE_MESSAGES: &str = "SELECT conversation_id FROM contents
     WHERE account_id = $1 AND closed_at <= $2 AND messages_deleted_at IS NULL ORDER BY closed_at, conversation_id LIMIT $3";

const DUE_FILES: &str = "SELECT conversation_id FROM contents
     WHERE account_id = $1 AND closed_at <= $2 AND files > 0 AND files_deleted_at IS NULL ORDER BY closed_at, conversation_id LIMIT $3";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, DUE_MESSAGES, DUE_FILES];

/// What the conversation holds; `None` where it goes on and has no files.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, conversation: ConversationId) -> Result<Option<ContentsRow>> {
    let rows = store.query(GET, vec![account.to_value(), conversation.to_value()]).await?;
    rows.into_iter().next().map(|row| ContentsRow::from_values(&mut row.into_iter())).transpose()
}

/// Conversations that were closed by then and still have this content, the longest closed first, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn due(
    store: &Store,
    account: AccountId,
    kind: ContentKind,
    closed_by: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<ConversationId>> {
    let statement = match kind {
        ContentKind::Messages => DUE_MESSAGES,
        ContentKind::Files => DUE_FILES,
    };
    let rows = store.query(statement, vec![account.to_value(), closed_by.to_value(), Value::Int(limit.into())]).await?;
    rows.into_iter().map(|row| take(&mut row.into_iter(), "contents", "conversation_id")).collect()
}
