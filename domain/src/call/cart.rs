//! The carts of a call: what comes in, changes and goes out while it is live or wrapped up (PRODUCT.md 5.6).

use super::{Call, CallEvent, CartItemAdded, CartItemRemoved, CartItemUpdated};
use crate::{
    cart::{CartLine, QUANTITY_MAX, checked_quantity},
    refusal::Refusal,
    text,
};

/// Carts in one call at most: a shop makes a new one when the customer signs in, not at every click.
pub const CARTS_MAX: usize = 20;
/// Lines in one cart at most, so that the state of a call stays small.
pub const LINES_MAX: usize = 500;

struct Line<'c> {
    cart_id: &'c str,
    quantity: u32,
}

impl Call {
    pub(super) fn add_to_cart(&self, cart_id: &str, line: &CartLine) -> Result<Vec<CallEvent>, Refusal> {
        let cart_id = text::foreign_id("/cart_id", cart_id)?;
        let line = line.checked()?;
        let cart = self.carts.get(&cart_id);
        if cart.is_none() && self.carts.len() >= CARTS_MAX {
            return Err(Refusal::invalid("/cart_id", "too_many", format!("at most {CARTS_MAX} carts in one call")));
        }
        match cart.and_then(|cart| cart.get(&line.sku)) {
            Some(already) if already + line.quantity > QUANTITY_MAX => {
                let expected = format!("at most {} more: {already} of at most {QUANTITY_MAX} are in the cart", QUANTITY_MAX - already);
                return Err(Refusal::invalid("/quantity", "out_of_range", expected));
            }
            None if cart.is_some_and(|cart| cart.len() >= LINES_MAX) => {
                return Err(Refusal::invalid("/sku", "too_many", format!("at most {LINES_MAX} lines in one cart")));
            }
            _ => {}
        }
        Ok(vec![CallEvent::CartItemAdded(CartItemAdded { cart_id, line })])
    }

    pub(super) fn update_cart_item(&self, cart_id: Option<&str>, sku: &str, quantity: u32) -> Result<Vec<CallEvent>, Refusal> {
        let sku = text::foreign_id("/sku", sku)?;
        let to = checked_quantity(quantity)?;
        let line = self.line(cart_id, &sku)?;
        if line.quantity == to {
            return Ok(vec![]);
        }
        let (cart_id, from) = (line.cart_id.to_owned(), line.quantity);
        Ok(vec![CallEvent::CartItemUpdated(CartItemUpdated { cart_id, sku, from, to })])
    }

    pub(super) fn remove_cart_item(&self, cart_id: Option<&str>, sku: &str) -> Result<Vec<CallEvent>, Refusal> {
        let sku = text::foreign_id("/sku", sku)?;
        let line = self.line(cart_id, &sku)?;
        let (cart_id, quantity) = (line.cart_id.to_owned(), line.quantity);
        Ok(vec![CallEvent::CartItemRemoved(CartItemRemoved { cart_id, sku, quantity })])
    }

    /// The line of that SKU: in the cart that is named, else in the only one that has it.
    fn line(&self, cart_id: Option<&str>, sku: &str) -> Result<Line<'_>, Refusal> {
        let named = |id: &str| cart_id.is_none_or(|wanted| wanted.trim() == id);
        let mut lines = self
            .carts
            .iter()
            .filter(|(id, _)| named(id))
            .filter_map(|(cart_id, cart)| cart.get(sku).map(|quantity| Line { cart_id, quantity: *quantity }));
        let line = lines.next().ok_or_else(|| Refusal::invalid("/sku", "unknown", "a SKU that is in the cart of this call"))?;
        if lines.next().is_some() {
            return Err(Refusal::invalid("/cart_id", "required", "the cart: several carts of this call have that SKU"));
        }
        Ok(line)
    }
}
