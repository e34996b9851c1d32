//! A personal shopper: the person who takes calls and conversations.

mod events;
pub use events::*;
