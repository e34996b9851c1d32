//! Commands of an order.

use super::{Attributed, LineAmount, OrderLine};
use crate::{call::Device, ids::CustomerId};
use chrono::{DateTime, Utc};

/// An order, as it comes in; the aggregate trims and checks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing {
    /// The shop's own id of it; the caller adds the unique claim.
    pub external_id: String,
    /// The shop's cart that it was made of.
    pub cart_id: Option<String>,
    /// Who bought, where known.
    pub customer_id: Option<CustomerId>,
    /// ISO 4217 code of all its amounts.
    pub currency: String,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// In minor units, as the following.
    pub shipping: i64,
    /// What is added for taxes; 0 where prices have them in them.
    pub tax: i64,
    /// What is taken off the whole, not below 0.
    pub discounts: i64,
    /// What is paid: lines, shipping and tax less discounts.
    pub total: i64,
    /// What it was bought with.
    pub device: Device,
    /// When; now where it is not told.
    pub placed_at: Option<DateTime<Utc>>,
}

/// What can be asked of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum PurchaseAction {
    /// The shop tells of it.
    Place(Box<Placing>),
    /// Some or all of it is given back.
    Refund {
        /// How much, in minor units; what the lines come to where it is not told.
        amount: Option<i64>,
        /// Which pieces.
        lines: Vec<LineAmount>,
        /// Why, in the shop's words.
        reason: Option<String>,
        /// When; now where it is not told.
        at: Option<DateTime<Utc>>,
    },
    /// It is no more: what was not given back yet is.
    Cancel {
        /// Why, in the shop's words.
        reason: Option<String>,
        /// When; now where it is not told.
        at: Option<DateTime<Utc>>,
    },
    /// Which call it goes back to. Decided once; nothing happens when it was.
    Attribute(Box<Attributed>),
}

impl PurchaseAction {
    /// The action's name in the API, for refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Place(_) => "place",
            Self::Refund { .. } => "refund",
            Self::Cancel { .. } => "cancel",
            Self::Attribute(_) => "attribute",
        }
    }
}
