//! Lists of conversations: the newest first, pinned to a position. The two halves of a list are those of `calls::list`.

use super::{
    Conversation, ConversationRow, Participant, SlaStanding, Standing,
    look::{Conversations, LOOKED_AT},
    query::{COUNTS, CSAT, FACE, NPS, RATED, some},
};
use crate::{
    asked::{Kind, Listed, Newest, Page, Period, optional},
    error::Result,
    ratings::Rated,
    search::{Check, Needle, lead::Lead, look},
    shoppers,
    sql::{Store, Value, sql},
    table::{Field, Table},
};
use vitrina_domain::{
    conversation::Outcome,
    ids::{AccountId, ApiKeyId, CustomerId, ShopperId},
};
use vitrina_eventlog::Environment;

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
    /// Those of customers who live there.
    pub country: Option<String>,
    /// Those of customers who speak this language, or a kind of it: `pt` is `pt-BR` too.
    pub language: Option<String>,
    /// Those of this environment.
    pub environment: Option<Environment>,
    /// Those that were rated so.
    pub rated: Rated,
    /// Those that were closed in this period.
    pub closed: Period,
    /// Those that calls own, or the others.
    pub kind: Option<Kind>,
    /// Those in which this bot takes part.
    pub bot: Option<ApiKeyId>,
    /// Those that stand so to what was promised.
    pub sla: Option<SlaStanding>,
    /// Those whose customer or shoppers have these words.
    pub search: Option<Needle>,
}

/// That no shopper is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting;

impl ConversationFilter {
    /// What [`NARROWED`] takes as $6 to $29.
    pub(crate) fn values(&self) -> Vec<Value> {
        let [from, _] = self.opened.values();
        let mut values = vec![
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
            optional(self.country.clone()),
            optional(self.language.as_deref().map(spoken)),
            optional(self.environment),
        ];
        values.extend(self.rated.values());
        values.push(Value::Int(i64::from(self.closed != Period::default())));
        values.extend(self.closed.values());
        values.extend([optional(self.kind), optional(self.bot), optional(self.sla)]);
        values
    }

    /// What every statement of a page takes.
    pub(super) fn page_values(&self, account: AccountId, page: Page<Newest>) -> Vec<Value> {
        let [at, id] = Newest::values_within(page.after, self.opened);
        let mut values = vec![account.to_value(), page.as_of_value(), at, id, page.limit_value()];
        values.extend(self.values());
        values
    }

    /// Whether only open conversations can come through: those are few, however long the history is.
    fn wants_open_ones(&self) -> bool {
        self.waiting.is_some()
            || matches!(self.sla, Some(SlaStanding::Active | SlaStanding::ActiveWithMisses))
            || matches!(self.part, Some(Part::Takes(_)))
            || self.status.is_some_and(|status| status != Standing::Closed)
    }
}

