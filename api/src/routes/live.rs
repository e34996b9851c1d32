//! Live updates: the WebSocket as far as HTTP sees it, and the event stream.

use crate::{
    auth::caller::Caller,
    continuation,
    error::{ApiError, Result},
    live::{
        stream::{self, Followed},
        topic::Topic,
        upgrade,
    },
    parameters::Query,
    telemetry::RequestId,
    texts::Locale,
    wiring::State,
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, http::header, web};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::ids::ConversationId;
use vitrina_eventlog::Position;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(follow).service(connect);
}

/// What to follow.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FollowQuery {
    /// What.
    topic: Topic,
    /// Which conversation or call; whose work, if not one's own.
    #[param(value_type = Option<Uuid>)]
    key: Option<Uuid>,
    /// Everything up to this position was seen; without it, and without `Last-Event-ID`, the stream begins now.
    after: Option<i64>,
}

/// Follow something as server-sent events: every event after `after` once, in order, with its position as the event's id. The
/// header `Last-Event-ID` wins over `after`.
#[utoipa::path(tag = "live", params(FollowQuery, ("Last-Event-ID" = Option<i64>, Header, description = "The last position that was seen")),
    responses((status = 200, content_type = "text/event-stream", body = String)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/events")]
pub(crate) async fn follow(
    caller: Caller,
    query: Query<FollowQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let FollowQuery { topic, key, after } = query.0;
    match (&caller, topic, key) {
        // One that follows the customer's own may be theirs too.
        (Caller::Customer(claims), Topic::Conversation, Some(key)) => {
            continuation::must_follow(&state, claims, ConversationId(key)).await?
        }
        _ => topic.interest(&caller, key).map(drop)?,
    }
    let last = request.headers().get("Last-Event-ID").map(|value| value.to_str().ok().and_then(|text| text.trim().parse().ok()));
    let after = match last {
        Some(None) => return Err(ApiError::parameter("Last-Event-ID", "malformed", "a position: the id of the last event that you saw")),
        Some(last) => last,
        None => after,
    };
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let words = {
        let extensions = request.extensions();
        stream::words(Locale::negotiate(accepted), extensions.get::<RequestId>().map(RequestId::as_str).unwrap_or_default())
    };
    stream::open(state, words, request.headers(), Followed { topic, key, after: after.map(Position) }).await
}

/// Follow things as they happen: a WebSocket with the subprotocol `vitrina.v1`. The token comes as `Authorization`, as the
/// subprotocol `bearer.<token>`, or in the first message. The README has the messages.
#[utoipa::path(tag = "live", responses((status = 101, description = "The connection is a WebSocket now")), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/live")]
pub(crate) async fn connect() -> Result<HttpResponse> {
    // A request that asks for it properly never comes here.
    Err(ApiError::parameter(
        "Upgrade",
        "required",
        format!("{} is a WebSocket: send `Connection: Upgrade` and `Upgrade: websocket`", upgrade::PATH),
    ))
}
