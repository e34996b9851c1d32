//! Calls as they are read: one, many, the history of one, and what is in its cart.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    filters::filters,
    history::{self, HistoryEvent},
    page::{Paged, list_query},
    parameters::{Id, Query},
    period,
    reading::{self, Read, ReadAt},
    routes::{
        named,
        orders::SoldView,
        rows::CallRowView,
        shapes::{Money, Product},
    },
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, CallId},
    metrics::range,
    module::Module,
    stream::Category,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    asked::Newest,
    calls::{self, CallProductRow, CallRow, CartLineRow},
    export,
    orders::{self, Sold},
    table::At,
};

list_query! {
    /// Which calls.
    CallsQuery {
        /// Those that stand there.
        #[param(example = "live")]
        status: Option<String>,
        /// Those that this shopper holds, or held at the end.
        shopper_id: Option<Uuid>,
        /// Those for this customer.
        customer_id: Option<Uuid>,
        /// Made at or after this date or instant.
        #[param(example = "2026-03-01")]
        from: Option<String>,
        /// Made before this instant, or on this date at the latest.
        #[param(example = "2026-03-31")]
        to: Option<String>,
        /// IANA zone of dates; the account's when left out.
        #[param(example = "Europe/Madrid")]
        tz: Option<String>,
        /// Those that ended so, also while they are archived: finished or cancelled.
        outcome: Option<String>,
        /// Those about the product with this id of the shop.
        product: Option<String>,
        /// Those of customers with this device.
        #[param(example = "mobile")]
        device: Option<String>,
        /// `true`: those that the customer has rated; `false`: the others.
        rated: Option<bool>,
        /// Those whose recommendation is of this class: promoter, passive or detractor.
        #[param(example = "detractor")]
        nps_class: Option<String>,
        /// Those with this satisfaction, 1 to 5.
        csat: Option<u8>,
        /// Those with this face: satisfied, neutral or dissatisfied.
        face: Option<String>,
        /// `production` (default), `test` or `all`.
        environment: Option<String>,
        /// Words of the product's id or name, of the customer's name, e-mail address, telephone number, company or the shop's id of the customer, or
        /// of a shopper's name: all must be found, each as the beginning of a word; case and accents make no difference.
        #[param(example = "garcia vestido")]
        q: Option<String>,
    }
}

/// An offer that stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferView {
    /// Who is asked.
    shopper_id: Uuid,
    /// Until when.
    until: DateTime<Utc>,
}

/// A call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallView {
    /// The call.
    id: Uuid,
    /// requested, scheduled, waiting, claimed, live, wrap_up, finished, cancelled or archived.
    #[schema(example = "live")]
    status: String,
    /// How it ended, also while it is archived: finished or cancelled.
    outcome: Option<String>,
    /// Who began it: customer or shopper.
    origin: String,
    /// Who it is for.
    customer_id: Uuid,
    /// The conversation that it owns.
    conversation_id: Uuid,
    /// Who holds it.
    shopper_id: Option<Uuid>,
    /// Shoppers who take part.
    participants: Vec<Uuid>,
    /// What it is about.
    product: Option<Product>,
    /// Where the customer's shop runs.
    platform: String,
    /// The customer's device.
    device: String,
    /// BCP 47 tag of the customer's language.
    language: Option<String>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// Collections asked for.
    collections: Vec<String>,
    /// Higher is served first.
    priority: i32,
    /// When it began to be.
    created_at: DateTime<Utc>,
    /// The appointment.
    schedule: Option<AppointmentView>,
    /// When the customer first waited.
    first_queued_at: Option<DateTime<Utc>>,
    /// When the customer last began to wait.
    queued_at: Option<DateTime<Utc>>,
    /// All waits that are over, in milliseconds.
    waited_ms: i64,
    /// Who is being asked to take it, and until when.
    offer: Option<OfferView>,
    /// When the claim ends if the call has not started.
    start_by: Option<DateTime<Utc>>,
    /// When it was last claimed.
    claimed_at: Option<DateTime<Utc>>,
    /// When it went live.
    started_at: Option<DateTime<Utc>>,
    /// When the live part ended.
    ended_at: Option<DateTime<Utc>>,
    /// When it was finished or cancelled.
    closed_at: Option<DateTime<Utc>>,
    /// Why the live part ended.
    end_reason: Option<String>,
    /// Why it was cancelled.
    cancel_reason: Option<String>,
    /// When it was put away.
    archived_at: Option<DateTime<Utc>>,
    /// Products shown so far.
    products_shown: i64,
    /// The shop's ids of carts that something was put into.
    carts: Vec<String>,
    /// What was bought after it, less what was given back, for each currency; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    sold: Option<Vec<SoldView>>,
    /// The row of the call history, with names, answers and sums; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<CallRowView>,
    /// Whether the customer has rated it.
    is_rated: bool,
    /// production or test.
    environment: String,
    /// Its version, as in `ETag`.
    version: i64,
}