/// $1 account, $2 position, $3 and $4 the last row of the page before, $5 limit, $6 status, $7 outcome, $8 customer,
/// $9 begin of the period; its end is a page's begin; $10 department, $11 channel, $12 tag and $13 expertise as they stand
/// in a JSON list, $14 a mark of [`Participant`], $15 whether it waits, $16 country, $17 pattern of the language, $18 environment, $19
/// whether it is rated, $20 and $21 the recommendation at least and at most, $22 satisfaction, $23 face, $24 whether it must be closed, $25
/// and $26 when, $27 kind, $28 bot, $29 how it stands to what was promised. A replacement finds a text on both engines alike, where their `LIKE` differ in upper and lower case.
pub(crate) const NARROWED: &str = sql!(
    "AND from_position <= $2
      AND (status = $6 OR $6 IS NULL) AND (outcome = $7 OR $7 IS NULL) AND (customer_id = $8 OR $8 IS NULL)
      AND (department = $10 OR $10 IS NULL) AND (channel = $11 OR $11 IS NULL)
      AND (REPLACE(tags, $12, '') <> tags OR $12 IS NULL) AND (REPLACE(expertise, $13, '') <> expertise OR $13 IS NULL)
      AND (REPLACE(participants, $14, '') <> participants OR $14 IS NULL) AND (waiting_since IS NOT NULL OR $15 = 0)
      AND (country = $16 OR $16 IS NULL) AND (LOWER(language) || '-' LIKE $17 OR $17 IS NULL) AND (environment = $18 OR $18 IS NULL)
      AND ($24 = 0 OR (closed_at >= $25 AND closed_at < $26))
      AND (CAST($27 AS TEXT) IS NULL OR ($27 = 'call') = (call_id IS NOT NULL)) AND (bot_id = $28 OR $28 IS NULL)
      AND (sla_standing = $29 OR $29 IS NULL)
      AND (CAST($19 AS BIGINT) IS NULL OR $19 = ",
    RATED,
    ") AND (CAST($20 AS BIGINT) IS NULL OR ",
    NPS,
    " >= $20) AND (CAST($21 AS BIGINT) IS NULL OR ",
    NPS,
    " <= $21) AND (CAST($22 AS BIGINT) IS NULL OR ",
    CSAT,
    " = $22) AND (CAST($23 AS TEXT) IS NULL OR ",
    FACE,
    " = $23)"
);

/// The page of a list.
const PAGED: &str = " AND (opened_at, conversation_id) < ($3, $4) ORDER BY opened_at DESC, conversation_id DESC LIMIT $5";

/// Whether the filter lets a row through, as a column.
pub(super) const LET_THROUGH: &str = sql!("CASE WHEN 1 = 1 ", NARROWED, " THEN 1 ELSE 0 END");

/// What of `valid` a list shows.
const SHOWN: &str = sql!("from_position, ", ConversationRow::COLUMNS, COUNTS);

macro_rules! led_by {
    ($what:expr, $narrowed:expr, $lead:literal) => {
        sql!(
            "SELECT ",
            $what,
            " FROM (SELECT * FROM (SELECT * FROM conversations WHERE account_id = $1 AND to_position = 9223372036854775807 ",
            $lead,
            $narrowed,
            PAGED,
            ") AS newest UNION ALL SELECT * FROM (SELECT * FROM conversations WHERE account_id = $1 AND open = 1
               AND to_position > $2 AND to_position < 9223372036854775807 ",
            $lead,
            $narrowed,
            PAGED,
            ") AS ended UNION ALL SELECT * FROM (SELECT * FROM conversations WHERE account_id = $1 AND open = 0
               AND to_position > $2 AND to_position < 9223372036854775807 ",
            $lead,
            $narrowed,
            PAGED,
            ") AS closed) AS valid ORDER BY opened_at DESC, conversation_id DESC LIMIT $5"
        )
    };
}

/// Open conversations are few: all of them, sorted.
macro_rules! open_ones {
    ($what:expr) => {
        sql!(
            "SELECT ",
            $what,
            " FROM (SELECT * FROM conversations WHERE account_id = $1 AND open = 1 AND to_position > $2 AND opened_at >= $9 ",
            NARROWED,
            PAGED,
            ") AS valid ORDER BY opened_at DESC, conversation_id DESC"
        )
    };
}

const ALL: &str = led_by!(SHOWN, NARROWED, "AND opened_at >= $9 ");
const OF_CUSTOMER: &str = led_by!(SHOWN, NARROWED, "AND customer_id = $8 AND +opened_at >= $9 ");
const OF_BOT: &str = led_by!(SHOWN, NARROWED, "AND bot_id = $28 AND +opened_at >= $9 ");
const OPEN_ONES: &str = open_ones!(SHOWN);

/// $30 is who takes part or did.
const OF_PARTICIPANT: &str = sql!(
    "SELECT ",
    SHOWN,
    " FROM (SELECT conversations.* FROM (SELECT account_id AS p_account, shopper_id AS p_shopper, opened_at AS p_at,
                                                conversation_id AS p_conversation FROM conversation_shoppers) AS p
            CROSS JOIN conversations
            WHERE p_account = $1 AND p_shopper = $30 AND p_at >= $9 AND (p_at, p_conversation) < ($3, $4)
              AND account_id = $1 AND conversation_id = p_conversation AND to_position > $2 ",
    NARROWED,
    " ORDER BY p_at DESC, p_conversation DESC LIMIT $5) AS valid ORDER BY opened_at DESC, conversation_id DESC"
);

