//! What retention answers to its commands.

use super::{CONVERSATIONS_MAX, Retention, RetentionAction, RetentionEvent};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category};

impl Aggregate for Retention {
    const CATEGORY: Category = Category::Retention;
    type Action = RetentionAction;

    fn decide(&self, order: &Order<RetentionAction>) -> Result<Vec<RetentionEvent>, Refusal> {
        let RetentionAction::Expire(expired) = &order.command;
        match expired.conversations.len() {
            0 => Ok(vec![]),
            1..=CONVERSATIONS_MAX => Ok(vec![RetentionEvent::ContentExpired(expired.clone())]),
            _ => Err(Refusal::invalid("/conversations", "too_many", format!("at most {CONVERSATIONS_MAX}"))),
        }
    }

    fn state_name(&self) -> &'static str {
        "kept"
    }
}
