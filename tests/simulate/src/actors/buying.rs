//! The shop tells what a customer bought, and what becomes of it.

use super::floor::Floor;
use crate::{
    books::{Order, VisitBook},
    client::{Fault, Written},
    plan::{Fate, Purchase, Way},
};
use serde_json::json;

/// What is taken off an order afterwards, in cents.
const TAKEN_OFF: i64 = 100;

/// The customer buys what is in the cart; nothing when there is nothing.
pub(super) async fn buys(floor: &Floor, plan: &Purchase, book: &mut VisitBook) -> Result<(), Fault> {
    let (Some(call), Some(customer)) = (book.call_id, book.customer_id) else { return Ok(()) };
    if book.cart.is_empty() {
        return Ok(());
    }
    floor.pace.pause(plan.after_s).await;
    let mut lines: Vec<_> = book.cart.iter().map(|(sku, line)| (sku.clone(), line.quantity, line.cents)).collect();
    let added: i64 = lines.iter().map(|(_, quantity, cents)| cents * i64::from(*quantity)).sum();
    // Of what is in the cart already, one more is no piece that was put into it.
    lines.extend(plan.beside.as_ref().map(|product| (product.sku.clone(), 1, product.cents)));
    let total = lines.iter().map(|(_, quantity, cents)| cents * i64::from(*quantity)).sum::<i64>() + plan.shipping;
    let shown: Vec<_> =
        lines.iter().map(|(sku, quantity, cents)| json!({ "sku": sku, "quantity": quantity, "unit_price": cents })).collect();
    let order_id = format!("{}-{}", floor.mark, book.number);
    let mut body = json!({ "order_id": order_id, "currency": "EUR", "lines": shown, "shipping": plan.shipping, "total": total });
    match plan.way {
        Way::Cart => body["cart_id"] = json!(format!("cart-{call}")),
        Way::Customer => body["customer_id"] = json!(customer),
    }
    let placed: Written = floor.shop.post("/v1/orders", &body).await?.json()?;
    book.position = book.position.max(placed.position);
    let mut order = Order { order_id, way: plan.way, total, added, shipping: plan.shipping, refunded: 0, cancelled: 0 };
    let (first, _, cents) = lines.first().cloned().expect("the cart is not empty");
    if matches!(plan.fate, Fate::PieceBack | Fate::PieceBackThenCancelled) {
        give_back(floor, &mut order, json!({ "lines": [{ "sku": first, "quantity": 1 }] }), cents, book).await?;
    }
    if plan.fate == Fate::TakenOff {
        give_back(floor, &mut order, json!({ "amount": TAKEN_OFF }), TAKEN_OFF, book).await?;
    }
    let left = order.total - order.refunded;
    if left > 0 && matches!(plan.fate, Fate::Cancelled | Fate::PieceBackThenCancelled) {
        let path = format!("/v1/orders/{}/cancel", order.order_id);
        let cancelled: Written = floor.shop.post(&path, &json!({ "reason": "as the plan of the day has it" })).await?.json()?;
        book.position = book.position.max(cancelled.position);
        order.cancelled = left;
    }
    book.order = Some(order);
    Ok(())
}

async fn give_back(floor: &Floor, order: &mut Order, body: serde_json::Value, amount: i64, book: &mut VisitBook) -> Result<(), Fault> {
    let refunded: Written = floor.shop.post(&format!("/v1/orders/{}/refunds", order.order_id), &body).await?.json()?;
    book.position = book.position.max(refunded.position);
    order.refunded += amount;
    Ok(())
}
