//! One conversation, with the counts of its messages.
//!
//! The counts come from the last message at or before the position: three looks into one index, however long the chat.

use super::{ConversationRow, Participant};
use crate::{
    asked,
    error::Result,
    messages::Counts,
    sql::{Store, Value, sql},
    table::{Field, Table, take},
};
use std::{cmp::Reverse, collections::BTreeMap};
use vitrina_domain::ids::{AccountId, ConversationId, ShopperId};
use vitrina_eventlog::Position;

/// A conversation as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Since which position its row stands so.
    pub position: i64,
    /// Its row.
    pub row: ConversationRow,
    /// What was written in it.
    pub counts: Counts,
}

impl Conversation {
    /// Version of its stream, messages counted in: its entity tag.
    pub fn version(&self) -> i64 {
        self.row.version.max(self.counts.last_version)
    }

    pub(crate) fn from_values(values: &mut dyn Iterator<Item = Value>) -> Result<Self> {
        let position = take(values, "conversations", "from_position")?;
        let (mut row, counts) = (ConversationRow::from_values(values)?, Counts::from_values(values)?);
        row.rated = take(values, "ratings", "rated")?;
        Ok(Self { position, row, counts })
    }
}

/// The ratings of the call that owns a conversation, under names that nothing else has. Who rates a call rates what was said in it.
macro_rules! of_call {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM (SELECT account_id AS r_account, call_id AS r_call, position AS r_position, superseded_position AS r_superseded,
                           nps AS r_nps, csat AS r_csat, face AS r_face FROM ratings) AS r
               WHERE r_account = account_id AND r_call = call_id AND r_position <= $2 AND r_superseded > $2
               ORDER BY r_position DESC LIMIT 1)"
        )
    };
}

/// Whether a conversation, or the call that owns it, was rated.
pub(super) const RATED: &str = concat!("CASE WHEN rated = 1 OR ", of_call!("1"), " = 1 THEN 1 ELSE 0 END");
/// How likely a recommendation is.
pub(super) const NPS: &str = concat!("CASE WHEN call_id IS NULL THEN nps ELSE ", of_call!("r_nps"), " END");
/// Satisfaction.
pub(super) const CSAT: &str = concat!("CASE WHEN call_id IS NULL THEN csat ELSE ", of_call!("r_csat"), " END");
/// The face chosen.
pub(super) const FACE: &str = concat!("CASE WHEN call_id IS NULL THEN face ELSE ", of_call!("r_face"), " END");

/// The counts of the messages of `valid` up to position $2, and whether it was rated by then.
pub(crate) const COUNTS: &str = sql!(
    ", (SELECT m.seq FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS message_count,
     (SELECT m.customer_count FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS customer_count,
     (SELECT m.agent_count FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS agent_count,
     (SELECT m.version FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS last_version,
     (SELECT m.sent_at FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS last_at, ",
    RATED,
    " AS is_rated"
);

const GET: &str = sql!(
    "SELECT from_position, ",
    ConversationRow::COLUMNS,
    COUNTS,
    " FROM (SELECT * FROM conversations WHERE account_id = $1 AND conversation_id = $3 AND from_position <= $2
             ORDER BY from_position DESC LIMIT 1) AS valid
     WHERE to_position > $2"
);

const SOME: &str = sql!(
    "SELECT from_position, ",
    ConversationRow::COLUMNS,
    COUNTS,
    " FROM (SELECT * FROM conversations WHERE account_id = $1 AND from_position <= $2 AND to_position > $2 AND conversation_id IN ",
    asked::SOME,
    ") AS valid"
);

const WORKING: &str = "SELECT participants FROM conversations
     WHERE account_id = $1 AND open = 1 AND to_position > $2 AND from_position <= $2 AND call_id IS NULL";

/// Every statement of this file, for the test that prepares them on both engines.
pub(super) const STATEMENTS: &[&str] = &[GET, SOME, WORKING];

/// The conversation; `None` when there was none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, conversation: ConversationId, as_of: Position) -> Result<Option<Conversation>> {
    let rows = store.query(GET, vec![account.to_value(), Value::Int(as_of.0), conversation.to_value()]).await?;
    rows.into_iter().next().map(|row| Conversation::from_values(&mut row.into_iter())).transpose()
}

/// These conversations, the newest first.
///
/// # Errors
/// When the database is away.
pub(super) async fn some(
    store: &Store,
    account: AccountId,
    conversations: &[ConversationId],
    as_of: Position,
) -> Result<Vec<Conversation>> {
    let mut found = Vec::with_capacity(conversations.len());
    for args in asked::some(account, as_of, conversations) {
        for row in store.query(SOME, args).await? {
            found.push(Conversation::from_values(&mut row.into_iter())?);
        }
    }
    found.sort_by_key(|conversation| Reverse((conversation.row.opened_at, conversation.row.conversation_id)));
    Ok(found)
}

/// In how many open conversations without a call each shopper takes part. Shoppers without one are not named.
///
/// # Errors
/// When the database is away.
pub async fn working(store: &Store, account: AccountId, as_of: Position) -> Result<BTreeMap<ShopperId, i64>> {
    let rows = store.query(WORKING, vec![account.to_value(), Value::Int(as_of.0)]).await?;
    let mut counts = BTreeMap::new();
    for row in rows {
        let participants: crate::table::Json<Vec<Participant>> = take(&mut row.into_iter(), "conversations", "participants")?;
        for participant in participants.0.iter().filter(|p| p.present) {
            *counts.entry(participant.shopper_id).or_default() += 1;
        }
    }
    Ok(counts)
}
