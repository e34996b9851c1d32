//! Calls: what they are about, who takes part, where they stand, how they ended; what was shown, what is in the cart.

mod fold;
mod list;
mod query;
mod rows;

pub use fold::CallsProjection;
pub use list::{CallFilter, list};
pub use query::{Cart, cart, get, products, working};
pub use rows::{CallProductRow, CallRow, CallStatus, CartLineRow, Origin};

/// Every statement of this folder, for the test that prepares them on both engines.
pub fn statements() -> Vec<&'static str> {
    [list::STATEMENTS, query::STATEMENTS].concat()
}
