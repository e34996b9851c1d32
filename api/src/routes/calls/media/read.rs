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
    metrics::minutes::{self, Interval, Stay},
    stream::Category,
};
use vitrina_eventlog::{Environment, Position, StreamId, Version};
use vitrina_projections::{
    calls::{self, CallRow},
    media::{self, MediaParticipantRow, MediaSessionRow, TrackNow},
    table::At,
};

/// Events of a stream in one read.
const STREAM_PAGE: usize = 1_000;

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
    /// What the device said of a failure.
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
    let (past, until) = (past(&state, account, id.0, position).await?, time_of(&state, position).await?);
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

/// What a call's stream tells of when it was live; it may have been so several times, when its shopper was lost.
struct Past {
    live: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    environment: Environment,
}

async fn past(state: &State, account: AccountId, call: CallId, position: Position) -> Result<Past> {
    let stream = StreamId::new(account, Category::Call, call);
    let mut past = Past { live: Vec::new(), environment: Environment::Production };
    let mut after = Version::ZERO;
    loop {
        let page = state.log.read_stream(stream, after, STREAM_PAGE).await.map_err(writing::log_problem)?;
        let is_last = page.len() < STREAM_PAGE || page.iter().any(|event| event.position > position);
        after = page.last().map_or(after, |event| event.version);
        for event in page.iter().filter(|event| event.position <= position) {
            past.environment = event.environment;
            match event.event_type.as_ref() {
                "call.started" => past.live.push((event.recorded_at, None)),
                "call.ended" | "call.finished" | "call.cancelled" | "call.queued" => {
                    if let Some((_, end @ None)) = past.live.last_mut() {
                        *end = Some(event.recorded_at);
                    }
                }
                _ => {}
            }
        }
        if is_last {
            return Ok(past);
        }
    }
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
        let stay = |At { row, .. }: &At<MediaParticipantRow>| Some(Stay { side: row.role?, from: row.joined_at?, to: row.left_at });
        let stays: Vec<Stay> = participants.iter().filter_map(stay).collect();
        let connected: Vec<_> = stays.iter().map(|stay| (stay.side, Interval::new(stay.from, stay.to.unwrap_or(until)))).collect();
        let live: Vec<_> = past.live.iter().map(|(from, to)| Interval::new(*from, to.unwrap_or(until))).collect();
        let is_there = |side| stays.iter().any(|stay| stay.side == side && stay.to.is_none());
        let is_live = past.live.last().is_some_and(|(_, to)| to.is_none());
        let runs = is_live && is_there(Side::Shopper) && is_there(Side::Customer);
        Self {
            intervals: minutes::billable(&connected, &live),
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
