//! When it happens: by hour, day, week or month of any zone, or by hour of the week.

use super::query::{Report, Wanted, report_query, shown};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::Query,
    reading::{self, Read},
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use vitrina_domain::{
    metrics::{
        calendar::{Step, hour_of_week},
        range::Range,
    },
    module::Module,
    report::Measure,
};
use vitrina_projections::report::{self, Bucket};

/// Rows of one answer, at most: a year of hours, or 27 years of days.
pub(super) const PARTS_MAX: usize = 10_000;
/// Weekdays by hours.
const HOURS_OF_WEEK: usize = 7 * 24;

report_query! {
    /// Which activity.
    ActivityQuery {
        /// `hour`, `day` (default), `week`, `month`, or `hour_of_week`: all Mondays at nine together, and so on.
        by: Option<String>,
    }
}

/// What is counted by time.
const COUNTED: [Measure; 7] = [
    Measure::CallCreated,
    Measure::CallFinished,
    Measure::CallCancelled,
    Measure::CallSeconds,
    Measure::ConversationOpened,
    Measure::WaitServed,
    Measure::WaitAbandoned,
];

/// What happened in a part of the period.
#[derive(Serialize, ToSchema, Default)]
pub(crate) struct Part {
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
    /// Calls that were created (`call_created`).
    calls: i64,
    /// Calls that were over after they had been live (`call_finished`).
    finished: i64,
    /// Calls that were cancelled (`call_cancelled`).
    cancelled: i64,
    /// Seconds of calls (`call_seconds`).
    call_seconds: i64,
    /// Conversations that were opened (`conversation_opened`).
    conversations: i64,
    /// Waits that ended with a claim (`wait_served`).
    served: i64,
    /// Their seconds; by `served` their mean.
    served_seconds: i64,
    /// Waits that were given up (`wait_abandoned`).
    abandoned: i64,
}

/// What happened when.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityView {
    /// How the period is cut.
    by: String,
    /// The parts, in order, also those in which nothing happened.
    items: Vec<Part>,
}

impl Part {
    fn add(&mut self, measure: Measure, bucket: &Bucket) {
        match measure {
            Measure::CallCreated => self.calls += bucket.count,
            Measure::CallFinished => self.finished += bucket.count,
            Measure::CallCancelled => self.cancelled += bucket.count,
            Measure::CallSeconds => self.call_seconds += bucket.sum,
            Measure::ConversationOpened => self.conversations += bucket.count,
            Measure::WaitServed => (self.served, self.served_seconds) = (self.served + bucket.count, self.served_seconds + bucket.sum),
            Measure::WaitAbandoned => self.abandoned += bucket.count,
            _ => {}
        }
    }
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
pub(super) fn parts(wanted: &Wanted, step: Step) -> Result<Vec<Range>> {
    let parts = step.parts(wanted.selection.range, wanted.zone, PARTS_MAX);
    parts.ok_or_else(|| ApiError::parameter("by", "too_many", format!("larger steps or a shorter period: at most {PARTS_MAX} parts")))
}

/// What happened when.
#[utoipa::path(tag = "reports", params(ActivityQuery), responses((status = 200, body = Read<Report<ActivityView>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/activity")]
pub(crate) async fn report_activity(caller: Caller, query: Query<ActivityQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let by = query.0.by.clone().unwrap_or_else(|| "day".to_owned());
    let step = step(&by);
    if step.is_none() && by != "hour_of_week" {
        return Err(ApiError::parameter("by", "unknown_value", "one of hour, day, week, month, hour_of_week"));
    }
    let wanted = query.0.common().wanted(&state, account).await?;
    let parts = step.map(|step| parts(&wanted, step)).transpose()?;
    let mut items: Vec<Part> = match &parts {
        Some(parts) => {
            let shown = |at| Some(shown(at, wanted.zone));
            parts.iter().map(|part| Part { from: shown(part.from), to: shown(part.to), ..Part::default() }).collect()
        }
        None => (0..HOURS_OF_WEEK as u32)
            .map(|index| Part { weekday: Some(1 + index / 24), hour: Some(index % 24), ..Part::default() })
            .collect(),
    };
    let mut buckets = BTreeMap::new();
    for measure in COUNTED {
        let found = report::buckets(&state.store, account, measure, &wanted.selection).await.map_err(reading::problem)?;
        buckets.insert(measure, found);
    }
    for (measure, buckets) in &buckets {
        for bucket in buckets {
            let index = match &parts {
                Some(parts) => report::part_of(parts, bucket.from),
                None => {
                    let (weekday, hour) = hour_of_week(bucket.from, wanted.zone);
                    (weekday.num_days_from_monday() * 24 + hour) as usize
                }
            };
            items[index].add(*measure, bucket);
        }
    }
    Ok(reading::answer_unversioned(wanted.report(ActivityView { by, items }), wanted.selection.as_of))
}
