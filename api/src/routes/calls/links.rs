//! How others come into a call: the customer's link, which both sides may copy (V33e), and tokens for its media alone.

use crate::{
    auth::{
        caller::Caller,
        customer_token::{Claims, Link},
        media_token::Pass,
    },
    error::{ApiError, Code, Result},
    idempotency::Need,
    parameters::{Id, Query},
    reading::{self, ReadNow},
    routes::{headers::Changes, shapes},
    wiring::State,
    writing::Command,
};
use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrina_commands::Unit;
use vitrina_domain::{
    actor::Actor,
    call::{Call, CallAction, MediaAction, Side},
    ids::{AccountId, CallId},
};
use vitrina_projections::calls::{self, CallRow};

/// A link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// The address of the call's page for the customer, with a token for this call in its fragment, which no server sees.
    #[schema(example = "https://vitrina.example/call/018f…#token=v1.…")]
    url: String,
    /// When it ends at the latest; it dies with the call, and opens only the rating then.
    expires_at: DateTime<Utc>,
}

/// A token that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedToken {
    /// customer or shopper.
    #[schema(schema_with = shapes::side)]
    role: Side,
}

/// A token for a call's media.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MediaToken {
    /// Opens the media of this call in this role, and nothing else.
    token: String,
    /// customer or shopper.
    #[schema(schema_with = shapes::side)]
    role: Side,
    /// When it ends at the latest.
    expires_at: DateTime<Utc>,
}

/// The customer's link to a call, to be copied and passed on. Not of a call that is over.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = LinkView)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/link")]
pub(crate) async fn get_link(caller: Caller, id: Id<CallId>, query: Query<ReadNow>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.party_of_call(id.0)?.account();
    query.0.position(&state).await?;
    let call = running(&state, account, id.0).await?;
    // An appointment may be later than the life of a token from now on.
    let expires_at = state.signer.expiry(call.scheduled_to.map_or(Utc::now(), |to| to.max(Utc::now())));
    let claims = Claims {
        account,
        customer: call.customer_id,
        call: Some(id.0),
        conversation: call.conversation_id,
        expires_at: expires_at.timestamp(),
        link: Some(Link::OfCall),
    };
    let url = format!("{}/call/{}#token={}", state.public_url, id.0, state.signer.sign(&claims));
    Ok(HttpResponse::Ok().json(LinkView { url, expires_at }))
}

/// A token for the media of a call, in one role: for a device without a session, or a scripted participant. A customer gets
/// one for the customer's side only. Who was given one is in the call's history and in the audit.
#[utoipa::path(tag = "media", params(("id" = Uuid, Path), Changes), request_body = WantedToken, responses((status = 201, body = MediaToken)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/media/tokens")]
pub(crate) async fn make_media_token(command: Command<WantedToken>, id: Id<CallId>) -> Result<HttpResponse> {
    let (state, role) = (&command.state, command.body.role);
    let giver = command.caller.party_of_call(id.0)?.giver();
    let (account, actor) = (giver.account, giver.actor.clone());
    let expires_at = state.passes.expiry(Utc::now());
    let issued = |who| Issued { who, expires_at };
    let issue = |unit: &mut Unit<'_>| {
        unit.run::<Call>(id.0, CallAction::Media(MediaAction::IssueToken { role, expires_at }))?;
        // It was just decided that there is one.
        let who = unit.state::<Call>(id.0)?.on_side(role, &actor).unwrap_or_else(|_| actor.clone());
        // What a repetition signs anew; the token itself is nowhere.
        unit.result(serde_json::to_vec(&issued(who)).expect("an actor and a time are plain data"));
        Ok(())
    };
    let done = command.run(Need::Optional, giver.clone(), issued(giver.actor.clone()), issue).await?;
    let Issued { who, expires_at } = &done.result;
    let pass = Pass { account, call: id.0, who: who.clone(), expires_at: expires_at.timestamp() };
    Ok(done.created(&MediaToken { token: state.passes.sign(&pass), role, expires_at: *expires_at }))
}

/// What is stored of a token.
#[derive(Debug, Serialize, Deserialize)]
struct Issued {
    who: Actor,
    expires_at: DateTime<Utc>,
}

/// The call, which must not be over.
async fn running(state: &State, account: AccountId, id: CallId) -> Result<CallRow> {
    let found = calls::get(&state.store, account, id, state.applied()).await.map_err(reading::problem)?;
    let row = found.ok_or_else(|| ApiError::not_found("call"))?.row;
    if row.status.is_active() {
        return Ok(row);
    }
    Err(ApiError::new(Code::IllegalTransition, "the call is over; nobody joins it any more")
        .with_state(crate::routes::named::name(&row.status), row.version))
}
