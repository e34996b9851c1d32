//! What a conversation answers to its commands.

use super::{Conversation, ConversationAction, ConversationEvent, Phase, Status};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category};

impl Aggregate for Conversation {
    const CATEGORY: Category = Category::Conversation;
    type Action = ConversationAction;

    fn decide(&self, _order: &Order<ConversationAction>) -> Result<Vec<ConversationEvent>, Refusal> {
        Err(Refusal::NotFound)
    }

    fn state_name(&self) -> &'static str {
        match (self.phase, self.status) {
            (Phase::Absent, _) => "absent",
            (Phase::Closed, _) => "closed",
            (Phase::Open, Status::InProgress) => "in_progress",
            (Phase::Open, Status::WaitingCustomer) => "waiting_customer",
            (Phase::Open, Status::NeedHelp) => "need_help",
        }
    }
}
