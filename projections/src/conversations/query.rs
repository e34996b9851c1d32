//! One conversation and lists of them, with the counts of their messages.
//!
//! The counts come from the last message at or before the position: three looks into one index, however long the chat.

use super::{ConversationRow, Participant, Standing};
use crate::{
    asked::{Newest, Page, Period, optional},
    error::Result,
    folded::anywhere,
    messages::Counts,
    sql::{Store, Value, sql},
    table::{Field, Table, take},
};
use std::collections::BTreeMap;
use vitrina_domain::{
    conversation::Outcome,
    ids::{AccountId, ConversationId, CustomerId, ShopperId},
};
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
        Ok(Self { position, row: ConversationRow::from_values(values)?, counts: Counts::from_values(values)? })
    }
}

/// What a shopper has to do with the conversations that are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Takes part now.
    Takes(ShopperId),
    /// Takes part or did.
    EverTook(ShopperId),
}

/// Which conversations are wanted; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// Those that stand there.
    pub status: Option<Standing>,
    /// Those that ended so.
    pub outcome: Option<Outcome>,
    /// Those with this customer.
    pub customer: Option<CustomerId>,
    /// Those that began in this period.
    pub opened: Period,
    /// Those that this department answers.
    pub department: Option<String>,
    /// Those of customers who write this way.
    pub channel: Option<String>,
    /// Those with this tag.
    pub tag: Option<String>,
    /// Those that take this expertise.
    pub expertise: Option<String>,
    /// Those of a shopper.
    pub part: Option<Part>,
    /// Open ones in which no shopper is present.
    pub waiting: Option<Waiting>,
    /// Part of the customer's name, address, telephone number, company or the shop's id of the customer.
    pub search: Option<String>,
}

/// That no shopper is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting;

impl ConversationFilter {
    /// What [`NARROWED`] takes as $6 to $16.
    pub(crate) fn values(&self) -> [Value; 11] {
        let [from, _] = self.opened.values();
        [
            optional(self.status),
            optional(self.outcome),
            optional(self.customer),
            from,
            optional(self.department.clone()),
            optional(self.channel.clone()),
            optional(self.tag.as_deref().map(as_in_list)),
            optional(self.expertise.as_deref().map(as_in_list)),
            optional(self.part.map(|part| match part {
                Part::Takes(shopper) => Participant::present_mark(shopper),
                Part::EverTook(shopper) => Participant::mark(shopper),
            })),
            Value::Int(i64::from(self.waiting.is_some())),
            optional(self.search.as_deref().filter(|text| !text.trim().is_empty()).map(anywhere)),
        ]
    }

    /// Whether only open conversations can come through: those are few, however long the history is.
    fn wants_open_ones(&self) -> bool {
        self.waiting.is_some() || matches!(self.part, Some(Part::Takes(_))) || self.status.is_some_and(|status| status != Standing::Closed)
    }
}

