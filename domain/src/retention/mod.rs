//! What is kept no longer than the account says (PRODUCT.md 5.12): the words and files of conversations whose time has come. One stream
//! for each account. What a recording, an export or a customer loses is told on their own streams.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, stream::Category};
use serde::{Deserialize, Serialize};

/// Conversations that one event names, at most: some ten kilobytes of it.
pub const CONVERSATIONS_MAX: usize = 250;

/// Remembers nothing: what has expired may expire again, and nothing is left to lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Retention {}

impl_cqrs!(Retention, Category::Retention, RetentionAction, RetentionEvent);

impl Retention {
    fn fold(&mut self, _: RetentionEvent) {}
}
