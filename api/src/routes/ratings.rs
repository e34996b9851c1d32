//! Ratings: what customers answered, and the numbers made of it over pooled answers (PRODUCT.md 5.2, 5.3).

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    exporting::Table,
    filters::filters,
    idempotency::Need,
    page::{Paged, list_query},
    parameters::{Id, Query},
    period::{self, Unsaid},
    reading::{self, Read, ReadAt},
    routes::{
        headers::Changes,
        named,
        reports::{Of, Wanted},
        rows::RatingRowView,
        scores::{CsatView, FacesView, NpsView},
    },
    wiring::State,
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    call::{Call, CallAction},
    conversation::{Conversation, ConversationAction},
    ids::{AnswerId, CallId, ConversationId},
    metrics::{
        csat::{Faces, Scale},
        nps::Tally,
        range::{Asked, Range},
    },
    module::Module,
    report::Measure,
    survey::Publicity,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    asked::{Newest, Period},
    export,
    ratings::{self, RatingFilter, RatingRow, Summary},
    report::Selection,
    table::At,
};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_ratings).service(summarise_ratings).service(hide_rating).service(show_rating);
}

list_query! {
    /// Which ratings.
    RatingsQuery {
        /// Given at or after this date or instant; the last seven days when both are left out.
        #[param(example = "2026-03-01")]
        from: Option<String>,
        /// Given before this instant, or on this date at the latest.
        #[param(example = "2026-03-31")]
        to: Option<String>,
        /// IANA zone of dates; the account's when left out.
        tz: Option<String>,
        /// Those credited to this shopper, who held the call or conversation last.
        shopper_id: Option<Uuid>,
        /// Those to this call; of every time when no dates are given.
        call_id: Option<Uuid>,
        /// Those to this conversation; of every time when no dates are given.
        conversation_id: Option<Uuid>,
        /// Those whose recommendation is of this class: promoter, passive or detractor.
        #[param(example = "detractor")]
        nps_class: Option<String>,
        /// Those with this satisfaction, 1 to 5.
        csat: Option<u8>,
        /// Those with this face: satisfied, neutral or dissatisfied.
        face: Option<String>,
        /// `production` (default), `test` or `all`.
        environment: Option<String>,
        /// `call`: about calls and the conversations that they own; `chat`: about the others; all when left out.
        kind: Option<String>,
    }
}

/// Which ratings are summed up.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SummaryQuery {
    /// Given at or after this date or instant; the last seven days when both are left out.
    #[param(example = "2026-03-01")]
    from: Option<String>,
    /// Given before this instant, or on this date at the latest.
    #[param(example = "2026-03-31")]
    to: Option<String>,
    /// IANA zone of dates; the account's when left out.
    tz: Option<String>,
    /// Those credited to this shopper, who held the call or conversation last.
    shopper_id: Option<Uuid>,
    /// `production` (default), `test` or `all`.
    environment: Option<String>,
    /// `call`: about calls and the conversations that they own; `chat`: about the others; all when left out.
    kind: Option<String>,
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
    /// Who took part, first the one who held it last, to whom it is credited.
    shoppers: Vec<Uuid>,
    /// How likely a recommendation is, 0 to 10.
    nps: Option<u8>,
    /// One of three faces.
    face: Option<String>,
    /// Satisfaction, 1 to 5.
    csat: Option<u8>,
    /// In the customer's words; `null` also when the person was erased.
    comment: Option<String>,
    /// What the customer was asked, in the words that they read; `null` also when nobody told.
    question: Option<String>,
    /// Whether the public does not see it; reports count it all the same.
    is_hidden: bool,
    /// When.
    answered_at: DateTime<Utc>,
    /// production or test: whether a real customer answered.
    environment: String,
    /// The row of the file, with names and channel; in the list of ratings only.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<RatingRowView>,
}

/// The numbers of a selection. Those that nobody answered are `null`, not 0.
#[derive(Serialize, ToSchema)]
pub(crate) struct SummaryView {
    /// First instant inside.
    from: DateTime<Utc>,
    /// First instant outside.
    to: DateTime<Utc>,
    /// Answers in all.
    answers: i64,
    /// Net Promoter Score.
    nps: Of<NpsView>,
    /// Satisfaction on the scale of 1 to 5.
    csat: Of<CsatView>,
    /// The three faces.
    faces: Of<FacesView>,
}

impl RatingView {
    pub(crate) fn of(At { row, .. }: At<RatingRow>, as_of: Position) -> Self {
        Self {
            is_hidden: row.is_hidden(as_of),
            id: row.answer_id.0,
            call_id: row.call_id.map(|id| id.0),
            conversation_id: row.conversation_id.map(|id| id.0),
            customer_id: row.customer_id.map(|id| id.0),
            shoppers: row.shoppers.0.iter().map(|id| id.0).collect(),
            nps: row.nps,
            face: named::optional(&row.face),
            csat: row.csat,
            comment: row.comment,
            question: row.question,
            answered_at: row.answered_at,
            environment: named::name(&row.environment),
            row: None,
        }
    }
}

