//! What the shop tells of an order: that it was placed, given back, cancelled.

use super::{named_in, view::Pieces};
use crate::{
    claims,
    error::{ApiError, Result},
    idempotency::Need,
    routes::{
        calls::must_be_a_customer,
        headers::{Changes, Creates},
        shapes,
    },
    writing::{self, Command, Written},
};
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    call::Device,
    environment::Environment,
    ids::CustomerId,
    module::Module,
    purchase::{self, LineAmount, Placing, Purchase, PurchaseAction},
};

/// A line of an order.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrderLine {
    /// The shop's id of the stock-keeping unit: as it was shown and put into carts.
    #[schema(example = "boot-41")]
    sku: String,
    /// Its name.
    name: Option<String>,
    /// How many.
    #[schema(minimum = 1, maximum = 9999)]
    quantity: u32,
    /// The price of one in minor units, after what was taken off the line.
    #[schema(minimum = 0, example = 12900)]
    unit_price: i64,
    /// The collections that it is in; those that were told in the call when left out.
    #[serde(default)]
    #[schema(required = false)]
    collections: Vec<String>,
}

/// An order of the shop. All amounts are minor units (cents) of its currency.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    /// The shop's own id of it, unique among the account's orders of its environment.
    #[schema(example = "2026-1001")]
    order_id: String,
    /// The cart that it was made of, by the id under which lines were put into it: finds the call.
    #[schema(example = "cart-1")]
    cart_id: Option<String>,
    /// Who bought, where Vitrina's id is known.
    customer_id: Option<Uuid>,
    /// Who bought, by the shop's own id. One that nobody knows here is no mistake.
    customer_external_id: Option<String>,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
    /// What was bought.
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<NewOrderLine>,
    /// For sending it.
    #[serde(default)]
    #[schema(required = false, minimum = 0)]
    shipping: i64,
    /// Added for taxes; 0 where prices have them in them.
    #[serde(default)]
    #[schema(required = false, minimum = 0)]
    tax: i64,
    /// Taken off the whole.
    #[serde(default)]
    #[schema(required = false, minimum = 0)]
    discounts: i64,
    /// What is paid: lines + shipping + tax - discounts.
    #[schema(minimum = 0, example = 12900)]
    total: i64,
    /// What it was bought with; the device of the call when left out.
    #[serde(default)]
    #[schema(schema_with = shapes::device, required = false)]
    device: Device,
    /// When; now when left out. It may be long ago.
    placed_at: Option<DateTime<Utc>>,
    /// `test` for a trial: it goes back to a call that is one, and no report counts it unless asked to.
    #[schema(schema_with = shapes::environment, required = false)]
    environment: Option<Environment>,
}

/// What is given back of an order: an amount, pieces, or both.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefund {
    /// In minor units; what the pieces were bought for when left out.
    #[schema(minimum = 1)]
    amount: Option<i64>,
    /// Which pieces.
    #[serde(default)]
    #[schema(required = false, max_items = 500)]
    lines: Vec<Pieces>,
    /// Why.
    reason: Option<String>,
    /// When; now when left out.
    refunded_at: Option<DateTime<Utc>>,
    /// `test` where the path has the shop's own id of a trial.
    #[schema(schema_with = shapes::environment, required = false)]
    environment: Option<Environment>,
}

/// An order is no more.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancellation {
    /// Why.
    reason: Option<String>,
    /// When; now when left out.
    cancelled_at: Option<DateTime<Utc>>,
    /// `test` where the path has the shop's own id of a trial.
    #[schema(schema_with = shapes::environment, required = false)]
    environment: Option<Environment>,
}

/// Tell of an order. Soon after, a call is looked for that it goes back to.
#[utoipa::path(tag = "orders", params(Creates), request_body = NewOrder, responses((status = 201, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/orders")]
pub(crate) async fn place_order(command: Command<NewOrder>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let body = &command.body;
    let giver = staff.giver().opening(body.environment)?;
    let customer_id = match (body.customer_id, &body.customer_external_id) {
        (Some(_), Some(_)) => return Err(ApiError::field("/customer_id", "twice", "customer_id or customer_external_id, not both")),
        (known, None) => known,
        (None, Some(own)) => {
            let holder = command.state.log.holder(staff.account, claims::CUSTOMER_EXTERNAL_ID, own.trim().as_bytes()).await;
            holder.map_err(writing::log_problem)?
        }
    };
    let line = |line: &NewOrderLine| purchase::OrderLine {
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        collections: line.collections.clone(),
    };
    let placing = Placing {
        external_id: body.order_id.clone(),
        cart_id: body.cart_id.clone(),
        customer_id: customer_id.map(CustomerId),
        currency: body.currency.clone(),
        lines: body.lines.iter().map(line).collect(),
        shipping: body.shipping,
        tax: body.tax,
        discounts: body.discounts,
        total: body.total,
        device: body.device,
        placed_at: body.placed_at,
    };
    let (id, numbers) = (Uuid::now_v7(), claims::orders(giver.opens_in));
    let done = command.run(Need::Required, giver, id, |unit| {
        if let Some(customer) = placing.customer_id {
            must_be_a_customer(unit, customer)?;
        }
        unit.claim(numbers, placing.external_id.trim().as_bytes().to_vec(), id);
        unit.open::<Purchase>(id, PurchaseAction::Place(Box::new(placing.clone())))
    });
    let done = done.await?;
    Ok(done.created(&done.written(done.result)))
}

/// Give back some of an order or all of it. It is booked when it happens.
#[utoipa::path(tag = "orders", params(("id" = String, Path, description = "The shop's own id, or the one here"), Creates), request_body = NewRefund, responses((status = 201, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/orders/{id}/refunds")]
pub(crate) async fn refund_order(command: Command<NewRefund>, path: web::Path<String>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let (giver, body) = (staff.giver(), &command.body);
    let id = named_in(&command.state, staff, &path, body.environment).await?;
    let lines: Vec<_> = body.lines.iter().map(|line| LineAmount { sku: line.sku.clone(), quantity: line.quantity }).collect();
    let refund = || PurchaseAction::Refund { amount: body.amount, lines: lines.clone(), reason: body.reason.clone(), at: body.refunded_at };
    let done = command.run(Need::Required, giver, (), |unit| unit.run::<Purchase>(id, refund())).await?;
    Ok(done.created(&done.written(id)))
}

/// An order is no more: what of it was not given back yet is given back. It is booked when it happens.
#[utoipa::path(tag = "orders", params(("id" = String, Path, description = "The shop's own id, or the one here"), Changes), request_body = Cancellation, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/orders/{id}/cancel")]
pub(crate) async fn cancel_order(command: Command<Cancellation>, path: web::Path<String>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let (giver, body) = (staff.giver(), &command.body);
    let id = named_in(&command.state, staff, &path, body.environment).await?;
    let cancel = || PurchaseAction::Cancel { reason: body.reason.clone(), at: body.cancelled_at };
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Purchase>(id, cancel())).await?;
    Ok(done.changed(id))
}
