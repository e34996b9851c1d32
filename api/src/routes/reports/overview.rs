//! The whole shop in a period (PRODUCT.md V36), and the same of the period before.

use super::{
    query::{self, Compared, Wanted, compared_query},
    sales::{SalesView, Total},
    source::Source,
    views::{Count, CountBy, Devices, Length, Of},
};
use crate::{
    auth::caller::Caller,
    error::Result,
    parameters::Query,
    reading::{self, Read},
    routes::{
        by::By,
        scores::{CsatView, FacesView, NpsView},
    },
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use vitrina_domain::{
    metrics::share::Share,
    module::Module,
    report::{Anchors, Measure},
};
use vitrina_projections::report::{Figures, Whose};

compared_query! {
    /// Which overview.
    OverviewQuery {
        /// `ended_at`: calls and their devices by when they ended or were cancelled rather than when they were created. `call`: the NPS by when the rated call was created rather
        /// than answered (of a chat, when it was opened). Both with a comma between.
        #[param(example = "ended_at,call")]
        by: Option<String>,
    }
}

/// What is summed up of everybody and of each shopper.
const SUMMED: &[Measure] = &[
    Measure::CallCreated,
    Measure::CallFinished,
    Measure::CallCancelled,
    Measure::CallSeconds,
    Measure::Cart,
    Measure::ConversationOpened,
    Measure::ConversationClosed,
    Measure::SlaHit,
    Measure::SlaMissed,
    Measure::SlaMet,
    Measure::SlaBreached,
    Measure::Answered,
    Measure::SurveySent,
    Measure::SurveyReturned,
    Measure::Order,
    Measure::OrderCancelled,
    Measure::Sales,
    Measure::SalesLinesAdded,
    Measure::SalesLinesShown,
    Measure::SalesOtherLines,
    Measure::Shipping,
    Measure::Tax,
    Measure::Discounts,
    Measure::CollectionSales,
    Measure::CollectionUnits,
];
/// Of which answers are told apart.
const TOLD_APART: &[Measure] = &[Measure::Nps, Measure::Csat, Measure::Face];

/// The figures of everybody, or of a shopper.
#[derive(Serialize, ToSchema)]
pub(crate) struct FiguresView {
    /// Calls, by who began them: the customer or a shopper. At their creation.
    calls: Of<CountBy>,
    /// Calls that were over after they had been live, by reason. At their end.
    finished: Of<CountBy>,
    /// Calls that were cancelled, by reason. When they were.
    cancelled: Of<CountBy>,
    /// How long calls lasted: both sides had media. When it passed.
    duration: Of<Length>,
    /// Calls by the customer's device.
    devices: Of<Devices>,
    /// Carts that something was put into.
    carts: Of<Count>,
    /// Completed purchases: orders that go back to a call. At their placing, by device.
    orders: Of<Devices>,
    /// Those that were cancelled. When they were.
    orders_cancelled: Of<Count>,
    /// What they came to, for each currency; none where nothing was sold.
    sales: Vec<SalesView>,
    /// Pieces sold of collections of whom they are credited to, less those given back.
    collection_units: Of<Total>,
    /// Completed purchases for each hundred carts; `null` without a cart.
    #[schema(example = 42.1)]
    conversion_percent: Option<f64>,
    /// Conversations: `call` those of calls, `chat` the others. At their opening.
    conversations: Of<CountBy>,
    /// Conversations that ended, by outcome. At their end.
    closed: Of<CountBy>,
    /// Chats that ended, and everything that was promised of them came in time (`sla` of the account). At their end.
    sla_hit: Of<Count>,
    /// Chats that ended, and something did not. At their end.
    sla_missed: Of<Count>,
    /// The share of those in time; `null` where nothing was promised.
    #[schema(example = 42.1)]
    sla_hit_percent: Option<f64>,
    /// What came in time: answer, next_reply, resolution. When it came.
    sla_met: Of<CountBy>,
    /// What did not: answer, next_reply, resolution. When it was due.
    sla_breached: Of<CountBy>,
    /// Surveys that were answered.
    answers: Of<Count>,
    /// Surveys that were put before a customer. At that moment.
    surveys_sent: Of<Count>,
    /// Those of them that were answered, whenever.
    surveys_returned: Of<Count>,
    /// The share of them; `null` where no survey is known to have been sent.
    #[schema(example = 42.1)]
    response_rate_percent: Option<f64>,
    /// Net Promoter Score over pooled answers. At the answer, as all scores.
    nps: Of<NpsView>,
    /// Satisfaction on the scale of 1 to 5.
    csat: Of<CsatView>,
    /// The three faces.
    faces: Of<FacesView>,
}

impl FiguresView {
    /// What this view needs.
    pub(super) async fn read(state: &State, wanted: &Wanted) -> Result<Figures> {
        Figures::of(&state.store, wanted.account, &wanted.selection, SUMMED, TOLD_APART).await.map_err(reading::problem)
    }

    pub(super) fn of(source: Source<'_>) -> Self {
        let Source { figures, whose, .. } = source;
        Self {
            calls: CountBy::of(source, Measure::CallCreated),
            finished: CountBy::of(source, Measure::CallFinished),
            cancelled: CountBy::of(source, Measure::CallCancelled),
            duration: source.shown(Measure::CallSeconds, figures.sum(Measure::CallSeconds, whose)),
            devices: Devices::of(source, Measure::CallCreated),
            carts: Count::of(source, Measure::Cart),
            orders: Devices::of(source, Measure::Order),
            orders_cancelled: Count::of(source, Measure::OrderCancelled),
            sales: figures.currencies(whose).into_iter().map(|currency| SalesView::of(source, currency)).collect(),
            collection_units: source.shown(Measure::CollectionUnits, Total::of(figures.sum(Measure::CollectionUnits, whose))),
            conversion_percent: figures.conversion(whose).map(|tenths| tenths as f64 / 10.0),
            conversations: CountBy::of(source, Measure::ConversationOpened),
            closed: CountBy::of(source, Measure::ConversationClosed),
            sla_hit: Count::of(source, Measure::SlaHit),
            sla_missed: Count::of(source, Measure::SlaMissed),
            sla_hit_percent: figures.sla(whose).map(Share::percent),
            sla_met: CountBy::of(source, Measure::SlaMet),
            sla_breached: CountBy::of(source, Measure::SlaBreached),
            answers: Count::of(source, Measure::Answered),
            surveys_sent: Count::of(source, Measure::SurveySent),
            surveys_returned: Count::of(source, Measure::SurveyReturned),
            response_rate_percent: figures.response_rate(whose).map(Share::percent),
            nps: source.shown(Measure::Nps, figures.nps(whose)),
            csat: source.shown(Measure::Csat, figures.csat(whose)),
            faces: source.shown(Measure::Face, figures.faces(whose)),
        }
    }
}

/// The figures of a period.
#[utoipa::path(tag = "reports", params(OverviewQuery), responses((status = 200, body = Read<Compared<FiguresView>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/overview")]
pub(crate) async fn report_overview(caller: Caller, query: Query<OverviewQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let read = async |wanted: &Wanted| {
        let figures = FiguresView::read(&state, wanted).await?;
        Ok(FiguresView::of(Source::new(&figures, wanted, Whose::All)))
    };
    let By { anchors, .. } = By::parse(query.0.by.as_deref(), &[], &Anchors::NAMES)?;
    query::answer(&state, account, query.0.common().anchored(anchors), query.0.compare.as_deref(), read).await
}
