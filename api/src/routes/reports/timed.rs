//! How long things took, by shopper or by time of day: the parts of the report of times, and the service level of each hour.

use super::{
    cut::{Cut, When},
    query::Wanted,
    source::Source,
    views::{Count, Of, Times, percent},
};
use crate::{
    error::{ApiError, Result},
    reading,
    wiring::State,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::report::Measure;
use vitrina_projections::{
    report::{Figures, Whose},
    shoppers,
};

/// Parts of one answer at most, each with the percentiles of ten measures: six weeks of hours.
const PARTS_MAX: usize = 1_008;

/// Durations whose values are told apart.
pub(super) const TOLD_APART: &[Measure] = &[
    Measure::WaitServed,
    Measure::WaitAbandoned,
    Measure::WaitEnded,
    Measure::AnswerSpeed,
    Measure::FirstResponse,
    Measure::Reply,
    Measure::Reaction,
    Measure::Resolution,
    Measure::Handle,
    Measure::CallDuration,
];

/// What never came: it has no time, and is counted beside.
pub(super) const MISSING: &[Measure] =
    &[Measure::FirstResponseMissing, Measure::ReplyMissing, Measure::ReactionMissing, Measure::UnansweredByAgent];

/// Whose times.
#[derive(Serialize, ToSchema)]
pub(crate) struct Person {
    /// The shopper; `null` for what is credited to nobody, such as the wait of who gave up.
    shopper_id: Option<Uuid>,
    /// Name; `null` also when the person was erased.
    name: Option<String>,
}

/// Times of a part, in seconds, as the report says of the whole.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimesPart {
    #[serde(flatten)]
    when: When,
    #[serde(flatten)]
    #[schema(value_type = Person)]
    person: Option<Person>,
    /// Waits of calls that a shopper took.
    wait_served: Of<Times>,
    /// Waits of customers who gave up.
    wait_abandoned: Of<Times>,
    /// Waits that the house ended.
    wait_ended: Of<Times>,
    /// Those who gave up among all who were served or gave up; `null` of one shopper.
    abandonment_percent: Option<f64>,
    /// Those served in time among all who waited; `null` of one shopper.
    service_level_percent: Option<f64>,
    /// From the first wait until both sides had media.
    answer_speed: Of<Times>,
    /// From the customer's first message to the first human reply.
    first_response: Of<Times>,
    /// Conversations that ended without it; those of a shopper are whose conversation it was at the end.
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
    /// How long calls lasted.
    duration: Of<Times>,
}

impl TimesPart {
    /// The parts that `by` names; `figures` are those of the whole.
    pub(super) async fn read(state: &State, wanted: &Wanted, figures: &Figures, by: &str, within_s: u64) -> Result<Vec<Self>> {
        if by == "shopper" {
            let names = shoppers::names(&state.store, wanted.account, wanted.selection.as_of).await.map_err(reading::problem)?;
            let of = |shopper| {
                let source = Source::new(figures, wanted, Whose::Of(shopper));
                let name = shopper.and_then(|id| names.get(&id).cloned());
                let person = Person { shopper_id: shopper.map(|id| id.0), name };
                Self::of(source, within_s, When::default(), Some(person))
            };
            return Ok(figures.credited().into_iter().map(of).collect());
        }
        let cut = Cut::of(by, wanted, PARTS_MAX)?;
        let cut = cut.ok_or_else(|| ApiError::parameter("by", "unknown_value", "one of shopper, hour, day, week, month, hour_of_week"))?;
        let part = |quarter| cut.index(quarter, wanted);
        let parts = Figures::cut(&state.store, wanted.account, &wanted.selection, (MISSING, TOLD_APART), cut.len(), part).await;
        let of = |(index, figures): (usize, &Figures)| {
            let source = Source { during: cut.range(index), ..Source::new(figures, wanted, Whose::All) };
            Self::of(source, within_s, cut.when(index, wanted), None)
        };
        Ok(parts.map_err(reading::problem)?.iter().enumerate().map(of).collect())
    }

    fn of(source: Source<'_>, within_s: u64, when: When, person: Option<Person>) -> Self {
        let times = |measure| Times::of(source, measure);
        let count = |measure| Count::of(source, measure);
        let Source { figures, whose, .. } = source;
        let of_all = |share: Option<f64>| share.filter(|_| source.is_of_all());
        Self {
            when,
            person,
            wait_served: times(Measure::WaitServed),
            wait_abandoned: times(Measure::WaitAbandoned),
            wait_ended: times(Measure::WaitEnded),
            abandonment_percent: of_all(percent(figures.abandonment(whose))),
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
        }
    }
}
