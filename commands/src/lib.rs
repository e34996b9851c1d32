//! The write side: from a command to committed events.
//!
//! Layout: [`executor`] runs a command (load, decide, append, try again after a conflict); [`unit`] is what a command
//! may do, on one or several aggregates; [`meta`] says who gives it and under which id; [`cache`] keeps the newest state
//! of aggregates; [`step`] has what a step of the floor leads to; [`process`] routes and fires deadlines; [`in_flight`] knows which commands are being run; [`error`] says why one was not.
//!
//! State changes only by appending events. Nothing here knows HTTP or SQL.

pub mod cache;
pub mod error;
pub mod executor;
pub mod in_flight;
pub mod meta;
pub mod process;
pub mod step;
pub mod unit;

pub use error::{CommandError, Failure};
pub use executor::Executor;
pub use meta::CommandMeta;
pub use unit::Unit;
pub use vitrina_eventlog::{Committed, Environment, Position, Version};
