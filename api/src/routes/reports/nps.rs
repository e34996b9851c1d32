//! The Net Promoter Score over time and by shopper: always of pooled answers, never a mean of scores.

use super::{
    cut::{PARTS_MAX, parts, step},
    query::{self, Compared, Wanted, compared_query, shown},
};
use crate::{
    auth::caller::Caller,
    error::Result,
    parameters::Query,
    reading::{self, Read},
    routes::{by::By, scores::NpsView},
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    metrics::{calendar::Step, nps::Tally, range::Range},
    module::Module,
    report::Measure,
};
use vitrina_projections::report::{self, Figures, Whose, pooled};

compared_query! {
    /// Which scores.
    NpsQuery {
        /// `hour`, `day` (default), `week`, `month` or `shopper`. `call`, also after a comma: answers by when the rated call was created rather than by
        /// when they were given.
        #[param(example = "week,call")]
        by: Option<String>,
    }
}

/// The score of a part of the answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct NpsPart {
    /// First instant inside, for parts of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// First instant outside, for parts of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// To whom the answers are credited, for parts by shopper.
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper_id: Option<Uuid>,
    /// The score.
    nps: NpsView,
    /// Where its answers are listed.
    facts: String,
}

/// Scores (`nps`).
#[derive(Serialize, ToSchema)]
pub(crate) struct NpsReport {
    /// How the answers are parted.
    by: String,
    /// The parts, in order.
    items: Vec<NpsPart>,
    /// All answers pooled.
    total: NpsView,
    /// Where they are listed.
    facts: String,
}

/// The Net Promoter Score by time or by shopper.
#[utoipa::path(tag = "reports", params(NpsQuery), responses((status = 200, body = Read<Compared<NpsReport>>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/nps")]
pub(crate) async fn report_nps(caller: Caller, query: Query<NpsQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let By { cut, anchors } = By::parse(query.0.by.as_deref(), &["hour", "day", "week", "month", "shopper"], &["call"])?;
    let by = cut.unwrap_or("day");
    let step = step(by);
    query::answer(&state, account, query.0.common().anchored(anchors), query.0.compare.as_deref(), async |wanted: &Wanted| {
        NpsReport::read(&state, wanted, by, step).await
    })
    .await
}

impl NpsReport {
    /// Parted by this step of time; by shopper where there is none.
    async fn read(state: &State, wanted: &Wanted, by: &str, step: Option<Step>) -> Result<Self> {
        let figures = Figures::of(&state.store, wanted.account, &wanted.selection, &[], &[Measure::Nps]).await.map_err(reading::problem)?;
        let items = match step {
            None => figures
                .credited()
                .into_iter()
                .map(|shopper| {
                    let nps = figures.nps(Whose::Of(shopper)).into();
                    NpsPart {
                        from: None,
                        to: None,
                        shopper_id: shopper.map(|id| id.0),
                        nps,
                        facts: wanted.facts(Measure::Nps, Whose::Of(shopper), &[]),
                    }
                })
                .collect(),
            Some(step) => {
                let parts = parts(wanted, step, PARTS_MAX)?;
                let mut tallies = vec![Tally::default(); parts.len()];
                let told =
                    report::told_apart(&state.store, wanted.account, Measure::Nps, &wanted.selection).await.map_err(reading::problem)?;
                for (from, value, count) in told {
                    let index = report::part_of(&parts, from);
                    tallies[index] = tallies[index].pooled(pooled(&BTreeMap::from([(value, count)])));
                }
                let shown = |at| Some(shown(at, wanted.zone));
                let part = |(part, tally): (Range, Tally)| NpsPart {
                    from: shown(part.from),
                    to: shown(part.to),
                    shopper_id: None,
                    nps: tally.into(),
                    facts: wanted.facts_during(part, Measure::Nps, Whose::All, &[]),
                };
                parts.into_iter().zip(tallies).map(part).collect()
            }
        };
        Ok(Self { by: by.to_owned(), items, total: figures.nps(Whose::All).into(), facts: wanted.facts(Measure::Nps, Whose::All, &[]) })
    }
}
