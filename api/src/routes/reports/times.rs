//! How long things took (PRODUCT.md 5.7): waits, answers, replies, work. Nothing is capped or trimmed, and what has no value
//! because it never came is counted beside.

use super::{
    query::{self, Compared, Wanted, compared_query},
    source::Source,
    timed::{MISSING, TOLD_APART, TimesPart},
    views::{Count, Of, Times, percent},
};
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
    metrics::wait::{ANSWER_WITHIN_S, SHORT_S, abandonment},
    module::Module,
    report::Measure,
};
use vitrina_projections::{
    accounts,
    report::{Figures, Whose, open_summary},
};

/// A service level is asked for within this many seconds at most: a day.
const ANSWER_WITHIN_S_MAX: u64 = 86_400;

compared_query! {
    /// Which times.
    TimesQuery {
        /// The seconds within which a call counts as answered in time.
        #[param(value_type = Option<u64>, minimum = 0, maximum = 86400, default = 20)]
        answer_within_s: Option<i64>,
        /// The same of each part, too: `shopper`, `hour`, `day`, `week`, `month`, or `hour_of_week`: all Mondays at nine together, and so on.
        by: Option<String>,
    }
}

/// Spans that are counted within business hours, too.
const WITHIN_HOURS: [Measure; 5] = [Measure::WaitServed, Measure::FirstResponse, Measure::Reply, Measure::Reaction, Measure::Resolution];

/// Times within the shop's hours, by the hours of the position that the report is of.
#[derive(Serialize, ToSchema)]
pub(crate) struct BusinessTimes {
    /// Waits of calls that a shopper took.
    wait_served: Of<Times>,
    /// From the customer's first message to the first human reply.
    first_response: Of<Times>,
    /// From the first unanswered message to the human reply.
    reply: Of<Times>,
    /// From joining to the joined one's first reply.
    reaction: Of<Times>,
    /// From opening to closing.
    resolution: Of<Times>,
}

impl BusinessTimes {
    /// `None` where the shop has no hours: nothing is 0 that nobody can count.
    async fn read(state: &State, source: Source<'_>) -> Result<Option<Self>> {
        let wanted = source.wanted;
        let account = accounts::get(&state.store, wanted.account, wanted.selection.as_of).await.map_err(reading::problem)?;
        let Some(hours) = account.and_then(|at| at.row.business_hours.0.schedule) else { return Ok(None) };
        let mut times = Vec::with_capacity(WITHIN_HOURS.len());
        for measure in WITHIN_HOURS {
            let summary = open_summary(&state.store, wanted.account, measure, &wanted.selection, &hours).await.map_err(reading::problem)?;
            times.push(source.shown(measure, summary));
        }
        let [wait_served, first_response, reply, reaction, resolution] =
            <[Of<Times>; 5]>::try_from(times).unwrap_or_else(|_| unreachable!("one for each measure"));
        Ok(Some(Self { wait_served, first_response, reply, reaction, resolution }))
    }
}

/// Times of a period, in seconds.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimesView {
    /// Waits of calls that a shopper took; re-queued ones add up. At the claim that held.
    wait_served: Of<Times>,
    /// Waits of customers who gave up.
    wait_abandoned: Of<Times>,
    /// Waits that the house ended: nobody could come, or the time was over.
    wait_ended: Of<Times>,
    /// Those who gave up within ten seconds; they are among the others, too.
    abandoned_short: u64,
    /// Those who gave up among all who were served or gave up. `null` of one shopper: who gives up is nobody's.
    abandonment_percent: Option<f64>,
    /// The same without those who gave up within ten seconds.
    abandonment_without_short_percent: Option<f64>,
    /// The seconds of the service level.
    answer_within_s: u64,
    /// Those served within these seconds among all who waited; `null` of one shopper.
    service_level_percent: Option<f64>,
    /// From the first wait until both sides had media.
    answer_speed: Of<Times>,
    /// From the customer's first message to the first human reply.
    first_response: Of<Times>,
    /// Conversations that ended without it.
    first_response_missing: Of<Count>,
    /// From the first unanswered message to the human reply.
    reply: Of<Times>,
    /// Messages that were left without one at the end.
    reply_missing: Of<Count>,
    /// From joining to the joined one's first reply.
    reaction: Of<Times>,
    /// Those who joined and left without a word.
    reaction_missing: Of<Count>,
    /// Conversations that ended without a word of any agent.
    unanswered_by_agent: Of<Count>,
    /// From opening to closing.
    resolution: Of<Times>,
    /// Live and wrap-up of calls.
    handle: Of<Times>,
    /// How long calls lasted: both sides had media. At their end.
    duration: Of<Times>,
    /// Some of them within the shop's hours; `null` where it has none.
    business_hours: Option<BusinessTimes>,
}