/// What a search looks at. Every row, also those that the filter does not let through: it looks at so many and no more.
const LOOK_AT_ALL: &str =
    led_by!(sql!(LET_THROUGH, ", opened_at, conversation_id, ", LOOKED_AT), "AND from_position <= $2 ", "AND opened_at >= $9 ");
const LOOK_AT_CUSTOMER: &str =
    led_by!(sql!("1, opened_at, conversation_id, ", LOOKED_AT), NARROWED, "AND customer_id = $8 AND +opened_at >= $9 ");
const LOOK_AT_OPEN_ONES: &str = open_ones!(sql!("1, opened_at, conversation_id, ", LOOKED_AT));

pub(super) const STATEMENTS: &[&str] =
    &[ALL, OF_CUSTOMER, OF_BOT, OPEN_ONES, OF_PARTICIPANT, LOOK_AT_ALL, LOOK_AT_CUSTOMER, LOOK_AT_OPEN_ONES];

/// The conversations that the filter lets through, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, filter: &ConversationFilter, page: Page<Newest>) -> Result<Listed<Conversation>> {
    let Some(needle) = &filter.search else {
        let rows = shown(store, account, filter, page).await?;
        return Ok(Listed { rows, goes_on: None });
    };
    let check = Check::new(needle, &shoppers::names(store, account, page.as_of).await?);
    let narrow = match filter {
        filter if filter.wants_open_ones() => Some(LOOK_AT_OPEN_ONES),
        ConversationFilter { customer: Some(_), .. } => Some(LOOK_AT_CUSTOMER),
        _ => None,
    };
    let list = Conversations { store, account, filter, by_time: narrow.unwrap_or(LOOK_AT_ALL) };
    let found = match (narrow, filter.part) {
        (Some(_), _) => look::walk(&list, &check, &[Lead::Time], page).await?,
        (None, Some(Part::EverTook(shopper))) => look::page(&list, &check, &list.indexes(), Lead::Shopper(shopper), page).await?,
        (None, _) => look::page(&list, &check, &list.indexes(), Lead::Time, page).await?,
    };
    Ok(Listed { rows: some(store, account, &found.rows, page.as_of).await?, goes_on: found.goes_on })
}

async fn shown(store: &Store, account: AccountId, filter: &ConversationFilter, page: Page<Newest>) -> Result<Vec<Conversation>> {
    let mut args = filter.page_values(account, page);
    let statement = match filter {
        filter if filter.wants_open_ones() => OPEN_ONES,
        ConversationFilter { customer: Some(_), .. } => OF_CUSTOMER,
        ConversationFilter { part: Some(Part::EverTook(shopper)), .. } => {
            args.push(shopper.to_value());
            OF_PARTICIPANT
        }
        ConversationFilter { bot: Some(_), .. } => OF_BOT,
        _ => ALL,
    };
    store.query(statement, args).await?.into_iter().map(|row| Conversation::from_values(&mut row.into_iter())).collect()
}

/// A language's tag and those that begin with it, as a pattern.
fn spoken(tag: &str) -> String {
    format!("{}-%", tag.to_ascii_lowercase())
}

/// A label as it stands in a stored list.
fn as_in_list(label: &str) -> String {
    serde_json::Value::from(label).to_string()
}
