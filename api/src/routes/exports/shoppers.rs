//! The report of shoppers as a file (PRODUCT.md V38).

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
    routes.service(export_shoppers).service(describe_shoppers_export);
}

export_query! {
    /// Which figures, in which form.
    ShoppersExportQuery {
        /// Words of the name or e-mail address, each from its begin, whatever its case and accents.
        search: String,
        /// `production` (default), `test` or `all`.
        environment: String,
        /// `call`: of calls and the conversations that they own; `chat`: of the others; all when left out.
        kind: String,
        /// What is credited to this shopper.
        shopper: Uuid,
        /// Those of customers who write this way, such as `web`.
        channel: String,
        /// `ended_at`: calls and their devices by when they ended or were cancelled rather than created. `call`: the NPS by when the rated call was created. Both with
        /// a comma between.
        by: String,
    }
}

/// Take away the figures of each shopper, by name, those of nobody last.
///
/// The answer's header `Vitrina-Position` says of which position it is; asked with it as `as_of`, the same bytes come again, and as
/// `since` what has changed meanwhile. A transfer that breaks off ends without the last chunk, which clients take for an error.
#[utoipa::path(tag = "exports", params(ShoppersExportQuery), responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))), security(("bearer" = ["analytics"])))]
#[get("/v1/exports/shoppers")]
pub(crate) async fn export_shoppers(
    caller: Caller,
    query: Query<ShoppersExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::file(&caller, Table::Shoppers, query.0.asked(&request), &state).await
}

/// What the file of the same question is: rows, length and SHA-256, counted by writing it to nowhere.
#[utoipa::path(tag = "exports", params(ShoppersExportQuery), responses((status = 200, body = Manifest)), security(("bearer" = ["analytics"])))]
#[get("/v1/exports/shoppers/manifest")]
pub(crate) async fn describe_shoppers_export(
    caller: Caller,
    query: Query<ShoppersExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::manifest(&caller, Table::Shoppers, query.0.asked(&request), &state).await
}
