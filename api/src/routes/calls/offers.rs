//! Offers: the shopper who is asked says yes or no. And what the router decided for a call, with its reasons.

use super::{lifecycle::staff_step, must_be_a_shopper};
use crate::{
    auth::caller::Caller,
    error::Result,
    history::{self, HistoryEvent, HistoryQuery},
    page::Paged,
    parameters::{Id, Query},
    routes::{headers::Changes, shapes::About},
    wiring::State,
    writing::{Command, Written},
};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use vitrina_commands::step;
use vitrina_domain::{ids::CallId, module::Module, stream::Category};

/// The shopper who is asked takes the call.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = About, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/accept")]
pub(crate) async fn accept_offer(command: Command<About>, id: Id<CallId>) -> Result<HttpResponse> {
    let shopper_id = command.caller.staff(Module::Calls)?.shopper_or_self(command.body.shopper_id)?;
    staff_step(&command, id.0, |unit| {
        must_be_a_shopper(unit, shopper_id)?;
        step::accept(unit, id.0, shopper_id)
    })
    .await
}

/// The shopper who is asked does not take the call; another one is asked.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = About, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/decline")]
pub(crate) async fn decline_offer(command: Command<About>, id: Id<CallId>) -> Result<HttpResponse> {
    let shopper_id = command.caller.staff(Module::Calls)?.shopper_or_self(command.body.shopper_id)?;
    staff_step(&command, id.0, |unit| {
        must_be_a_shopper(unit, shopper_id)?;
        step::decline(unit, id.0, shopper_id)
    })
    .await
}

/// What the router decided for a call: who was chosen and why nobody else, who was asked and what became of it.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), HistoryQuery), responses((status = 200, body = Paged<HistoryEvent>)), security(("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/routing")]
pub(crate) async fn get_call_routing(
    caller: Caller,
    id: Id<CallId>,
    query: Query<HistoryQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    let is_of_routing = |event_type: &str| event_type.starts_with("routing.") || event_type.starts_with("call.offer");
    history::answer_with(&state, &request, &query.0, (account, Category::Call, id.0.0), is_of_routing).await
}
