//! Orders as files (PRODUCT.md V44): each once, and line by line.

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
    routes.service(export_orders).service(describe_orders_export).service(export_order_lines).service(describe_order_lines_export);
}

export_query! {
    /// Which orders, in which form; the period is that of their placing.
    OrdersExportQuery {
        /// placed, refunded or cancelled.
        status: String,
        /// Those of this customer.
        customer_id: Uuid,
        /// Those that go back to this call.
        call_id: Uuid,
        /// Those of which something is credited to this shopper.
        shopper_id: Uuid,
        /// Those in this currency, ISO 4217.
        currency: String,
        /// `production` (default), `test` or `all`.
        environment: String,
    }
}

/// Take away the orders, those placed first first: what was paid, given back and credited.
///
/// The answer's header `Vitrina-Position` says of which position it is; asked with it as `as_of`, the same bytes come again, and as
/// `since` what has changed meanwhile. A transfer that breaks off ends without the last chunk, which clients take for an error.
#[utoipa::path(tag = "exports", params(OrdersExportQuery), responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))), security(("bearer" = ["calls"])))]
#[get("/v1/exports/orders")]
pub(crate) async fn export_orders(
    caller: Caller,
    query: Query<OrdersExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::file(&caller, Table::Orders, query.0.asked(&request), &state).await
}

/// What the file of the same question is: rows, length and SHA-256, counted by writing it to nowhere.
#[utoipa::path(tag = "exports", params(OrdersExportQuery), responses((status = 200, body = Manifest)), security(("bearer" = ["calls"])))]
#[get("/v1/exports/orders/manifest")]
pub(crate) async fn describe_orders_export(
    caller: Caller,
    query: Query<OrdersExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::manifest(&caller, Table::Orders, query.0.asked(&request), &state).await
}

/// Take away what was bought, line by line of the same orders.
///
/// The answer's header `Vitrina-Position` says of which position it is; asked with it as `as_of`, the same bytes come again, and as
/// `since` what has changed meanwhile. A transfer that breaks off ends without the last chunk, which clients take for an error.
#[utoipa::path(tag = "exports", params(OrdersExportQuery), responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))), security(("bearer" = ["calls"])))]
#[get("/v1/exports/order_lines")]
pub(crate) async fn export_order_lines(
    caller: Caller,
    query: Query<OrdersExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::file(&caller, Table::OrderLines, query.0.asked(&request), &state).await
}

/// What the file of the same question is: rows, length and SHA-256, counted by writing it to nowhere.
#[utoipa::path(tag = "exports", params(OrdersExportQuery), responses((status = 200, body = Manifest)), security(("bearer" = ["calls"])))]
#[get("/v1/exports/order_lines/manifest")]
pub(crate) async fn describe_order_lines_export(
    caller: Caller,
    query: Query<OrdersExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::manifest(&caller, Table::OrderLines, query.0.asked(&request), &state).await
}
