//! What is noted about a conversation and how it ends: status, note, tags, expertise, department, urgency, closing, and the
//! customer's rating.

use super::attendance::booked;
use crate::{
    auth::caller::Party,
    continuation,
    error::Result,
    idempotency::Need,
    parameters::Id,
    routes::{
        headers::{Changes, Creates},
        shapes::{self, Ballot},
    },
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpResponse, delete, post, put, web};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_commands::{Failure, Unit};
use vitrina_domain::{
    actor::Actor,
    conversation::{CloseReason, Conversation, ConversationAction, Status},
    ids::{AnswerId, ConversationId},
    module::Module,
};

/// Where it stands from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStatus {
    /// The status.
    #[schema(schema_with = shapes::conversation_status)]
    status: Status,
}

/// The note for hand-over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    /// The whole note; empty clears it.
    #[schema(max_length = 10000)]
    text: String,
}

/// A tag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTag {
    /// The tag.
    #[schema(min_length = 1, max_length = 64, example = "returns")]
    tag: String,
}

/// What it takes to answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expertise {
    /// All fields of expertise.
    expertise: Vec<String>,
}

/// The department that answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDepartment {
    /// Its name; `null` means any.
    #[schema(max_length = 64, example = "returns")]
    department: Option<String>,
}

/// How urgent it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPriority {
    /// Higher is served first, 0 is ordinary.
    #[schema(minimum = -100, maximum = 100)]
    priority: i32,
}

/// In progress, waiting for the customer, or in need of help.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = NewStatus, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[put("/v1/conversations/{id}/status")]
pub(crate) async fn set_conversation_status(command: Command<NewStatus>, id: Id<ConversationId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, || ConversationAction::SetStatus { status: command.body.status }).await
}

/// Write the note for hand-over. Of a conversation whose words are kept no longer there is none any more (409).
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = Note, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[put("/v1/conversations/{id}/note")]
pub(crate) async fn set_note(command: Command<Note>, id: Id<ConversationId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, || ConversationAction::SetNote { text: command.body.text.clone() }).await
}

/// Put a tag on.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = NewTag, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/tags")]
pub(crate) async fn add_tag(command: Command<NewTag>, id: Id<ConversationId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, || ConversationAction::AddTag { tag: command.body.tag.clone() }).await
}

/// Take a tag off.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), ("tag" = String, Path), Changes), responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[delete("/v1/conversations/{id}/tags/{tag}")]
pub(crate) async fn remove_tag(
    command: Command<Nothing>,
    path: web::Path<(String, String)>,
    id: Id<ConversationId>,
) -> Result<HttpResponse> {
    staff_step(&command, id.0, || ConversationAction::RemoveTag { tag: path.1.clone() }).await
}

/// Say what it takes to answer.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = Expertise, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[put("/v1/conversations/{id}/expertise")]
pub(crate) async fn set_expertise(command: Command<Expertise>, id: Id<ConversationId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, || ConversationAction::SetExpertise { expertise: command.body.expertise.clone() }).await
}

/// Say which department answers; who takes part stays.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = NewDepartment, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[put("/v1/conversations/{id}/department")]
pub(crate) async fn set_department(command: Command<NewDepartment>, id: Id<ConversationId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, || ConversationAction::SetDepartment { department: command.body.department.clone() }).await
}

/// Say how urgent it is.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = NewPriority, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[put("/v1/conversations/{id}/priority")]
pub(crate) async fn set_priority(command: Command<NewPriority>, id: Id<ConversationId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, || ConversationAction::SetPriority { priority: command.body.priority }).await
}

/// Close it, with the outcome that follows from what happened.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/close")]
pub(crate) async fn close_conversation(command: Command<Nothing>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let party = command.caller.party_of_some_conversation()?;
    let giver = party.giver();
    let reason = match giver.actor {
        Actor::Customer(_) => CloseReason::ByCustomer,
        Actor::Shopper(_) => CloseReason::ByShopper,
        _ => CloseReason::ByAdmin,
    };
    let done = command.run(Need::Optional, giver, (), |unit| {
        must_open(unit, &party, id.0)?;
        booked(unit, id.0, |unit| unit.run::<Conversation>(id.0, ConversationAction::Close { reason }))
    });
    Ok(done.await?.changed(id.0))
}

/// Tell that the survey was put before the customer, in a conversation without a call. Told again, nothing changes.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/survey")]
pub(crate) async fn send_survey(command: Command<Nothing>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let party = command.caller.party_of_some_conversation()?;
    let done = command.run(Need::Optional, party.giver(), (), |unit| {
        must_open(unit, &party, id.0)?;
        unit.run::<Conversation>(id.0, ConversationAction::SendSurvey)
    });
    Ok(done.await?.changed(id.0))
}

/// The customer rates a conversation without a call.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Creates), request_body = Ballot, responses((status = 201, body = Written)), security(("bearer" = ["customer"])))]
#[post("/v1/conversations/{id}/rating")]
pub(crate) async fn rate_conversation(command: Command<Ballot>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let party = command.caller.party_of_some_conversation()?;
    let answer = AnswerId(Uuid::now_v7());
    let rate = || ConversationAction::Rate { answer_id: answer, ballot: command.body.clone().into() };
    let done = command.run(Need::Required, party.giver(), answer, |unit| {
        must_open(unit, &party, id.0)?;
        unit.run::<Conversation>(id.0, rate())
    });
    let done = done.await?;
    Ok(done.created(&done.written(done.result.0)))
}

/// Refuses a customer whose conversation it is not.
fn must_open(unit: &mut Unit<'_>, party: &Party<'_>, id: ConversationId) -> std::result::Result<(), Failure> {
    match party {
        Party::Staff(_) => Ok(()),
        Party::Customer(claims) => continuation::must_open(unit, claims, id),
    }
}

async fn staff_step<T: DeserializeOwned + 'static>(
    command: &Command<T>,
    id: ConversationId,
    action: impl Fn() -> ConversationAction,
) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Calls)?.giver();
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Conversation>(id, action())).await?;
    Ok(done.changed(id))
}
