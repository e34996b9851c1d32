//! The call history as a file (PRODUCT.md V40, V42).

use super::{answer, query::export_query};
use crate::{
    auth::caller::Caller,
    error::Result,
    exporting::{Manifest, Table},
    parameters::Query,
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(export_calls).service(describe_calls_export);
}

export_query! {
    /// Which calls, in which form; the period is that of their making.
    CallsExportQuery {
        /// Those that stand there.
        status: String,
        /// Those that this shopper holds, or held at the end.
        shopper_id: Uuid,
        /// Those for this customer.
        customer_id: Uuid,
        /// Those that ended so, also while they are archived: finished or cancelled.
        outcome: String,
        /// Those about the product with this id of the shop.
        product: String,
        /// Those of customers with this device: mobile, tablet, desktop or unknown.
        device: String,
        /// `true`: those that the customer has rated; `false`: the others.
        rated: bool,
        /// Those whose recommendation is of this class: promoter, passive or detractor.
        nps_class: String,
        /// Those with this satisfaction, 1 to 5.
        csat: u8,
        /// Those with this face: satisfied, neutral or dissatisfied.
        face: String,
        /// `production` (default), `test` or `all`.
        environment: String,
        /// Words of the product, the customer or a shopper, as in the list.
        q: String,
    }
}

/// Take away the call history, the oldest first, as many rows as there are.
///
/// The answer's header `Vitrina-Position` says of which position it is; asked with it as `as_of`, the same bytes come again, and as
/// `since` what has changed meanwhile. A transfer that breaks off ends without the last chunk, which clients take for an error.
#[utoipa::path(tag = "exports", params(CallsExportQuery), responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))), security(("bearer" = ["calls"])))]
#[get("/v1/exports/calls")]
pub(crate) async fn export_calls(
    caller: Caller,
    query: Query<CallsExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::file(&caller, Table::Calls, query.0.asked(&request), &state).await
}

/// What the file of the same question is: rows, length and SHA-256, counted by writing it to nowhere.
#[utoipa::path(tag = "exports", params(CallsExportQuery), responses((status = 200, body = Manifest)), security(("bearer" = ["calls"])))]
#[get("/v1/exports/calls/manifest")]
pub(crate) async fn describe_calls_export(
    caller: Caller,
    query: Query<CallsExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::manifest(&caller, Table::Calls, query.0.asked(&request), &state).await
}
