//! Conversations: with whom, who takes part, where they stand, how they ended. Their messages are in [`crate::messages`]:
//! a message makes no new version of its conversation, unless
//! a promise of the shop hangs on it.

mod fold;
mod list;
mod look;
mod query;
mod rows;

pub use fold::ConversationsProjection;
pub(crate) use list::NARROWED;
pub use list::{ConversationFilter, Part, Waiting, list};
pub(crate) use query::COUNTS;
pub use query::{Conversation, get, working};
pub use rows::{ConversationRow, ConversationShopperRow, HandOver, Participant, Sla, SlaStanding, Standing};

/// Every statement of this folder, for the test that prepares them on both engines.
pub fn statements() -> Vec<&'static str> {
    [list::STATEMENTS, look::STATEMENTS, query::STATEMENTS].concat()
}
