//! The state machine of a call (PRODUCT.md 5.4): which action is possible in which state.

use super::{Call, CallAction, MediaAction, RecordingAction, ReleaseCause, State, recording::Switch};
use crate::{aggregate::Aggregate, refusal::Refusal};

impl Call {
    /// Whether the state machine has the transition.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] before the call exists, [`Refusal::AlreadyExists`] to make it again,
    /// [`Refusal::IllegalTransition`] else.
    pub(super) fn must_allow(&self, action: &CallAction) -> Result<(), Refusal> {
        let creates = matches!(action, CallAction::Request(_) | CallAction::Create { .. });
        match (self.state, creates) {
            (State::Absent, true) => Ok(()),
            (State::Absent, false) => Err(Refusal::NotFound),
            (_, true) => Err(Refusal::AlreadyExists),
            (_, false) if self.allows(action) => Ok(()),
            (_, false) => Err(Refusal::IllegalTransition { state: self.state_name(), action: action.name() }),
        }
    }

    fn allows(&self, action: &CallAction) -> bool {
        use State::{Claimed, Live, Requested, Scheduled, Waiting, WrapUp};
        match action {
            CallAction::Request(_) | CallAction::Create { .. } => false,
            CallAction::Schedule { .. } | CallAction::Queue => matches!(self.state, Requested | Scheduled),
            // A customer's request goes through the queue; a private call has none.
            CallAction::Claim { .. } => matches!(self.state, Scheduled | Waiting) || (self.state == Requested && self.private),
            CallAction::Decide { .. } | CallAction::FailRouting { .. } => self.state == Waiting,
            CallAction::Offer { .. } => self.state == Waiting && self.offer.is_none(),
            CallAction::AcceptOffer { shopper_id, .. } | CallAction::DeclineOffer { shopper_id } => self.is_offered_to(*shopper_id),
            CallAction::ConnectCustomer { .. } | CallAction::DisconnectCustomer { .. } => !self.state.is_terminal(),
            CallAction::ExpireOffer { .. }
            | CallAction::LoseCustomer { .. }
            | CallAction::LoseShopper { .. }
            | CallAction::NoShow { .. } => true,
            CallAction::Release { cause: ReleaseCause::ByHand } | CallAction::Start => self.state == Claimed,
            // A timer that comes too late changes nothing and is no fault of anybody.
            CallAction::Release { cause: ReleaseCause::TimedOut { .. } } => true,
            CallAction::Invite { .. } | CallAction::Transfer { .. } => matches!(self.state, Claimed | Live),
            CallAction::End { .. } => self.state == Live,
            CallAction::Finish => self.state == WrapUp,
            CallAction::Cancel { .. } => !self.state.is_terminal(),
            CallAction::Archive | CallAction::Unarchive => self.state.is_terminal(),
            CallAction::ShowProduct { .. }
            | CallAction::AddToCart { .. }
            | CallAction::UpdateCartItem { .. }
            | CallAction::RemoveCartItem { .. } => matches!(self.state, Live | WrapUp),
            CallAction::Rate { .. } | CallAction::SendSurvey => self.went_live,
            CallAction::ShowRating { .. } => true,
            CallAction::Media(MediaAction::GiveConsent { .. } | MediaAction::IssueToken { .. }) => !self.state.is_terminal(),
            // Who has claimed and who waits for the start may be connected before it, so that the start is instant.
            CallAction::Media(MediaAction::Enter { .. }) => matches!(self.state, Claimed | Live),
            // What has happened has happened, whatever became of the call meanwhile.
            CallAction::Media(_) => true,
            CallAction::Recording(RecordingAction::Switch { to: Switch::On, .. }) => matches!(self.state, Claimed | Live),
            CallAction::Recording(_) => true,
        }
    }
}
