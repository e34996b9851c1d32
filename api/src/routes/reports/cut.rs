//! A period that is cut: into hours, days, weeks or months of its zone, or into the hours of the week.

use super::query::{Wanted, shown};
use crate::error::{ApiError, Result};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrina_domain::metrics::{
    calendar::{Step, hour_of_week},
    range::Range,
};
use vitrina_projections::report;

/// Rows of one answer, at most: a year of hours, or 27 years of days.
pub(super) const PARTS_MAX: usize = 10_000;
/// Weekdays by hours.
const HOURS_OF_WEEK: usize = 7 * 24;

/// Into what.
pub(super) enum Cut {
    /// Into these, in order.
    Parts(Vec<Range>),
    /// All Mondays at nine together, and so on.
    HoursOfWeek,
}

/// Which part of a period.
#[derive(Serialize, ToSchema, Default)]
pub(crate) struct When {
    /// First instant inside; absent for hours of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// First instant outside; absent for hours of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// 1 is Monday; for hours of the week only.
    #[serde(skip_serializing_if = "Option::is_none")]
    weekday: Option<u32>,
    /// 0 to 23; for hours of the week only.
    #[serde(skip_serializing_if = "Option::is_none")]
    hour: Option<u32>,
}

/// The step that `by` names.
pub(super) fn step(by: &str) -> Option<Step> {
    match by {
        "hour" => Some(Step::Hour),
        "day" => Some(Step::Day),
        "week" => Some(Step::Week),
        "month" => Some(Step::Month),
        _ => None,
    }
}

/// The parts of the period, or a refusal when there are too many.
pub(super) fn parts(wanted: &Wanted, step: Step, parts_max: usize) -> Result<Vec<Range>> {
    let parts = step.parts(wanted.selection.range, wanted.zone, parts_max);
    parts.ok_or_else(|| ApiError::parameter("by", "too_many", format!("larger steps or a shorter period: at most {parts_max} parts")))
}

impl Cut {
    /// As `by` names it; `None` for any other name.
    pub(super) fn of(by: &str, wanted: &Wanted, parts_max: usize) -> Result<Option<Self>> {
        match step(by) {
            Some(step) => parts(wanted, step, parts_max).map(Self::Parts).map(Some),
            None => Ok((by == "hour_of_week").then_some(Self::HoursOfWeek)),
        }
    }

    /// How many parts.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Parts(parts) => parts.len(),
            Self::HoursOfWeek => HOURS_OF_WEEK,
        }
    }

    /// Which part it is.
    pub(super) fn when(&self, index: usize, wanted: &Wanted) -> When {
        match self {
            Self::Parts(parts) => {
                let edge = |at| Some(shown(at, wanted.zone));
                When { from: edge(parts[index].from), to: edge(parts[index].to), ..When::default() }
            }
            Self::HoursOfWeek => {
                let index = index as u32;
                When { weekday: Some(1 + index / 24), hour: Some(index % 24), ..When::default() }
            }
        }
    }

    /// Its period, where it is one.
    pub(super) fn range(&self, index: usize) -> Option<Range> {
        match self {
            Self::Parts(parts) => parts.get(index).copied(),
            Self::HoursOfWeek => None,
        }
    }

    /// Which part a quarter of an hour belongs to.
    pub(super) fn index(&self, quarter: DateTime<Utc>, wanted: &Wanted) -> usize {
        match self {
            Self::Parts(parts) => report::part_of(parts, quarter),
            Self::HoursOfWeek => {
                let (weekday, hour) = hour_of_week(quarter, wanted.zone);
                (weekday.num_days_from_monday() * 24 + hour) as usize
            }
        }
    }
}
