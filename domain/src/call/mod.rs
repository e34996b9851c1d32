//! A call: one live video session, from request to archive (PRODUCT.md 5.4).

mod events;
pub use events::*;
