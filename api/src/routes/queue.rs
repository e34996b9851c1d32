//! The waiting queue: for staff all who wait, for a customer their own place in it.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::shapes::Product,
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{ids::CallId, module::Module};
use vitrina_projections::queue::{self, Place, Waiting};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_queue).service(get_place);
}

list_query! {
    /// Which part of the queue.
    QueueQuery {}
}

/// One who waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingView {
    /// 1 is served next.
    place: i64,
    /// The call.
    call_id: Uuid,
    /// Who waits.
    customer_id: Uuid,
    /// The chat that goes with it.
    conversation_id: Uuid,
    /// Higher is served first.
    priority: i32,
    /// When the customer first waited.
    first_queued_at: Option<DateTime<Utc>>,
    /// When the customer last began to wait.
    queued_at: Option<DateTime<Utc>>,
    /// What was waited before that, in milliseconds.
    waited_before_ms: i64,
    /// BCP 47 tag of the customer's language.
    language: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// Collections asked for.
    collections: Vec<String>,
    /// What it is about.
    product: Option<Product>,
}

/// A call's place in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaceView {
    /// The call.
    call_id: Uuid,
    /// Whether it waits.
    is_waiting: bool,
    /// 1 is served next; `null` when it does not wait.
    place: Option<i64>,
    /// People ahead; `null` when it does not wait.
    ahead: Option<i64>,
    /// How many wait in all.
    length: i64,
    /// When the customer last began to wait.
    queued_at: Option<DateTime<Utc>>,
}

impl From<Waiting> for WaitingView {
    fn from(Waiting { place, row, .. }: Waiting) -> Self {
        Self {
            place,
            call_id: row.call_id.0,
            customer_id: row.customer_id.0,
            conversation_id: row.conversation_id.0,
            priority: row.priority,
            first_queued_at: row.first_queued_at,
            queued_at: row.queued_at,
            waited_before_ms: row.waited_us / 1000,
            language: row.language,
            country: row.country,
            collections: row.collections.0,
            product: row.product.map(|product| product.0.into()),
        }
    }
}

/// Those who wait, the one who is served next first.
#[utoipa::path(tag = "queue", params(QueueQuery), responses((status = 200, body = Paged<WaitingView>)), security(("bearer" = ["calls"])))]
#[get("/v1/queue")]
pub(crate) async fn list_queue(
    caller: Caller,
    query: Query<QueueQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    let asked = query.0.page::<Place>(&state, &request).await?;
    let rows = queue::list(&state.store, account, asked.page()).await.map_err(reading::problem)?;
    let key = |waiting: &Waiting| Place { priority: waiting.row.priority, queued_position: waiting.row.queued_position };
    Ok(asked.answer(&request, rows, key, WaitingView::from))
}

/// Where a call stands in the queue.
#[utoipa::path(tag = "queue", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<PlaceView>)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/queue")]
pub(crate) async fn get_place(caller: Caller, id: Id<CallId>, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.party_of_call(id.0)?.account();
    let position = query.0.position(&state).await?;
    let found = queue::standing(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let standing = found.ok_or_else(|| ApiError::not_found("call"))?;
    let view = PlaceView {
        call_id: id.0.0,
        is_waiting: standing.row.waiting,
        place: standing.ahead.map(|ahead| ahead + 1),
        ahead: standing.ahead,
        length: standing.length,
        queued_at: standing.row.queued_at.filter(|_| standing.row.waiting),
    };
    Ok(reading::answer_unversioned(view, position))
}
