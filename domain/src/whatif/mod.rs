//! What if: a day's demand for calls, as the log tells it, played again with other people or other rules (PRODUCT.md 3, row 6).
//!
//! [`Past`] folds events into a [`Day`]: who asked for a call when, who was there, how long each call took. [`play`] gives those
//! calls to those people under a clock of its own, by the router that the product uses. What the log does not tell is assumed, and said
//! ([`patience`]): how long somebody who was served would have waited. All of it is pure: the same day has the same outcome.

mod day;
mod figures;
mod past;
mod patience;
mod play;

pub use day::{Change, Day, Demand, Fate, Span, Staff};
pub use figures::Figures;
pub use past::Past;
pub use play::play;
