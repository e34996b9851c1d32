//! The append-only log: every action of the product is an event in it, and everything else is derived from it.
//!
//! Layout: [`append`] says what can be asked, [`sequence`] decides it (pure), [`batcher`] commits what is waiting in one
//! transaction, [`engine`] holds the engines (memory, SQLite, PostgreSQL), [`subscription`] reads on and on, [`signal`] carries what is no event, [`processes`] knows who serves, [`log`] is the
//! door to all of it. [`seal`] and [`keyring`] keep personal data under a key per person, [`keyless`] reads without them, [`chain`] makes removal and
//! change visible, [`trail`] lets others check it, [`upcast`] reads what older builds wrote, [`cqrs`] puts cqrs-es on top.
//!
//! Nobody but the batcher writes events, and nobody updates or deletes one.

pub mod append;
pub mod batcher;
pub mod chain;
pub mod cqrs;
pub mod crew;
pub mod engine;
pub mod envelope;
pub mod error;
pub mod keyless;
pub mod keyring;
pub mod log;
pub mod position;
pub mod processes;
mod recent;
pub mod seal;
pub mod sequence;
pub mod signal;
pub mod stream;
pub mod subscription;
pub mod trail;
pub mod turn;
pub mod upcast;
mod writing;

pub use append::{AppendError, AppendRequest, Claim, Committed, Expected, Guard, NewEvent, Write};
pub use envelope::{Decoded, Recorded};
pub use error::LogError;
pub use log::EventLog;
pub use position::{Position, Version};
pub use processes::{Living, Processes};
pub use signal::{Signal, Signals};
pub use stream::StreamId;
pub use subscription::{Batch, Filter, Subscription};
pub use vitrina_domain::environment::Environment;
pub use writing::Clock;
