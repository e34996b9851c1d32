//! How much of the time that shoppers were there they worked: live and wrap-up of calls over available and busy.

use super::{
    query::{self, Compared, Wanted, compared_query},
    source::Source,
};
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
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{metrics::wait::occupancy, module::Module, report::Measure};
use vitrina_eventlog::Environment;
use vitrina_projections::{
    report::{Figures, Selection, Whose},
    shoppers,
};

compared_query! {
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
    /// Where the facts behind each of these seconds are listed.
    facts: BTreeMap<String, String>,
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
    fn of(source: Source<'_>) -> Self {
        let Source { figures, wanted, whose, .. } = source;
        let presence = |status| (format!("{status}_seconds"), wanted.facts(Measure::Presence, whose, &[("detail", status)]));
        let handled = ("handle_seconds".to_owned(), wanted.facts(Measure::HandleSeconds, whose, &[]));
        let statuses = figures.by_detail(Measure::Presence, whose);
        let seconds = |status: &str| statuses.get(status).map_or(0, |(_, seconds)| *seconds);
        let (available, busy, handle) = (seconds("available"), seconds("busy"), figures.sum(Measure::HandleSeconds, whose));
        Self {
            available_seconds: available,
            busy_seconds: busy,
            away_seconds: seconds("away"),
            handle_seconds: handle,
            facts: ["available", "busy", "away"].map(presence).into_iter().chain([handled]).collect(),
            occupancy_percent: percent(occupancy(handle.unsigned_abs(), (available + busy).unsigned_abs())),
        }
    }
}

/// How occupied shoppers were. Not by channel, and not of trials alone: shoppers are there for all of them.
#[utoipa::path(tag = "reports", params(OccupancyQuery), responses((status = 200, body = Read<Compared<OccupancyView>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/occupancy")]
pub(crate) async fn report_occupancy(caller: Caller, query: Query<OccupancyQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    query::answer(&state, account, query.0.common(), query.0.compare.as_deref(), async |wanted: &Wanted| {
        OccupancyView::read(&state, wanted).await
    })
    .await
}

impl OccupancyView {
    async fn read(state: &State, wanted: &Wanted) -> Result<Self> {
        let nobody_is_there_for =
            |name, what| Err(ApiError::parameter(name, "not_told_apart", format!("leave it out: shoppers are there for {what} alike")));
        if wanted.selection.channel.is_some() {
            return nobody_is_there_for("channel", "all channels");
        }
        if wanted.selection.kind.is_some() {
            return nobody_is_there_for("kind", "calls and chats");
        }
        if wanted.selection.bot.is_some() {
            return nobody_is_there_for("bot", "those whom a bot served and others");
        }
        if wanted.selection.environment == Some(Environment::Test) {
            return nobody_is_there_for("environment", "real customers and trials");
        }
        // Trials take shoppers' time as real customers do.
        let wanted = &Wanted { selection: Selection { environment: None, ..wanted.selection.clone() }, ..wanted.clone() };
        let figures = Figures::of(&state.store, wanted.account, &wanted.selection, SUMMED, &[]).await.map_err(reading::problem)?;
        let of = |whose| OccupancyFigures::of(Source::new(&figures, wanted, whose));
        let mut items = Vec::new();
        let names = shoppers::names(&state.store, wanted.account, wanted.selection.as_of).await.map_err(reading::problem)?;
        for shopper in figures.credited() {
            let name = shopper.and_then(|id| names.get(&id).cloned());
            items.push(ShopperOccupancy { shopper_id: shopper.map(|id| id.0), name, figures: of(Whose::Of(shopper)) });
        }
        Ok(Self { items, total: of(Whose::All) })
    }
}
