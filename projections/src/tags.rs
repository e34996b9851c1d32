//! The tags of an account: what staff picks from, and how many conversations carry each (I13).

use crate::{
    asked::{Page, optional},
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    folded::{anywhere, folded},
    sql::{Store, Value, sql},
    table::{At, Field, Table, table},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use vitrina_domain::{conversation::ConversationEvent, event::Event, ids::AccountId};
use vitrina_eventlog::Decoded;

table! {
    /// A tag that some conversation carries.
    pub struct TagRow in "tags" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The tag.
            tag: String,
        }
        columns {
            /// How many conversations carry it, closed ones too.
            uses: i64,
            /// When it was last put on.
            used_at: DateTime<Utc>,
            /// The tag, folded: what a search looks through.
            search: String,
        }
    }
}

/// Keeps the tags.
pub struct TagsProjection;

/// The tag that comes or goes.
fn tag(event: &Event) -> Option<(&str, i64)> {
    match event {
        Event::Conversation(ConversationEvent::TagAdded(tagged)) => Some((&tagged.tag, 1)),
        Event::Conversation(ConversationEvent::TagRemoved(tagged)) => Some((&tagged.tag, -1)),
        _ => None,
    }
}

impl Projection for TagsProjection {
    fn name(&self) -> &'static str {
        "tags"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<TagRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        tag(event).is_some()
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        if let Some((tag, _)) = tag(&event.event) {
            keys.load::<TagRow>((event.account(), tag.to_owned()));
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Some((tag, change)) = tag(&event.event) else { return Ok(()) };
        let key = (event.account(), tag.to_owned());
        let known = rows.get::<TagRow>(&key)?.cloned();
        let uses = known.as_ref().map_or(0, |row| row.uses) + change;
        if uses <= 0 {
            return rows.remove::<TagRow>(&key);
        }
        let used_at = known.filter(|_| change < 0).map_or(event.at(), |row| row.used_at);
        let (account_id, tag) = key;
        rows.put(TagRow { account_id, search: folded(&tag), tag, uses, used_at })
    }
}

/// Sort key of lists of tags: those used most come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByUse {
    /// [`TagRow::uses`].
    pub uses: i64,
    /// Which one.
    pub tag: String,
}

/// $1 account, $2 position, $3 and $4 the last row of the page before, $5 limit, $6 pattern.
const LIST: &str = sql!(
    "SELECT from_position, ",
    TagRow::COLUMNS,
    " FROM tags WHERE account_id = $1 AND to_position > $2 AND from_position <= $2
       AND (uses < $3 OR (uses = $3 AND tag > $4)) AND (search LIKE $6 ESCAPE '\\' OR $6 IS NULL)
     ORDER BY uses DESC, tag LIMIT $5"
);

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[LIST];

/// The tags in which the text is found, those used most first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, search: Option<&str>, page: Page<ByUse>) -> Result<Vec<At<TagRow>>> {
    let (uses, tag) = page.after.clone().map_or((i64::MAX, String::new()), |after| (after.uses, after.tag));
    let args = vec![
        account.to_value(),
        page.as_of_value(),
        Value::Int(uses),
        Value::Text(tag),
        page.limit_value(),
        optional(search.filter(|text| !text.trim().is_empty()).map(anywhere)),
    ];
    store.rows(LIST, args).await
}
