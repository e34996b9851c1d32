//! A conversation: a chat with its participants, status and outcome (PRODUCT.md 5.4, I01–I21).

mod commands;
mod decide;
mod events;
mod state;
pub use commands::*;
pub use events::*;
pub use state::*;