/// The counts of the messages of `valid` up to position $2.
pub(crate) const COUNTS: &str = ", (SELECT m.seq FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS message_count,
     (SELECT m.customer_count FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS customer_count,
     (SELECT m.agent_count FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS agent_count,
     (SELECT m.version FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS last_version,
     (SELECT m.sent_at FROM messages m WHERE m.account_id = valid.account_id
        AND m.conversation_id = valid.conversation_id AND m.position <= $2 ORDER BY m.position DESC LIMIT 1) AS last_at";

const GET: &str = sql!(
    "SELECT from_position, ",
    ConversationRow::COLUMNS,
    COUNTS,
    " FROM (SELECT * FROM conversations WHERE account_id = $1 AND conversation_id = $3 AND from_position <= $2
             ORDER BY from_position DESC LIMIT 1) AS valid
     WHERE to_position > $2"
);

/// $1 account, $2 position, $3 and $4 the last row of the page before, $5 limit, $6 status, $7 outcome, $8 customer,
/// $9 begin of the period; its end is a page's begin; $10 department, $11 channel, $12 tag and $13 expertise as they stand
/// in a JSON list, $14 a mark of [`Participant`], $15 whether it waits, $16 pattern of the customer. A replacement finds a
/// text on both engines alike, where their `LIKE` differ in upper and lower case. The two halves of a list are those of `calls::list`.
pub(crate) const NARROWED: &str = "AND from_position <= $2
      AND (status = $6 OR $6 IS NULL) AND (outcome = $7 OR $7 IS NULL) AND (customer_id = $8 OR $8 IS NULL)
      AND (department = $10 OR $10 IS NULL) AND (channel = $11 OR $11 IS NULL)
      AND (REPLACE(tags, $12, '') <> tags OR $12 IS NULL) AND (REPLACE(expertise, $13, '') <> expertise OR $13 IS NULL)
      AND (REPLACE(participants, $14, '') <> participants OR $14 IS NULL) AND (waiting_since IS NOT NULL OR $15 = 0)
      AND (CAST($16 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM customers c WHERE c.account_id = conversations.account_id
           AND c.customer_id = conversations.customer_id AND c.from_position <= $2 AND c.to_position > $2
           AND c.search LIKE $16 ESCAPE '\\'))";

/// The page of a list.
const PAGED: &str = " AND (opened_at, conversation_id) < ($3, $4) ORDER BY opened_at DESC, conversation_id DESC LIMIT $5";

macro_rules! led_by {
    ($lead:literal) => {
        sql!(
            "SELECT from_position, ",
            ConversationRow::COLUMNS,
            COUNTS,
            " FROM (SELECT * FROM (SELECT * FROM conversations WHERE account_id = $1 AND to_position = 9223372036854775807 ",
            $lead,
            NARROWED,
            PAGED,
            ") AS newest UNION ALL SELECT * FROM (SELECT * FROM conversations WHERE account_id = $1 AND open = 1
               AND to_position > $2 AND to_position < 9223372036854775807 ",
            $lead,
            NARROWED,
            PAGED,
            ") AS ended UNION ALL SELECT * FROM (SELECT * FROM conversations WHERE account_id = $1 AND open = 0
               AND to_position > $2 AND to_position < 9223372036854775807 ",
            $lead,
            NARROWED,
            PAGED,
            ") AS closed) AS valid ORDER BY opened_at DESC, conversation_id DESC LIMIT $5"
        )
    };
}

const ALL: &str = led_by!("AND opened_at >= $9 ");
const OF_CUSTOMER: &str = led_by!("AND customer_id = $8 AND +opened_at >= $9 ");

/// Open conversations are few: all of them, sorted.
const OPEN_ONES: &str = sql!(
    "SELECT from_position, ",
    ConversationRow::COLUMNS,
    COUNTS,
    " FROM (SELECT * FROM conversations WHERE account_id = $1 AND open = 1 AND to_position > $2 AND opened_at >= $9 ",
    NARROWED,
    PAGED,
    ") AS valid ORDER BY opened_at DESC, conversation_id DESC"
);

const WORKING: &str = "SELECT participants FROM conversations
     WHERE account_id = $1 AND open = 1 AND to_position > $2 AND from_position <= $2 AND call_id IS NULL";

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] = &[GET, ALL, OF_CUSTOMER, OPEN_ONES, WORKING];

/// The conversation; `None` when there was none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, conversation: ConversationId, as_of: Position) -> Result<Option<Conversation>> {
    let rows = store.query(GET, vec![account.to_value(), Value::Int(as_of.0), conversation.to_value()]).await?;
    rows.into_iter().next().map(|row| Conversation::from_values(&mut row.into_iter())).transpose()
}

/// The conversations that the filter lets through, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, filter: &ConversationFilter, page: Page<Newest>) -> Result<Vec<Conversation>> {
    let statement = match filter {
        filter if filter.wants_open_ones() => OPEN_ONES,
        ConversationFilter { customer: Some(_), .. } => OF_CUSTOMER,
        _ => ALL,
    };
    let [at, id] = Newest::values_within(page.after, filter.opened);
    let mut args = vec![account.to_value(), page.as_of_value(), at, id, page.limit_value()];
    args.extend(filter.values());
    store.query(statement, args).await?.into_iter().map(|row| Conversation::from_values(&mut row.into_iter())).collect()
}

/// A label as it stands in a stored list.
fn as_in_list(label: &str) -> String {
    serde_json::Value::from(label).to_string()
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
