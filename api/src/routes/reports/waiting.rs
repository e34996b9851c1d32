//! Who waits for a person now, or waited at any position: the live tile of a floor (PRODUCT.md 5.7).

use crate::{
    auth::caller::Caller,
    error::Result,
    parameters::Query,
    reading::{self, Read, ReadAt},
    routes::named,
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vitrina_domain::module::Module;
use vitrina_projections::report::{self, Waiting};

/// Of whom, and when.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WaitingQuery {
    /// `production` (when left out), `test` or `all`.
    environment: Option<String>,
    /// Wait until this position is in the answer: the `position` that a command of yours answered with.
    at_least: Option<i64>,
    /// Answer as it was at this position or RFC 3339 instant.
    #[param(example = "2026-03-01T12:00:00Z")]
    as_of: Option<String>,
}

/// Those who wait.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingFigures {
    /// How many.
    count: i64,
    /// Since when who waits longest does; waits of a call that was put back add up, so it is that much earlier. `null` where nobody waits.
    longest_since: Option<DateTime<Utc>>,
}

/// Who waits for a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingNow {
    /// Calls in the queue.
    calls: WaitingFigures,
    /// Open chats in which no shopper is present.
    chats: WaitingFigures,
}

impl From<Waiting> for WaitingFigures {
    fn from(Waiting { count, longest_since }: Waiting) -> Self {
        Self { count, longest_since }
    }
}

/// How many wait, and since when the longest. A wait counts in the times when it ends, and here until then.
#[utoipa::path(tag = "reports", params(WaitingQuery), responses((status = 200, body = Read<WaitingNow>)), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/waiting")]
pub(crate) async fn report_waiting(caller: Caller, query: Query<WaitingQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let WaitingQuery { environment, at_least, as_of } = query.0;
    let environment = named::environment(environment.as_deref())?;
    let position = ReadAt { at_least, as_of }.position(&state).await?;
    let [calls, chats] = report::waiting(&state.store, account, environment, position).await.map_err(reading::problem)?;
    Ok(reading::answer_unversioned(WaitingNow { calls: calls.into(), chats: chats.into() }, position))
}
