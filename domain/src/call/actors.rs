//! Who may do what in a call: first which side of it ([`super::abilities`]), then who on that side. Modules of staff and scopes
//! of keys are checked before, by the right of the route.

use super::{Ability, Call, CallAction, CancelReason, MediaAction, RecordingAction, Side};
use crate::{actor::Actor, ids::ParticipantId, refusal::Refusal};

const NOT_THE_SHOPPER: Refusal = Refusal::NotAllowed("a shopper acts only in their own name");
const NOT_THE_HOLDER: Refusal = Refusal::NotAllowed("only the shopper who holds the call may do this");
const NOT_A_PARTICIPANT: Refusal = Refusal::NotAllowed("only those who take part in the call may do this");
const NOT_THE_CUSTOMER: Refusal = Refusal::NotAllowed("only the customer of the call may do this");
const SHOPPERS_SIDE_ONLY: Refusal = Refusal::NotAllowed("only the side of the shopper may do this in a call");
const CUSTOMERS_SIDE_ONLY: Refusal = Refusal::NotAllowed("only the customer may do this in a call");
const NOT_ONES_OWN: Refusal = Refusal::NotAllowed("everybody turns their own camera and microphone on and off, and leaves for themselves");
const SYSTEM_ONLY: Refusal = Refusal::NotAllowed("only the system does this");
const HOUSE_ONLY: Refusal = Refusal::NotAllowed("a customer may not do this");
const NOT_A_CUSTOMERS_REASON: Refusal =
    Refusal::NotAllowed("a customer cancels with the reason by_customer, no_show_shopper or abandoned_in_queue");

impl Call {
    /// Whether this actor may take the action.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] with what is missing.
    pub(super) fn must_permit(&self, actor: &Actor, action: &CallAction) -> Result<(), Refusal> {
        if let (Some(side), Some(ability)) = (Side::of(actor), Ability::of(action))
            && !side.may(ability)
        {
            return Err(if side == Side::Customer { SHOPPERS_SIDE_ONLY } else { CUSTOMERS_SIDE_ONLY });
        }
        let (permitted, otherwise) = match action {
            CallAction::Request(details) => (actor.acts_for_customer(details.customer_id), NOT_THE_CUSTOMER),
            CallAction::Create { shopper_id, .. }
            | CallAction::Claim { shopper_id, .. }
            | CallAction::AcceptOffer { shopper_id, .. }
            | CallAction::DeclineOffer { shopper_id } => (actor.acts_for_shopper(*shopper_id), NOT_THE_SHOPPER),
            CallAction::Decide { .. } => (actor.is_house(), HOUSE_ONLY),
            CallAction::Offer { .. }
            | CallAction::FailRouting { .. }
            | CallAction::ExpireOffer { .. }
            | CallAction::LoseCustomer { .. }
            | CallAction::LoseShopper { .. }
            | CallAction::NoShow { .. } => (matches!(actor, Actor::System(_)), SYSTEM_ONLY),
            CallAction::ConnectCustomer { .. } | CallAction::DisconnectCustomer { .. } => {
                (*actor == Actor::Customer(self.customer_id) || matches!(actor, Actor::System(_)), NOT_THE_CUSTOMER)
            }
            CallAction::Schedule { .. } | CallAction::Queue => (actor.acts_for_customer(self.customer_id), NOT_THE_CUSTOMER),
            CallAction::Release { .. } | CallAction::Start => (self.is_held_by(actor), NOT_THE_HOLDER),
            CallAction::Invite { .. } | CallAction::Transfer { .. } | CallAction::Finish | CallAction::ShowProduct { .. } => {
                (self.is_served_by(actor), NOT_A_PARTICIPANT)
            }
            CallAction::End { .. }
            | CallAction::AddToCart { .. }
            | CallAction::UpdateCartItem { .. }
            | CallAction::RemoveCartItem { .. } => (self.has_taking_part(actor), NOT_A_PARTICIPANT),
            CallAction::Cancel { reason } => return self.must_permit_cancel(actor, *reason),
            CallAction::Archive | CallAction::Unarchive => (actor.is_house(), HOUSE_ONLY),
            CallAction::Rate { .. } => (self.is_rated_by(actor), NOT_THE_CUSTOMER),
            // Whoever puts it before the customer: their page, a shopper, a program of the shop's.
            CallAction::SendSurvey => (actor.is_house() || *actor == Actor::Customer(self.customer_id), NOT_THE_CUSTOMER),
            CallAction::ShowRating { .. } => (actor.is_house(), HOUSE_ONLY),
            CallAction::Media(MediaAction::GiveConsent { .. } | MediaAction::WithdrawConsent { .. }) => {
                (self.is_rated_by(actor), NOT_THE_CUSTOMER)
            }
            CallAction::Media(MediaAction::Close { .. }) => (matches!(actor, Actor::System(_)), SYSTEM_ONLY),
            CallAction::Media(
                MediaAction::Publish { participant_id, .. }
                | MediaAction::Unpublish { participant_id, .. }
                | MediaAction::Turn { participant_id, .. }
                | MediaAction::Leave { participant_id, .. },
            ) => (self.is_participant(*participant_id, actor), NOT_ONES_OWN),
            CallAction::Media(_) => (self.has_taking_part(actor), NOT_A_PARTICIPANT),
            CallAction::Recording(RecordingAction::Switch { .. }) => (self.is_served_by(actor), NOT_A_PARTICIPANT),
            CallAction::Recording(RecordingAction::Download { .. } | RecordingAction::Delete { .. }) => (actor.is_house(), HOUSE_ONLY),
            CallAction::Recording(_) => (matches!(actor, Actor::System(_)), SYSTEM_ONLY),
        };
        if permitted { Ok(()) } else { Err(otherwise) }
    }

