//! Who may do what in a conversation. Modules of staff are checked before, by `commands`.

use super::{Author, CloseReason, Conversation, ConversationAction, Visibility};
use crate::{actor::Actor, refusal::Refusal};

const NOT_THE_SHOPPER: Refusal = Refusal::NotAllowed("a shopper acts only in their own name");
const NOT_JOINED: Refusal = Refusal::NotAllowed("a shopper joins the conversation before writing to the customer");
const NOT_THE_CUSTOMER: Refusal = Refusal::NotAllowed("only the customer of the conversation may do this");
const NOT_THE_SYSTEM: Refusal = Refusal::NotAllowed("only the system writes in its own name");
const NOT_THE_BOT: Refusal = Refusal::NotAllowed("only the bot that takes part writes in its own name");
const HOUSE_ONLY: Refusal = Refusal::NotAllowed("a customer may not do this");
const NOT_THEIRS_TO_BRING_IN: Refusal = Refusal::NotAllowed("a shopper joins in their own name, or is brought in by one who has joined");
const NOT_A_CUSTOMERS_REASON: Refusal =
    Refusal::NotAllowed("a customer closes with the reason by_customer, or call_ended where a call owns the conversation");
const NOT_AMONG_IT: Refusal = Refusal::NotAllowed("a shopper hands over what they take part in, or what waits for somebody");
const HANDED_OVER_WITH_ITS_CALL: Refusal = Refusal::NotAllowed("this conversation belongs to a call: transfer the call");
const RATED_WITH_ITS_CALL: Refusal = Refusal::NotAllowed("this conversation belongs to a call: rate the call");

impl Conversation {
    /// Whether this actor may take the action.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] with what is missing.
    pub(super) fn must_permit(&self, actor: &Actor, action: &ConversationAction) -> Result<(), Refusal> {
        let (permitted, otherwise) = match action {
            ConversationAction::Open { customer_id, .. } => (actor.acts_for_customer(*customer_id), NOT_THE_CUSTOMER),
            ConversationAction::SendMessage { author, visibility, .. } => return self.must_permit_writing(actor, *author, *visibility),
            // What the shop promises is the shop's, whoever opens.
            ConversationAction::Promise { .. } => (true, HOUSE_ONLY),
            ConversationAction::MarkOverdue => (matches!(actor, Actor::System(_)), NOT_THE_SYSTEM),
            ConversationAction::Announce { .. } => (actor.is_house(), HOUSE_ONLY),
            ConversationAction::ShareFile { author, .. } => return self.must_permit_writing(actor, *author, Visibility::Public),
            ConversationAction::Claim { shopper_id } => (actor.acts_for_shopper(*shopper_id), NOT_THE_SHOPPER),
            // The router's choice for one who asks for work is recorded in the name of who asks.
            ConversationAction::Decide { decided } => (actor.acts_for_shopper(decided.shopper_id), NOT_THE_SHOPPER),
            ConversationAction::StepIn { shopper_id } | ConversationAction::Join { shopper_id } => {
                (actor.acts_for_shopper(*shopper_id) || self.has_among_it(actor), NOT_THEIRS_TO_BRING_IN)
            }
            ConversationAction::BringBot { bot_id, .. } => (*actor == Actor::ApiKey(*bot_id), NOT_THE_BOT),
            ConversationAction::Leave { shopper_id } => (actor.acts_for_shopper(*shopper_id), NOT_THE_SHOPPER),
            ConversationAction::HandOver { .. } if self.call_id.is_some() => (false, HANDED_OVER_WITH_ITS_CALL),
            ConversationAction::HandOver { .. } => (self.may_be_moved_by(actor), NOT_AMONG_IT),
            ConversationAction::Continue { .. } => (self.speaks_for_customer(actor), NOT_THE_CUSTOMER),
            ConversationAction::SetStatus { .. }
            | ConversationAction::SetDepartment { .. }
            | ConversationAction::SetPriority { .. }
            | ConversationAction::SetNote { .. }
            | ConversationAction::AddTag { .. }
            | ConversationAction::RemoveTag { .. }
            | ConversationAction::SetExpertise { .. } => (actor.is_house(), HOUSE_ONLY),
            ConversationAction::Close { reason } => match actor {
                Actor::Customer(id) if *id != self.customer_id => (false, NOT_THE_CUSTOMER),
                Actor::Customer(_) => (self.is_a_customers(*reason), NOT_A_CUSTOMERS_REASON),
                _ => (true, HOUSE_ONLY),
            },
            ConversationAction::DownloadTranscript { .. } => {
                (actor.is_house() || *actor == Actor::Customer(self.customer_id), NOT_THE_CUSTOMER)
            }
            ConversationAction::Rate { .. } | ConversationAction::SendSurvey | ConversationAction::ShowRating { .. }
                if self.call_id.is_some() =>
            {
                (false, RATED_WITH_ITS_CALL)
            }
            ConversationAction::SendSurvey => (actor.is_house() || *actor == Actor::Customer(self.customer_id), NOT_THE_CUSTOMER),
            ConversationAction::ShowRating { .. } => (actor.is_house(), HOUSE_ONLY),
            ConversationAction::Rate { .. } => {
                (*actor == Actor::Customer(self.customer_id) || matches!(actor, Actor::System(_)), NOT_THE_CUSTOMER)
            }
        };
        if permitted { Ok(()) } else { Err(otherwise) }
    }

    /// The author must be of this conversation, and the actor must be the author or stand above.
    fn must_permit_writing(&self, actor: &Actor, author: Author, visibility: Visibility) -> Result<(), Refusal> {
        let (permitted, otherwise) = match author {
            Author::Customer(_) if visibility == Visibility::Internal => (false, HOUSE_ONLY),
            Author::Customer(id) => (id == self.customer_id && self.speaks_for_customer(actor), NOT_THE_CUSTOMER),
            Author::Shopper(id) if !actor.acts_for_shopper(id) => (false, NOT_THE_SHOPPER),
            Author::Shopper(id) => (visibility == Visibility::Internal || self.has_joined(id), NOT_JOINED),
            Author::Bot(id) => (self.bot == Some(id) && *actor == Actor::ApiKey(id), NOT_THE_BOT),
            Author::System => (matches!(actor, Actor::System(_)), NOT_THE_SYSTEM),
        };
        if permitted { Ok(()) } else { Err(otherwise) }
    }

    /// A shopper who has joined may bring in another: to help, or to hand over.
    fn has_among_it(&self, actor: &Actor) -> bool {
        matches!(actor, Actor::Shopper(id) if self.has_joined(*id))
    }

    /// A shopper moves what they take part in, or what waits for somebody; staff and the system stand above.
    fn may_be_moved_by(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Shopper(id) => self.has_joined(*id) || !self.is_attended(),
            Actor::User(_) | Actor::ApiKey(_) | Actor::System(_) => true,
            Actor::Customer(_) => false,
        }
    }

    /// A customer who hangs up ends the call, and with it the conversation that it owns.
    fn is_a_customers(&self, reason: CloseReason) -> bool {
        match reason {
            CloseReason::ByCustomer => true,
            CloseReason::CallEnded => self.call_id.is_some(),
            CloseReason::ByShopper | CloseReason::ByAdmin | CloseReason::Inactivity => false,
        }
    }

    /// The customer, or the system that received the message over another channel: never staff.
    fn speaks_for_customer(&self, actor: &Actor) -> bool {
        *actor == Actor::Customer(self.customer_id) || matches!(actor, Actor::System(_))
    }
}
