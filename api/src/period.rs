//! `from`, `to` and `tz` of lists and reports (PRODUCT.md 5.1), resolved in the account's zone.

use crate::{
    error::{ApiError, Result},
    reading,
    wiring::State,
    writing,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use vitrina_domain::{
    ids::AccountId,
    metrics::range::{Asked, Range},
    refusal::Refusal,
    text,
};
use vitrina_eventlog::Position;
use vitrina_projections::{accounts, asked::Period};

/// How far the log had come in time at this position: what has not happened by then is not known, whatever the clock says now.
pub(crate) async fn reached(state: &State, at: Position) -> Result<DateTime<Utc>> {
    let last = state.log.read(Position(at.0 - 1), 1).await.map_err(writing::log_problem)?;
    Ok(last.first().filter(|event| event.position == at).map_or_else(Utc::now, |event| event.recorded_at))
}

/// The period of a list: unlimited when nothing is said.
pub(crate) async fn open(state: &State, account: AccountId, at: Position, asked: Asked<'_>) -> Result<Period> {
    if asked.from.is_none() && asked.to.is_none() {
        return Ok(Period::default());
    }
    month(state, account, at, asked).await.map(|range| Period { from: Some(range.from), to: Some(range.to) })
}

/// The period of a report: the current month when nothing is said.
pub(crate) async fn month(state: &State, account: AccountId, at: Position, asked: Asked<'_>) -> Result<Range> {
    zoned(state, account, at, asked).await.map(|(range, _)| range)
}

/// The period of a list of what is new: the last seven days when nothing is said.
pub(crate) async fn week(state: &State, account: AccountId, at: Position, asked: Asked<'_>) -> Result<Range> {
    let is_said = asked.from.is_some() || asked.to.is_some();
    let (range, zone) = zoned(state, account, at, asked).await?;
    if is_said { Ok(range) } else { Range::week_to(Utc::now(), zone).map_err(parameter) }
}

/// The period of a report, with the zone that it is of.
pub(crate) async fn zoned(state: &State, account: AccountId, at: Position, asked: Asked<'_>) -> Result<(Range, Tz)> {
    let row = accounts::get(&state.store, account, at).await.map_err(reading::problem)?;
    // A `+` in a query string that was not escaped arrives as a space.
    let plus = |text: Option<&str>| text.map(|text| text.replace(' ', "+"));
    let (from, to) = (plus(asked.from), plus(asked.to));
    let asked = Asked { from: from.as_deref(), to: to.as_deref(), tz: asked.tz };
    let home: Tz = row.and_then(|row| row.row.zone.parse().ok()).unwrap_or(Tz::UTC);
    let range = Range::resolve(asked, home, Utc::now()).map_err(parameter)?;
    let zone = asked.tz.map_or(Ok(home), |tz| text::parse_zone("/tz", tz)).map_err(parameter)?;
    Ok((range, zone))
}

/// The refusal of a value that came as a parameter.
pub(crate) fn parameter(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Invalid { field, code, expected } => {
            ApiError::parameter(field.trim_start_matches('/').to_owned(), code, format!("expected {expected}"))
        }
        other => ApiError::internal(other),
    }
}
