//! What a customer buys after a call, and what becomes of it.

use super::goods::{self, Product};
use crate::random::Random;

/// Of a hundred calls with something in the cart: the customer buys.
const BUYS_PERCENT: u64 = 60;
/// Of a hundred orders: the shop tells who bought, and not from which cart.
const WITHOUT_CART_PERCENT: u64 = 25;
/// Of a hundred orders: there is something in it of which nobody spoke.
const BESIDE_PERCENT: u64 = 30;
/// Until the customer buys, on average.
const BUYS_AFTER_S: f64 = 30.0;

/// The plan of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// Seconds after the call.
    pub after_s: f64,
    /// How the order finds its call.
    pub way: Way,
    /// Something of which nobody spoke.
    pub beside: Option<Product>,
    /// For sending it, in cents.
    pub shipping: i64,
    /// What becomes of it.
    pub fate: Fate,
}

/// How an order finds its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By its cart.
    Cart,
    /// By its customer.
    Customer,
}

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is kept.
    Kept,
    /// A piece of its first line comes back.
    PieceBack,
    /// Something is taken off afterwards.
    TakenOff,
    /// It is cancelled.
    Cancelled,
    /// A piece comes back, then it is cancelled.
    PieceBackThenCancelled,
}

/// What is going to be bought, if there is something in the cart; nothing for most.
pub fn purchase(random: &mut Random) -> Option<Purchase> {
    random.percent(BUYS_PERCENT).then(|| Purchase {
        after_s: random.exponential(BUYS_AFTER_S),
        way: if random.percent(WITHOUT_CART_PERCENT) { Way::Customer } else { Way::Cart },
        beside: random.percent(BESIDE_PERCENT).then(|| goods::any(random)),
        shipping: random.pick(&[0, 495]),
        fate: match random.below(100) {
            0..70 => Fate::Kept,
            70..82 => Fate::PieceBack,
            82..90 => Fate::TakenOff,
            90..96 => Fate::Cancelled,
            _ => Fate::PieceBackThenCancelled,
        },
    })
}
