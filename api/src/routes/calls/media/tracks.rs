//! What somebody does with their own tracks, and why somebody could not join.

use super::{Participant, offer::presence};
use crate::{
    error::{ApiError, Result},
    idempotency::Need,
    media::desk,
    parameters::Id,
    routes::headers::Changes,
    writing::{Command, Written},
};
use actix_web::{HttpRequest, HttpResponse, post, put};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    call::{
        Call, CallAction, MediaAction,
        media::{JoinFailure, Source, TrackState},
    },
    ids::{CallId, ParticipantId},
};

/// How a track is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Turn {
    /// on, muted or off; of a camera also switched: it is another one now.
    #[schema(value_type = String, example = "muted")]
    state: TrackState,
}

/// Why somebody could not join.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    /// The id that the presence would have had; a new one when left out.
    participant: Option<Uuid>,
    /// permission_denied, device_missing, device_in_use, ice_failed, dtls_failed, timeout, bad_offer or room_full.
    #[schema(value_type = String, example = "permission_denied")]
    reason: JoinFailure,
    /// What the device said. Of it only the error's name at its begin is kept, such as `NotAllowedError`.
    #[schema(max_length = 500)]
    detail: Option<String>,
}

/// Turn one's own microphone, camera or screen on, off, or mute it. The other side is told, and nothing of it is sent on.
#[utoipa::path(tag = "media", params(("id" = Uuid, Path), ("participant" = Uuid, Path), ("track" = String, Path, example = "camera")), request_body = Turn, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[put("/v1/calls/{id}/media/{participant}/tracks/{track}")]
pub(crate) async fn turn_track(
    command: Command<Turn>,
    id: Id<CallId>,
    participant: Participant,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let presence = presence(&command.caller, id.0, participant)?;
    let track = request.match_info().get("track").unwrap_or_default();
    let source: Source = serde_json::from_value(track.into()).map_err(|_| ApiError::not_found("track"))?;
    let done = desk::turn(&command.state, &presence, source, command.body.state).await?;
    let (position, version) = (done.position.0, done.version.0);
    Ok(HttpResponse::Ok().json(Written { id: id.0.0, position, version, recorded_at: done.recorded_at }))
}

/// Say why one could not join, so that the record knows (camera denied, none there, no way through the network).
#[utoipa::path(tag = "media", params(("id" = Uuid, Path), Changes), request_body = Failure, responses((status = 200, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/media/failures")]
pub(crate) async fn fail_media(command: Command<Failure>, id: Id<CallId>) -> Result<HttpResponse> {
    let (giver, body) = (command.caller.seat_in(id.0)?, &command.body);
    let participant_id = ParticipantId(body.participant.unwrap_or_else(Uuid::now_v7));
    let fail = MediaAction::FailJoin { participant_id, reason: body.reason, detail: body.detail.clone() };
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Call>(id.0, CallAction::Media(fail.clone())));
    Ok(done.await?.changed(id.0))
}
