//! The register of conversations as a file (PRODUCT.md Z05).

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
    routes.service(export_conversations).service(describe_conversations_export);
}

export_query! {
    /// Which conversations, in which form; the period is that of their opening.
    ConversationsExportQuery {
        /// Those that stand there.
        status: String,
        /// Those that ended so.
        outcome: String,
        /// Those with this customer.
        customer_id: Uuid,
        /// Those that this department answers.
        department: String,
        /// Those of customers who write this way.
        channel: String,
        /// Those with this tag.
        tag: String,
        /// Those that take this expertise.
        expertise: String,
        /// Those that this shopper takes part in or did.
        shopper_id: Uuid,
        /// Those in which this bot takes part.
        bot: Uuid,
        /// `true`: open ones in which no shopper is present.
        waiting: bool,
        /// Those of customers who live there, ISO 3166-1 alpha-2.
        country: String,
        /// Those of customers who speak this language: `pt` is `pt-BR` too.
        language: String,
        /// Closed at or after this date or instant.
        closed_from: String,
        /// Closed before this instant, or on this date at the latest.
        closed_to: String,
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
        /// `call`: those that calls own; `chat`: the others; all when left out.
        kind: String,
        /// Words of the customer or a shopper, as in the list.
        q: String,
    }
}

/// Take away the conversations, the oldest first, as many rows as there are.
///
/// The answer's header `Vitrina-Position` says of which position it is; asked with it as `as_of`, the same bytes come again, and as
/// `since` what has changed meanwhile. A transfer that breaks off ends without the last chunk, which clients take for an error.
#[utoipa::path(tag = "exports", params(ConversationsExportQuery), responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))), security(("bearer" = ["calls"])))]
#[get("/v1/exports/conversations")]
pub(crate) async fn export_conversations(
    caller: Caller,
    query: Query<ConversationsExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::file(&caller, Table::Conversations, query.0.asked(&request), &state).await
}

/// What the file of the same question is: rows, length and SHA-256, counted by writing it to nowhere.
#[utoipa::path(tag = "exports", params(ConversationsExportQuery), responses((status = 200, body = Manifest)), security(("bearer" = ["calls"])))]
#[get("/v1/exports/conversations/manifest")]
pub(crate) async fn describe_conversations_export(
    caller: Caller,
    query: Query<ConversationsExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    answer::manifest(&caller, Table::Conversations, query.0.asked(&request), &state).await
}
