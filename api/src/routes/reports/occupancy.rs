//! How much of the time that shoppers were there they worked: live and wrap-up of calls over available and busy.

use super::query::{Report, report_query};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::Query,
    reading::{self, Read},
    routes::reports::views::percent,
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{metrics::wait::occupancy, module::Module, report::Measure};
use vitrina_eventlog::Environment;
use vitrina_projections::{
    report::{Figures, Whose},
    shoppers,
};

report_query! {
    /// Which occupancy.
    OccupancyQuery {}
}

/// What is summed up.
const SUMMED: &[Measure] = &[Measure::Presence, Measure::HandleSeconds];

/// Time in seconds, of pieces that are over: a status that lasts is booked when it ends.
#[derive(Serialize, ToSchema)]
pub(crate) struct OccupancyFigures {
    /// Available (`presence`).
    available_seconds: i64,
    /// Busy (`presence`).
    busy_seconds: i64,
    /// Away (`presence`); not counted as there.
    away_seconds: i64,
    /// Live and wrap-up of calls (`handle_seconds`).
    handle_seconds: i64,
    /// Handled time among available and busy time.
    occupancy_percent: Option<f64>,
}

/// A shopper's.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShopperOccupancy {
    /// The shopper.
    shopper_id: Option<Uuid>,
    /// Name; `null` also when the person was erased.
    name: Option<String>,
    /// The figures.
    #[serde(flatten)]
    figures: OccupancyFigures,
}

/// Everybody's.
#[derive(Serialize, ToSchema)]
pub(crate) struct OccupancyView {
    /// Each shopper's, by id.
    items: Vec<ShopperOccupancy>,
    /// Everybody's.
    total: OccupancyFigures,
}

impl OccupancyFigures {
    fn of(figures: &Figures, whose: Whose) -> Self {
        let statuses = figures.by_detail(Measure::Presence, whose);
        let seconds = |status: &str| statuses.get(status).map_or(0, |(_, seconds)| *seconds);
        let (available, busy, handle) = (seconds("available"), seconds("busy"), figures.sum(Measure::HandleSeconds, whose));
        Self {
            available_seconds: available,
            busy_seconds: busy,
            away_seconds: seconds("away"),
            handle_seconds: handle,
            occupancy_percent: percent(occupancy(handle.unsigned_abs(), (available + busy).unsigned_abs())),
        }
    }
}

/// How occupied shoppers were. Not by channel, and not of trials alone: shoppers are there for all of them.
#[utoipa::path(tag = "reports", params(OccupancyQuery), responses((status = 200, body = Read<Report<OccupancyView>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/occupancy")]
pub(crate) async fn report_occupancy(caller: Caller, query: Query<OccupancyQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let wanted = query.0.common().wanted(&state, account).await?;
    let nobody_is_there_for =
        |name, what| Err(ApiError::parameter(name, "not_told_apart", format!("leave it out: shoppers are there for {what} alike")));
    if wanted.selection.channel.is_some() {
        return nobody_is_there_for("channel", "all channels");
    }
    if wanted.selection.environment == Some(Environment::Test) {
        return nobody_is_there_for("environment", "real customers and trials");
    }
    let figures = Figures::of(&state.store, account, &wanted.selection, SUMMED, &[]).await.map_err(reading::problem)?;
    let mut items = Vec::new();
    for shopper in figures.credited() {
        let known = match shopper {
            Some(id) => shoppers::get(&state.store, account, id, wanted.selection.as_of).await.map_err(reading::problem)?,
            None => None,
        };
        let figures = OccupancyFigures::of(&figures, Whose::Of(shopper));
        items.push(ShopperOccupancy { shopper_id: shopper.map(|id| id.0), name: known.and_then(|at| at.row.name), figures });
    }
    let view = OccupancyView { items, total: OccupancyFigures::of(&figures, Whose::All) };
    Ok(reading::answer_unversioned(wanted.report(view), wanted.selection.as_of))
}
