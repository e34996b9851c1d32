//! When it happens: by hour, day, week or month of any zone, or by hour of the week.

use super::{
    cut::{Cut, PARTS_MAX, When},
    query::{self, Compared, Wanted, compared_query},
};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::Query,
    reading::{self, Read},
    routes::by::By,
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use vitrina_domain::{module::Module, report::Measure};
use vitrina_projections::report::{self, Bucket, Whose};

compared_query! {
    /// Which activity.
    ActivityQuery {
        /// `hour`, `day` (default), `week`, `month`, or `hour_of_week`: all Mondays at nine together, and so on. `ended_at`, also after a comma: calls
        /// by when they ended or were cancelled rather than when they were created.
        #[param(example = "day,ended_at")]
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
    #[serde(flatten)]
    when: When,
    /// Calls that were created (`call_created`); by their end, those that ended or were cancelled (`call_ended`).
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
    /// Where the facts of each measure are listed; those of a part with its `from` and `to`.
    facts: BTreeMap<&'static str, String>,
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

/// What happened when.
#[utoipa::path(tag = "reports", params(ActivityQuery), responses((status = 200, body = Read<Compared<ActivityView>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/activity")]
pub(crate) async fn report_activity(caller: Caller, query: Query<ActivityQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let cuts = ["hour", "day", "week", "month", "hour_of_week"];
    let By { cut, anchors } = By::parse(query.0.by.as_deref(), &cuts, &["ended_at"])?;
    let by = cut.unwrap_or("day");
    query::answer(&state, account, query.0.common().anchored(anchors), query.0.compare.as_deref(), async |wanted: &Wanted| {
        ActivityView::read(&state, wanted, by).await
    })
    .await
}

impl ActivityView {
    async fn read(state: &State, wanted: &Wanted, by: &str) -> Result<Self> {
        let cut = Cut::of(by, wanted, PARTS_MAX)?;
        let cut = cut.ok_or_else(|| ApiError::parameter("by", "unknown_value", "one of hour, day, week, month, hour_of_week"))?;
        let mut items: Vec<Part> = (0..cut.len()).map(|index| Part { when: cut.when(index, wanted), ..Part::default() }).collect();
        for measure in COUNTED {
            let buckets = report::buckets(&state.store, wanted.account, measure, &wanted.selection).await.map_err(reading::problem)?;
            for bucket in &buckets {
                items[cut.index(bucket.from, wanted)].add(measure, bucket);
            }
        }
        let facts = COUNTED.map(|measure| (wanted.selection.anchors.of(measure).as_str(), wanted.facts(measure, Whose::All, &[])));
        Ok(Self { by: by.to_owned(), items, facts: facts.into() })
    }
}
