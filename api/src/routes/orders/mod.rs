//! Orders: the shop tells what was bought, given back and cancelled; here it is found which call each goes back to.

mod read;
mod tell;
mod view;

pub(in crate::routes) use view::SoldView;

use crate::{
    claims,
    error::{ApiError, Code, Result},
    wiring::State,
    writing,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::ids::{AccountId, OrderId};

/// The routes of this folder.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(tell::place_order)
        .service(tell::refund_order)
        .service(tell::cancel_order)
        .service(read::list_orders)
        .service(read::get_order)
        .service(read::list_orders_of_call);
}

/// The order that a path names: by the shop's own id or by the one here.
async fn named_in(state: &State, account: AccountId, path: &str) -> Result<OrderId> {
    let own = state.log.holder(account, claims::ORDER_ID, path.trim().as_bytes()).await.map_err(writing::log_problem)?;
    own.or_else(|| Uuid::parse_str(path).ok()).map(OrderId).ok_or_else(not_placed)
}

fn not_placed() -> ApiError {
    ApiError::new(Code::NotFound, "there is no such order in your account; POST /v1/orders tells of one, before what becomes of it")
}
