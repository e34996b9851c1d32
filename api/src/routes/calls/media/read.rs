//! The record of a call's media: who was connected when, from where, how it ended, and the seconds that come of it.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::named,
    wiring::State,
    writing,
};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    call::Side,
    ids::{AccountId, CallId},
    metrics::minutes::{self, Interval},
};
use vitrina_eventlog::{Environment, Position};
use vitrina_projections::{
    calls::{self, CallRow},
    media::{self, MediaParticipantRow, MediaSessionRow, Past, TrackNow},
    table::At,
};

/// The media of a call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MediaView {
    /// The call.
    call_id: Uuid,
    /// Its stays on nodes.
    sessions: Vec<MediaSessionView>,
    /// Who was connected, or wanted to be, in the order of coming.
    participants: Vec<MediaParticipantView>,
    /// The first instant at which both sides had media.
    both_connected_at: Option<DateTime<Utc>>,
    /// When both sides had media while the call was live; gaps of at most 15 seconds are bridged.
    intervals: Vec<IntervalView>,
    /// The sum of the intervals, in seconds: the call's duration. Of a call that runs, up to the position of this answer.
    live_seconds: i64,
    /// What counts against the plan: the same, and nothing for test environments.
    billable_seconds: i64,
}

/// A stay of the call's media on a node.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MediaSessionView {
    /// The session.
    id: Uuid,
    /// The node.
    node_id: Uuid,
    /// Where clients reach it.
    node_url: String,
    /// When it began.
    opened_at: DateTime<Utc>,
    /// When it ended.
    closed_at: Option<DateTime<Utc>>,
    /// Why.
    reason: Option<String>,
}

/// Somebody's presence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MediaParticipantView {
    /// The presence; coming back is another one.
    id: Uuid,
    /// The session.
    session_id: Option<Uuid>,
    /// customer, shopper, user or api_key.
    kind: String,
    /// Who; of others than oneself a customer is not told.
    who: Option<String>,
    /// customer or shopper.
    role: Option<String>,
    /// The device.
    device: Option<String>,
    /// When media was connected.
    joined_at: Option<DateTime<Utc>>,
    /// When it ended.
    left_at: Option<DateTime<Utc>>,
    /// Why it ended, or never began.
    reason: Option<String>,
    /// The name of the error that the device gave.
    detail: Option<String>,
    /// When it was known that it would not be connected.
    failed_at: Option<DateTime<Utc>>,
    /// Whether the end was concluded afterwards, because the node had died.
    corrected: bool,
    /// What is or was sent: the latest of each kind.
    tracks: Vec<TrackView>,
}

/// A track.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrackView {
    /// microphone, camera or screen.
    source: String,
    /// When it began.
    published_at: Option<DateTime<Utc>>,
    /// When it ended.
    ended_at: Option<DateTime<Utc>>,
    /// Whether it is muted or turned off.
    is_muted: bool,
}

/// A time in which both sides had media.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntervalView {
    /// Begin.
    from: DateTime<Utc>,
    /// End; absent while it goes on.
    to: Option<DateTime<Utc>>,
    /// How long, in seconds.
    seconds: i64,
}

