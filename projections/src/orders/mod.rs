//! Orders of the shop: what was bought, what was given back, and which call each goes back to. Beside them what the attribution
//! needs to find its way: which orders wait for it, and which calls had a cart.

mod fold;
mod query;
mod rows;

pub use fold::OrdersProjection;
pub(crate) use query::NARROWED;
pub use query::{OrderFilter, STATEMENTS, Sold, calls_of_cart, get, list, of_call, sold, waiting};
pub use rows::{CartCallRow, GivenBack, OrderRow, OrderShopperRow, WaitingOrderRow};
