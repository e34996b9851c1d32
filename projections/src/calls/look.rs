//! Calls as a search looks at them: reached by customers, products and shoppers, checked, and read when they are meant.
//!
//! A customer and a product are a call's for good, so the newest versions lead to the calls, and what each was at the position is looked
//! up by its key.

use super::{CallFilter, list::LET_THROUGH};
use crate::{
    asked::{Newest, Page},
    customers,
    error::Result,
    search::{
        Check,
        lead::{Indexes, Lead, ProductIndex, Reach},
        look::{Looked, Source},
    },
    sql::{Row, Store, Value, sql},
    table::{Field, Json, take},
};
use vitrina_domain::ids::{AccountId, CallId, ShopperId};

/// What is looked at of `valid`.
pub(super) const LOOKED_AT: &str = "shopper_id, participants, product_search,
     (SELECT k.search FROM customers k WHERE k.account_id = valid.account_id AND k.customer_id = valid.customer_id
        AND k.from_position <= $2 ORDER BY k.from_position DESC LIMIT 1) AS customer_search";

/// The last row of the page before, limit and begin of the period as in `list`; `$keys` are the calls in the order of an index.
macro_rules! reached_by {
    ($keys:literal) => {
        sql!(
            "SELECT let_through, p_at, p_call, ",
            LOOKED_AT,
            " FROM (SELECT p_at, p_call, calls.*, ",
            LET_THROUGH,
            " AS let_through FROM (",
            $keys,
            ") AS page LEFT JOIN calls ON account_id = $1 AND call_id = p_call AND from_position <= $2 AND to_position > $2) AS valid
             ORDER BY p_at DESC, p_call DESC"
        )
    };
}

/// $19 to $22 are the begin and the end of two words.
const BY_CUSTOMERS: &str = reached_by!(
    "SELECT created_at AS p_at, call_id AS p_call
     FROM (SELECT customer_id AS w_customer FROM customer_words WHERE account_id = $1 AND word >= $19 AND word < $20
           INTERSECT SELECT customer_id FROM customer_words WHERE account_id = $1 AND word >= $21 AND word < $22) AS words CROSS JOIN calls
     WHERE account_id = $1 AND customer_id = w_customer AND to_position = 9223372036854775807
       AND created_at >= $9 AND (created_at, call_id) < ($3, $4) ORDER BY created_at DESC, call_id DESC LIMIT $5"
);
/// $19 and $20 are the begin and the end of a word.
const BY_PRODUCTS: &str = reached_by!(
    "SELECT created_at AS p_at, call_id AS p_call
     FROM (SELECT DISTINCT sku AS w_sku FROM product_words WHERE account_id = $1 AND word >= $19 AND word < $20) AS words CROSS JOIN calls
     WHERE account_id = $1 AND product_id = w_sku AND to_position = 9223372036854775807
       AND created_at >= $9 AND (created_at, call_id) < ($3, $4) ORDER BY created_at DESC, call_id DESC LIMIT $5"
);
/// $19 is the product.
const BY_PRODUCT: &str = reached_by!(
    "SELECT created_at AS p_at, call_id AS p_call FROM calls
     WHERE account_id = $1 AND product_id = $19 AND to_position = 9223372036854775807
       AND created_at >= $9 AND (created_at, call_id) < ($3, $4) ORDER BY created_at DESC, call_id DESC LIMIT $5"
);
/// $19 is who takes part or did.
const BY_PARTICIPANT: &str = reached_by!(
    "SELECT created_at AS p_at, call_id AS p_call FROM call_shoppers
     WHERE account_id = $1 AND shopper_id = $19
       AND created_at >= $9 AND (created_at, call_id) < ($3, $4) ORDER BY created_at DESC, call_id DESC LIMIT $5"
);

/// $1 account, $2 to $5 the words, $6 at most.
const REACH_OF_CUSTOMERS: &str = "SELECT COUNT(*) FROM (SELECT 1
     FROM (SELECT customer_id AS w_customer FROM customer_words WHERE account_id = $1 AND word >= $2 AND word < $3
           INTERSECT SELECT customer_id FROM customer_words WHERE account_id = $1 AND word >= $4 AND word < $5) AS words CROSS JOIN calls
     WHERE account_id = $1 AND customer_id = w_customer AND to_position = 9223372036854775807 LIMIT $6) AS counting";
/// $1 account, $2 and $3 the word, $4 at most.
const REACH_OF_PRODUCTS: &str = "SELECT COUNT(*) FROM (SELECT 1
     FROM (SELECT DISTINCT sku AS w_sku FROM product_words WHERE account_id = $1 AND word >= $2 AND word < $3) AS words CROSS JOIN calls
     WHERE account_id = $1 AND product_id = w_sku AND to_position = 9223372036854775807 LIMIT $4) AS counting";

