//! A customer of the shop.

mod events;
pub use events::*;
