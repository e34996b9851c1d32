//! An order of the shop, as the shop tells of it (PRODUCT.md 5.6): placed, refunded in parts, cancelled, and attributed to at
//! most one call. Its events and its category are called `order`; the type is a purchase, since an order to an aggregate is
//! [`crate::order::Order`].

mod commands;
mod decide;
mod events;
mod lines;
pub use commands::*;
pub use events::*;
pub use lines::*;

use crate::{aggregate::impl_cqrs, stream::Category};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing is known of it.
    #[default]
    Absent,
    /// It was placed.
    Placed,
    /// All that was paid is given back, in parts.
    Refunded,
    /// It is no more.
    Cancelled,
}

impl Stage {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Placed => "placed",
            Self::Refunded => "refunded",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An order's state: what later refunds and the attribution are decided on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Purchase {
    stage: Stage,
    placed: Option<Placed>,
    refunded: i64,
    /// Pieces given back, by SKU.
    returned: BTreeMap<String, u32>,
    attributed: bool,
}

impl_cqrs!(Purchase, Category::Order, PurchaseAction, PurchaseEvent);

impl Purchase {
    /// As it was placed.
    pub fn placed(&self) -> Option<&Placed> {
        self.placed.as_ref()
    }

    /// Whether it was looked at, whatever came of it.
    pub fn is_attributed(&self) -> bool {
        self.attributed
    }

    /// What of its total was not given back.
    fn left(&self) -> i64 {
        self.placed.as_ref().map_or(0, |placed| placed.total - self.refunded)
    }

    fn fold(&mut self, event: PurchaseEvent) {
        match event {
            PurchaseEvent::Placed(placed) => {
                self.stage = Stage::Placed;
                self.placed = Some(placed);
            }
            PurchaseEvent::Refunded(refunded) => {
                self.refunded += refunded.amount;
                for line in refunded.lines {
                    *self.returned.entry(line.sku).or_default() += line.quantity;
                }
                if self.left() == 0 {
                    self.stage = Stage::Refunded;
                }
            }
            PurchaseEvent::Cancelled(_) => self.stage = Stage::Cancelled,
            PurchaseEvent::Attributed(_) => self.attributed = true,
        }
    }
}
