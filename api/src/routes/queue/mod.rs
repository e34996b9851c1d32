//! The waiting queue: for staff all who wait, and the next of them; for a customer their own place in it.

mod next;
mod place;

use crate::{
    auth::caller::Caller,
    error::Result,
    page::{Paged, list_query},
    parameters::Query,
    reading,
    routes::{named, shapes::Product},
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::module::Module;
use vitrina_projections::queue::{self, Place, Waiting};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_queue).service(next::take_next).service(place::get_place);
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
    /// production or test: whether a real customer waits.
    environment: String,
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
            environment: named::name(&row.environment),
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
