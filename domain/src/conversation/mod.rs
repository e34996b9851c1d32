//! A conversation: a chat with its participants, status and outcome (PRODUCT.md 5.4, I01–I21).
//!
//! Who may write: the customer in their own name; a shopper who has joined, in theirs; staff in the name of a shopper
//! who has joined; the system in its own. A private note needs no joining, since a colleague may look in.

mod actors;
mod attendance;
mod commands;
mod decide;
mod events;
mod state;
pub use attendance::*;
pub use commands::*;
pub use decide::*;
pub use events::*;
pub use state::*;
