//! Process managers of the floor: they read the log and give commands, nothing else.
//!
//! Layout: [`manager`] folds events into the [`Floor`](vitrina_domain::floor::Floor) and acts on it, as a value that a test
//! can step; `deadlines` fires what is due, `routing` asks shoppers and settles their books; `orphans` tells of connections whose process
//! died; [`driver`] runs a manager beside
//! a server; [`origin`] is where a start takes the floor from, so that it does not cost the history; [`id`] makes command ids.
//! Beside the floor, [`attribution`] looks which call an order goes back to, and [`selling`] runs that.
//!
//! Every process runs them. What they do is derived from the state and named by the event that led to it, so two that do the
//! same give the same command, which happens once; and the aggregate decides again whether it still holds.

pub mod attribution;
mod deadlines;
pub mod driver;
pub mod id;
pub mod manager;
pub mod origin;
mod orphans;
mod routing;
pub mod selling;

pub use driver::Managers;
pub use manager::Manager;
pub use origin::{Origin, OriginError, Snapshot};
pub use selling::Selling;