/// $1 account, $2 the product, $3 at most.
const REACH_OF_PRODUCT: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM calls
     WHERE account_id = $1 AND product_id = $2 AND to_position = 9223372036854775807 LIMIT $3) AS counting";
/// $1 account, $2 the shopper, $3 at most.
const REACH_OF_SHOPPER: &str =
    "SELECT COUNT(*) FROM (SELECT 1 FROM call_shoppers WHERE account_id = $1 AND shopper_id = $2 LIMIT $3) AS counting";

const COUNT_PRODUCTS: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM product_words
     WHERE account_id = $1 AND word >= $2 AND word < $3 LIMIT $4) AS counting";
const LIST_PRODUCTS: &str =
    "SELECT DISTINCT sku FROM product_words WHERE account_id = $1 AND word >= $2 AND word < $3 ORDER BY sku LIMIT $4";

pub(super) const STATEMENTS: &[&str] = &[
    BY_CUSTOMERS,
    BY_PRODUCTS,
    BY_PRODUCT,
    BY_PARTICIPANT,
    REACH_OF_CUSTOMERS,
    REACH_OF_PRODUCTS,
    REACH_OF_PRODUCT,
    REACH_OF_SHOPPER,
    COUNT_PRODUCTS,
    LIST_PRODUCTS,
];

/// A call before it is read.
pub(super) struct Look {
    is_let_through: bool,
    place: Newest,
    shopper: Option<ShopperId>,
    participants: Option<Json<Vec<ShopperId>>>,
    product: Option<String>,
    customer: Option<String>,
}

impl Look {
    fn of(row: Row) -> Result<Self> {
        let values = &mut row.into_iter();
        Ok(Self {
            is_let_through: take(values, "calls", "let_through")?,
            place: Newest { at: take(values, "calls", "created_at")?, id: take(values, "calls", "call_id")? },
            shopper: take(values, "calls", "shopper_id")?,
            participants: take(values, "calls", "participants")?,
            product: take(values, "calls", "product_search")?,
            customer: take(values, "customers", "search")?,
        })
    }
}

impl Looked for Look {
    type Row = CallId;

    fn place(&self) -> Newest {
        self.place
    }

    fn is_meant(&self, check: &Check) -> bool {
        let participants = self.participants.iter().flat_map(|list| list.0.iter().copied());
        self.is_let_through && check.finds(self.product.iter().chain(&self.customer).map(String::as_str), participants.chain(self.shopper))
    }

    fn read(self) -> Result<CallId> {
        Ok(CallId(self.place.id))
    }
}

/// The list that a filter asks for.
pub(super) struct Calls<'l> {
    pub store: &'l Store,
    pub account: AccountId,
    pub filter: &'l CallFilter,
    pub by_time: &'static str,
}

impl Calls<'_> {
    pub(super) fn indexes(&self) -> Indexes<'_> {
        let products = Some(ProductIndex { count: COUNT_PRODUCTS, list: LIST_PRODUCTS });
        Indexes { store: self.store, account: self.account, customers: customers::COUNT_BY_WORD, products }
    }
}

impl Reach for Calls<'_> {
    async fn reach(&self, lead: &Lead, most: i64) -> Result<i64> {
        let mut args = vec![self.account.to_value()];
        args.extend(lead.values());
        args.push(Value::Int(most));
        let statement = match lead {
            Lead::Time => return Ok(most),
            Lead::Customers(..) => REACH_OF_CUSTOMERS,
            Lead::Products(_) => REACH_OF_PRODUCTS,
            Lead::Product(_) => REACH_OF_PRODUCT,
            Lead::Shopper(_) => REACH_OF_SHOPPER,
        };
        let rows = self.store.query(statement, args).await?;
        take(&mut rows.into_iter().flatten(), "calls", "count")
    }
}

impl Source for Calls<'_> {
    type Look = Look;

    async fn fetch(&self, lead: &Lead, page: Page<Newest>) -> Result<Vec<Look>> {
        let mut args = self.filter.page_values(self.account, page);
        args.extend(lead.values());
        let statement = match lead {
            Lead::Time => self.by_time,
            Lead::Customers(..) => BY_CUSTOMERS,
            Lead::Products(_) => BY_PRODUCTS,
            Lead::Product(_) => BY_PRODUCT,
            Lead::Shopper(_) => BY_PARTICIPANT,
        };
        self.store.query(statement, args).await?.into_iter().map(Look::of).collect()
    }
}
