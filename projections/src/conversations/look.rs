//! Conversations as a search looks at them: reached by customers and shoppers, checked, and read when they are meant.
//!
//! A conversation's customer is so for good: the newest versions lead to it, and what it was at the position is looked up by its key.

use super::{ConversationFilter, Participant, list::LET_THROUGH};
use crate::{
    asked::{Newest, Page},
    customers,
    error::Result,
    search::{
        Check,
        lead::{Indexes, Lead, Reach},
        look::{Looked, Source},
    },
    sql::{Row, Store, Value, sql},
    table::{Field, Json, take},
};
use vitrina_domain::ids::{AccountId, ConversationId};

/// What is looked at of `valid`.
pub(super) const LOOKED_AT: &str = "participants,
     (SELECT k.search FROM customers k WHERE k.account_id = valid.account_id AND k.customer_id = valid.customer_id
        AND k.from_position <= $2 ORDER BY k.from_position DESC LIMIT 1) AS customer_search";

/// `$keys` are the conversations in the order of an index.
macro_rules! reached_by {
    ($keys:literal) => {
        sql!(
            "SELECT let_through, p_at, p_conversation, ",
            LOOKED_AT,
            " FROM (SELECT p_at, p_conversation, conversations.*, ",
            LET_THROUGH,
            " AS let_through FROM (",
            $keys,
            ") AS page LEFT JOIN conversations ON account_id = $1 AND conversation_id = p_conversation
                 AND from_position <= $2 AND to_position > $2) AS valid
             ORDER BY p_at DESC, p_conversation DESC"
        )
    };
}

/// $30 to $33 are the begin and the end of two words.
const BY_CUSTOMERS: &str = reached_by!(
    "SELECT opened_at AS p_at, conversation_id AS p_conversation
     FROM (SELECT customer_id AS w_customer FROM customer_words WHERE account_id = $1 AND word >= $30 AND word < $31
           INTERSECT SELECT customer_id FROM customer_words WHERE account_id = $1 AND word >= $32 AND word < $33) AS words
     CROSS JOIN conversations
     WHERE account_id = $1 AND customer_id = w_customer AND to_position = 9223372036854775807
       AND opened_at >= $9 AND (opened_at, conversation_id) < ($3, $4) ORDER BY opened_at DESC, conversation_id DESC LIMIT $5"
);
/// $30 is who takes part or did.
const BY_PARTICIPANT: &str = reached_by!(
    "SELECT opened_at AS p_at, conversation_id AS p_conversation FROM conversation_shoppers
     WHERE account_id = $1 AND shopper_id = $30
       AND opened_at >= $9 AND (opened_at, conversation_id) < ($3, $4) ORDER BY opened_at DESC, conversation_id DESC LIMIT $5"
);

/// $1 account, $2 to $5 the words, $6 at most.
const REACH_OF_CUSTOMERS: &str = "SELECT COUNT(*) FROM (SELECT 1
     FROM (SELECT customer_id AS w_customer FROM customer_words WHERE account_id = $1 AND word >= $2 AND word < $3
           INTERSECT SELECT customer_id FROM customer_words WHERE account_id = $1 AND word >= $4 AND word < $5) AS words
     CROSS JOIN conversations
     WHERE account_id = $1 AND customer_id = w_customer AND to_position = 9223372036854775807 LIMIT $6) AS counting";

/// $1 account, $2 the shopper, $3 at most.
const REACH_OF_SHOPPER: &str =
    "SELECT COUNT(*) FROM (SELECT 1 FROM conversation_shoppers WHERE account_id = $1 AND shopper_id = $2 LIMIT $3) AS counting";

pub(super) const STATEMENTS: &[&str] = &[BY_CUSTOMERS, BY_PARTICIPANT, REACH_OF_CUSTOMERS, REACH_OF_SHOPPER];

/// A conversation before it is read.
pub(super) struct Look {
    is_let_through: bool,
    place: Newest,
    participants: Option<Json<Vec<Participant>>>,
    customer: Option<String>,
}

impl Look {
    fn of(row: Row) -> Result<Self> {
        let values = &mut row.into_iter();
        Ok(Self {
            is_let_through: take(values, "conversations", "let_through")?,
            place: Newest { at: take(values, "conversations", "opened_at")?, id: take(values, "conversations", "conversation_id")? },
            participants: take(values, "conversations", "participants")?,
            customer: take(values, "customers", "search")?,
        })
    }
}

impl Looked for Look {
    type Row = ConversationId;

    fn place(&self) -> Newest {
        self.place
    }

    fn is_meant(&self, check: &Check) -> bool {
        let shoppers = self.participants.iter().flat_map(|list| list.0.iter().map(|participant| participant.shopper_id));
        self.is_let_through && check.finds(self.customer.as_deref(), shoppers)
    }

    fn read(self) -> Result<ConversationId> {
        Ok(ConversationId(self.place.id))
    }
}

/// The list that a filter asks for.
pub(super) struct Conversations<'l> {
    pub store: &'l Store,
    pub account: AccountId,
    pub filter: &'l ConversationFilter,
    pub by_time: &'static str,
}

impl Conversations<'_> {
    pub(super) fn indexes(&self) -> Indexes<'_> {
        Indexes { store: self.store, account: self.account, customers: customers::COUNT_BY_WORD, products: None }
    }
}

impl Reach for Conversations<'_> {
    async fn reach(&self, lead: &Lead, most: i64) -> Result<i64> {
        let mut args = vec![self.account.to_value()];
        args.extend(lead.values());
        args.push(Value::Int(most));
        let statement = match lead {
            Lead::Time | Lead::Products(_) | Lead::Product(_) => return Ok(most),
            Lead::Customers(..) => REACH_OF_CUSTOMERS,
            Lead::Shopper(_) => REACH_OF_SHOPPER,
        };
        let rows = self.store.query(statement, args).await?;
        take(&mut rows.into_iter().flatten(), "conversations", "count")
    }
}

impl Source for Conversations<'_> {
    type Look = Look;

    async fn fetch(&self, lead: &Lead, page: Page<Newest>) -> Result<Vec<Look>> {
        let mut args = self.filter.page_values(self.account, page);
        args.extend(lead.values());
        let statement = match lead {
            // Of products there are no words here.
            Lead::Time | Lead::Products(_) | Lead::Product(_) => self.by_time,
            Lead::Customers(..) => BY_CUSTOMERS,
            Lead::Shopper(_) => BY_PARTICIPANT,
        };
        self.store.query(statement, args).await?.into_iter().map(Look::of).collect()
    }
}
