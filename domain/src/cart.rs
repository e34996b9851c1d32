//! The cart of a call: lines that were added, changed and removed while it was live (PRODUCT.md 5.6).

use crate::{money::Money, refusal::Refusal, text};
use serde::{Deserialize, Serialize};

/// Pieces of one SKU in a cart at most: beyond it, the figure is a typing error.
pub const QUANTITY_MAX: u32 = 9_999;

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

impl CartLine {
    /// The line as it is recorded: trimmed and within the limits of [`text`].
    ///
    /// # Errors
    /// [`Refusal::Invalid`], relative to the line.
    pub fn checked(&self) -> Result<Self, Refusal> {
        Ok(Self {
            sku: text::foreign_id("/sku", &self.sku)?,
            name: text::name("/name", &self.name)?,
            quantity: checked_quantity(self.quantity)?,
            unit_price: self.unit_price.checked().map_err(|r| r.under("/unit_price"))?,
            collections: text::set("/collections", &self.collections, text::foreign_id)?,
        })
    }
}

/// A quantity that a cart's line can have.
///
/// # Errors
/// `out_of_range` under `/quantity`.
pub fn checked_quantity(quantity: u32) -> Result<u32, Refusal> {
    if (1..=QUANTITY_MAX).contains(&quantity) {
        return Ok(quantity);
    }
    Err(Refusal::invalid("/quantity", "out_of_range", format!("1 to {QUANTITY_MAX} pieces of one SKU; remove the line to have none")))
}
