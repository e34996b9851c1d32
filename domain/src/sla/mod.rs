//! What a shop promises of its chats, and whether it kept that: the service level agreement (PRODUCT.md 5.7).
//!
//! Layout: `rule` is what an account promises, `events` what a conversation tells of it, `promise` which of these follow from what happens,
//! `clocks` what stands after them. All are pure functions of events and of the instants that these carry: when something is due is written
//! as soon as it is known, so that every replay agrees on it.
//!
//! Conversations of calls promise nothing: they begin long before anybody could answer in writing.

mod clocks;
mod events;
mod promise;
mod rule;
pub use clocks::Clocks;
pub use events::{Applied, Breached, ClockStarted, ClockStopped, Met, Settled, Verdict};
pub use promise::Promise;
pub use rule::{Counting, SlaChange, SlaRule, TARGET_S_MAX, Target, Targets, Within};
