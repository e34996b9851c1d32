//! Orders as they are read: one, many, and those of a call.

use super::{
    named_in, not_placed,
    view::{CallOrdersView, OrderView, SoldView},
};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    filters::filters,
    page::{Paged, list_query},
    parameters::{Id, Query},
    period,
    reading::{self, Read, ReadAt},
    routes::{rows::OrderRowView, shapes},
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use vitrina_domain::{environment::Environment, ids::CallId, metrics::range, module::Module};
use vitrina_projections::{
    asked::Newest,
    calls, export,
    orders::{self, OrderRow},
    table::At,
};

list_query! {
    /// Which orders.
    OrdersQuery {
        /// placed, refunded (all of it) or cancelled.
        status: Option<String>,
        /// Those of this customer.
        customer_id: Option<Uuid>,
        /// Those that go back to this call.
        call_id: Option<Uuid>,
        /// Those of which something is credited to this shopper.
        shopper_id: Option<Uuid>,
        /// Those in this currency, ISO 4217.
        #[param(example = "EUR")]
        currency: Option<String>,
        /// Placed at or after this date or instant.
        #[param(example = "2026-03-01")]
        from: Option<String>,
        /// Placed before this instant, or on this date at the latest.
        #[param(example = "2026-03-31")]
        to: Option<String>,
        /// IANA zone of dates; the account's when left out.
        tz: Option<String>,
        /// `production` (default), `test` or `all`.
        environment: Option<String>,
    }
}

/// When the read of an order is of, and which one the shop's own id means.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OrderAt {
    /// Wait until this position is in the answer: the `position` that a command of yours answered with.
    at_least: Option<i64>,
    /// Answer as it was at this position or RFC 3339 instant.
    #[param(example = "2026-03-01T12:00:00Z")]
    as_of: Option<String>,
    /// `test` where the path has the shop's own id of a trial.
    #[param(schema_with = shapes::environment, required = false)]
    environment: Option<Environment>,
}

/// List orders, those placed last first.
#[utoipa::path(tag = "orders", params(OrdersQuery), responses((status = 200, body = Paged<OrderView>)), security(("bearer" = ["calls"])))]
#[get("/v1/orders")]
pub(crate) async fn list_orders(
    caller: Caller,
    query: Query<OrdersQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    let asked = query.0.page::<Newest>(&state, &request).await?;
    let query = query.0;
    let period = range::Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() };
    let placed = period::open(&state, account, asked.position, period).await?;
    let filters = filters!(query; status, customer_id, call_id, shopper_id, currency, environment);
    filters.must_be_findable()?;
    let filter = filters.orders(placed)?;
    let found = orders::list(&state.store, account, &filter, asked.page()).await.map_err(reading::problem)?;
    let ids: Vec<_> = found.iter().map(|at| at.row.order_id).take(asked.limit as usize).collect();
    let mut rows = export::orders::some(&state.store, account, &ids, asked.position).await.map_err(reading::problem)?;
    let view = |at: At<OrderRow>| {
        let row = rows.remove(&at.row.order_id).map(OrderRowView::from);
        OrderView::from(at).with(row)
    };
    Ok(asked.answer(&request, found, |at| Newest { at: at.row.placed_at, id: at.row.order_id.0 }, view))
}

/// One order.
#[utoipa::path(tag = "orders", params(("id" = String, Path, description = "The shop's own id, or the one here"), OrderAt), responses((status = 200, body = Read<OrderView>)), security(("bearer" = ["calls"])))]
#[get("/v1/orders/{id}")]
pub(crate) async fn get_order(
    caller: Caller,
    path: web::Path<String>,
    query: Query<OrderAt>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let staff = caller.staff(Module::Calls)?;
    let OrderAt { at_least, as_of, environment } = query.0;
    let position = ReadAt { at_least, as_of }.position(&state).await?;
    let id = named_in(&state, staff, &path, environment).await?;
    let found = orders::get(&state.store, staff.account, id, position).await.map_err(reading::problem)?;
    let view = OrderView::from(found.ok_or_else(not_placed)?);
    let version = view.version;
    Ok(reading::answer(view, version, position))
}

/// What was bought after a call: the orders that go back to it.
#[utoipa::path(tag = "orders", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<CallOrdersView>)), security(("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/orders")]
pub(crate) async fn list_orders_of_call(
    caller: Caller,
    id: Id<CallId>,
    query: Query<ReadAt>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    let position = query.0.position(&state).await?;
    if calls::get(&state.store, account, id.0, position).await.map_err(reading::problem)?.is_none() {
        return Err(ApiError::not_found("call"));
    }
    let items = orders::of_call(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let mut sold = orders::sold(&state.store, account, &[id.0], position).await.map_err(reading::problem)?;
    let view = CallOrdersView {
        call_id: id.0.0,
        items: items.into_iter().map(OrderView::from).collect(),
        totals: sold.remove(&id.0).unwrap_or_default().into_iter().map(SoldView::from).collect(),
    };
    Ok(reading::answer_unversioned(view, position))
}
