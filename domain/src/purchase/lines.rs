//! Lines of an order, and their limits.

use crate::{
    cart::{QUANTITY_MAX, checked_quantity},
    refusal::Refusal,
    text,
};
use serde::{Deserialize, Serialize};

/// Lines of one order at most.
pub const ORDER_LINES_MAX: usize = 500;
/// Largest amount of an order, in minor units: beyond it, a figure is a typing error, and no sum of a report can overflow.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The shop's id of the stock-keeping unit.
    pub sku: String,
    /// Its name at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many, at least 1.
    pub quantity: u32,
    /// The price of one in minor units of the order's currency, after what was taken off the line.
    pub unit_price: i64,
    /// The collections that it was in at that time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<String>,
}

impl OrderLine {
    /// What the line comes to, in minor units.
    pub fn amount(&self) -> i64 {
        self.unit_price.saturating_mul(self.quantity.into())
    }

    fn checked(&self) -> Result<Self, Refusal> {
        Ok(Self {
            sku: text::foreign_id("/sku", &self.sku)?,
            name: text::optional(&self.name, |name| text::name("/name", name))?,
            quantity: checked_quantity(self.quantity)?,
            unit_price: amount("/unit_price", self.unit_price)?,
            collections: text::set("/collections", &self.collections, text::foreign_id)?,
        })
    }
}

/// Pieces of a SKU that are given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAmount {
    /// The shop's id of the stock-keeping unit.
    pub sku: String,
    /// How many, at least 1.
    pub quantity: u32,
}

/// The lines as they are recorded.
pub(super) fn checked(lines: &[OrderLine]) -> Result<Vec<OrderLine>, Refusal> {
    if lines.is_empty() || lines.len() > ORDER_LINES_MAX {
        return Err(Refusal::invalid("/lines", "out_of_range", format!("1 to {ORDER_LINES_MAX} lines")));
    }
    let line = |(index, line): (usize, &OrderLine)| line.checked().map_err(|refusal| refusal.under(&format!("/lines/{index}")));
    lines.iter().enumerate().map(line).collect()
}

/// An amount that is not below 0.
pub(super) fn amount(field: &'static str, amount: i64) -> Result<i64, Refusal> {
    if (0..=AMOUNT_MAX).contains(&amount) {
        return Ok(amount);
    }
    Err(Refusal::invalid(field, "out_of_range", format!("minor units, 0 to {AMOUNT_MAX}")))
}

/// The pieces of a refund, each SKU once.
pub(super) fn returned(lines: &[LineAmount]) -> Result<Vec<LineAmount>, Refusal> {
    if lines.len() > ORDER_LINES_MAX {
        return Err(Refusal::invalid("/lines", "out_of_range", format!("at most {ORDER_LINES_MAX} lines")));
    }
    let mut checked: Vec<LineAmount> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let under = |refusal: Refusal| refusal.under(&format!("/lines/{index}"));
        let sku = text::foreign_id("/sku", &line.sku).map_err(under)?;
        let quantity = checked_quantity(line.quantity).map_err(under)?;
        match checked.iter_mut().find(|known| known.sku == sku) {
            Some(known) => known.quantity = known.quantity.saturating_add(quantity).min(QUANTITY_MAX),
            None => checked.push(LineAmount { sku, quantity }),
        }
    }
    Ok(checked)
}

/// Of each line, in their order, the pieces that were not given back.
pub fn kept<'l>(lines: &[OrderLine], returned: impl IntoIterator<Item = &'l LineAmount>) -> Vec<u32> {
    let mut kept: Vec<u32> = lines.iter().map(|line| line.quantity).collect();
    for wanted in returned {
        let mut pieces = wanted.quantity;
        for (_, kept) in lines.iter().zip(&mut kept).filter(|(line, _)| line.sku == wanted.sku) {
            let taken = pieces.min(*kept);
            *kept -= taken;
            pieces -= taken;
        }
    }
    kept
}
