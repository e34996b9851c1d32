//! The answers to surveys as a file, with their comments (PRODUCT.md L16).

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
    routes.service(export_ratings).service(describe_ratings_export);
}

export_query! {
    /// Which answers, in which form; the period is that of answering.
    RatingsExportQuery {
        /// Those credited to this shopper.
        shopper_id: Uuid,
        /// Those to this call.
        call_id: Uuid,
        /// Those to this conversation.
        conversation_id: Uuid,
        /// Those whose recommendation is of this class: promoter, passive or detractor.
        nps_class: String,
        /// Those with this satisfaction, 1 to 5.
        csat: u8,
        /// Those with this face: satisfied, neutral or dissatisfied.
        face: String,
        /// `production` (default), `test` or `all`.
        environment: String,
        /// `call`: about calls and the conversations that they own; `chat`: about the others; all when left out.
        kind: String,
    }
}

/// Take away the answers that count, the oldest first, with what customers wrote.
///
/// The answer's header `Vitrina-Position` says of which position it is; asked with it as `as_of`, the same bytes come again, and as
/// `since` what has changed meanwhile. A transfer that breaks off ends without the last chunk, which clients take for an error.
#[utoipa::path(tag = "exports", params(RatingsExportQuery), responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))), security(("bearer" = ["analytics"])))]
#[get("/v1/exports/ratings")]
pub(crate) async fn export_ratings(
    caller: Caller,
    query: Query<RatingsExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::file(&caller, Table::Ratings, query.0.asked(&request), &state).await
}

/// What the file of the same question is: rows, length and SHA-256, counted by writing it to nowhere.
#[utoipa::path(tag = "exports", params(RatingsExportQuery), responses((status = 200, body = Manifest)), security(("bearer" = ["analytics"])))]
#[get("/v1/exports/ratings/manifest")]
pub(crate) async fn describe_ratings_export(
    caller: Caller,
    query: Query<RatingsExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::manifest(&caller, Table::Ratings, query.0.asked(&request), &state).await
}
