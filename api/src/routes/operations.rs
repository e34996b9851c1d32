//! For those who run the server: is it alive, is it ready, how much does it do, and what its refusals mean.

use crate::{
    error::{ApiError, Code, RETRY_SOON_S, Result},
    telemetry,
    wiring::State,
    writing,
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_projections::runner;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(live).service(ready).service(metrics).service(list_problems).service(get_problem);
}

/// That it runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    /// Always `ok`.
    status: &'static str,
}

/// That it can serve, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    /// Always `ok`; otherwise the answer is a problem.
    status: &'static str,
    /// Where the log is: memory, sqlite or postgres.
    engine: &'static str,
    /// Position of the last event.
    head: i64,
    /// Position that the read models have come to.
    applied: i64,
}

/// A kind of refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemKind {
    /// Its URI, the `type` of problem documents.
    #[serde(rename = "type")]
    kind: String,
    /// Its stable name.
    code: &'static str,
    /// Its HTTP status.
    status: u16,
    /// What it means and what to do.
    meaning: &'static str,
}

/// All kinds of refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemKinds {
    /// The registry.
    items: Vec<ProblemKind>,
}

/// Whether the process runs.
#[utoipa::path(tag = "operations", responses((status = 200, body = Alive)), security(()))]
#[get("/health/live")]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Alive { status: "ok" })
}

/// Whether it can serve: the database answers, and the read models are there and go on.
#[utoipa::path(tag = "operations", responses((status = 200, body = Ready)), security(()))]
#[get("/health/ready")]
pub(crate) async fn ready(state: web::Data<State>) -> Result<HttpResponse> {
    let head = state.log.ping().await.map_err(writing::log_problem)?;
    let status = state.reading_status();
    let applied = status.position;
    if !status.is_ready() {
        let why = match status.state {
            runner::State::Failed(why) => format!("they have stopped: {why}"),
            runner::State::Waiting(why) => format!("they wait for their database: {why}"),
            _ if !status.missing.is_empty() => format!("being built: {}", status.missing.join(", ")),
            _ => "they catch up".to_owned(),
        };
        let detail = format!("the read models stand at position {applied} of {head}; {why}");
        return Err(ApiError::new(Code::NotReady, detail).retry_after_s(RETRY_SOON_S));
    }
    Ok(HttpResponse::Ok().json(Ready { status: "ok", engine: state.log.engine_name(), head: head.0, applied: applied.0 }))
}

/// Metrics for Prometheus.
#[utoipa::path(tag = "operations", responses((status = 200, body = String, content_type = "text/plain")), security(()))]
#[get("/metrics")]
pub(crate) async fn metrics(state: web::Data<State>) -> HttpResponse {
    let (head, applied, (waiting, capacity)) = (state.log.head(), state.applied(), state.log.queue());
    let failed = matches!(state.reading_status().state, runner::State::Failed(_));
    telemetry::observe_house(&telemetry::HouseFigures { head: head.0, applied: applied.0, waiting, capacity, has_failed: failed });
    telemetry::observe_media(state.media.counts());
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(telemetry::recorder().render())
}

/// Every kind of refusal.
#[utoipa::path(tag = "operations", responses((status = 200, body = ProblemKinds)), security(()))]
#[get("/problems")]
pub(crate) async fn list_problems(state: web::Data<State>) -> HttpResponse {
    let items = Code::ALL.iter().map(|code| kind(&state, *code)).collect();
    HttpResponse::Ok().json(ProblemKinds { items })
}

/// One kind of refusal: where the `type` of a problem document leads.
#[utoipa::path(tag = "operations", params(("code" = String, Path)), responses((status = 200, body = ProblemKind)), security(()))]
#[get("/problems/{code}")]
pub(crate) async fn get_problem(state: web::Data<State>, code: web::Path<String>) -> Result<HttpResponse> {
    let found = Code::ALL.iter().find(|known| known.name() == code.as_str());
    let code = found.ok_or_else(|| ApiError::new(Code::NotFound, "there is no such kind of problem; /problems lists them all"))?;
    Ok(HttpResponse::Ok().json(kind(&state, *code)))
}

fn kind(state: &State, code: Code) -> ProblemKind {
    ProblemKind {
        kind: code.type_uri(&state.public_url),
        code: code.name(),
        status: code.status().as_u16(),
        meaning: code.meaning().trim(),
    }
}
