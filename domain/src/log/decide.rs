//! What an account's log answers to its commands.

use super::{Log, LogAction, LogEvent};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category};

impl Aggregate for Log {
    const CATEGORY: Category = Category::Log;
    type Action = LogAction;

    fn decide(&self, order: &Order<LogAction>) -> Result<Vec<LogEvent>, Refusal> {
        Ok(match &order.command {
            LogAction::SignCheckpoint(checkpoint) if checkpoint.size <= self.signed => vec![],
            LogAction::SignCheckpoint(checkpoint) => vec![LogEvent::CheckpointSigned(checkpoint.clone())],
            LogAction::Export(exported) => vec![LogEvent::Exported(exported.clone())],
        })
    }

    fn state_name(&self) -> &'static str {
        if self.signed == 0 { "unsigned" } else { "signed" }
    }
}
