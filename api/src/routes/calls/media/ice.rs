//! The servers that help a client through its network.

use crate::{
    auth::caller::Caller,
    error::Result,
    media::ice::{self, IceServer},
    parameters::Id,
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrina_domain::ids::CallId;

/// The servers, as `RTCPeerConnection` takes them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IceView {
    /// The servers; none where clients reach this one directly.
    #[serde(rename = "iceServers")]
    ice_servers: Vec<IceServer>,
    /// When their credentials end.
    expires_at: DateTime<Utc>,
}

/// TURN and STUN servers with credentials that end by themselves.
#[utoipa::path(tag = "media", params(("id" = Uuid, Path)), responses((status = 200, body = IceView)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/media/ice")]
pub(crate) async fn get_ice(caller: Caller, id: Id<CallId>, state: web::Data<State>) -> Result<HttpResponse> {
    super::read::must_exist(&state, &caller, id.0).await?;
    let (ice_servers, expires_at) = ice::servers(&state.config, id.0.0, Utc::now());
    Ok(HttpResponse::Ok().json(IceView { ice_servers, expires_at }))
}
