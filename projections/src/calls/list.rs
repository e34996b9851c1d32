//! Lists of calls: the newest first, pinned to a position.
//!
//! A list has two halves. The versions that are still open come in order from an index over just those; versions that
//! were valid at the position and have ended since come from an index by their end. At the newest position the second
//! half is empty, so a page costs the same however long the history is; at an old one it costs what changed since.

use super::{
    CallRow, CallStatus,
    look::{Calls, LOOKED_AT},
    query::some,
};
use crate::{
    asked::{Listed, Newest, Page, Period, optional},
    error::Result,
    ratings::Rated,
    search::{Check, Needle, lead::Lead, look},
    shoppers,
    sql::{Store, Value, sql},
    table::{At, Field, Table},
};
use vitrina_domain::{
    call::Device,
    ids::{AccountId, CustomerId, ShopperId},
};
use vitrina_eventlog::Environment;

/// Which calls are wanted; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct CallFilter {
    /// Those that stand there.
    pub status: Option<CallStatus>,
    /// Those that ended so, also while they are archived: finished or cancelled.
    pub outcome: Option<CallStatus>,
    /// Those that this shopper holds, or held at the end.
    pub shopper: Option<ShopperId>,
    /// Those for this customer.
    pub customer: Option<CustomerId>,
    /// Those about the product with this id of the shop.
    pub product: Option<String>,
    /// Those of customers with this device.
    pub device: Option<Device>,
    /// Those of this environment.
    pub environment: Option<Environment>,
    /// Those that were rated so.
    pub rated: Rated,
    /// Those that began to be in this period.
    pub created: Period,
    /// Those whose product, customer or shoppers have these words.
    pub search: Option<Needle>,
}

impl CallFilter {
    /// What [`NARROWED`] and the period's begin take, as $6 to $18.
    pub(crate) fn values(&self) -> Vec<Value> {
        let [from, _] = self.created.values();
        let mut values = vec![
            optional(self.status),
            optional(self.shopper),
            optional(self.customer),
            from,
            optional(self.product.clone()),
            optional(self.device),
            optional(self.outcome),
            optional(self.environment),
        ];
        values.extend(self.rated.values());
        values
    }

    /// What every statement of a page takes.
    pub(super) fn page_values(&self, account: AccountId, page: Page<Newest>) -> Vec<Value> {
        let [at, id] = Newest::values_within(page.after, self.created);
        let mut values = vec![account.to_value(), page.as_of_value(), at, id, page.limit_value()];
        values.extend(self.values());
        values
    }
}

/// $1 account, $2 position, $6 status, $7 shopper, $8 customer, $9 begin of the period, $10 product, $11 device, $12 outcome,
/// $13 environment, $14 whether it is rated, $15 and $16 the recommendation at least and at most, $17 satisfaction, $18 face.
pub(crate) const NARROWED: &str = "AND from_position <= $2 AND (status = $6 OR $6 IS NULL) AND (shopper_id = $7 OR $7 IS NULL)
      AND (customer_id = $8 OR $8 IS NULL) AND (product_id = $10 OR $10 IS NULL) AND (device = $11 OR $11 IS NULL)
      AND (outcome = $12 OR $12 IS NULL) AND (environment = $13 OR $13 IS NULL) AND (rated = $14 OR $14 IS NULL)
      AND (nps >= $15 OR $15 IS NULL) AND (nps <= $16 OR $16 IS NULL) AND (csat = $17 OR $17 IS NULL) AND (face = $18 OR $18 IS NULL)";

/// Whether the filter lets a row through, as a column.
pub(super) const LET_THROUGH: &str = sql!("CASE WHEN 1 = 1 ", NARROWED, " THEN 1 ELSE 0 END");

/// The page of a list: $3 and $4 the last row of the page before, where the period's end is a page's begin, $5 limit.
const PAGED: &str = " AND (created_at, call_id) < ($3, $4) ORDER BY created_at DESC, call_id DESC LIMIT $5";

/// A list whose open half is led by an index: `$lead` is the condition that makes it so. A plus sign keeps its column from
/// choosing the index.
macro_rules! led_by {
    ($what:expr, $narrowed:expr, $lead:literal) => {
        sql!(
            "SELECT ",
            $what,
            " FROM (SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND to_position = 9223372036854775807 ",
            $lead,
            $narrowed,
            PAGED,
            ") AS newest UNION ALL SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND active = 1
               AND to_position > $2 AND to_position < 9223372036854775807 ",
            $lead,
            $narrowed,
            PAGED,
            ") AS ended UNION ALL SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND active = 0
               AND to_position > $2 AND to_position < 9223372036854775807 ",
            $lead,
            $narrowed,
            PAGED,
            ") AS closed) AS valid ORDER BY created_at DESC, call_id DESC LIMIT $5"
        )
    };
}

