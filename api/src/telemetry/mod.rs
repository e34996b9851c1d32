//! What the outside can see of a request: its id, its log line, its metrics, and the problem document of a refusal.
//!
//! One middleware does all four, because all need the same few facts; it stays cheap at the default log filter, where
//! nothing is written for a request that went well.

mod metrics;
mod request_id;
mod subscriber;

pub(crate) use self::{
    metrics::{HouseFigures, describe, observe_house, observe_media, recorder},
    request_id::RequestId,
};
pub use subscriber::install as install_log;

use crate::{
    error::{ApiError, Code, Context},
    limits::Standing,
    texts::Locale,
    wiring::State,
};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web,
};
use std::time::Instant;
use vitrina_domain::ids::CommandId;

/// The outermost middleware.
pub(crate) async fn observe<B: MessageBody + 'static>(
    state: web::Data<State>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> actix_web::Result<ServiceResponse<EitherBody<B>>> {
    let begun = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    if request.method() != Method::GET {
        // Only reads are compressed: an answer to a command is too short to gain by it.
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    // No clone of the request may live across this call: the router needs it for itself.
    let response = next.call(request).await?;
    Ok(finished(&state, &id, begun, rendered(&state, &id, response)))
}

/// The response, with a refusal's document in place of its bare status.
fn rendered<B: MessageBody + 'static>(state: &State, id: &RequestId, response: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
    let Some(error) = response.response().error() else { return response.map_into_left_body() };
    let document = match error.as_error::<ApiError>() {
        Some(refused) => document(state, id, response.request(), refused),
        None => document(state, id, response.request(), &ApiError::internal(error)),
    };
    response.into_response(document).map_into_right_body()
}

fn document(state: &State, id: &RequestId, request: &HttpRequest, refused: &ApiError) -> HttpResponse {
    if let Some(cause) = refused.cause() {
        let (request_id, code) = (id.as_str(), refused.code().name());
        match refused.code() {
            Code::Internal => tracing::error!(request_id, code, cause, "request failed"),
            _ => tracing::warn!(request_id, code, cause, "request refused"),
        }
    }
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let locale = Locale::negotiate(accepted);
    refused.respond(&Context { public_url: &state.public_url, locale, path: request.path(), request_id: id.as_str() })
}

/// Marks the response with the request's id, counts it, and writes its line when somebody listens.
fn finished<B>(state: &State, id: &RequestId, begun: Instant, mut response: ServiceResponse<B>) -> ServiceResponse<B> {
    response.headers_mut().insert(request_id::NAME, id.header());
    let standing = response.request().extensions().get::<Standing>().cloned();
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    let route = state.directory.label(response.request().path());
    let (status, elapsed) = (response.status().as_u16(), begun.elapsed());
    metrics::request(&route, response.request().method(), status, elapsed);
    tracing::debug!(
        request_id = id.as_str(),
        method = %response.request().method(),
        route = &*route,
        status,
        ms = elapsed.as_secs_f64() * 1000.0,
        command_id = response.response().extensions().get::<CommandId>().map(tracing::field::display),
        "request"
    );
    response
}
