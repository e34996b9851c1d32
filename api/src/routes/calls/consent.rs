//! What the customer of a call consents to before media begins (V13): the text that is in force, and the answer to it.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    idempotency::Need,
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::{headers::Changes, shapes},
    texts,
    wiring::State,
    writing::{Command, Written},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrina_domain::{
    account::ConsentRule,
    call::{Call, CallAction, MediaAction, media::ConsentKind},
    ids::CallId,
    locale::Locale,
};
use vitrina_projections::{accounts, calls};

/// What is consented to, as it is in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentView {
    /// Whether nobody is connected without it.
    is_required: bool,
    /// The version to name when consenting.
    text_version: Option<String>,
    /// The text, in the language of `Accept-Language`.
    text: Option<String>,
    /// Where the privacy policy is.
    privacy_url: Option<String>,
    /// Where the terms are.
    terms_url: Option<String>,
    /// What the text is in.
    #[schema(example = "es")]
    locale: &'static str,
}

/// The customer's consent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    /// The version of the text that was read.
    #[schema(max_length = 64)]
    text_version: String,
    /// The language that it was read in.
    #[schema(schema_with = shapes::locale)]
    locale: Locale,
    /// terms, or recording: being recorded.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "terms")]
    kind: ConsentKind,
}

/// What is not consented to any more.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdrawn {
    /// terms or recording.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "recording")]
    kind: ConsentKind,
}

/// What the customer of a call consents to before being connected.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<ConsentView>)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/consent")]
pub(crate) async fn get_consent(
    caller: Caller,
    id: Id<CallId>,
    query: Query<ReadAt>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.seat_in(id.0)?.account;
    let position = query.0.position(&state).await?;
    calls::get(&state.store, account, id.0, position).await.map_err(reading::problem)?.ok_or_else(|| ApiError::not_found("call"))?;
    let found = accounts::get(&state.store, account, position).await.map_err(reading::problem)?;
    let row = found.ok_or_else(|| ApiError::not_found("account"))?.row;
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let locale = texts::Locale::negotiate(accepted);
    let view = match row.consent.0 {
        ConsentRule::Off => {
            ConsentView { is_required: false, text_version: None, text: None, privacy_url: None, terms_url: None, locale: locale.tag() }
        }
        ConsentRule::Required(terms) => ConsentView {
            is_required: true,
            text: Some(terms.texts.get(&locale.into()).cloned().unwrap_or_else(|| texts::consent(&row.store_name, locale))),
            text_version: Some(terms.text_version),
            privacy_url: terms.privacy_url,
            terms_url: terms.terms_url,
            locale: locale.tag(),
        },
    };
    Ok(reading::answer_unversioned(view, position))
}

/// The customer consents. Only the customer can.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Given, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["media"])))]
#[post("/v1/calls/{id}/consent")]
pub(crate) async fn give_consent(command: Command<Given>, id: Id<CallId>) -> Result<HttpResponse> {
    let (giver, body) = (command.caller.seat_in(id.0)?, &command.body);
    let give = MediaAction::GiveConsent { kind: body.kind, text_version: body.text_version.clone(), locale: body.locale };
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Call>(id.0, CallAction::Media(give.clone())));
    Ok(done.await?.changed(id.0))
}

/// The customer does not consent any more, to being recorded for instance.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), Changes), request_body = Withdrawn, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["media"])))]
#[delete("/v1/calls/{id}/consent")]
pub(crate) async fn withdraw_consent(command: Command<Withdrawn>, id: Id<CallId>) -> Result<HttpResponse> {
    let (giver, kind) = (command.caller.seat_in(id.0)?, command.body.kind);
    let withdraw = || CallAction::Media(MediaAction::WithdrawConsent { kind });
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Call>(id.0, withdraw()));
    Ok(done.await?.changed(id.0))
}
