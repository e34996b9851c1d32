//! The read side of a request: of which position the answer is.
//!
//! `at_least` waits, for a bounded time, until a position has been applied; `as_of` answers as it was then. Without
//! either the answer is of the newest position applied. Every answer says its position, and asking with it again gives
//! the same bytes.

use crate::{
    conditional::etag,
    error::{ApiError, Code, RETRY_SOON_S, Result},
    wiring::State,
    writing::{self, POSITION},
};
use actix_web::{HttpResponse, http::header};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vitrina_eventlog::Position;
use vitrina_projections::Error;

/// When a read is of.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReadAt {
    /// Wait until this position is in the answer: the `position` that a command of yours answered with.
    pub at_least: Option<i64>,
    /// Answer as it was at this position or RFC 3339 instant.
    #[param(example = "2026-03-01T12:00:00Z")]
    pub as_of: Option<String>,
}

/// When a read is of, where only the present is kept.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReadNow {
    /// Wait until this position is in the answer: the `position` that a command of yours answered with.
    pub at_least: Option<i64>,
}

impl ReadNow {
    /// The position to read at.
    pub(crate) async fn position(&self, state: &State) -> Result<Position> {
        ReadAt { at_least: self.at_least, as_of: None }.position(state).await
    }
}

/// An answer and its position.
#[derive(Serialize, ToSchema)]
pub(crate) struct Read<T> {
    /// What was asked for.
    #[serde(flatten)]
    view: T,
    /// The position that this is of.
    position: i64,
}

impl ReadAt {
    /// The position to read at.
    pub(crate) async fn position(&self, state: &State) -> Result<Position> {
        if let Some(wanted) = self.at_least {
            wait_for(state, Position(wanted)).await?;
        }
        let Some(as_of) = &self.as_of else { return Ok(state.applied()) };
        let position = match as_of.parse::<i64>() {
            Ok(number) => within_log(state, number).await?,
            Err(_) => state.log.position_at(instant(as_of)?).await.map_err(writing::log_problem)?,
        };
        wait_for(state, position).await?;
        Ok(position)
    }
}

/// Position 0 to the end of the log, or a refusal.
async fn within_log(state: &State, number: i64) -> Result<Position> {
    if is_within_log(state, number).await? {
        return Ok(Position(number));
    }
    Err(ApiError::parameter("as_of", "beyond_head", format!("a position from 0 to {}, where the log ends", state.log.head())))
}

/// Whether the log has come to this position.
pub(crate) async fn is_within_log(state: &State, number: i64) -> Result<bool> {
    let position = Position(number);
    // Another process may have written further than this one knows: only the database can say no.
    let head = if position <= state.log.head() { state.log.head() } else { state.log.ping().await.map_err(writing::log_problem)? };
    Ok(number >= 0 && position <= head)
}

fn instant(text: &str) -> Result<DateTime<Utc>> {
    // A `+` in a query string that was not escaped arrives as a space.
    let parsed = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
    let instant =
        parsed.map_err(|_| ApiError::parameter("as_of", "malformed", "a position, or an instant such as 2026-03-01T12:00:00Z"))?.to_utc();
    if instant > Utc::now() {
        return Err(ApiError::parameter("as_of", "in_the_future", "an instant that has passed"));
    }
    Ok(instant)
}

/// Waits until the read models have come to this position, for as long as a read may wait.
pub(crate) async fn wait_for(state: &State, position: Position) -> Result<()> {
    if state.applied() >= position {
        return Ok(());
    }
    state.wait_applied(position).await.map_err(problem)
}

/// The problem of a read that failed.
pub(crate) fn problem(error: Error) -> ApiError {
    match error {
        Error::Behind { wanted, reached } => {
            let lag = wanted.0.saturating_sub(reached.0);
            let detail =
                format!("the read models stand at position {reached}, {lag} events before the {wanted} asked for; repeat the request");
            ApiError::new(Code::PositionNotReached, detail).retry_after_s(RETRY_SOON_S)
        }
        error if error.is_passing() => ApiError::database_unavailable(error.chain()),
        Error::Closed => ApiError::new(Code::Busy, "the server is going down; repeat the request").retry_after_s(RETRY_SOON_S),
        error => ApiError::internal(error.chain()),
    }
}

/// The answer with one thing in it, of this version.
pub(crate) fn answer<T: Serialize>(view: T, version: i64, position: Position) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, etag(version))).insert_header((POSITION, position.0));
    response.json(Read { view, position: position.0 })
}

/// The answer with something in it that has no version of its own.
pub(crate) fn answer_unversioned<T: Serialize>(view: T, position: Position) -> HttpResponse {
    HttpResponse::Ok().insert_header((POSITION, position.0)).json(Read { view, position: position.0 })
}