/// Calls of a state that does not last are few: all of them, sorted.
macro_rules! active {
    ($what:expr) => {
        sql!(
            "SELECT ",
            $what,
            " FROM (SELECT * FROM calls WHERE account_id = $1 AND active = 1 AND to_position > $2 AND created_at >= $9 ",
            NARROWED,
            PAGED,
            ") AS valid ORDER BY created_at DESC, call_id DESC"
        )
    };
}

/// What of `valid` a list shows.
const SHOWN: &str = sql!("from_position, ", CallRow::COLUMNS);

const ALL: &str = led_by!(SHOWN, NARROWED, "AND created_at >= $9 ");
const OF_SHOPPER: &str = led_by!(SHOWN, NARROWED, "AND shopper_id = $7 AND +created_at >= $9 ");
const OF_CUSTOMER: &str = led_by!(SHOWN, NARROWED, "AND customer_id = $8 AND +created_at >= $9 ");
const OF_PRODUCT: &str = led_by!(SHOWN, NARROWED, "AND product_id = $10 AND +created_at >= $9 ");
const ARCHIVED: &str = led_by!(SHOWN, NARROWED, "AND status = 'archived' AND created_at >= $9 ");
const ACTIVE: &str = active!(SHOWN);

/// What a search looks at where the filter leaves few rows.
const LOOK: &str = sql!("1, created_at, call_id, ", LOOKED_AT);
const LOOK_AT_CUSTOMER: &str = led_by!(LOOK, NARROWED, "AND customer_id = $8 AND +created_at >= $9 ");
const LOOK_AT_PRODUCT: &str = led_by!(LOOK, NARROWED, "AND product_id = $10 AND +created_at >= $9 ");
const LOOK_AT_ACTIVE: &str = active!(LOOK);

/// Every row, also those that the filter does not let through: a search looks at so many and no more.
const LOOK_AT_ALL: &str =
    led_by!(sql!(LET_THROUGH, ", created_at, call_id, ", LOOKED_AT), "AND from_position <= $2 ", "AND created_at >= $9 ");

pub(super) const STATEMENTS: &[&str] =
    &[ALL, OF_SHOPPER, OF_CUSTOMER, OF_PRODUCT, ARCHIVED, ACTIVE, LOOK_AT_CUSTOMER, LOOK_AT_PRODUCT, LOOK_AT_ACTIVE, LOOK_AT_ALL];

/// The calls that the filter lets through, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, filter: &CallFilter, page: Page<Newest>) -> Result<Listed<At<CallRow>>> {
    let Some(needle) = &filter.search else {
        let statement = match filter {
            CallFilter { customer: Some(_), .. } => OF_CUSTOMER,
            CallFilter { status: Some(status), .. } if status.is_active() => ACTIVE,
            CallFilter { product: Some(_), .. } => OF_PRODUCT,
            CallFilter { shopper: Some(_), .. } => OF_SHOPPER,
            CallFilter { status: Some(CallStatus::Archived), .. } => ARCHIVED,
            _ => ALL,
        };
        let rows = store.rows(statement, filter.page_values(account, page)).await?;
        return Ok(Listed { rows, goes_on: None });
    };
    let check = Check::new(needle, &shoppers::names(store, account, page.as_of).await?);
    let narrow = match filter {
        CallFilter { customer: Some(_), .. } => Some(LOOK_AT_CUSTOMER),
        CallFilter { status: Some(status), .. } if status.is_active() => Some(LOOK_AT_ACTIVE),
        CallFilter { product: Some(_), .. } => Some(LOOK_AT_PRODUCT),
        _ => None,
    };
    let list = Calls { store, account, filter, by_time: narrow.unwrap_or(LOOK_AT_ALL) };
    let found = match (narrow, filter.shopper) {
        (Some(_), _) => look::walk(&list, &check, &[Lead::Time], page).await?,
        (None, Some(shopper)) => look::page(&list, &check, &list.indexes(), Lead::Shopper(shopper), page).await?,
        (None, None) => look::page(&list, &check, &list.indexes(), Lead::Time, page).await?,
    };
    Ok(Listed { rows: some(store, account, &found.rows, page.as_of).await?, goes_on: found.goes_on })
}
