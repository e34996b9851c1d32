//! Joining a call's media, offering anew, leaving: the body is the offer itself (SDP), and so is the answer.

use super::{LineView, Participant, lines, wants};
use crate::{
    auth::caller::{Caller, Giver},
    error::{ApiError, Code, Result},
    media::{desk, ice},
    parameters::{Id, Query},
    routes::named,
    wiring::State,
    writing::POSITION,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, patch, post, web};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use vitrina_domain::ids::{CallId, ParticipantId};

/// The content type of offers and answers.
const SDP: &str = "application/sdp";

/// The devices that there are.
const DEVICES: &str = "mobile, tablet, desktop or unknown";

/// Who comes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinQuery {
    /// An id of your own for this presence, so that a repetition is the same; coming back is another one.
    participant: Option<Uuid>,
    /// mobile, tablet, desktop or unknown.
    #[param(example = "mobile")]
    device: Option<String>,
}

/// Somebody's presence as this node has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PresenceView {
    /// The presence.
    id: Uuid,
    /// Grows with every change of the lines and of `wants`.
    revision: u64,
    /// What comes on which line.
    lines: Vec<LineView>,
    /// `offer`: PATCH the presence with another offer, whatever it offers, because somebody in the call does not take the codec that the
    /// last answer named first. `null`: nothing is asked for.
    #[schema(example = "offer")]
    wants: Option<&'static str>,
}

/// Join a call's media: the body is your offer (SDP), the answer's body is ours. No candidates are needed in it. Offer audio, video
/// and video for a screen, in this order; without waiting for candidates.
///
/// The presence is at `Location`: PATCH it with a further offer, DELETE it to leave, GET it from time to time: what comes on the lines
/// changes with those in the call, a line without `mid` asks you to offer more lines, and `wants` may ask for another offer. `Link`
/// names TURN servers.
#[utoipa::path(tag = "media", params(("id" = Uuid, Path), JoinQuery), request_body(content = String, content_type = "application/sdp"), responses((status = 201, content_type = "application/sdp", body = String)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/media")]
pub(crate) async fn join_media(
    caller: Caller,
    id: Id<CallId>,
    query: Query<JoinQuery>,
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let giver = caller.seat_in(id.0)?;
    let participant = ParticipantId(query.0.participant.unwrap_or_else(Uuid::now_v7));
    let device = named::filter("device", &query.0.device, DEVICES)?;
    let offer = offer(&request, &body)?;
    let presence = desk::Presence { giver, call: id.0, participant };
    let answer = desk::join(&state, &presence, device, offer, desk::Further::IsRefused).await?;
    let (servers, _) = ice::servers(&state.config, participant.0, Utc::now());
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/v1/calls/{}/media/{participant}", id.0)));
    for link in ice::links(&servers) {
        response.append_header((header::LINK, link));
    }
    Ok(response.content_type(SDP).body(answer.sdp))
}

/// Somebody's own presence: what comes on which line of the connection, and whether another offer is asked for. Who has no live
/// connection, over which changes are told, asks every few seconds.
#[utoipa::path(tag = "media", params(("id" = Uuid, Path), ("participant" = Uuid, Path)), responses((status = 200, body = PresenceView)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/media/{participant}")]
pub(crate) async fn get_participant(
    caller: Caller,
    id: Id<CallId>,
    participant: Participant,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let seat = presence(&caller, id.0, participant)?.place(&state).await?;
    Ok(HttpResponse::Ok().json(PresenceView {
        id: participant.0.0,
        revision: seat.layout.revision,
        lines: lines(&seat.layout.lines),
        wants: wants(seat.layout.wants),
    }))
}

/// Offer anew: after a change of networks (ICE restart), for more lines, for a screen.
#[utoipa::path(tag = "media", params(("id" = Uuid, Path), ("participant" = Uuid, Path)), request_body(content = String, content_type = "application/sdp"), responses((status = 200, content_type = "application/sdp", body = String)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[patch("/v1/calls/{id}/media/{participant}")]
pub(crate) async fn renegotiate_media(
    caller: Caller,
    id: Id<CallId>,
    participant: Participant,
    request: HttpRequest,
    body: web::Bytes,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let presence = presence(&caller, id.0, participant)?;
    let offer = offer(&request, &body)?;
    let answer = desk::renegotiate(&state, &presence, offer).await?;
    Ok(HttpResponse::Ok().content_type(SDP).body(answer.sdp))
}

/// Leave.
#[utoipa::path(tag = "media", params(("id" = Uuid, Path), ("participant" = Uuid, Path)), responses((status = 204)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[delete("/v1/calls/{id}/media/{participant}")]
pub(crate) async fn leave_media(caller: Caller, id: Id<CallId>, participant: Participant, state: web::Data<State>) -> Result<HttpResponse> {
    let done = desk::leave(&state, &presence(&caller, id.0, participant)?).await?;
    Ok(HttpResponse::NoContent().insert_header((POSITION, done.position.0)).finish())
}

/// The caller's presence in the path.
pub(super) fn presence(caller: &Caller, call: CallId, participant: Participant) -> Result<desk::Presence> {
    let giver: Giver = caller.seat_in(call)?;
    Ok(desk::Presence { giver, call, participant: participant.0 })
}

fn offer(request: &HttpRequest, body: &[u8]) -> Result<String> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(SDP) {
        let detail = format!("the body came as {given:?}; send the offer as Content-Type: {SDP}");
        return Err(ApiError::new(Code::UnsupportedMediaType, detail));
    }
    String::from_utf8(body.to_vec()).map_err(|_| ApiError::new(Code::OfferUnacceptable, "an offer is a text in UTF-8"))
}
