//! Whose call it is, by name: what a page shows above a picture before anybody has spoken.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    account::RecordingMode,
    call::recording::Switch,
    ids::{CallId, ShopperId},
    locale::Locale,
};
use vitrina_projections::{accounts, calls, customers, media, recordings, shoppers};

/// The shop and the people of a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeopleView {
    /// The call.
    call_id: Uuid,
    /// The shop.
    shop: ShopView,
    /// The customer first, then the shoppers in the order of coming.
    people: Vec<NamedView>,
    /// Whether it is recorded.
    recording: RecordingNow,
}

/// Whether a shop records calls, and whether this one is being recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingNow {
    /// off, on_request (a shopper switches it on) or always; only ever with the customer's consent.
    #[schema(value_type = String, example = "on_request")]
    rule: RecordingMode,
    /// on or off.
    #[schema(value_type = String, example = "off")]
    state: Switch,
}

/// The shop, as it shows itself to customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShopView {
    /// Its name.
    name: String,
    /// The language of its texts.
    #[schema(value_type = String, example = "es")]
    locale: Locale,
    /// ISO 4217 code.
    currency: String,
}

/// Somebody of a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedView {
    /// customer or shopper.
    kind: &'static str,
    /// Who; of others than oneself a customer is not told.
    id: Option<Uuid>,
    /// The name that the others see; `null` when none is known.
    name: Option<String>,
    /// Their presences in the call's media that have not ended.
    presences: Vec<Uuid>,
}

/// The shop and the people of a call, by the names that they show to each other.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<PeopleView>)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/people")]
pub(crate) async fn get_call_people(caller: Caller, id: Id<CallId>, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.party_of_call(id.0)?.account();
    let position = query.0.position(&state).await?;
    let call =
        calls::get(&state.store, account, id.0, position).await.map_err(reading::problem)?.ok_or_else(|| ApiError::not_found("call"))?.row;
    let shop = accounts::get(&state.store, account, position).await.map_err(reading::problem)?;
    let shop = shop.ok_or_else(|| ApiError::not_found("account"))?.row;
    let customer = customers::get(&state.store, account, call.customer_id, position).await.map_err(reading::problem)?;
    let present = media::participants(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let presences = |who: Uuid| {
        let theirs = present.iter().map(|at| &at.row).filter(|row| row.left_at.is_none() && row.who_id == who.to_string());
        theirs.map(|row| row.participant_id.0).collect::<Vec<_>>()
    };
    let is_shown = |kind| matches!(caller, Caller::Staff(_)) || kind == "customer";
    let named = |kind, id: Uuid, name| NamedView { kind, id: is_shown(kind).then_some(id), name, presences: presences(id) };
    let mut people = vec![named("customer", call.customer_id.0, customer.and_then(|customer| customer.row.name))];
    // Who holds the call may not have joined it yet.
    let mut ids: Vec<ShopperId> = call.participants.0;
    ids.extend(call.shopper_id.filter(|holder| !ids.contains(holder)));
    for id in ids {
        let found = shoppers::get(&state.store, account, id, position).await.map_err(reading::problem)?;
        people.push(named("shopper", id.0, found.and_then(|found| found.row.chat_name.or(found.row.name))));
    }
    let switch = recordings::switch(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let recording = RecordingNow { rule: shop.recording.0.mode, state: switch.map_or(Switch::Off, |at| at.row.switched) };
    let shop = ShopView { name: shop.store_name, locale: shop.locale, currency: shop.currency };
    Ok(reading::answer_unversioned(PeopleView { call_id: id.0.0, shop, people, recording }, position))
}
