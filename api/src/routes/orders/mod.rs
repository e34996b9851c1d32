//! Orders: the shop tells what was bought, given back and cancelled; here it is found which call each goes back to.

mod read;
mod tell;
mod view;

pub(in crate::routes) use view::SoldView;

use crate::{
    auth::caller::Staff,
    claims,
    error::{ApiError, Code, Result},
    wiring::State,
    writing,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{environment::Environment, ids::OrderId};

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

/// The order that a path names: by the one id here, or by the shop's own, which a trial and a real order may both have. A key for
/// trials means a trial; others do when they say so.
async fn named_in(state: &State, staff: &Staff, path: &str, asked: Option<Environment>) -> Result<OrderId> {
    let numbers = claims::orders(asked.unwrap_or(staff.opens_in));
    let own = state.log.holder(staff.account, numbers, path.trim().as_bytes()).await.map_err(writing::log_problem)?;
    own.or_else(|| Uuid::parse_str(path).ok()).map(OrderId).ok_or_else(not_placed)
}

fn not_placed() -> ApiError {
    let detail = "there is no such order in your account; POST /v1/orders tells of one, before what becomes of it, \
                  and the shop's own id of a trial is looked for with the environment \"test\" only";
    ApiError::new(Code::NotFound, detail)
}
