//! From events to the rows of orders.

use super::rows::{CartCallRow, GivenBack, OrderRow, OrderShopperRow, WaitingOrderRow};
use crate::{
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    table::{Json, Table},
};
use vitrina_domain::{
    call::CallEvent,
    event::Event,
    ids::{AccountId, CallId, OrderId},
    purchase::{Placed, PurchaseEvent, Stage},
};
use vitrina_eventlog::Decoded;

/// Keeps the orders.
pub struct OrdersProjection;

impl Projection for OrdersProjection {
    fn name(&self) -> &'static str {
        "orders"
    }

    fn version(&self) -> u32 {
        5
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<OrderRow>();
        tables.add::<OrderShopperRow>();
        tables.add::<WaitingOrderRow>();
        tables.add::<CartCallRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event, Event::Order(_) | Event::Call(CallEvent::CartItemAdded(_)))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        let (account, id) = key(event);
        match &event.event {
            Event::Order(PurchaseEvent::Placed(_)) => {
                keys.create::<OrderRow>((account, id));
                keys.create::<WaitingOrderRow>((account, id));
            }
            Event::Order(order) => {
                keys.load::<OrderRow>((account, id));
                if matches!(order, PurchaseEvent::Attributed(_)) {
                    keys.load::<WaitingOrderRow>((account, id));
                }
            }
            Event::Call(CallEvent::CartItemAdded(added)) => keys.load::<CartCallRow>((account, added.cart_id.clone(), CallId(id.0))),
            _ => {}
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let (account_id, order_id) = key(event);
        let order = match &event.event {
            Event::Order(order) => order,
            Event::Call(CallEvent::CartItemAdded(added)) => {
                let (cart_id, call_id, environment) = (added.cart_id.clone(), CallId(order_id.0), event.recorded.environment);
                let row = CartCallRow { account_id, cart_id, call_id, environment, since: event.at() };
                let is_known = rows.get::<CartCallRow>(&(account_id, row.cart_id.clone(), row.call_id))?.is_some();
                return if is_known { Ok(()) } else { rows.put(row) };
            }
            _ => return Ok(()),
        };
        let mut change = |apply: &dyn Fn(&mut OrderRow)| {
            rows.change::<OrderRow>(&(account_id, order_id), |row| {
                row.version = event.version();
                apply(row);
                count(row);
            })
        };
        match order {
            PurchaseEvent::Placed(placed) => {
                rows.put(WaitingOrderRow { account_id, order_id, received_at: event.at() })?;
                rows.put(placed_row(event, placed))
            }
            PurchaseEvent::Refunded(refunded) => change(&|row| {
                row.given_back += refunded.amount;
                let (lines, reason) = (refunded.lines.clone(), refunded.reason.clone());
                row.refunds.0.push(GivenBack { amount: refunded.amount, lines, reason, at: refunded.refunded_at });
                if row.given_back == row.total {
                    row.stage = Stage::Refunded;
                }
            }),
            PurchaseEvent::Cancelled(cancelled) => change(&|row| {
                row.given_back += cancelled.amount;
                row.stage = Stage::Cancelled;
                (row.cancel_reason, row.cancelled_at) = (cancelled.reason.clone(), Some(cancelled.cancelled_at));
            }),
            PurchaseEvent::Attributed(attributed) => {
                change(&|row| {
                    row.attributed_at = Some(event.at());
                    if let Some(attribution) = &attributed.attribution {
                        (row.call_id, row.rule) = (Some(attribution.call_id), Some(attribution.rule));
                        row.customer_id = Some(attribution.customer_id);
                        row.device = attribution.device;
                        row.attribution = Some(Json(attribution.clone()));
                    }
                })?;
                list_by_shoppers(rows, &(account_id, order_id))?;
                rows.remove::<WaitingOrderRow>(&(account_id, order_id))
            }
        }
    }
}

fn key(event: &Decoded) -> (AccountId, OrderId) {
    (event.account(), OrderId(event.recorded.stream.id))
}

/// An order is found by those to whom something of it is credited.
fn list_by_shoppers(rows: &mut Rows, key: &(AccountId, OrderId)) -> Result<(), FoldError> {
    let Some(row) = rows.get::<OrderRow>(key)? else { return Ok(()) };
    let (placed_at, attribution) = (row.placed_at, row.attribution.clone());
    for credit in attribution.iter().flat_map(|attribution| &attribution.0.credits) {
        let listed = OrderShopperRow { account_id: key.0, shopper_id: credit.shopper_id, placed_at, order_id: key.1 };
        rows.stands::<OrderShopperRow>(listed.key(), None)?;
        rows.put(listed)?;
    }
    Ok(())
}

fn placed_row(event: &Decoded, placed: &Placed) -> OrderRow {
    let (account_id, order_id) = key(event);
    let mut row = OrderRow {
        account_id,
        order_id,
        version: event.version(),
        external_id: placed.external_id.clone(),
        stage: Stage::Placed,
        cart_id: placed.cart_id.clone(),
        customer_id: placed.customer_id,
        currency: placed.currency.clone(),
        lines: Json(placed.lines.clone()),
        shipping: placed.shipping,
        tax: placed.tax,
        discounts: placed.discounts,
        total: placed.total,
        given_back: 0,
        refunds: Json(Vec::new()),
        cancel_reason: None,
        cancelled_at: None,
        units: 0,
        collection_units: 0,
        collection_sales: 0,
        device: placed.device,
        placed_at: placed.placed_at,
        received_at: event.at(),
        call_id: None,
        rule: None,
        attribution: None,
        attributed_at: None,
        environment: event.recorded.environment,
    };
    count(&mut row);
    row
}

/// The pieces that are still sold.
fn count(row: &mut OrderRow) {
    let pieces = row.kept();
    row.units = pieces.iter().map(|pieces| i64::from(*pieces)).sum();
    (row.collection_units, row.collection_sales) = (0, 0);
    let Some(Json(attribution)) = &row.attribution else { return };
    for ((line, pieces), credit) in row.lines.0.iter().zip(pieces).zip(&attribution.lines) {
        if credit.collection {
            row.collection_units += i64::from(pieces);
            row.collection_sales += line.unit_price * i64::from(pieces);
        }
    }
}
