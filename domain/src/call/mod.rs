//! A call: one live video session, from request to archive (PRODUCT.md 5.4).

mod commands;
mod decide;
mod events;
mod state;
pub use commands::*;
pub use events::*;
pub use state::*;
