//! Conversations: with whom, who takes part, where they stand, how they ended. Their messages are in [`crate::messages`]:
//! a message makes no new version of its conversation.

mod fold;
mod query;
mod rows;

pub use fold::ConversationsProjection;
pub(crate) use query::{COUNTS, NARROWED};
pub use query::{Conversation, ConversationFilter, Part, STATEMENTS, Waiting, get, list, working};
pub use rows::{ConversationRow, HandOver, Participant, Standing};
