//! What happens while a call is live: products are shown, the cart is filled, and at the end the customer rates.

use crate::{
    error::Result,
    idempotency::Need,
    parameters::Id,
    routes::{
        headers::{Changes, Creates},
        shapes::{Ballot, NewCartLine, Product},
    },
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpResponse, delete, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    call::{Call, CallAction},
    ids::{AnswerId, CallId},
    module::Module,
};

/// What changes in a line of the cart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CartLineChange {
    /// How many from now on.
    #[schema(minimum = 1, maximum = 9999)]
    quantity: u32,
    /// The cart; may be left out while only one cart of the call has the line.
    cart_id: Option<String>,
}

/// Which cart a line is taken out of.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CartLineRemoval {
    /// The cart; may be left out while only one cart of the call has the line.
    cart_id: Option<String>,
}

/// The id of an answer, stored with the command.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Answer {
    id: AnswerId,
}

/// Show a product to the customer.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Creates), request_body = Product, responses((status = 201, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/products")]
pub(crate) async fn show_product(command: Command<Product>, id: Id<CallId>) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Calls)?.giver();
    let product: vitrina_domain::product::Product = command.body.clone().into();
    let show = || CallAction::ShowProduct { product: Box::new(product.clone()) };
    let done = command.run(Need::Required, giver, (), |unit| unit.run::<Call>(id.0, show())).await?;
    Ok(done.created(&done.written(id.0)))
}

/// Put something into the cart; the same SKU adds up.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Creates), request_body = NewCartLine, responses((status = 201, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/cart/items")]
pub(crate) async fn add_cart_item(command: Command<NewCartLine>, id: Id<CallId>) -> Result<HttpResponse> {
    let giver = command.caller.party_of_call(id.0)?.giver();
    let (cart_id, line) = command.body.clone().split();
    let add = || CallAction::AddToCart { cart_id: cart_id.clone(), line: Box::new(line.clone()) };
    let done = command.run(Need::Required, giver, (), |unit| unit.run::<Call>(id.0, add())).await?;
    Ok(done.created(&done.written(id.0)))
}

/// Change how many.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), ("sku" = String, Path), Changes), request_body = CartLineChange, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[patch("/v1/calls/{id}/cart/items/{sku}")]
pub(crate) async fn update_cart_item(
    command: Command<CartLineChange>,
    path: web::Path<(String, String)>,
    id: Id<CallId>,
) -> Result<HttpResponse> {
    let giver = command.caller.party_of_call(id.0)?.giver();
    let (sku, body) = (&path.1, &command.body);
    let update = || CallAction::UpdateCartItem { cart_id: body.cart_id.clone(), sku: sku.clone(), quantity: body.quantity };
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Call>(id.0, update())).await?;
    Ok(done.changed(id.0))
}

/// Take a line out.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), ("sku" = String, Path), Changes), request_body = CartLineRemoval, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[delete("/v1/calls/{id}/cart/items/{sku}")]
pub(crate) async fn remove_cart_item(
    command: Command<CartLineRemoval>,
    path: web::Path<(String, String)>,
    id: Id<CallId>,
) -> Result<HttpResponse> {
    let giver = command.caller.party_of_call(id.0)?.giver();
    let remove = || CallAction::RemoveCartItem { cart_id: command.body.cart_id.clone(), sku: path.1.clone() };
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Call>(id.0, remove())).await?;
    Ok(done.changed(id.0))
}

/// Tell that the survey was put before the customer: what comes back is held against it. Told again, nothing changes.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/survey")]
pub(crate) async fn send_call_survey(command: Command<Nothing>, id: Id<CallId>) -> Result<HttpResponse> {
    let giver = command.caller.party_of_call(id.0)?.giver();
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Call>(id.0, CallAction::SendSurvey)).await?;
    Ok(done.changed(id.0))
}

/// The customer rates the call; a later rating within 30 days replaces this one.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Creates), request_body = Ballot, responses((status = 201, body = Written)), security(("bearer" = ["customer"])))]
#[post("/v1/calls/{id}/rating")]
pub(crate) async fn rate_call(command: Command<Ballot>, id: Id<CallId>) -> Result<HttpResponse> {
    let giver = command.caller.party_of_call(id.0)?.giver();
    let answer = Answer { id: AnswerId(Uuid::now_v7()) };
    let rate = || CallAction::Rate { answer_id: answer.id, ballot: command.body.clone().into() };
    let done = command.run(Need::Required, giver, answer, |unit| unit.run::<Call>(id.0, rate())).await?;
    Ok(done.created(&done.written(done.result.id.0)))
}
