//! The tables of orders.

use crate::table::{Json, stored_names, table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use vitrina_domain::{
    call::Device,
    ids::{AccountId, CallId, CustomerId, OrderId, ShopperId},
    purchase::{Attribution, LineAmount, OrderLine, Rule, Stage, kept},
};
use vitrina_eventlog::Environment;

stored_names! {
    Stage { Absent = "absent", Placed = "placed", Refunded = "refunded", Cancelled = "cancelled" }
    Rule { Cart = "cart", Customer = "customer" }
}

/// Something that was given back of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenBack {
    /// How much, in minor units.
    pub amount: i64,
    /// Which pieces; none are named where a sum was given back, or all with a cancellation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineAmount>,
    /// Why, in the shop's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

table! {
    /// An order. Amounts are minor units of its currency.
    pub struct OrderRow in "orders" as Temporal {
        key {
            /// Whose.
            account_id: AccountId,
            /// The order.
            order_id: OrderId,
        }
        columns {
            /// Its entity tag.
            version: i64,
            /// The shop's own id.
            external_id: String,
            /// How far it has come.
            stage: Stage,
            /// The shop's cart that it was made of.
            cart_id: Option<String>,
            /// Who bought, as far as the shop told, or as the call tells.
            customer_id: Option<CustomerId>,
            /// ISO 4217 code.
            currency: String,
            /// What was bought.
            lines: Json<Vec<OrderLine>>,
            /// For sending it.
            shipping: i64,
            /// Added for taxes.
            tax: i64,
            /// Taken off the whole.
            discounts: i64,
            /// Lines, shipping and tax less discounts.
            total: i64,
            /// What was given back of that.
            given_back: i64,
            /// In parts or, last, by the cancellation.
            refunds: Json<Vec<GivenBack>>,
            /// Why it was cancelled.
            cancel_reason: Option<String>,
            /// When it was cancelled.
            cancelled_at: Option<DateTime<Utc>>,
            /// Pieces that were not given back.
            units: i64,
            /// Those of a collection of whom they are credited to.
            collection_units: i64,
            /// What these came to.
            collection_sales: i64,
            /// What it was bought with.
            device: Device,
            /// When, by the shop's clock.
            placed_at: DateTime<Utc>,
            /// When this server was told.
            received_at: DateTime<Utc>,
            /// The call that it goes back to.
            call_id: Option<CallId>,
            /// By which rule.
            rule: Option<Rule>,
            /// To whom it is credited.
            attribution: Option<Json<Attribution>>,
            /// When it was looked at, whatever came of it.
            attributed_at: Option<DateTime<Utc>>,
            /// Whether a real customer bought.
            environment: Environment,
        }
    }
}

impl OrderRow {
    /// Of each line the pieces that are still sold.
    pub fn kept(&self) -> Vec<u32> {
        let mut pieces = kept(&self.lines.0, self.refunds.0.iter().flat_map(|refund| &refund.lines));
        if self.stage == Stage::Cancelled {
            pieces.fill(0);
        }
        pieces
    }
}

table! {
    /// An order of which nobody has looked yet whether it goes back to a call.
    pub struct WaitingOrderRow in "waiting_orders" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The order.
            order_id: OrderId,
        }
        columns {
            /// When this server was told.
            received_at: DateTime<Utc>,
        }
    }
}

table! {
    /// That something of an order is or was credited to a shopper.
    pub struct OrderShopperRow in "order_shoppers" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The shopper.
            shopper_id: ShopperId,
            /// When the order was placed.
            placed_at: DateTime<Utc>,
            /// The order.
            order_id: OrderId,
        }
        columns {}
    }
}

table! {
    /// A call in which something was put into a cart.
    pub struct CartCallRow in "cart_calls" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The shop's cart.
            cart_id: String,
            /// The call.
            call_id: CallId,
        }
        columns {
            /// The environment of the call.
            environment: Environment,
            /// Since when.
            since: DateTime<Utc>,
        }
    }
}