    /// A shopper who does not take part may cancel only what nobody holds.
    fn must_permit_cancel(&self, actor: &Actor, reason: CancelReason) -> Result<(), Refusal> {
        use CancelReason::{AbandonedInQueue, ByCustomer, NoShowShopper};
        match actor {
            Actor::Customer(id) if *id != self.customer_id => Err(NOT_THE_CUSTOMER),
            Actor::Customer(_) if !matches!(reason, ByCustomer | NoShowShopper | AbandonedInQueue) => Err(NOT_A_CUSTOMERS_REASON),
            Actor::Shopper(_) if self.holder.is_some() && !self.is_served_by(actor) => Err(NOT_A_PARTICIPANT),
            _ => Ok(()),
        }
    }

    fn is_held_by(&self, actor: &Actor) -> bool {
        match self.holder {
            Some(holder) => actor.acts_for_shopper(holder),
            None => actor.is_house(),
        }
    }

    /// A shopper who takes part, or staff and the system, who stand above.
    fn is_served_by(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Shopper(id) => self.participants.contains(id),
            Actor::User(_) | Actor::ApiKey(_) | Actor::System(_) => true,
            Actor::Customer(_) => false,
        }
    }

    fn has_taking_part(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Customer(id) => *id == self.customer_id,
            _ => self.is_served_by(actor),
        }
    }

    /// Whether the presence is the actor's own; one that is not known is nobody's, and nothing comes of it.
    fn is_participant(&self, id: ParticipantId, actor: &Actor) -> bool {
        let own = self.media.present().get(&id).is_none_or(|present| present.who == *actor);
        self.has_taking_part(actor) && (own || matches!(actor, Actor::System(_)))
    }

    /// Nobody of the house rates in a customer's name; an import may.
    fn is_rated_by(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Customer(id) => *id == self.customer_id,
            Actor::System(_) => true,
            Actor::User(_) | Actor::ApiKey(_) | Actor::Shopper(_) => false,
        }
    }
}
