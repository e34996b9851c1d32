//! What the forgetting of a person answers to its commands.

use super::{Cleared, Subject, SubjectAction, SubjectEvent};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category};

impl Aggregate for Subject {
    const CATEGORY: Category = Category::Subject;
    type Action = SubjectAction;

    fn decide(&self, order: &Order<SubjectAction>) -> Result<Vec<SubjectEvent>, Refusal> {
        use SubjectAction::{Clear, Finish, Forget, GiveAccess, RequestErasure};
        Ok(match (self, &order.command) {
            (Self::Known, RequestErasure(requested)) => vec![SubjectEvent::ErasureRequested(requested.clone())],
            (Self::Known, GiveAccess(given)) => vec![SubjectEvent::AccessGiven(*given)],
            (Self::Begun(..) | Self::Pending(_) | Self::Erased, GiveAccess(_)) => {
                return Err(Refusal::IllegalTransition { state: self.state_name(), action: "give_access" });
            }
            (Self::Known, _) => return Err(Refusal::NotFound),
            (Self::Begun(_, told), Forget(forgotten)) if forgotten.part == *told => vec![SubjectEvent::Forgotten(forgotten.clone())],
            (Self::Begun(_, 1..), Finish(erased)) => vec![SubjectEvent::Erased((**erased).clone())],
            (Self::Pending(files), Clear(recording_id)) if files.contains(recording_id) => {
                vec![SubjectEvent::Cleared(Cleared { recording_id: *recording_id })]
            }
            (Self::Begun(..) | Self::Pending(_) | Self::Erased, _) => vec![],
        })
    }

    fn state_name(&self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Begun(..) => "being_erased",
            Self::Pending(_) => "erased_but_for_what_is_pending",
            Self::Erased => "erased",
        }
    }
}
