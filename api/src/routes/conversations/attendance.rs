//! Who answers in a conversation: taking one that waits, coming to help, leaving, and handing it on.
//!
//! What a chat takes of a shopper's room is booked on the shopper's own stream in the same append, so that the router never
//! gives more than there is room for.

use crate::{
    error::{ApiError, Result},
    idempotency::Need,
    parameters::Id,
    routes::{calls::must_be_a_shopper, headers::Changes, shapes::About},
    writing::{Command, Written},
};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;
use vitrina_commands::{Failure, Unit, step};
use vitrina_domain::{
    conversation::{Conversation, ConversationAction, Recipient, Status},
    ids::{ConversationId, ShopperId},
    module::Module,
    notice::Notice,
    routing::Work,
    shopper::Terms,
};

/// To whom a conversation is handed, and with which words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    /// To whom.
    to: Addressee,
    /// What they should know.
    #[schema(max_length = 10000)]
    note: Option<String>,
    /// By whom, where it is not the caller; who takes part alone when neither is a shopper.
    #[schema(value_type = Option<Uuid>)]
    shopper_id: Option<ShopperId>,
}

/// A colleague or a department; exactly one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Addressee {
    /// The colleague, who takes part from then on.
    #[schema(value_type = Option<Uuid>)]
    shopper_id: Option<ShopperId>,
    /// The department, in which the customer waits again.
    #[schema(max_length = 64, example = "returns")]
    department: Option<String>,
}

impl Addressee {
    fn recipient(&self) -> Result<Recipient> {
        match (self.shopper_id, &self.department) {
            (Some(shopper_id), None) => Ok(Recipient::Shopper(shopper_id)),
            (None, Some(department)) => Ok(Recipient::Department(department.clone())),
            _ => Err(ApiError::field("/to", "one_of", "either shopper_id or department")),
        }
    }
}

/// Take a conversation in which nobody is present. Of two who try, one is told that it is taken.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = About, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/claim")]
pub(crate) async fn claim_conversation(command: Command<About>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let shopper_id = command.caller.staff(Module::Calls)?.shopper_or_self(command.body.shopper_id)?;
    step(&command, id.0, |unit| {
        unit.run::<Conversation>(id.0, ConversationAction::Claim { shopper_id })?;
        must_be_a_shopper(unit, shopper_id)
    })
    .await
}

/// Take part: where nobody is present, or where help is needed, and then the first helper wins and the customer is told.
/// One who takes part may bring in a colleague.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = About, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/join")]
pub(crate) async fn join_conversation(command: Command<About>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let shopper_id = staff.shopper_or_self(command.body.shopper_id)?;
    step(&command, id.0, |unit| {
        let before = unit.state::<Conversation>(id.0)?;
        let helps = before.status() == Status::NeedHelp && !before.has_joined(shopper_id);
        unit.run::<Conversation>(id.0, ConversationAction::StepIn { shopper_id })?;
        if helps {
            step::tell_customer(unit, id.0, Notice::HelpHasCome)?;
        }
        must_be_a_shopper(unit, shopper_id)
    })
    .await
}

/// A shopper takes part no more; the conversation goes on. When nobody is left, the customer waits again.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = About, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/leave")]
pub(crate) async fn leave_conversation(command: Command<About>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let shopper_id = command.caller.staff(Module::Calls)?.shopper_or_self(command.body.shopper_id)?;
    step(&command, id.0, |unit| unit.run::<Conversation>(id.0, ConversationAction::Leave { shopper_id })).await
}

/// Hand it to a colleague, who takes part from then on, or to a department, in which the customer waits again.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = HandOver, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/handover")]
pub(crate) async fn hand_over_conversation(command: Command<HandOver>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let (body, named) = (&command.body, staff.shopper_or_self(command.body.shopper_id).ok());
    let to = body.to.recipient()?;
    step(&command, id.0, |unit| {
        let from = named.or(alone(unit.state::<Conversation>(id.0)?));
        unit.run::<Conversation>(id.0, ConversationAction::HandOver { from, to: to.clone(), note: body.note.clone() })?;
        match to {
            Recipient::Shopper(shopper_id) => crate::routes::calls::under("/to", must_be_a_shopper(unit, shopper_id)),
            Recipient::Department(_) => Ok(()),
        }
    })
    .await
}

/// Who takes part, when it is one.
fn alone(conversation: &Conversation) -> Option<ShopperId> {
    let mut attending = conversation.attending();
    attending.next().filter(|_| attending.next().is_none())
}

async fn step<T: DeserializeOwned + 'static>(
    command: &Command<T>,
    id: ConversationId,
    decide: impl Fn(&mut Unit<'_>) -> std::result::Result<(), Failure>,
) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Calls)?.giver();
    let done = command.run(Need::Optional, giver, (), |unit| booked(unit, id, &decide)).await?;
    Ok(done.changed(id))
}

/// Does something to a conversation, and books on the shoppers' streams who came and who went. The room for a call's
/// conversation is the call's.
pub(super) fn booked(
    unit: &mut Unit<'_>,
    id: ConversationId,
    decide: impl Fn(&mut Unit<'_>) -> std::result::Result<(), Failure>,
) -> std::result::Result<(), Failure> {
    let before = attending(unit, id)?;
    decide(unit)?;
    if unit.state::<Conversation>(id)?.call_id().is_some() {
        return Ok(());
    }
    let (after, work) = (attending(unit, id)?, Work::Conversation(id));
    for gone in before.iter().filter(|shopper| !after.contains(shopper)) {
        step::free(unit, *gone, work)?;
    }
    for come in after.iter().filter(|shopper| !before.contains(shopper)) {
        step::assign(unit, *come, work, Terms::None)?;
    }
    Ok(())
}

fn attending(unit: &mut Unit<'_>, id: ConversationId) -> std::result::Result<Vec<ShopperId>, Failure> {
    Ok(unit.state::<Conversation>(id)?.attending().collect())
}
