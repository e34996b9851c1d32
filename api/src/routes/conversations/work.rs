//! What staff does with a conversation: takes part, hands over, marks and closes it; and the customer's rating.

use crate::{
    auth::caller::{Caller, Giver},
    auth::customer_token::Claims,
    error::{ApiError, Result},
    idempotency::Need,
    parameters::Id,
    routes::{
        calls::{must_be_a_customer, must_be_a_shopper, under},
        headers::{Changes, Creates},
        shapes::{self, About, Ballot, CustomerDetails},
    },
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpResponse, delete, post, put, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    conversation::{CloseReason, Conversation, ConversationAction, Status},
    customer::{Customer, CustomerAction},
    ids::{AccountId, AnswerId, ConversationId, CustomerId},
    module::Module,
};

/// A conversation without a call that is wanted.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConversation {
    /// The account, where the caller has no token; may be left out while the server has one account only.
    #[schema(value_type = Option<Uuid>)]
    account_id: Option<AccountId>,
    /// What is known of the customer.
    customer: Option<CustomerDetails>,
    /// A customer who exists already. Only staff may name one.
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<CustomerId>,
    /// How the customer writes; `web` when left out.
    #[schema(example = "web")]
    channel: Option<String>,
    /// BCP 47 tag of the customer's language.
    language: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
}

/// A conversation that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationMade {
    /// The conversation.
    id: Uuid,
    /// The customer.
    customer_id: Uuid,
    /// Opens this conversation to the customer.
    customer_token: String,
    /// When that token ends.
    customer_token_expires_at: DateTime<Utc>,
    /// Position of the last event.
    position: i64,
    /// Its version.
    version: i64,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Ids {
    conversation: ConversationId,
    customer: CustomerId,
}

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

/// Open a conversation without a call.
#[utoipa::path(tag = "conversations", params(Creates), request_body = NewConversation, responses((status = 201, body = ConversationMade)), security((), ("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations")]
pub(crate) async fn open_conversation(command: Command<NewConversation>) -> Result<HttpResponse> {
    let body = &command.body;
    let (account, known) = match &command.caller {
        Caller::Nobody => (command.state.account(body.account_id).await?, None),
        Caller::Customer(claims) => (claims.account, Some(claims.customer)),
        Caller::Staff(_) | Caller::Operator => {
            let staff = command.caller.staff(Module::Calls)?;
            (staff.account, body.customer_id)
        }
    };
    let staff_only = body.customer_id.is_some() || body.customer.as_ref().is_some_and(|c| c.external_id.is_some() || c.segment.is_some());
    if staff_only && !matches!(command.caller, Caller::Staff(_)) {
        return Err(ApiError::field("/customer", "staff_only", "only staff may give customer_id, external_id or segment"));
    }
    let ids = Ids { conversation: ConversationId(Uuid::now_v7()), customer: known.unwrap_or_else(|| CustomerId(Uuid::now_v7())) };
    let giver = match &command.caller {
        Caller::Nobody => Giver { credential: Uuid::nil(), ..Giver::customer(account, ids.customer) },
        Caller::Customer(claims) => Giver::customer(account, claims.customer),
        Caller::Staff(_) | Caller::Operator => command.caller.any_staff()?.giver(),
    };
    let open = || ConversationAction::Open {
        customer_id: ids.customer,
        call_id: None,
        channel: body.channel.clone().unwrap_or_else(|| "web".to_owned()),
        language: body.language.clone(),
        country: body.country.clone(),
        department: None,
        continues: None,
    };
    let details = || body.customer.clone().unwrap_or_default().into();
    let done = command
        .run(Need::Required, giver, ids, |unit| {
            unit.open::<Conversation>(ids.conversation, open())?;
            match known {
                Some(customer) => must_be_a_customer(unit, customer),
                None => under(
                    "/customer",
                    unit.open::<Customer>(ids.customer, CustomerAction::Create { customer_id: ids.customer, details: details() }),
                ),
            }
        })
        .await?;
    let (signer, ids) = (&command.state.signer, done.result);
    let expires_at = signer.expiry(done.recorded_at);
    let claims = Claims { account, customer: ids.customer, call: None, conversation: ids.conversation, expires_at: expires_at.timestamp() };
    Ok(done.created(&ConversationMade {
        id: ids.conversation.0,
        customer_id: ids.customer.0,
        customer_token: signer.sign(&claims),
        customer_token_expires_at: expires_at,
        position: done.position.0,
        version: done.version.0,
        recorded_at: done.recorded_at,
    }))
}

/// In progress, waiting for the customer, or in need of help.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = NewStatus, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[put("/v1/conversations/{id}/status")]
pub(crate) async fn set_conversation_status(command: Command<NewStatus>, id: Id<ConversationId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, || ConversationAction::SetStatus { status: command.body.status }).await
}

/// A shopper takes part.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = About, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/join")]
pub(crate) async fn join_conversation(command: Command<About>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let shopper_id = staff.shopper_or_self(command.body.shopper_id)?;
    let done = command.run(Need::Optional, staff.giver(), (), |unit| {
        unit.run::<Conversation>(id.0, ConversationAction::Join { shopper_id })?;
        must_be_a_shopper(unit, shopper_id)
    });
    Ok(done.await?.changed(id.0))
}

/// A shopper takes part no more; the conversation goes on.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = About, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/leave")]
pub(crate) async fn leave_conversation(command: Command<About>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let shopper_id = command.caller.staff(Module::Calls)?.shopper_or_self(command.body.shopper_id)?;
    staff_step(&command, id.0, || ConversationAction::Leave { shopper_id }).await
}

/// Write the note for hand-over.
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

/// Close it, with the outcome that follows from what happened.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/close")]
pub(crate) async fn close_conversation(command: Command<Nothing>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let giver = command.caller.party_of_conversation(id.0)?.giver();
    let reason = match giver.actor {
        vitrina_domain::actor::Actor::Customer(_) => CloseReason::ByCustomer,
        vitrina_domain::actor::Actor::Shopper(_) => CloseReason::ByShopper,
        _ => CloseReason::ByAdmin,
    };
    step(&command, id.0, giver, || ConversationAction::Close { reason }).await
}

/// The customer rates a conversation without a call.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Creates), request_body = Ballot, responses((status = 201, body = Written)), security(("bearer" = ["customer"])))]
#[post("/v1/conversations/{id}/rating")]
pub(crate) async fn rate_conversation(command: Command<Ballot>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let giver = command.caller.party_of_conversation(id.0)?.giver();
    let answer = AnswerId(Uuid::now_v7());
    let rate = || ConversationAction::Rate { answer_id: answer, ballot: command.body.clone().into() };
    let done = command.run(Need::Required, giver, answer, |unit| unit.run::<Conversation>(id.0, rate())).await?;
    Ok(done.created(&done.written(done.result.0)))
}

async fn staff_step<T: DeserializeOwned + 'static>(
    command: &Command<T>,
    id: ConversationId,
    action: impl Fn() -> ConversationAction,
) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Calls)?.giver();
    step(command, id, giver, action).await
}

async fn step<T: DeserializeOwned + 'static>(
    command: &Command<T>,
    id: ConversationId,
    giver: Giver,
    action: impl Fn() -> ConversationAction,
) -> Result<HttpResponse> {
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Conversation>(id, action())).await?;
    Ok(done.changed(id))
}
