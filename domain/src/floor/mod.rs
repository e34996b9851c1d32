//! The floor as it is now: who waits, who works on what, and what is due when. A fold of events, and nothing else.
//!
//! [`Place`] is what is remembered of one stream while it matters: a call until it is over, a chat until it is closed, a
//! shopper, an account's rules. A read model keeps the places, so that a start needs no history; [`Floor`] holds them all
//! in memory and answers four questions: what is due ([`Floor::due`]), who gets what ([`Floor::plan`]), whose books of
//! work are wrong ([`Floor::settle`]), and who is not there any more ([`Floor::orphans`]). What is done about it is decided by the aggregates, again, when the command comes.

mod call;
mod chat;
mod deadline;
mod moment;
mod orphan;
mod place;
mod plan;
mod settle;
mod shopper;
mod whole;
pub use call::{CallPlace, Online, Timed};
pub use chat::ChatPlace;
pub use deadline::{Deadline, Kind};
pub use moment::Moment;
pub use place::{AccountPlace, Activity, Key, Place, Stays};
pub use plan::{Offer, Plan};
pub use settle::Settlement;
pub use shopper::{SERVED_MAX, ShopperPlace};
pub use whole::Floor;
