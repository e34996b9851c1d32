//! A customer's link to a call: its token dies with the call. What remains open is to look at the call that was, and to rate it.

use super::{caller::unauthenticated, customer_token::Claims};
use crate::{error::Result, reading, wiring::State};
use actix_web::http::Method;
use vitrina_projections::calls;

/// Refuses what a link does not open any more.
pub(super) async fn must_hold(state: &State, claims: &Claims, method: &Method, path: &str) -> Result<()> {
    let Some(call) = claims.call.filter(|_| claims.link.is_some()) else { return Ok(()) };
    let of_call = path.strip_prefix("/v1/calls/").and_then(|rest| rest.strip_prefix(&call.to_string()));
    if matches!((method.as_str(), of_call), ("GET", Some("")) | ("POST", Some("/rating" | "/survey"))) {
        return Ok(());
    }
    let found = calls::get(&state.store, claims.account, call, state.applied()).await.map_err(reading::problem)?;
    match found {
        Some(at) if !at.row.status.is_active() => Err(unauthenticated("the call of this link is over; the link opens its rating only")),
        _ => Ok(()),
    }
}