/// An appointment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppointmentView {
    /// Begin.
    starts_at: Option<DateTime<Utc>>,
    /// End.
    ends_at: DateTime<Utc>,
    /// IANA zone that it was agreed in.
    zone: Option<String>,
    /// How often it was moved.
    sequence: Option<u32>,
}

/// A call's carts and what was shown in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CartView {
    /// The call.
    call_id: Uuid,
    /// The lines, in the order in which they came in.
    items: Vec<CartLineView>,
    /// What they come to, for each currency.
    totals: Vec<Money>,
    /// The products that were shown, in order.
    products: Vec<ShownView>,
}

/// A line of a cart.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CartLineView {
    /// The shop's id of the cart.
    cart_id: String,
    /// The shop's id of the stock-keeping unit.
    sku: String,
    /// Its name.
    name: String,
    /// How many.
    quantity: u32,
    /// The price of one.
    unit_price: Money,
    /// When it came in.
    added_at: DateTime<Utc>,
}

/// A product that was shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownView {
    /// As it was then.
    product: Product,
    /// When.
    shown_at: DateTime<Utc>,
}

impl From<At<CallRow>> for CallView {
    fn from(At { row, .. }: At<CallRow>) -> Self {
        let schedule = row.scheduled_to.map(|ends_at| AppointmentView {
            starts_at: row.scheduled_from,
            ends_at,
            zone: row.scheduled_zone.clone(),
            sequence: row.schedule_sequence,
        });
        Self {
            id: row.call_id.0,
            status: named::name(&row.status),
            outcome: named::optional(&row.outcome),
            origin: named::name(&row.origin),
            customer_id: row.customer_id.0,
            conversation_id: row.conversation_id.0,
            shopper_id: row.shopper_id.map(|id| id.0),
            participants: row.participants.0.iter().map(|id| id.0).collect(),
            product: row.product.map(|product| product.0.into()),
            platform: named::name(&row.platform),
            device: named::name(&row.device),
            language: row.language,
            country: row.country,
            collections: row.collections.0,
            priority: row.priority,
            created_at: row.created_at,
            schedule,
            first_queued_at: row.first_queued_at,
            queued_at: row.queued_at,
            waited_ms: row.waited_us / 1000,
            offer: row.offered_to.zip(row.offered_until).map(|(shopper, until)| OfferView { shopper_id: shopper.0, until }),
            start_by: row.start_by,
            claimed_at: row.claimed_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            closed_at: row.closed_at,
            end_reason: named::optional(&row.end_reason),
            cancel_reason: named::optional(&row.cancel_reason),
            archived_at: row.archived_at,
            products_shown: row.products_shown,
            carts: row.cart_ids.0,
            sold: None,
            row: None,
            is_rated: row.rated,
            environment: named::name(&row.environment),
            version: row.version,
        }
    }
}

impl From<At<CartLineRow>> for CartLineView {
    fn from(At { row, .. }: At<CartLineRow>) -> Self {
        let unit_price = Money { amount: row.unit_amount, currency: row.currency };
        Self { cart_id: row.cart_id, sku: row.sku, name: row.line.0.name, quantity: row.quantity, unit_price, added_at: row.added_at }
    }
}

