//! Orders as of a position, and what the attribution looks for.

use super::rows::{CartCallRow, OrderRow, WaitingOrderRow};
use crate::{
    asked::{self, Newest, Page, Period, optional},
    error::Result,
    sql::{Store, Value, sql},
    table::{At, Field, Table, take},
};
use std::collections::HashMap;
use vitrina_domain::{
    ids::{AccountId, CallId, CustomerId, OrderId, ShopperId},
    purchase::Stage,
};
use vitrina_eventlog::{Environment, Position};

const GET: &str = sql!(
    "SELECT from_position, ",
    OrderRow::COLUMNS,
    " FROM orders WHERE account_id = $1 AND order_id = $2 AND from_position <= $3 AND to_position > $3"
);

/// Orders that go back to a call are few, and so are the versions of an order.
const OF_CALL: &str = sql!(
    "SELECT from_position, ",
    OrderRow::COLUMNS,
    " FROM orders WHERE account_id = $1 AND call_id = $2 AND from_position <= $3 AND to_position > $3 ORDER BY placed_at, order_id"
);

/// $1 account, $2 position, $3 and $4 the last row of the page before, $5 limit, $6 stage, $7 customer, $8 call, $9 begin of the
/// period; its end is a page's begin; $10 currency, $11 a shopper as credits name them, $12 environment.
pub(crate) const NARROWED: &str = "AND from_position <= $2 AND to_position > $2 AND placed_at >= $9
      AND (stage = $6 OR $6 IS NULL) AND (customer_id = $7 OR $7 IS NULL) AND (call_id = $8 OR $8 IS NULL)
      AND (currency = $10 OR $10 IS NULL) AND (REPLACE(attribution, $11, '') <> attribution OR $11 IS NULL)
      AND (environment = $12 OR $12 IS NULL)";

/// A list in the order of an index, which `$lead` makes the one that leads to it: a page costs what it shows, however many orders there are.
macro_rules! led_by {
    ($lead:literal) => {
        sql!(
            "SELECT from_position, ",
            OrderRow::COLUMNS,
            " FROM orders WHERE account_id = $1 AND (placed_at, order_id) < ($3, $4) ",
            $lead,
            NARROWED,
            " ORDER BY placed_at DESC, order_id DESC LIMIT $5"
        )
    };
}

const ALL: &str = led_by!("");
const OF_CUSTOMER: &str = led_by!("AND customer_id = $7 ");
const LIST_OF_CALL: &str = led_by!("AND call_id = $8 ");
const OF_STAGE: &str = led_by!("AND stage = $6 ");
const OF_CURRENCY: &str = led_by!("AND currency = $10 ");
const OF_ENVIRONMENT: &str = led_by!("AND environment = $12 ");

/// $13 the shopper: those with a part in an order are listed beside it.
const OF_SHOPPER: &str = sql!(
    "SELECT from_position, ",
    OrderRow::COLUMNS,
    " FROM (SELECT placed_at AS s_placed, order_id AS s_order FROM order_shoppers
              WHERE account_id = $1 AND shopper_id = $13 AND (placed_at, order_id) < ($3, $4) AND placed_at >= $9) AS credited
     CROSS JOIN orders WHERE account_id = $1 AND order_id = s_order ",
    NARROWED,
    " ORDER BY s_placed DESC, s_order DESC LIMIT $5"
);

const SOLD: &str = sql!(
    "SELECT call_id, currency, COUNT(*), CAST(SUM(units) AS BIGINT), CAST(SUM(total - given_back) AS BIGINT),
            CAST(SUM(collection_units) AS BIGINT), CAST(SUM(collection_sales) AS BIGINT)
     FROM orders WHERE account_id = $1 AND from_position <= $2 AND to_position > $2
       AND call_id IN ",
    asked::SOME,
    " GROUP BY call_id, currency ORDER BY call_id, currency"
);

const CALLS_OF_CART: &str = sql!(
    "SELECT ",
    CartCallRow::COLUMNS,
    " FROM cart_calls WHERE account_id = $1 AND cart_id = $2 AND environment = $3 ORDER BY call_id DESC LIMIT $4"
);

/// The manager of all accounts begins with it.
const WAITING: &str = sql!("SELECT ", WaitingOrderRow::COLUMNS, " FROM waiting_orders ORDER BY account_id, order_id LIMIT $1");

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] =
    &[GET, OF_CALL, ALL, OF_CUSTOMER, LIST_OF_CALL, OF_STAGE, OF_CURRENCY, OF_ENVIRONMENT, OF_SHOPPER, SOLD, CALLS_OF_CART, WAITING];

/// Which orders are wanted; what is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Those that have come so far.
    pub stage: Option<Stage>,
    /// Those of this customer.
    pub customer: Option<CustomerId>,
    /// Those that go back to this call.
    pub call: Option<CallId>,
    /// Those in this currency.
    pub currency: Option<String>,
    /// Those of which something is credited to this shopper.
    pub shopper: Option<ShopperId>,
    /// Those that were placed in this period.
    pub placed: Period,
    /// Those of this environment.
    pub environment: Option<Environment>,
}

