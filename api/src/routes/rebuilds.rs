//! Making a read model anew while the server runs: asked for by `vitrina replay` and `vitrina rebuild`, which know the server's key.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Code, Result},
    rebuilding,
    writing::Command,
};
use actix_web::{HttpResponse, post, web::Bytes};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_projections::runner::{Compare, Order, Progress, Then};

/// Lines that wait for whoever asked; more would only say the same.
const LINES_MAX: usize = 4;
/// How often it is told how far it is; this is also how soon one is given up whose client has gone.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(rebuild);
}

/// What is to be made anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRebuild {
    /// The read model, or `all`.
    #[schema(example = "queue")]
    name: String,
    /// What is done with the new tables once they are compared with the old ones.
    #[serde(default)]
    then: Afterwards,
    /// How many differing rows are told at most.
    #[serde(default = "told_max")]
    #[schema(minimum = 0, maximum = 1000)]
    told_max: usize,
}

fn told_max() -> usize {
    Order::TOLD_MAX
}

/// What is done with new tables.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Afterwards {
    /// They take the place of the old ones.
    #[default]
    Switch,
    /// They are dropped.
    Drop,
}

/// Make a read model anew from the log, compare it row by row, and switch to it or drop it, while reading goes on. For those who run the server.
///
/// Answers with lines: how far it is, and at the end `rebuilt`, or `problem`. Who leaves before the end gives it up.
#[utoipa::path(tag = "operations", request_body = NewRebuild, responses((status = 200, body = String, content_type = "application/jsonl")), security(("bearer" = ["operator"])))]
#[post("/v1/rebuilds")]
pub(crate) async fn rebuild(command: Command<NewRebuild>) -> Result<HttpResponse> {
    if !matches!(command.caller, Caller::Operator) {
        return Err(ApiError::new(Code::NotAllowed, "only who runs the server may do this: use `vitrina replay` on its machine"));
    }
    let NewRebuild { name, then, told_max } = command.body;
    let names = rebuilding::names(&name);
    if names.is_empty() {
        return Err(ApiError::field("/name", "unknown", "expected the name of a read model, or all"));
    }
    if told_max > rebuilding::TOLD_MAX {
        return Err(ApiError::field("/told_max", "out_of_range", "expected 0 to 1000"));
    }
    let then = if matches!(then, Afterwards::Switch) { Then::Switch } else { Then::Drop };
    let order = Order { compare: Compare::Everything, told_max, then, ..Order::SWITCH };
    let (lines, told) = mpsc::channel::<Bytes>(LINES_MAX);
    let runner = command.state.runner.clone();
    actix_web::rt::spawn(async move {
        let rebuilt = runner.rebuild(&name, order, tell(lines.clone())).await;
        let last = match rebuilt {
            Ok(rebuilt) => json!({ "rebuilt": rebuilding::report(&names, &rebuilt) }),
            Err(error) => json!({ "problem": error.chain() }),
        };
        // Whoever asked may have gone.
        let _ = lines.send(line(&last)).await;
    });
    let lines = futures_util::stream::unfold(told, |mut told| async move { Some((Ok::<_, ApiError>(told.recv().await?), told)) });
    Ok(HttpResponse::Ok().content_type("application/jsonl; charset=utf-8").streaming(lines))
}

/// Tells how far it is, and gives up when nobody listens any more.
fn tell(lines: mpsc::Sender<Bytes>) -> impl FnMut(Progress) -> ControlFlow<()> + Send + 'static {
    let mut told: Option<Instant> = None;
    move |progress| {
        if lines.is_closed() {
            return ControlFlow::Break(());
        }
        if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            told = Some(Instant::now());
            // A slow reader misses lines.
            let _ = lines.try_send(line(&rebuilding::progress(progress)));
        }
        ControlFlow::Continue(())
    }
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}
