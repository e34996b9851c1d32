//! The media of a call: consent, the node that it is on, who is connected, what they send. The node reports facts and decides
//! nothing; what a call's duration and bill come from is here and nowhere else.

mod commands;
mod decide;
mod events;
mod state;
pub use commands::*;
pub use decide::{FAILURES_MAX, PRESENCES_MAX};
pub use events::*;
pub use state::*;
