//! Calls: what they are about, who takes part, where they stand, how they ended; what was shown, what is in the cart.

mod fold;
mod list;
mod look;
mod query;
mod rows;

pub use fold::CallsProjection;
pub(crate) use list::NARROWED;
pub use list::{CallFilter, list};
pub use query::{Cart, cart, get, products, working};
pub use rows::{CallProductRow, CallRow, CallShopperRow, CallStatus, CartLineRow, Origin, ProductWordRow};

/// Every statement of this folder, for the test that prepares them on both engines.
pub fn statements() -> Vec<&'static str> {
    [list::STATEMENTS, look::STATEMENTS, query::STATEMENTS].concat()
}
