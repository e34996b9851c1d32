//! The minutes of the plan (PRODUCT.md 5.13): of each billing period, which is a month of the account's zone, what its billable seconds come to.
//! It takes no other zone, no shopper and no environment: a bill is of the whole shop, and trials are free.

use super::{
    query::{Report, Wanted, shown},
    views::Of,
};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::Query,
    period,
    reading::{self, Read, ReadAt},
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vitrina_domain::{
    metrics::{
        calendar::Step,
        minutes::Rounding,
        range::{Asked, Range},
    },
    module::Module,
    report::Measure,
};
use vitrina_eventlog::Environment;
use vitrina_projections::report::{Metered, Selection, Whose};

/// Billing periods of one answer at most: ten years.
const PERIODS_MAX: usize = 120;

/// Which billing periods.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PlanQuery {
    /// The first is the month of this date or instant, whole; the current one when left out.
    #[param(example = "2026-03-01")]
    from: Option<String>,
    /// The last is that of this date, or of what is just before this instant.
    #[param(example = "2026-03-31")]
    to: Option<String>,
    /// `per_period` (default): seconds become minutes once, over the whole period. `per_call`: in each call by itself, where the contract says so.
    #[param(value_type = Option<String>, example = "per_period")]
    round: Option<String>,
    /// Wait until this position is in the answer.
    at_least: Option<i64>,
    /// Answer as it was at this position or RFC 3339 instant.
    #[param(example = "2026-03-01T12:00:00Z")]
    as_of: Option<String>,
}

/// What a billing period comes to.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanFigures {
    /// First instant inside, in the account's zone.
    #[schema(example = "2026-03-01T00:00:00+01:00")]
    from: String,
    /// First instant outside.
    #[schema(example = "2026-04-01T00:00:00+02:00")]
    to: String,
    /// Calls with billable seconds in it.
    calls: usize,
    /// Its billable seconds: both sides had media while the call was live. Of calls that are over.
    #[schema(example = 721)]
    seconds: i64,
    /// Its minutes, each that was begun.
    #[schema(example = 13)]
    minutes: i64,
}

/// The minutes of the plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// How seconds become minutes: per_period or per_call.
    round: &'static str,
    /// The billing periods, in order.
    items: Vec<Of<PlanFigures>>,
}

fn rounding(round: Option<&str>) -> Result<(Rounding, &'static str)> {
    match round {
        None | Some("per_period") => Ok((Rounding::PerPeriod, "per_period")),
        Some("per_call") => Ok((Rounding::PerCall, "per_call")),
        Some(_) => Err(ApiError::parameter("round", "unknown_value", "one of per_period, per_call")),
    }
}

/// The minutes of the plan, for each billing period: a month of the account's zone, whole. Trials are free.
#[utoipa::path(tag = "reports", params(PlanQuery), responses((status = 200, body = Read<Report<PlanView>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/plan")]
pub(crate) async fn report_plan(caller: Caller, query: Query<PlanQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let query = query.0;
    let (rounding, round) = rounding(query.round.as_deref())?;
    let as_of = ReadAt { at_least: query.at_least, as_of: query.as_of }.position(&state).await?;
    let asked = Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: None };
    let (range, zone) = period::zoned(&state, account, as_of, asked).await?;
    let month = |at| Range::month_of(at, zone).map_err(period::parameter);
    let last = range.from.max(range.to - TimeDelta::microseconds(1));
    let range = Range { from: month(range.from)?.from, to: month(last)?.to };
    let periods = Step::Month.parts(range, zone, PERIODS_MAX);
    let periods = periods.ok_or_else(|| ApiError::parameter("from", "too_many", format!("at most {PERIODS_MAX} months")))?;
    let selection = Selection::of(range, Some(Environment::Production), as_of);
    let wanted = Wanted { account, selection, zone };
    let mut items = Vec::with_capacity(periods.len());
    for period in periods {
        let metered = Metered::of(&state.store, account, period, as_of).await.map_err(reading::problem)?;
        let figures = PlanFigures {
            from: shown(period.from, zone),
            to: shown(period.to, zone),
            calls: metered.calls(),
            seconds: metered.seconds(),
            minutes: metered.minutes(rounding),
        };
        let facts = wanted.facts_during(period, Measure::CallSeconds, Whose::All, &[]);
        items.push(Of { measure: Measure::CallSeconds.as_str(), facts: Some(facts), figures });
    }
    Ok(reading::answer_unversioned(wanted.report(PlanView { round, items }), as_of))
}
