//! Ratings: what customers answered, and the numbers made of it over pooled answers (PRODUCT.md 5.2, 5.3).

use crate::{
    auth::caller::Caller,
    error::Result,
    page::{Paged, list_query},
    parameters::Query,
    period,
    reading::{self, Read, ReadAt},
    routes::{
        named,
        scores::{CsatView, FacesView, NpsView},
    },
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    ids::ShopperId,
    metrics::{
        csat::{Faces, Scale},
        nps::Tally,
        range::{Asked, Range},
    },
    module::Module,
};
use vitrina_projections::{
    asked::{Newest, Period},
    ratings::{self, RatingFilter, RatingRow, Summary},
    table::At,
};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_ratings).service(summarise_ratings);
}

list_query! {
    /// Which ratings.
    RatingsQuery {
        /// Given at or after this date or instant; the first of this month when both are left out.
        #[param(example = "2026-03-01")]
        from: Option<String>,
        /// Given before this instant, or on this date at the latest.
        #[param(example = "2026-03-31")]
        to: Option<String>,
        /// IANA zone of dates; the account's when left out.
        tz: Option<String>,
        /// Those credited to this shopper.
        shopper_id: Option<Uuid>,
    }
}

/// Which ratings are summed up.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SummaryQuery {
    /// Given at or after this date or instant; the first of this month when both are left out.
    #[param(example = "2026-03-01")]
    from: Option<String>,
    /// Given before this instant, or on this date at the latest.
    #[param(example = "2026-03-31")]
    to: Option<String>,
    /// IANA zone of dates; the account's when left out.
    tz: Option<String>,
    /// Those credited to this shopper.
    shopper_id: Option<Uuid>,
    /// Wait until this position is in the answer.
    at_least: Option<i64>,
    /// Answer as it was at this position or RFC 3339 instant.
    as_of: Option<String>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RatingView {
    /// The answer.
    id: Uuid,
    /// The call that was rated.
    call_id: Option<Uuid>,
    /// The conversation that was rated.
    conversation_id: Option<Uuid>,
    /// Who answered.
    customer_id: Option<Uuid>,
    /// To whom it is credited, the one who held it last first.
    shoppers: Vec<Uuid>,
    /// How likely a recommendation is, 0 to 10.
    nps: Option<u8>,
    /// One of three faces.
    face: Option<String>,
    /// Satisfaction, 1 to 5.
    csat: Option<u8>,
    /// In the customer's words; `null` also when the person was erased.
    comment: Option<String>,
    /// When.
    answered_at: DateTime<Utc>,
}

/// The numbers of a selection. Those that nobody answered are `null`, not 0.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryView {
    /// First instant inside.
    from: DateTime<Utc>,
    /// First instant outside.
    to: DateTime<Utc>,
    /// Answers in all.
    answers: i64,
    /// Net Promoter Score.
    nps: NpsView,
    /// Satisfaction on the scale of 1 to 5.
    csat: CsatView,
    /// The three faces.
    faces: FacesView,
}

impl From<At<RatingRow>> for RatingView {
    fn from(At { row, .. }: At<RatingRow>) -> Self {
        Self {
            id: row.answer_id.0,
            call_id: row.call_id.map(|id| id.0),
            conversation_id: row.conversation_id.map(|id| id.0),
            customer_id: row.customer_id.map(|id| id.0),
            shoppers: row.shoppers.0.iter().map(|id| id.0).collect(),
            nps: row.nps,
            face: named::optional(&row.face),
            csat: row.csat,
            comment: row.comment,
            answered_at: row.answered_at,
        }
    }
}

impl SummaryView {
    fn new(range: Range, summary: Summary) -> Self {
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        let tally = Tally { promoters: count(summary.promoters), passives: count(summary.passives), detractors: count(summary.detractors) };
        let scale = Scale { counts: summary.csat.map(count) };
        let faces =
            Faces { satisfied: count(summary.satisfied), neutral: count(summary.neutral), dissatisfied: count(summary.dissatisfied) };
        Self { from: range.from, to: range.to, answers: summary.answers, nps: tally.into(), csat: scale.into(), faces: faces.into() }
    }
}

/// List the ratings that count, the newest first.
#[utoipa::path(tag = "ratings", params(RatingsQuery), responses((status = 200, body = Paged<RatingView>)), security(("bearer" = ["analytics"])))]
#[get("/v1/ratings")]
pub(crate) async fn list_ratings(
    caller: Caller,
    query: Query<RatingsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let query = query.0;
    let asked = query.page::<Newest>(&state, &request).await?;
    let range = period::month(
        &state,
        account,
        asked.position,
        Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() },
    )
    .await?;
    let filter = filter(range, query.shopper_id);
    let rows = ratings::list(&state.store, account, &filter, asked.page()).await.map_err(reading::problem)?;
    Ok(asked.answer(&request, rows, |at| Newest { at: at.row.answered_at, id: at.row.answer_id.0 }, RatingView::from))
}

/// NPS, satisfaction and faces of a period.
#[utoipa::path(tag = "ratings", params(SummaryQuery), responses((status = 200, body = Read<SummaryView>)), security(("bearer" = ["analytics"])))]
#[get("/v1/ratings/summary")]
pub(crate) async fn summarise_ratings(caller: Caller, query: Query<SummaryQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let query = query.0;
    let position = ReadAt { at_least: query.at_least, as_of: query.as_of.clone() }.position(&state).await?;
    let range =
        period::month(&state, account, position, Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() })
            .await?;
    let summary = ratings::summary(&state.store, account, &filter(range, query.shopper_id), position).await.map_err(reading::problem)?;
    Ok(reading::answer_unversioned(SummaryView::new(range, summary), position))
}

fn filter(range: Range, shopper: Option<Uuid>) -> RatingFilter {
    RatingFilter { shopper: shopper.map(ShopperId), answered: Period { from: Some(range.from), to: Some(range.to) } }
}
