//! The account: one shop and its settings.

mod events;
pub use events::*;
