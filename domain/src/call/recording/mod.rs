//! The recordings of a call: whether it is recorded, which files there are, and what became of them. Nothing is recorded that
//! the customer has not consented to and the account's rule does not allow.

mod commands;
mod decide;
mod events;
mod state;
pub use commands::*;
pub use decide::RECORDINGS_MAX;
pub use events::*;
pub use state::*;
