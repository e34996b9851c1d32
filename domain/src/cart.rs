//! The cart of a call: lines that were added, changed and removed while it was live (PRODUCT.md 5.6).

use crate::money::Money;
use serde::{Deserialize, Serialize};

/// One line of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// The shop's id of the stock-keeping unit.
    pub sku: String,
    /// Its name at that time.
    pub name: String,
    /// How many, at least 1.
    pub quantity: u32,
    /// The price of one.
    pub unit_price: Money,
    /// The collections that it was in at that time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<String>,
}
