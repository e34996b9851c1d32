//! The gate before every route of the product: finds out who calls, takes the request from their quota, and refuses whom
//! the route's declared right does not admit. A route that is not in the description is not reached at all.

use super::{
    caller::{Caller, identify},
    link,
};
use crate::{
    error::{ApiError, Result},
    limits::{Payer, address_of},
    wiring::State,
};
use actix_web::{
    HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

/// What the paths of the product begin with; others are pages and files that are open to everybody.
const PRODUCT: &str = "/v1/";

/// The middleware inside [`crate::telemetry::observe`], which renders its refusals.
pub(crate) async fn guard<B: MessageBody + 'static>(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> actix_web::Result<ServiceResponse<EitherBody<B>>> {
    match admit(&state, &request).await {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            Ok(next.call(request).await?.map_into_left_body())
        }
        Err(refused) => Ok(request.error_response::<ApiError>(refused).map_into_right_body()),
    }
}

/// Who calls, when it matters and the right admits them.
async fn admit(state: &State, request: &ServiceRequest) -> Result<Option<Caller>> {
    let (method, path) = (request.method(), request.path());
    let Some(right) = state.directory.right(method, path) else {
        return if path.starts_with(PRODUCT) { Err(state.directory.refusal(method, path)) } else { Ok(None) };
    };
    if !path.starts_with(PRODUCT) {
        return Ok(None);
    }
    let caller = if right.is_public() { Ok(Caller::Nobody) } else { identify(state, request.headers()).await };
    pay(state, request, &caller)?;
    if right.is_public() {
        return Ok(None);
    }
    let caller = caller?;
    right.must_admit(&caller, method, path)?;
    if let Caller::Customer(claims) = &caller {
        link::must_hold(state, claims, method, path).await?;
    }
    Ok(Some(caller))
}

/// Takes the request from the caller's quota.
fn pay(state: &State, request: &ServiceRequest, caller: &Result<Caller>) -> Result<()> {
    let header = state.config.client_address_header.as_deref();
    let address = address_of(request.peer_addr(), request.headers(), header);
    let payer = Payer::found(caller, address);
    let Some(standing) = payer.and_then(|payer| state.limits.take(payer)) else { return Ok(()) };
    let held = standing.must_hold();
    request.extensions_mut().insert(standing);
    held
}
