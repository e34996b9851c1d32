//! A user: a person who signs in, as owner or as staff.

mod events;
pub use events::*;
