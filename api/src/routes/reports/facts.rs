//! The facts behind a figure: which events made it, and what they are about.

use super::query::{Common, shown};
use crate::{
    auth::caller::Caller,
    error::Result,
    page::{Paged, list_query},
    parameters::Query,
    period,
    reading::{self, ReadAt},
    routes::named,
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    module::Module,
    report::{Anchors, Measure},
    text,
};
use vitrina_projections::{
    report::{self, FactFilter, FactPlace, Nobody},
    table::At,
};

list_query! {
    /// Which facts; the filters of the report that the figure is from.
    FactsQuery {
        /// The measure that the figure names.
        #[param(example = "call_created")]
        measure: Option<String>,
        /// From this date or instant on; the first of this month when left out.
        #[param(example = "2026-03-01")]
        from: Option<String>,
        /// Before this instant, or on this date at the latest.
        #[param(example = "2026-03-31")]
        to: Option<String>,
        /// IANA zone of dates; the account's when left out.
        tz: Option<String>,
        /// `production` (default), `test` or `all`.
        environment: Option<String>,
        /// `call` or `chat`.
        kind: Option<String>,
        /// Those credited to this shopper.
        shopper: Option<Uuid>,
        /// `true`: those credited to nobody.
        nobody: Option<bool>,
        /// Those of customers who write this way.
        channel: Option<String>,
        /// Those of conversations in which this bot takes part.
        bot: Option<Uuid>,
        /// Those that the measure says to be so: this reason, outcome, status, kind.
        #[param(example = "by_customer")]
        detail: Option<String>,
        /// Those of customers with this device.
        #[param(example = "mobile")]
        device: Option<String>,
        /// Amounts in this currency, ISO 4217.
        #[param(example = "EUR")]
        currency: Option<String>,
        /// Those with this value, such as an answer.
        #[param(example = 9)]
        value: Option<i64>,
    }
}

/// One countable thing.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactView {
    /// The instant to which it belongs, in the zone of the report.
    #[schema(example = "2026-03-29T09:00:00+02:00")]
    at: String,
    /// What it is worth: seconds, an answer, minor units, pieces, or 1.
    value: i64,
    /// In what that is: count, seconds, score, minor_units, pieces.
    unit: &'static str,
    /// Position of the event that made it.
    event_position: i64,
    /// Its type.
    event_type: String,
    /// Position of the event from which it was counted, where that is another one.
    begun_position: Option<i64>,
    /// Since which position it stands so: later than its event when it was credited anew or corrected.
    since_position: i64,
    /// To whom it is credited.
    shopper_id: Option<Uuid>,
    /// The call; its history has all its events.
    call_id: Option<Uuid>,
    /// The conversation.
    conversation_id: Option<Uuid>,
    /// The order of sales, by its id here; `GET /v1/orders/{id}` has it.
    order_id: Option<Uuid>,
    /// The customer.
    customer_id: Option<Uuid>,
    /// The customer's device.
    device: Option<String>,
    /// How the customer writes.
    channel: Option<String>,
    /// ISO 4217 code of amounts.
    currency: Option<String>,
    /// A reason, an outcome, a status: what the measure says that it is.
    detail: Option<String>,
    /// production or test.
    environment: String,
}

/// The facts behind a figure, by instant.
#[utoipa::path(tag = "reports", params(FactsQuery), responses((status = 200, body = Paged<FactView>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/facts")]
pub(crate) async fn report_facts(
    caller: Caller,
    query: Query<FactsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let query = query.0;
    let measure: Measure = query.measure.as_deref().unwrap_or_default().parse().map_err(period::parameter)?;
    if let Some(currency) = &query.currency {
        named::code("currency", currency, text::currency)?;
    }
    let asked = query.page::<FactPlace>(&state, &request).await?;
    let common = Common {
        from: query.from.as_deref(),
        to: query.to.as_deref(),
        tz: query.tz.as_deref(),
        environment: &query.environment,
        kind: &query.kind,
        shopper: query.shopper,
        channel: &query.channel,
        bot: query.bot,
        anchors: Anchors::default(),
        at: ReadAt { at_least: None, as_of: Some(asked.position.0.to_string()) },
    };
    let wanted = common.wanted(&state, account).await?;
    let filter = FactFilter {
        credit: query.nobody.filter(|nobody| *nobody).map(|_| Nobody),
        detail: named::text("detail", &query.detail)?,
        device: named::filter("device", &query.device, named::DEVICES)?,
        currency: named::text("currency", &query.currency)?.map(|code| code.trim().to_ascii_uppercase()),
        value: query.value,
    };
    let rows = report::facts(&state.store, account, measure, &wanted.selection, &filter, asked.page()).await.map_err(reading::problem)?;
    let view = |At { position, row }: At<report::FactRow>| FactView {
        at: shown(row.anchor, wanted.zone),
        value: row.value,
        unit: measure.unit().as_str(),
        event_position: row.position,
        order_id: row.is_of_order().then_some(row.stream_id),
        event_type: row.event_type,
        begun_position: row.begun_position,
        since_position: position,
        shopper_id: row.shopper_id.map(|id| id.0),
        call_id: row.call_id.map(|id| id.0),
        conversation_id: row.conversation_id.map(|id| id.0),
        customer_id: row.customer_id.map(|id| id.0),
        device: named::optional(&row.device),
        channel: row.channel,
        currency: row.currency,
        detail: row.detail,
        environment: named::name(&row.environment),
    };
    Ok(asked.answer(&request, rows, |at| FactPlace { anchor: at.row.anchor, stream: at.row.stream_id, part: at.row.part }, view))
}
