//! A call's media over HTTP: offers and answers in the manner of WHIP (RFC 9725), what everybody does with their tracks, and
//! the record of it. Live sockets do the same by `crate::live`.

mod ice;
mod offer;
mod read;
mod tracks;

use crate::error::{ApiError, Code, Result};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::Serialize;
use std::future::{Ready, ready};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::ids::ParticipantId;
use vitrina_media::{Source, Wants};

/// The routes of this folder.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(read::get_media)
        .service(ice::get_ice)
        .service(offer::join_media)
        .service(tracks::fail_media)
        .service(offer::get_participant)
        .service(offer::renegotiate_media)
        .service(offer::leave_media)
        .service(tracks::turn_track);
}

/// The presence in the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Participant(ParticipantId);

impl FromRequest for Participant {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("participant").unwrap_or_default();
        let refused = |_| ApiError::of_field(Code::NotFound, "participant", "not_a_uuid", format!("{text:?} is not an id; ids are UUIDs"));
        ready(text.parse().map(Self).map_err(refused))
    }
}

/// What comes on a line of somebody's connection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    /// The line (`a=mid`); absent for a track that no line is left for: offer more.
    mid: Option<String>,
    /// Whose; absent while nothing comes.
    participant: Option<Uuid>,
    /// microphone, camera or screen.
    #[schema(example = "camera")]
    source: Option<&'static str>,
}

/// What a client is asked for, as it is told.
pub(crate) fn wants(wants: Wants) -> Option<&'static str> {
    match wants {
        Wants::Nothing => None,
        Wants::Offer => Some("offer"),
    }
}

/// The lines of a connection.
pub(crate) fn lines(lines: &[vitrina_media::Line]) -> Vec<LineView> {
    let view = |line: &vitrina_media::Line| LineView {
        mid: line.mid.clone(),
        participant: line.track.map(|track| track.from.0),
        source: line.track.map(|track| match track.source {
            Source::Microphone => "microphone",
            Source::Camera => "camera",
            Source::Screen => "screen",
        }),
    };
    lines.iter().map(view).collect()
}
