//! Exports: tables to be taken away, each a pure function of its definition's version, the filters and a position.
//!
//! Layout: [`definition`] says what an export is and writes its rows as a [`Sheet`]; one file per table that can be taken away
//! ([`calls`]); [`cell`] is a value before a format has written it, [`csv`] and [`jsonl`] are the formats.

mod ahead;
pub mod calls;
pub mod cell;
pub mod csv;
pub mod definition;
pub mod jsonl;

pub use calls::{CALLS, Calls};
pub use csv::Profile;
pub use definition::{Definition, Form, Sheet};