impl OrderFilter {
    /// What [`NARROWED`] takes as $6 to $12.
    pub(crate) fn values(&self) -> [Value; 7] {
        let [from, _] = self.placed.values();
        let credited = self.shopper.map(|shopper| format!("\"shopper_id\":\"{shopper}\""));
        [
            optional(self.stage),
            optional(self.customer),
            optional(self.call),
            from,
            optional(self.currency.clone()),
            optional(credited),
            optional(self.environment),
        ]
    }
}

/// What was sold in a call, in one currency, less what was given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// ISO 4217 code.
    pub currency: String,
    /// Orders.
    pub orders: i64,
    /// Pieces.
    pub units: i64,
    /// Minor units.
    pub sales: i64,
    /// Pieces of a collection of whom they are credited to.
    pub collection_units: i64,
    /// What these came to.
    pub collection_sales: i64,
}

impl Sold {
    /// Adds what was sold in the same currency.
    pub(crate) fn add(&mut self, other: &Self) {
        self.orders += other.orders;
        self.units += other.units;
        self.sales += other.sales;
        self.collection_units += other.collection_units;
        self.collection_sales += other.collection_sales;
    }
}

/// The order; `None` when there was none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, order: OrderId, as_of: Position) -> Result<Option<At<OrderRow>>> {
    store.row(GET, vec![account.to_value(), order.to_value(), Value::Int(as_of.0)]).await
}

/// The orders that go back to the call, by time.
///
/// # Errors
/// When the database is away.
pub async fn of_call(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Vec<At<OrderRow>>> {
    store.rows(OF_CALL, vec![account.to_value(), call.to_value(), Value::Int(as_of.0)]).await
}

/// The orders that the filter lets through, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, filter: &OrderFilter, page: Page<Newest>) -> Result<Vec<At<OrderRow>>> {
    let [at, id] = Newest::values_within(page.after, filter.placed);
    // What leaves the fewest leads.
    let statement = match filter {
        OrderFilter { call: Some(_), .. } => LIST_OF_CALL,
        OrderFilter { customer: Some(_), .. } => OF_CUSTOMER,
        OrderFilter { shopper: Some(_), .. } => OF_SHOPPER,
        OrderFilter { environment: Some(Environment::Test), .. } => OF_ENVIRONMENT,
        OrderFilter { stage: Some(_), .. } => OF_STAGE,
        OrderFilter { currency: Some(_), .. } => OF_CURRENCY,
        OrderFilter { environment: Some(Environment::Production), .. } => OF_ENVIRONMENT,
        _ => ALL,
    };
    let mut args = vec![account.to_value(), page.as_of_value(), at, id, page.limit_value()];
    args.extend(filter.values());
    if statement == OF_SHOPPER {
        args.extend(filter.shopper.map(|shopper| shopper.to_value()));
    }
    store.rows(statement, args).await
}

/// What was sold in each of these calls, by currency; calls without an order are not named.
///
/// # Errors
/// When the database is away.
pub async fn sold(store: &Store, account: AccountId, calls: &[CallId], as_of: Position) -> Result<HashMap<CallId, Vec<Sold>>> {
    let mut sold: HashMap<CallId, Vec<Sold>> = HashMap::new();
    for args in asked::some(account, as_of, calls) {
        for row in store.query(SOLD, args).await? {
            let values = &mut row.into_iter();
            let call = take(values, "orders", "call_id")?;
            sold.entry(call).or_default().push(Sold {
                currency: take(values, "orders", "currency")?,
                orders: take(values, "orders", "count")?,
                units: take(values, "orders", "units")?,
                sales: take(values, "orders", "sales")?,
                collection_units: take(values, "orders", "collection_units")?,
                collection_sales: take(values, "orders", "collection_sales")?,
            });
        }
    }
    Ok(sold)
}

/// The calls in which something was put into this cart, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn calls_of_cart(store: &Store, account: AccountId, cart: &str, environment: Environment, limit: u32) -> Result<Vec<CallId>> {
    let parameters = vec![account.to_value(), cart.to_owned().to_value(), environment.to_value(), Value::Int(limit.into())];
    let rows = store.query(CALLS_OF_CART, parameters).await?;
    rows.into_iter().map(|row| CartCallRow::from_values(&mut row.into_iter()).map(|row| row.call_id)).collect()
}

/// The orders of all accounts of which nobody has looked yet to which call they go back, `limit` at most.
///
/// # Errors
/// When the database is away.
pub async fn waiting(store: &Store, limit: u32) -> Result<Vec<(AccountId, OrderId)>> {
    let rows = store.query(WAITING, vec![Value::Int(limit.into())]).await?;
    rows.into_iter().map(|row| WaitingOrderRow::from_values(&mut row.into_iter()).map(|row| (row.account_id, row.order_id))).collect()
}
