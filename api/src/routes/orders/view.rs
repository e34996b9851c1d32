//! Orders as they are shown.

use crate::routes::{named, rows::OrderRowView};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::purchase;
use vitrina_projections::{
    orders::{self, OrderRow, Sold},
    table::At,
};

/// Pieces of a SKU.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pieces {
    /// The shop's id of the stock-keeping unit.
    pub(super) sku: String,
    /// How many.
    #[schema(minimum = 1, maximum = 9999)]
    pub(super) quantity: u32,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderLineView {
    /// The shop's id of the stock-keeping unit.
    sku: String,
    /// Its name.
    name: Option<String>,
    /// How many.
    quantity: u32,
    /// The price of one, in minor units.
    unit_price: i64,
    /// What the line comes to.
    amount: i64,
    /// The collections that it was in, as the shop told.
    collections: Vec<String>,
    /// Where its pieces come from, where the order goes back to a call.
    credit: Option<LineCreditView>,
}

/// Where the pieces of a line come from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineCreditView {
    /// To whom the line is credited: who put it into the cart, else who held the call.
    shopper_id: Uuid,
    /// Pieces that were put into the cart in the call.
    added: u32,
    /// Further pieces of what was shown in the call.
    shown: u32,
    /// The other pieces.
    other: u32,
    /// Whether it is of a collection that the shopper had then.
    is_collection: bool,
}

/// A shopper's part of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditView {
    /// Whose.
    shopper_id: Uuid,
    /// In minor units. All parts together are the order's total.
    total: i64,
}

/// The call that an order goes back to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttributionView {
    /// The call.
    call_id: Uuid,
    /// `cart`: it was made of a cart of the call. `customer`: something of it was shown to its customer, or put into a cart, in the call.
    #[schema(example = "cart")]
    rule: String,
    /// To whom it is credited.
    credits: Vec<CreditView>,
}

/// Something that was given back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefundView {
    /// In minor units.
    amount: i64,
    /// Which pieces, as far as they were named.
    lines: Vec<Pieces>,
    /// Why.
    reason: Option<String>,
    /// When.
    refunded_at: DateTime<Utc>,
}

/// An order. All amounts are minor units of its currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    /// Its id here.
    id: Uuid,
    /// The shop's own id.
    order_id: String,
    /// placed, refunded (all of it) or cancelled.
    #[schema(example = "placed")]
    status: String,
    /// The cart that it was made of.
    cart_id: Option<String>,
    /// Who bought.
    customer_id: Option<Uuid>,
    /// ISO 4217 code.
    currency: String,
    /// What was bought.
    lines: Vec<OrderLineView>,
    /// For sending it.
    shipping: i64,
    /// Added for taxes.
    tax: i64,
    /// Taken off the whole.
    discounts: i64,
    /// Lines + shipping + tax - discounts.
    total: i64,
    /// What was given back of it, by refunds and the cancellation.
    given_back: i64,
    /// The refunds.
    refunds: Vec<RefundView>,
    /// When it was cancelled.
    cancelled_at: Option<DateTime<Utc>>,
    /// Why.
    cancel_reason: Option<String>,
    /// mobile, tablet, desktop or unknown.
    device: String,
    /// When it was placed.
    placed_at: DateTime<Utc>,
    /// When this server was told.
    received_at: DateTime<Utc>,
    /// The call that it goes back to.
    attribution: Option<AttributionView>,
    /// When a call was looked for; `null` until then.
    attributed_at: Option<DateTime<Utc>>,
    /// production or test.
    environment: String,
    /// The row of the file, with names and sums; in the list of orders only.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<OrderRowView>,
    /// Its version, as in `ETag`.
    pub(super) version: i64,
}

/// What was sold in one currency, less what was given back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SoldView {
    /// ISO 4217 code.
    currency: String,
    /// Orders.
    orders: i64,
    /// Pieces.
    units: i64,
    /// Minor units.
    sales: i64,
    /// Pieces of a collection of whom they are credited to.
    collection_units: i64,
    /// What these came to.
    collection_sales: i64,
}

/// What was bought after a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallOrdersView {
    /// The call.
    pub(super) call_id: Uuid,
    /// Its orders, by time.
    pub(super) items: Vec<OrderView>,
    /// What they come to, for each currency.
    pub(super) totals: Vec<SoldView>,
}

impl OrderView {
    /// The same with the row of the file.
    pub(super) fn with(self, row: Option<OrderRowView>) -> Self {
        Self { row, ..self }
    }
}

impl From<At<OrderRow>> for OrderView {
    fn from(At { row, .. }: At<OrderRow>) -> Self {
        let attribution = row.attribution.map(|attribution| attribution.0);
        let credits = attribution.iter().flat_map(|attribution| &attribution.lines).map(Some).chain(std::iter::repeat(None));
        let line = |(line, credit): (purchase::OrderLine, Option<&purchase::LineCredit>)| OrderLineView {
            amount: line.amount(),
            sku: line.sku,
            name: line.name,
            quantity: line.quantity,
            unit_price: line.unit_price,
            collections: line.collections,
            credit: credit.map(|credit| LineCreditView {
                shopper_id: credit.shopper_id.0,
                added: credit.added,
                shown: credit.shown,
                other: credit.other,
                is_collection: credit.collection,
            }),
        };
        let refund = |back: orders::GivenBack| RefundView {
            amount: back.amount,
            lines: back.lines.into_iter().map(|line| Pieces { sku: line.sku, quantity: line.quantity }).collect(),
            reason: back.reason,
            refunded_at: back.at,
        };
        Self {
            id: row.order_id.0,
            order_id: row.external_id,
            status: named::name(&row.stage),
            cart_id: row.cart_id,
            customer_id: row.customer_id.map(|id| id.0),
            currency: row.currency,
            lines: row.lines.0.into_iter().zip(credits).map(line).collect(),
            shipping: row.shipping,
            tax: row.tax,
            discounts: row.discounts,
            total: row.total,
            given_back: row.given_back,
            refunds: row.refunds.0.into_iter().map(refund).collect(),
            cancelled_at: row.cancelled_at,
            cancel_reason: row.cancel_reason,
            device: named::name(&row.device),
            placed_at: row.placed_at,
            received_at: row.received_at,
            attribution: attribution.as_ref().map(|attribution| AttributionView {
                call_id: attribution.call_id.0,
                rule: attribution.rule.as_str().to_owned(),
                credits: attribution.credits.iter().map(|one| CreditView { shopper_id: one.shopper_id.0, total: one.total }).collect(),
            }),
            attributed_at: row.attributed_at,
            environment: named::name(&row.environment),
            row: None,
            version: row.version,
        }
    }
}

impl From<Sold> for SoldView {
    fn from(sold: Sold) -> Self {
        let Sold { currency, orders, units, sales, collection_units, collection_sales } = sold;
        Self { currency, orders, units, sales, collection_units, collection_sales }
    }
}