impl From<At<CallProductRow>> for ShownView {
    fn from(At { row, .. }: At<CallProductRow>) -> Self {
        Self { product: row.product.0.into(), shown_at: row.shown_at }
    }
}

/// What staff sees beside calls.
struct Beside {
    sold: HashMap<CallId, Vec<Sold>>,
    rows: HashMap<CallId, Box<RawValue>>,
}

impl Beside {
    async fn of(state: &State, account: AccountId, calls: &[CallId], at: Position) -> Result<Self> {
        let sold = orders::sold(&state.store, account, calls, at).await.map_err(reading::problem)?;
        Ok(Self { sold, rows: export::calls::some(&state.store, account, calls, at).await.map_err(reading::problem)? })
    }

    fn view(&mut self, at: At<CallRow>) -> CallView {
        let sold = self.sold.remove(&at.row.call_id).unwrap_or_default();
        let row = self.rows.remove(&at.row.call_id).map(CallRowView::from);
        CallView { sold: Some(sold.into_iter().map(SoldView::from).collect()), row, ..CallView::from(at) }
    }
}

/// List calls, the newest first.
#[utoipa::path(tag = "calls", params(CallsQuery), responses((status = 200, body = Paged<CallView>)), security(("bearer" = ["calls"])))]
#[get("/v1/calls")]
pub(crate) async fn list_calls(
    caller: Caller,
    query: Query<CallsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    let asked = query.0.page::<Newest>(&state, &request).await?;
    let query = query.0;
    let created = range::Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() };
    let created = period::open(&state, account, asked.position, created).await?;
    let filters = filters!(query; status, shopper_id, customer_id, outcome, product, device, rated, nps_class, csat, face, environment, q);
    filters.must_be_findable()?;
    let filter = filters.calls(created)?;
    let found = calls::list(&state.store, account, &filter, asked.page()).await.map_err(reading::problem)?;
    let ids: Vec<_> = found.rows.iter().map(|at| at.row.call_id).take(asked.limit as usize).collect();
    let mut beside = Beside::of(&state, account, &ids, asked.position).await?;
    let view = |at: At<CallRow>| beside.view(at);
    Ok(asked.answer_found(&request, found, |row| Newest { at: row.row.created_at, id: row.row.call_id.0 }, view))
}

/// One call.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<CallView>)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}")]
pub(crate) async fn get_call(caller: Caller, id: Id<CallId>, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.party_of_call(id.0)?.account();
    let position = query.0.position(&state).await?;
    let row =
        calls::get(&state.store, account, id.0, position).await.map_err(reading::problem)?.ok_or_else(|| ApiError::not_found("call"))?;
    let version = row.row.version;
    let view = match caller.staff(Module::Calls) {
        Ok(_) => Beside::of(&state, account, &[id.0], position).await?.view(row),
        Err(_) => CallView::from(row),
    };
    Ok(reading::answer(view, version, position))
}

/// What is in the carts of a call, and what was shown in it.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<CartView>)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/cart")]
pub(crate) async fn get_cart(caller: Caller, id: Id<CallId>, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.party_of_call(id.0)?.account();
    let position = query.0.position(&state).await?;
    let call =
        calls::get(&state.store, account, id.0, position).await.map_err(reading::problem)?.ok_or_else(|| ApiError::not_found("call"))?;
    let cart = calls::cart(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let products = calls::products(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let view = CartView {
        call_id: id.0.0,
        items: cart.lines.into_iter().map(Into::into).collect(),
        totals: cart.totals.into_iter().map(Into::into).collect(),
        products: products.into_iter().map(Into::into).collect(),
    };
    Ok(reading::answer(view, call.row.version, position))
}

/// Everything that happened to a call, in order.
#[utoipa::path(tag = "calls", params(("id" = Uuid, Path), history::HistoryQuery), responses((status = 200, body = Paged<HistoryEvent>)), security(("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/history")]
pub(crate) async fn get_call_history(
    caller: Caller,
    id: Id<CallId>,
    query: Query<history::HistoryQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    history::answer(&state, &request, &query.0, account, Category::Call, id.0.0).await
}
