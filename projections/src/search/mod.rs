//! Search: one box over names, addresses, telephone numbers, companies and products, for every list alike.
//!
//! A text is a set of [`words`], folded: a query finds it when every word of the query begins one of its words. Read models keep
//! the words of customers and products in tables of their own, so that a rare word leads straight to the few rows that it can be
//! in ([`lead`]), and as many of them are looked at as a page may cost ([`look`]); whether a row is really meant is always looked up
//! in the texts that belong to it at the position ([`check`]).

mod check;
pub(crate) mod lead;
pub(crate) mod look;
mod needle;
mod words;

pub(crate) use check::Check;
pub use needle::Needle;
pub(crate) use words::{Words, beyond};
