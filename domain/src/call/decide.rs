//! What a call answers to its commands.

use super::{Call, CallAction, CallEvent};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category};

impl Aggregate for Call {
    const CATEGORY: Category = Category::Call;
    type Action = CallAction;

    fn decide(&self, _order: &Order<CallAction>) -> Result<Vec<CallEvent>, Refusal> {
        Err(Refusal::NotFound)
    }

    fn state_name(&self) -> &'static str {
        self.state.as_str()
    }
}