impl SummaryView {
    fn new(wanted: &Wanted, summary: Summary) -> Self {
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        let tally = Tally { promoters: count(summary.promoters), passives: count(summary.passives), detractors: count(summary.detractors) };
        let scale = Scale { counts: summary.csat.map(count) };
        let faces =
            Faces { satisfied: count(summary.satisfied), neutral: count(summary.neutral), dissatisfied: count(summary.dissatisfied) };
        let Range { from, to } = wanted.selection.range;
        Self {
            from,
            to,
            answers: summary.answers,
            nps: Of::all(wanted, Measure::Nps, tally),
            csat: Of::all(wanted, Measure::Csat, scale),
            faces: Of::all(wanted, Measure::Face, faces),
        }
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
    let said = Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() };
    let filters = filters!(query; shopper_id, call_id, conversation_id, nps_class, csat, face, environment, kind);
    let (range, _) = period::or(&state, account, asked.position, said, Table::Ratings.unsaid(&filters)).await?;
    let filter = filters.ratings(within(range))?;
    let found = ratings::list(&state.store, account, &filter, asked.page()).await.map_err(reading::problem)?;
    let ids: Vec<_> = found.iter().map(|at| at.row.answer_id).take(asked.limit as usize).collect();
    let mut rows = export::ratings::some(&state.store, account, &ids, asked.position).await.map_err(reading::problem)?;
    Ok(asked.answer(
        &request,
        found,
        |at| Newest { at: at.row.answered_at, id: at.row.answer_id.0 },
        |at| RatingView { row: rows.remove(&at.row.answer_id).map(Into::into), ..RatingView::of(at, asked.position) },
    ))
}

/// NPS, satisfaction and faces of a period.
#[utoipa::path(tag = "ratings", params(SummaryQuery), responses((status = 200, body = Read<SummaryView>)), security(("bearer" = ["analytics"])))]
#[get("/v1/ratings/summary")]
pub(crate) async fn summarise_ratings(caller: Caller, query: Query<SummaryQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let query = query.0;
    let position = ReadAt { at_least: query.at_least, as_of: query.as_of.clone() }.position(&state).await?;
    let said = Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() };
    let (range, zone) = period::or(&state, account, position, said, Unsaid::Week).await?;
    let filter = filters!(query; shopper_id, environment, kind).ratings(within(range))?;
    let summary = ratings::summary(&state.store, account, &filter, position).await.map_err(reading::problem)?;
    let RatingFilter { environment, kind, shopper, .. } = filter;
    let selection = Selection { kind, shopper, ..Selection::of(range, environment, position) };
    Ok(reading::answer_unversioned(SummaryView::new(&Wanted { account, selection, zone }, summary), position))
}

/// Hide a rating from the public. The shop's own reports count it as before.
#[utoipa::path(tag = "ratings", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["analytics"])))]
#[post("/v1/ratings/{id}/hide")]
pub(crate) async fn hide_rating(command: Command<Nothing>, id: Id<AnswerId>) -> Result<HttpResponse> {
    show(&command, id.0, Publicity::Internal).await
}

/// Show a rating to the public again.
#[utoipa::path(tag = "ratings", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["analytics"])))]
#[post("/v1/ratings/{id}/show")]
pub(crate) async fn show_rating(command: Command<Nothing>, id: Id<AnswerId>) -> Result<HttpResponse> {
    show(&command, id.0, Publicity::Public).await
}

/// What an answer was about.
enum Rated {
    Call(CallId),
    Conversation(ConversationId),
}

async fn show(command: &Command<Nothing>, answer_id: AnswerId, publicity: Publicity) -> Result<HttpResponse> {
    let (staff, state) = (command.caller.staff(Module::Analytics)?, &command.state);
    let found = ratings::get(&state.store, staff.account, answer_id, state.applied()).await.map_err(reading::problem)?;
    let missing = || ApiError::not_found("rating");
    let row = found.ok_or_else(missing)?.row;
    let rated = row.call_id.map(Rated::Call).or(row.conversation_id.map(Rated::Conversation)).ok_or_else(missing)?;
    let done = command.run(Need::Optional, staff.giver(), (), |unit| match rated {
        Rated::Call(call) => unit.run::<Call>(call, CallAction::ShowRating { answer_id, publicity }),
        Rated::Conversation(talk) => unit.run::<Conversation>(talk, ConversationAction::ShowRating { answer_id, publicity }),
    });
    Ok(done.await?.changed(answer_id))
}

fn within(range: Range) -> Period {
    Period { from: Some(range.from), to: Some(range.to) }
}
