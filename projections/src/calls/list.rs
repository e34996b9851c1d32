//! Lists of calls: the newest first, pinned to a position.
//!
//! A list has two halves. The versions that are still open come in order from an index over just those; versions that
//! were valid at the position and have ended since come from an index by their end. At the newest position the second
//! half is empty, so a page costs the same however long the history is; at an old one it costs what changed since.

use super::{CallRow, CallStatus};
use crate::{
    asked::{Newest, Page, Period, optional},
    error::Result,
    sql::{Store, sql},
    table::{At, Field, Table},
};
use vitrina_domain::ids::{AccountId, CustomerId, ShopperId};

/// Which calls are wanted; what is `None` does not narrow.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallFilter {
    /// Those that stand there.
    pub status: Option<CallStatus>,
    /// Those that this shopper holds, or held at the end.
    pub shopper: Option<ShopperId>,
    /// Those for this customer.
    pub customer: Option<CustomerId>,
    /// Those that began to be in this period.
    pub created: Period,
}

/// $1 account, $2 position, $3 and $4 the last row of the page before, $5 limit, $6 status, $7 shopper, $8 customer,
/// $9 begin of the period; its end is a page's begin.
const NARROWED: &str = "AND from_position <= $2 AND (created_at, call_id) < ($3, $4)
      AND (status = $6 OR $6 IS NULL) AND (shopper_id = $7 OR $7 IS NULL) AND (customer_id = $8 OR $8 IS NULL)
      ORDER BY created_at DESC, call_id DESC LIMIT $5";

/// A list whose open half is led by an index: `$lead` is the condition that makes it so. A plus sign keeps its column from
/// choosing the index.
macro_rules! led_by {
    ($lead:literal) => {
        sql!(
            "SELECT from_position, ",
            CallRow::COLUMNS,
            " FROM (SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND to_position = 9223372036854775807 ",
            $lead,
            NARROWED,
            ") AS newest UNION ALL SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND active = 1
               AND to_position > $2 AND to_position < 9223372036854775807 ",
            $lead,
            NARROWED,
            ") AS ended UNION ALL SELECT * FROM (SELECT * FROM calls WHERE account_id = $1 AND active = 0
               AND to_position > $2 AND to_position < 9223372036854775807 ",
            $lead,
            NARROWED,
            ") AS closed) AS valid ORDER BY created_at DESC, call_id DESC LIMIT $5"
        )
    };
}

const ALL: &str = led_by!("AND created_at >= $9 ");
const OF_SHOPPER: &str = led_by!("AND shopper_id = $7 AND +created_at >= $9 ");
const OF_CUSTOMER: &str = led_by!("AND customer_id = $8 AND +created_at >= $9 ");
const ARCHIVED: &str = led_by!("AND status = 'archived' AND created_at >= $9 ");

/// Calls of a state that does not last are few: all of them, sorted.
const ACTIVE: &str = sql!(
    "SELECT from_position, ",
    CallRow::COLUMNS,
    " FROM calls WHERE account_id = $1 AND active = 1 AND to_position > $2 AND created_at >= $9 ",
    NARROWED
);

pub(super) const STATEMENTS: &[&str] = &[ALL, OF_SHOPPER, OF_CUSTOMER, ARCHIVED, ACTIVE];

/// The calls that the filter lets through, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, filter: &CallFilter, page: Page<Newest>) -> Result<Vec<At<CallRow>>> {
    let statement = match filter {
        CallFilter { customer: Some(_), .. } => OF_CUSTOMER,
        CallFilter { status: Some(status), .. } if status.is_active() => ACTIVE,
        CallFilter { shopper: Some(_), .. } => OF_SHOPPER,
        CallFilter { status: Some(CallStatus::Archived), .. } => ARCHIVED,
        _ => ALL,
    };
    let [at, id] = Newest::values_within(page.after, filter.created);
    let [from, _] = filter.created.values();
    let args = vec![
        account.to_value(),
        page.as_of_value(),
        at,
        id,
        page.limit_value(),
        optional(filter.status),
        optional(filter.shopper),
        optional(filter.customer),
        from,
    ];
    store.rows(statement, args).await
}
