//! Events of an order.

use super::{LineAmount, OrderLine};
use crate::{
    call::Device,
    event::events,
    ids::{CallId, ConversationId, CustomerId, ShopperId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to an order.
    PurchaseEvent {
        /// The shop told of it.
        Placed(Placed) = "order.placed", 1;
        /// Some or all of it was given back.
        Refunded(Refunded) = "order.refunded", 1;
        /// It is no more.
        Cancelled(Cancelled) = "order.cancelled", 1;
        /// It was looked at which call it goes back to.
        Attributed(Attributed) = "order.attributed", 1;
    }
}

/// `order.placed`. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The shop's own id; unique in the account by a claim.
    pub external_id: String,
    /// The shop's cart (VTEX `orderFormId`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart_id: Option<String>,
    /// Who bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// ISO 4217 code.
    pub currency: String,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// For sending it.
    pub shipping: i64,
    /// Added for taxes.
    pub tax: i64,
    /// Taken off the whole, not below 0.
    pub discounts: i64,
    /// Lines, shipping and tax less discounts.
    pub total: i64,
    /// What it was bought with.
    #[serde(default)]
    pub device: Device,
    /// When, by the shop's clock.
    pub placed_at: DateTime<Utc>,
}

/// `order.refunded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refunded {
    /// How much, in minor units of the order's currency.
    pub amount: i64,
    /// Which pieces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineAmount>,
    /// Why, in the shop's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, by the shop's clock.
    pub refunded_at: DateTime<Utc>,
}

/// `order.cancelled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// What was not given back before, in minor units of the order's currency.
    pub amount: i64,
    /// Why, in the shop's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, by the shop's clock.
    pub cancelled_at: DateTime<Utc>,
}

/// By which rule an order goes back to a call (PRODUCT.md 5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// It was made of a cart of the call.
    Cart,
    /// Its customer was shown, or put into a cart, something of it in the call.
    Customer,
}

impl Rule {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cart => "cart",
            Self::Customer => "customer",
        }
    }
}

/// `order.attributed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributed {
    /// How long after a call an order of its customer still goes back to it, as it was set.
    pub window_days: u32,
    /// What it goes back to; absent when it goes back to no call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Attribution>,
}

/// What an order goes back to, and to whom it is credited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// The call.
    pub call_id: CallId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Its customer.
    pub customer_id: CustomerId,
    /// By which rule.
    pub rule: Rule,
    /// What it was bought with: as the shop told, else the device that the customer had in the call.
    pub device: Device,
    /// Everybody's part. The parts come to the order: nothing is counted twice.
    pub credits: Vec<Credit>,
    /// Of each line of the order, in its order, to whom it is credited and where it came from.
    pub lines: Vec<LineCredit>,
}

/// A shopper's part of an order, in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Whose.
    pub shopper_id: ShopperId,
    /// Of what is paid: lines, shipping and tax less discounts.
    pub total: i64,
    /// Of the lines: those credited to the shopper.
    pub lines: i64,
    /// Of the shipping.
    pub shipping: i64,
    /// Of the taxes.
    pub tax: i64,
    /// Of what was taken off.
    pub discounts: i64,
}

/// Where the pieces of a line come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCredit {
    /// To whom the line is credited: who added it, else who held the call.
    pub shopper_id: ShopperId,
    /// Pieces that were put into the cart in the call.
    pub added: u32,
    /// Pieces beyond these of what was shown in the call.
    pub shown: u32,
    /// The other pieces.
    pub other: u32,
    /// Whether the line is of a collection of that shopper.
    pub collection: bool,
}
