//! Everything about one person, to be given to them. What is in it is in [`crate::access`].

use crate::{
    access::{Access, tell},
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::{Id, Query},
    reading::ReadNow,
    wiring::State,
    writing::POSITION,
};
use actix_web::{HttpResponse, get, http::header, web};
use bytes::Bytes;
use futures_util::stream;
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_domain::{
    ids::{CustomerId, ShopperId, SubjectId},
    module::Module,
    subject::SubjectKind,
};
use vitrina_projections::erasures::Person;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(give_customer_access).service(give_shopper_access);
}

/// Everything about a customer as JSON Lines: profile, conversations with their calls, carts, orders, consents and ratings, files, recordings,
/// where their data had gone, and every event with who did it. Each line says in `record` what it is; the last one is `end`, with how many there are.
///
/// It is of the position in the header `Vitrina-Position`. Who takes it is an event.
#[utoipa::path(tag = "customers", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = String, content_type = "application/jsonl")), security(("bearer" = ["settings"])))]
#[get("/v1/customers/{id}/access")]
pub(crate) async fn give_customer_access(
    caller: Caller,
    id: Id<CustomerId>,
    query: Query<ReadNow>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    given(&caller, SubjectKind::Customer, id.0.into(), &query.0, &state).await
}

/// Everything about a shopper as JSON Lines: profile and sign-in, what they wrote, how they were rated, and every event of them. What customers
/// said to them is the customers'.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = String, content_type = "application/jsonl")), security(("bearer" = ["settings"])))]
#[get("/v1/shoppers/{id}/access")]
pub(crate) async fn give_shopper_access(
    caller: Caller,
    id: Id<ShopperId>,
    query: Query<ReadNow>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    given(&caller, SubjectKind::Shopper, id.0.into(), &query.0, &state).await
}

async fn given(caller: &Caller, kind: SubjectKind, subject: SubjectId, query: &ReadNow, state: &web::Data<State>) -> Result<HttpResponse> {
    let giver = caller.staff(Module::Settings)?.giver();
    query.position(state).await?;
    let person = Person { account: giver.account, subject, kind };
    tell(state, &giver, person).await?;
    let access = Access::of(state, person).await?;
    let upto = access.upto();
    let chunks = stream::try_unfold(access, |mut access| async move {
        let chunk = access.next().await?;
        Ok::<_, ApiError>(chunk.map(|chunk| (Bytes::from(chunk), access)))
    });
    Ok(HttpResponse::Ok()
        .content_type("application/jsonl; charset=utf-8")
        .insert_header((POSITION, upto.0))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"access_{subject}_{upto}.jsonl\"")))
        .streaming(chunks))
}
