//! A conversation: a chat with its participants, status and outcome (PRODUCT.md 5.4, I01–I21).

mod events;
pub use events::*;