/// Who is and was in a call's media, and for how long.
#[utoipa::path(tag = "media", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<MediaView>)), security(("bearer" = ["customer"]), ("bearer" = ["media"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/media")]
pub(crate) async fn get_media(caller: Caller, id: Id<CallId>, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let giver = caller.seat_in(id.0)?;
    let (account, position) = (giver.account, query.0.position(&state).await?);
    let call = call(&state, account, id.0, position).await?.row;
    let sessions = media::sessions(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let participants = media::participants(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let past = Past::of(&state.log, account, id.0, position).await.map_err(reading::problem)?;
    let until = time_of(&state, position).await?;
    let counted = Counted::of(&past, &participants, until);
    let is_shown = |row: &MediaParticipantRow| matches!(caller, Caller::Staff(_)) || row.who_id == giver.actor.id();
    let view = MediaView {
        call_id: id.0.0,
        sessions: sessions.into_iter().map(Into::into).collect(),
        participants: participants.iter().map(|At { row, .. }| MediaParticipantView::of(row, is_shown(row))).collect(),
        both_connected_at: counted.both_connected_at,
        live_seconds: minutes::seconds(&counted.intervals),
        billable_seconds: if past.environment == Environment::Test { 0 } else { minutes::seconds(&counted.intervals) },
        intervals: counted.intervals.iter().map(|interval| counted.view(*interval)).collect(),
    };
    Ok(reading::answer(view, call.version, position))
}

/// Refuses a call that does not exist for the caller.
pub(super) async fn must_exist(state: &State, caller: &Caller, id: CallId) -> Result<()> {
    let giver = caller.seat_in(id)?;
    call(state, giver.account, id, state.applied()).await.map(drop)
}

pub(super) async fn call(state: &State, account: AccountId, id: CallId, position: Position) -> Result<At<CallRow>> {
    calls::get(&state.store, account, id, position).await.map_err(reading::problem)?.ok_or_else(|| ApiError::not_found("call"))
}

/// The time of a position, so that the answer for it is the same whenever it is asked.
async fn time_of(state: &State, position: Position) -> Result<DateTime<Utc>> {
    let events = state.log.read(Position((position.0 - 1).max(0)), 1).await.map_err(writing::log_problem)?;
    Ok(events.first().map_or(DateTime::UNIX_EPOCH, |event| event.recorded_at))
}

/// What is counted from the rows.
struct Counted {
    intervals: Vec<Interval>,
    both_connected_at: Option<DateTime<Utc>>,
    /// While both are there: an interval that ends now goes on.
    running_to: Option<i64>,
}

impl Counted {
    fn of(past: &Past, participants: &[At<MediaParticipantRow>], until: DateTime<Utc>) -> Self {
        let stays = media::stays(participants);
        let is_there = |side| stays.iter().any(|stay| stay.side == side && stay.to.is_none());
        let runs = past.is_live() && is_there(Side::Shopper) && is_there(Side::Customer);
        Self {
            intervals: past.billable(&stays, until),
            both_connected_at: minutes::first_both(&stays),
            running_to: runs.then(|| until.timestamp()),
        }
    }

    fn view(&self, interval: Interval) -> IntervalView {
        let to = (self.running_to != Some(interval.to)).then(|| interval.end());
        IntervalView { from: interval.begin(), to, seconds: interval.seconds() }
    }
}

impl From<At<MediaSessionRow>> for MediaSessionView {
    fn from(At { row, .. }: At<MediaSessionRow>) -> Self {
        Self {
            id: row.session_id.0,
            node_id: row.node_id.0,
            node_url: row.address,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            reason: named::optional(&row.close_reason),
        }
    }
}

impl MediaParticipantView {
    fn of(row: &MediaParticipantRow, is_shown: bool) -> Self {
        Self {
            id: row.participant_id.0,
            session_id: row.session_id.map(|id| id.0),
            kind: row.who_kind.clone(),
            who: is_shown.then(|| row.who_id.clone()),
            role: named::optional(&row.role),
            device: named::optional(&row.device),
            joined_at: row.joined_at,
            left_at: row.left_at,
            reason: named::optional(&row.left_reason).or(named::optional(&row.failure)),
            detail: row.failure_detail.clone().filter(|_| is_shown),
            failed_at: row.failed_at,
            corrected: row.corrected,
            tracks: row.tracks.0.iter().copied().map(Into::into).collect(),
        }
    }
}

impl From<TrackNow> for TrackView {
    fn from(track: TrackNow) -> Self {
        Self { source: named::name(&track.source), published_at: track.published_at, ended_at: track.ended_at, is_muted: track.muted }
    }
}
