//! From the queue to the archive: one address for each step of a call.
//!
//! What follows from a step in other aggregates, such as the conversation that the shopper joins or the shopper who is
//! busy now, is in the same append: the two can never disagree.

use super::{must_be_a_shopper, request::schedule};
use crate::{
    auth::caller::{Giver, Party},
    error::Result,
    idempotency::Need,
    parameters::Id,
    routes::{
        headers::Changes,
        shapes::{self, About, Appointment},
    },
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;
use vitrina_commands::{Failure, Unit, step};
use vitrina_domain::{
    actor::Actor,
    call::{Call, CallAction, CancelReason, EndReason, ReleaseCause, WrapUp},
    ids::{CallId, ShopperId},
    module::Module,
    shopper::Terms,
};

/// How a call's live part ends.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    /// Why; who hung up when left out.
    #[serde(default)]
    #[schema(schema_with = shapes::end_reason, required = false)]
    reason: Option<EndReason>,
    /// Whether work follows before the call is finished.
    #[serde(default)]
    #[schema(required = false)]
    wrap_up: AfterCall,
}

/// What follows the live part.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum AfterCall {
    /// Nothing: the call is finished.
    #[default]
    Skip,
    /// Work, until `finish`.
    Keep,
}

/// Why a call does not take place.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancel {
    /// Why; by whoever asks when left out.
    #[serde(default)]
    #[schema(schema_with = shapes::cancel_reason, required = false)]
    reason: Option<CancelReason>,
}

/// The shopper who is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct To {
    /// Who.
    #[schema(value_type = Uuid)]
    shopper_id: ShopperId,
}

/// A shopper takes the call, exclusively. Takes part in its conversation only from the start on, so that a claim that was
/// given back does not count as a second agent.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = About, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/claim")]
pub(crate) async fn claim_call(command: Command<About>, id: Id<CallId>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Calls)?;
    let shopper_id = staff.shopper_or_self(command.body.shopper_id)?;
    staff_step(&command, id.0, |unit| {
        must_be_a_shopper(unit, shopper_id)?;
        step::claim(unit, id.0, shopper_id, Terms::None)
    })
    .await
}

/// The shopper gives the call back; the customer waits again.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/release")]
pub(crate) async fn release_call(command: Command<Nothing>, id: Id<CallId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, |unit| step::release(unit, id.0, ReleaseCause::ByHand)).await
}

/// The customer of a requested or scheduled call waits from now on.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/queue")]
pub(crate) async fn queue_call(command: Command<Nothing>, id: Id<CallId>) -> Result<HttpResponse> {
    party_step(&command, id.0, |unit, _| unit.run::<Call>(id.0, CallAction::Queue)).await
}

/// The call goes live, and the shopper joins its conversation.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/start")]
pub(crate) async fn start_call(command: Command<Nothing>, id: Id<CallId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, |unit| step::start(unit, id.0)).await
}

/// The live part is over.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = End, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/end")]
pub(crate) async fn end_call(command: Command<End>, id: Id<CallId>) -> Result<HttpResponse> {
    let wrap_up = if command.body.wrap_up == AfterCall::Keep { WrapUp::Keep } else { WrapUp::Skip };
    party_step(&command, id.0, |unit, actor| {
        let by_caller = if matches!(actor, Actor::Customer(_)) { EndReason::CustomerHangup } else { EndReason::ShopperHangup };
        let reason = command.body.reason.unwrap_or(by_caller);
        step::end(unit, id.0, reason, wrap_up)
    })
    .await
}

/// The work after the call is done.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/finish")]
pub(crate) async fn finish_call(command: Command<Nothing>, id: Id<CallId>) -> Result<HttpResponse> {
    party_step(&command, id.0, |unit, _| step::finish(unit, id.0)).await
}

/// The call will not take place.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Cancel, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/cancel")]
pub(crate) async fn cancel_call(command: Command<Cancel>, id: Id<CallId>) -> Result<HttpResponse> {
    party_step(&command, id.0, |unit, actor| {
        let by_caller = match actor {
            Actor::Customer(_) => CancelReason::ByCustomer,
            Actor::Shopper(_) => CancelReason::ByShopper,
            Actor::User(_) | Actor::ApiKey(_) | Actor::System(_) => CancelReason::ByAdmin,
        };
        let reason = command.body.reason.unwrap_or(by_caller);
        step::cancel(unit, id.0, reason)
    })
    .await
}

/// Puts a finished or cancelled call away.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/archive")]
pub(crate) async fn archive_call(command: Command<Nothing>, id: Id<CallId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, |unit| unit.run::<Call>(id.0, CallAction::Archive)).await
}

/// Takes a call out of the archive.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/unarchive")]
pub(crate) async fn unarchive_call(command: Command<Nothing>, id: Id<CallId>) -> Result<HttpResponse> {
    staff_step(&command, id.0, |unit| unit.run::<Call>(id.0, CallAction::Unarchive)).await
}

/// Makes or moves the appointment.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Appointment, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/schedule")]
pub(crate) async fn schedule_call(command: Command<Appointment>, id: Id<CallId>) -> Result<HttpResponse> {
    party_step(&command, id.0, |unit, _| unit.run::<Call>(id.0, schedule(&command.body))).await
}

/// Asks another shopper into the call and its conversation.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = To, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/invite")]
pub(crate) async fn invite_to_call(command: Command<To>, id: Id<CallId>) -> Result<HttpResponse> {
    let shopper_id = command.body.shopper_id;
    staff_step(&command, id.0, |unit| {
        must_be_a_shopper(unit, shopper_id)?;
        step::invite(unit, id.0, shopper_id)
    })
    .await
}

/// Hands the call to another shopper.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = To, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/transfer")]
pub(crate) async fn transfer_call(command: Command<To>, id: Id<CallId>) -> Result<HttpResponse> {
    let to = command.body.shopper_id;
    staff_step(&command, id.0, |unit| {
        must_be_a_shopper(unit, to)?;
        step::transfer(unit, id.0, to)
    })
    .await
}

pub(super) async fn staff_step<T: DeserializeOwned + 'static>(
    command: &Command<T>,
    id: CallId,
    decide: impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Calls)?.giver();
    step(command, id, giver, decide).await
}

async fn party_step<T: DeserializeOwned + 'static>(
    command: &Command<T>,
    id: CallId,
    decide: impl Fn(&mut Unit<'_>, &Actor) -> Result<(), Failure>,
) -> Result<HttpResponse> {
    let giver = command.caller.party_of_call(id).map(|party: Party<'_>| party.giver())?;
    let actor = giver.actor.clone();
    step(command, id, giver, |unit| decide(unit, &actor)).await
}

async fn step<T: DeserializeOwned + 'static>(
    command: &Command<T>,
    id: CallId,
    giver: Giver,
    decide: impl Fn(&mut Unit<'_>) -> Result<(), Failure>,
) -> Result<HttpResponse> {
    let done = command.run(Need::Optional, giver, (), |unit| {
        // The call comes first: its version is the one of `If-Match` and of the answer.
        unit.state::<Call>(id)?;
        decide(unit)
    });
    Ok(done.await?.changed(id))
}
