//! Facts: what reports count. A *fact* is one countable thing at the instant that its measure's definition names
//! (PRODUCT.md 5.1), credited to at most one shopper, so that the sums of all shoppers are the sum of all.
//!
//! Layout: [`measure`] says what can be counted, [`anchors`] which measure is meant where a thing can belong to two instants,
//! [`fact`] what a fact is, [`standing`] which facts of a stream may still change, [`book`] folds one stream and says which
//! facts each event makes; one file per kind of book.
//!
//! Facts come from events alone and never from mutable state. One that an event takes back or corrects is replaced at that
//! event's position, so a report as of any position is a filter.

pub mod anchors;
mod answers;
pub mod book;
mod call;
mod conversation;
pub mod fact;
pub mod measure;
mod order;
mod pieces;
mod presence;
pub mod standing;

pub use anchors::Anchors;
pub use book::Book;
pub use fact::{About, Change, Fact, FactKey, Told};
pub use measure::{Measure, Unit};
