//! Attempts as they are stored: those that are noted together stand in one row, in the order in which they were made.

use super::{Attempt, Of, read, statements::ATTEMPTS};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrina_domain::ids::EventId;
use vitrina_projections::{
    Result,
    sql::{Row, Value, notebook::Notebook},
    table::{Field, Json},
};

/// Attempts of one row: few enough that who looks at the newest reads little else.
const TOGETHER: usize = 64;
/// Rows that are read at once.
const READ_MAX: usize = 16;

/// An attempt without what was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Noted {
    #[serde(rename = "p")]
    position: i64,
    #[serde(rename = "t", with = "chrono::serde::ts_microseconds")]
    tried_at: DateTime<Utc>,
    #[serde(rename = "e")]
    event_id: Uuid,
    #[serde(rename = "n")]
    attempt: u32,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(rename = "l")]
    latency_us: i64,
}

/// A row, and when the newest and the oldest of its attempts were made.
struct Page {
    last_at: i64,
    first_at: i64,
    noted: Vec<Noted>,
    answers: Vec<String>,
}

/// The rows of these attempts.
pub(super) fn rows(of: Of, mut attempts: Vec<Attempt>) -> Vec<Row> {
    attempts.sort_unstable_by_key(|attempt| attempt.tried_at);
    let mut rows = Vec::with_capacity(attempts.len() / TOGETHER + 1);
    let mut attempts = attempts.into_iter().peekable();
    while let Some(first) = attempts.peek() {
        let first_at = first.tried_at;
        let (noted, answers): (Vec<Noted>, Vec<String>) = attempts.by_ref().take(TOGETHER).map(apart).unzip();
        let positions = || noted.iter().map(|one| one.position);
        let (lowest, highest) = (positions().min().unwrap_or_default(), positions().max().unwrap_or_default());
        let said = answers.iter().any(|answer| !answer.is_empty()).then_some(Json(answers));
        rows.push(of.args([
            noted.last().map_or(first_at, |last| last.tried_at).to_value(),
            first_at.to_value(),
            Value::Int(lowest),
            Value::Int(highest),
            Value::Int(noted.len() as i64),
            Json(noted).to_value(),
            said.to_value(),
        ]));
    }
    rows
}

fn apart(attempt: Attempt) -> (Noted, String) {
    let Attempt { position, tried_at, event_id, attempt, status, failure, latency_us, answer } = attempt;
    (Noted { position, tried_at, event_id: event_id.0, attempt, status, failure, latency_us }, answer)
}

fn together((noted, answer): (Noted, Option<String>)) -> Attempt {
    let Noted { position, tried_at, event_id, attempt, status, failure, latency_us } = noted;
    let answer = answer.unwrap_or_default();
    Attempt { position, tried_at, event_id: EventId(event_id), attempt, status, failure, latency_us, answer }
}

/// The attempts before an instant, the newest first, `limit` at most; at the event of this position only, if one is named.
pub(crate) async fn attempts(notes: &Notebook, of: Of, position: Option<i64>, before: DateTime<Utc>, limit: u32) -> Result<Vec<Attempt>> {
    let limit = limit as usize;
    let (lowest, highest) = position.map_or((i64::MIN, i64::MAX), |position| (position, position));
    let (mut found, mut after) = (Vec::<Attempt>::new(), (i64::MAX, i64::MAX));
    loop {
        let args = [before.to_value(), Value::Int(after.0), Value::Int(after.1), Value::Int(highest), Value::Int(lowest)];
        let args = of.args(args.into_iter().chain([Value::Int(READ_MAX as i64)]));
        let pages = read(notes.query(ATTEMPTS, args).await?, |row| {
            let (last_at, first_at, Json(noted)) = (row.take()?, row.take()?, row.take::<Json<Vec<Noted>>>()?);
            let answers = row.take::<Option<Json<Vec<String>>>>()?.map_or_else(Vec::new, |Json(answers)| answers);
            Ok(Page { last_at, first_at, noted, answers })
        })?;
        let is_last = pages.len() < READ_MAX;
        for page in pages {
            // Nothing that follows is newer than the newest of this row.
            if found.len() == limit && found.last().is_none_or(|oldest| oldest.tried_at.timestamp_micros() > page.last_at) {
                return Ok(found);
            }
            after = (page.last_at, page.first_at);
            let answers = page.answers.into_iter().map(Some).chain(std::iter::repeat(None));
            let all = page.noted.into_iter().zip(answers).map(together);
            found.extend(all.filter(|one| one.tried_at < before && (lowest..=highest).contains(&one.position)));
            found.sort_by_key(|attempt| std::cmp::Reverse(attempt.tried_at));
            found.truncate(limit);
        }
        if is_last {
            return Ok(found);
        }
    }
}
