//! `from`, `to` and `tz` of lists and reports (PRODUCT.md 5.1), resolved in the account's zone; what is not said, by how far the log had
//! come in time.

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

/// How far the log had come in time at this position: what has not happened by then is not known, whatever the clock says now. Before
/// everything it had come to its first event: so what is asked as of then has a month, too, and always the same.
pub(crate) async fn reached(state: &State, at: Position) -> Result<DateTime<Utc>> {
    let at = at.max(Position(1));
    let last = state.log.read(Position(at.0 - 1), 1).await.map_err(writing::log_problem)?;
    Ok(last.first().filter(|event| event.position == at).map_or_else(Utc::now, |event| event.recorded_at))
}

/// The period of a list: unlimited when nothing is said.
pub(crate) async fn open(state: &State, account: AccountId, at: Position, asked: Asked<'_>) -> Result<Period> {
    if asked.from.is_none() && asked.to.is_none() {
        // A zone that there is none of is refused, dates or not: a typing error is never a wider answer.
        return asked.tz.map_or(Ok(()), |tz| text::parse_zone("/tz", tz).map(drop)).map(|()| Period::default()).map_err(parameter);
    }
    zoned(state, account, at, asked).await.map(|(range, _)| Period { from: Some(range.from), to: Some(range.to) })
}

/// What a list, and the file of its rows, is of when no period is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsaid {
    /// All there is.
    Everything,
    /// The last seven days (PRODUCT.md L16).
    Week,
    /// The current month, as of reports.
    Month,
}

/// The period of a list or a file, with the zone that it is of.
pub(crate) async fn or(state: &State, account: AccountId, at: Position, asked: Asked<'_>, unsaid: Unsaid) -> Result<(Range, Tz)> {
    let (range, zone) = zoned(state, account, at, asked).await?;
    let range = match unsaid {
        _ if asked.from.is_some() || asked.to.is_some() => range,
        Unsaid::Everything => Range::ever(),
        Unsaid::Week => Range::week_to(reached(state, at).await?, zone).map_err(parameter)?,
        Unsaid::Month => range,
    };
    Ok((range, zone))
}

/// The period of a report, with the zone that it is of.
pub(crate) async fn zoned(state: &State, account: AccountId, at: Position, asked: Asked<'_>) -> Result<(Range, Tz)> {
    let row = accounts::get(&state.store, account, at).await.map_err(reading::problem)?;
    // A `+` in a query string that was not escaped arrives as a space.
    let plus = |text: Option<&str>| text.map(|text| text.replace(' ', "+"));
    let (from, to) = (plus(asked.from), plus(asked.to));
    let asked = Asked { from: from.as_deref(), to: to.as_deref(), tz: asked.tz };
    let home: Tz = row.and_then(|row| row.row.zone.parse().ok()).unwrap_or(Tz::UTC);
    // What is current is told by the log: asked again at the same position, the same month is meant.
    let now = if asked.from.is_none() || asked.to.is_none() { reached(state, at).await? } else { DateTime::UNIX_EPOCH };
    let range = Range::resolve(asked, home, now).map_err(parameter)?;
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
