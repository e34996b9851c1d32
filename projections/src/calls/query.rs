//! One call, with what was shown in it and what is in its cart.

use super::{CallProductRow, CallRow, CartLineRow};
use crate::{
    asked,
    error::Result,
    sql::{Store, Value, sql},
    table::{At, Field, Table, take},
};
use std::cmp::Reverse;
use vitrina_domain::{
    ids::{AccountId, CallId, ShopperId},
    money::Money,
};
use vitrina_eventlog::Position;

const GET: &str = sql!(
    "SELECT from_position, ",
    CallRow::COLUMNS,
    " FROM (SELECT * FROM calls WHERE account_id = $1 AND call_id = $2 AND from_position <= $3
             ORDER BY from_position DESC LIMIT 1) AS newest
     WHERE to_position > $3"
);

const SOME: &str = sql!(
    "SELECT from_position, ",
    CallRow::COLUMNS,
    " FROM calls WHERE account_id = $1 AND from_position <= $2 AND to_position > $2
       AND call_id IN ",
    asked::SOME
);

const PRODUCTS: &str = sql!(
    "SELECT position, ",
    CallProductRow::COLUMNS,
    " FROM call_products WHERE account_id = $1 AND call_id = $2 AND position <= $3 ORDER BY position"
);

const CART: &str = sql!(
    "SELECT from_position, ",
    CartLineRow::COLUMNS,
    " FROM cart_lines WHERE account_id = $1 AND call_id = $2 AND from_position <= $3 AND to_position > $3
     ORDER BY added_at, cart_id, sku"
);

const WORKING: &str = "SELECT shopper_id, COUNT(*) FROM calls
     WHERE account_id = $1 AND active = 1 AND to_position > $2 AND from_position <= $2
       AND shopper_id IS NOT NULL AND status IN ('claimed', 'live', 'wrap_up')
     GROUP BY shopper_id ORDER BY shopper_id";

pub(super) const STATEMENTS: &[&str] = &[GET, SOME, PRODUCTS, CART, WORKING];

/// The call; `None` when there was none of this id in this account.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Option<At<CallRow>>> {
    store.row(GET, of(account, call, as_of)).await
}

/// These calls, the newest first.
///
/// # Errors
/// When the database is away.
pub(super) async fn some(store: &Store, account: AccountId, calls: &[CallId], as_of: Position) -> Result<Vec<At<CallRow>>> {
    let mut rows: Vec<At<CallRow>> = Vec::with_capacity(calls.len());
    for args in asked::some(account, as_of, calls) {
        rows.extend(store.rows(SOME, args).await?);
    }
    rows.sort_by_key(|at| Reverse((at.row.created_at, at.row.call_id)));
    Ok(rows)
}

/// What was shown in the call, in order.
///
/// # Errors
/// When the database is away.
pub async fn products(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Vec<At<CallProductRow>>> {
    store.rows(PRODUCTS, of(account, call, as_of)).await
}

/// What is in the carts of a call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cart {
    /// The lines, in the order in which they came in.
    pub lines: Vec<At<CartLineRow>>,
    /// What they come to, for each currency: amounts of two currencies are never added.
    pub totals: Vec<Money>,
}

/// The cart of the call.
///
/// # Errors
/// When the database is away.
pub async fn cart(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Cart> {
    let lines: Vec<At<CartLineRow>> = store.rows(CART, of(account, call, as_of)).await?;
    let mut totals: Vec<Money> = Vec::new();
    for At { row, .. } in &lines {
        let amount = row.unit_amount.saturating_mul(row.quantity.into());
        match totals.iter_mut().find(|total| total.currency == row.currency) {
            Some(total) => total.amount = total.amount.saturating_add(amount),
            None => totals.push(Money { amount, currency: row.currency.clone() }),
        }
    }
    totals.sort_by(|a, b| a.currency.cmp(&b.currency));
    Ok(Cart { lines, totals })
}

/// How many calls each shopper works on: claimed, live or in wrap-up. Shoppers without one are not named.
///
/// # Errors
/// When the database is away.
pub async fn working(store: &Store, account: AccountId, as_of: Position) -> Result<Vec<(ShopperId, i64)>> {
    let rows = store.query(WORKING, vec![account.to_value(), Value::Int(as_of.0)]).await?;
    let read = |row: Vec<Value>| {
        let values = &mut row.into_iter();
        Ok((take(values, "calls", "shopper_id")?, take(values, "calls", "count")?))
    };
    rows.into_iter().map(read).collect()
}

fn of(account: AccountId, call: CallId, as_of: Position) -> Vec<Value> {
    vec![account.to_value(), call.to_value(), Value::Int(as_of.0)]
}
