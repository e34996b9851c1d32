//! A customer's place in the queue: how many stand before, how long it will take, and whether anybody can come at all.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::named,
    texts::Locale,
    wiring::State,
    writing,
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, CallId},
    metrics::eta::estimate,
    notice::Notice,
    routing::Hours,
    shopper::Status,
};
use vitrina_eventlog::Position;
use vitrina_projections::{queue, shoppers};

/// Served waits that ended longer ago say nothing of now.
const BASIS: TimeDelta = TimeDelta::hours(1);

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
    /// How long it will take; `null` when it does not wait or too few were served in the last hour to tell.
    estimate: Option<EstimateView>,
    /// Set while nobody can come: all shoppers are away or outside their hours.
    nobody_available: Option<OfflineView>,
    /// production or test: whether a real customer waits.
    environment: String,
}

/// How long a wait will be, from now on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EstimateView {
    /// As likely too short as too long, in seconds.
    #[schema(example = 120)]
    eta_s: u64,
    /// By what is known, a quarter are served faster than this.
    low_s: u64,
    /// By what is known, a quarter are served slower than this.
    high_s: u64,
    /// How many served waits of the last hour it rests on.
    basis: usize,
}

/// That nobody can come now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfflineView {
    /// To be shown to the customer, in their language.
    message: String,
    /// When the hours of the next shopper begin; `null` when that is not known.
    next_open_at: Option<DateTime<Utc>>,
}

/// Where a call stands in the queue.
#[utoipa::path(tag = "queue", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<PlaceView>)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/queue")]
pub(crate) async fn get_place(
    caller: Caller,
    id: Id<CallId>,
    query: Query<ReadAt>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.party_of_call(id.0)?.account();
    let position = query.0.position(&state).await?;
    let found = queue::standing(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let standing = found.ok_or_else(|| ApiError::not_found("call"))?;
    let mut view = PlaceView {
        call_id: id.0.0,
        is_waiting: standing.row.waiting,
        place: standing.ahead.map(|ahead| ahead + 1),
        ahead: standing.ahead,
        length: standing.length,
        queued_at: standing.row.queued_at.filter(|_| standing.row.waiting),
        estimate: None,
        nobody_available: None,
        environment: named::name(&standing.row.environment),
    };
    if let Some(ahead) = standing.ahead {
        // An answer about then is given by the clock of then, so that it stays the same.
        let at = if query.0.as_of.is_some() { moment_of(&state, position).await? } else { Utc::now() };
        let served = queue::served(&state.store, account, at - BASIS, at, position).await.map_err(reading::problem)?;
        view.estimate = estimate(served, ahead.unsigned_abs()).map(|told| EstimateView {
            eta_s: told.eta_s,
            low_s: told.low_s,
            high_s: told.high_s,
            basis: told.basis,
        });
        let accept = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let locale = Locale::negotiate(accept.or(standing.row.language.as_deref()).unwrap_or_default());
        view.nobody_available = nobody(&state, account, position, at, locale).await?;
    }
    Ok(reading::answer_unversioned(view, position))
}

/// When the event at this position was recorded.
async fn moment_of(state: &State, position: Position) -> Result<DateTime<Utc>> {
    let event = state.log.read(Position((position.0 - 1).max(0)), 1).await.map_err(writing::log_problem)?;
    Ok(event.first().map_or(DateTime::UNIX_EPOCH, |event| event.recorded_at))
}

/// Whether nobody can come. A shopper who is busy inside their hours will be free again, so somebody can.
async fn nobody(state: &State, account: AccountId, position: Position, at: DateTime<Utc>, locale: Locale) -> Result<Option<OfflineView>> {
    let shoppers = shoppers::hours(&state.store, account, position).await.map_err(reading::problem)?;
    let mut next_open_at: Option<DateTime<Utc>> = None;
    for (status, schedule) in &shoppers {
        let hours = schedule.as_ref().map_or(Hours::Open, |schedule| schedule.open_at(at));
        match (hours, status) {
            (Hours::Open, Status::Available | Status::Busy) => return Ok(None),
            (Hours::Open, _) => {}
            (Hours::Closed, _) => {
                let opens = schedule.as_ref().and_then(|schedule| schedule.next_change(at));
                next_open_at = [next_open_at, opens].into_iter().flatten().min();
            }
        }
    }
    let notice = if next_open_at.is_some() { Notice::NobodyUntil } else { Notice::Nobody };
    Ok(Some(OfflineView { message: notice.words(locale.into()).to_owned(), next_open_at }))
}