/// Times of a period, and of its parts where they were asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimesReport {
    #[serde(flatten)]
    times: TimesView,
    /// How the period is parted.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// The parts, in order, also those in which nothing happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<TimesPart>>,
}

impl TimesView {
    fn of(source: Source<'_>, within_s: u64, business_hours: Option<BusinessTimes>) -> Self {
        let Source { figures, whose, .. } = source;
        let of_all = |share: Option<f64>| share.filter(|_| source.is_of_all());
        let times = |measure| Times::of(source, measure);
        let count = |measure| Count::of(source, measure);
        let values = |measure| figures.values(measure, whose);
        let all = |values: &BTreeMap<i64, i64>| values.values().sum::<i64>().unsigned_abs();
        let (served, abandoned) = (values(Measure::WaitServed), values(Measure::WaitAbandoned));
        let short = all(&abandoned.range(..SHORT_S as i64).map(|(wait, count)| (*wait, *count)).collect());
        Self {
            wait_served: times(Measure::WaitServed),
            wait_abandoned: times(Measure::WaitAbandoned),
            wait_ended: times(Measure::WaitEnded),
            abandoned_short: short,
            abandonment_percent: of_all(percent(figures.abandonment(whose))),
            abandonment_without_short_percent: of_all(percent(abandonment(all(&abandoned) - short, all(&served)))),
            answer_within_s: within_s,
            service_level_percent: of_all(percent(figures.service_level(within_s, whose))),
            answer_speed: times(Measure::AnswerSpeed),
            first_response: times(Measure::FirstResponse),
            first_response_missing: count(Measure::FirstResponseMissing),
            reply: times(Measure::Reply),
            reply_missing: count(Measure::ReplyMissing),
            reaction: times(Measure::Reaction),
            reaction_missing: count(Measure::ReactionMissing),
            unanswered_by_agent: count(Measure::UnansweredByAgent),
            resolution: times(Measure::Resolution),
            handle: times(Measure::Handle),
            duration: times(Measure::CallDuration),
            business_hours,
        }
    }
}

/// How long things took.
#[utoipa::path(tag = "reports", params(TimesQuery), responses((status = 200, body = Read<Compared<TimesReport>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/times")]
pub(crate) async fn report_times(caller: Caller, query: Query<TimesQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let within_s = query.0.answer_within_s.map_or(Ok(ANSWER_WITHIN_S), u64::try_from).ok().filter(|within| *within <= ANSWER_WITHIN_S_MAX);
    let out_of_range =
        || ApiError::parameter("answer_within_s", "out_of_range", format!("a number of seconds from 0 to {ANSWER_WITHIN_S_MAX}"));
    let within_s = within_s.ok_or_else(out_of_range)?;
    let read = async |wanted: &Wanted| {
        let figures = Figures::of(&state.store, account, &wanted.selection, MISSING, TOLD_APART).await.map_err(reading::problem)?;
        let source = Source::new(&figures, wanted, Whose::All);
        let times = TimesView::of(source, within_s, BusinessTimes::read(&state, source).await?);
        let items = match &query.0.by {
            Some(by) => Some(TimesPart::read(&state, wanted, &figures, by, within_s).await?),
            None => None,
        };
        Ok(TimesReport { times, by: query.0.by.clone(), items })
    };
    query::answer(&state, account, query.0.common(), query.0.compare.as_deref(), read).await
}
