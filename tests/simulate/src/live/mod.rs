//! Listening to live updates: everybody of the day has a socket, and writes down all that it said. A lost connection comes
//! back where it was; what was heard has to be the history all the same, without a gap and without anything twice.

mod heard;
mod listener;
mod socket;

pub use heard::{Event, Heard, Subscription, Topic};
pub use listener::{Listener, Sign, Until};
pub use socket::{Frame, Socket};
