//! Making a read model anew while the server runs: asked for by `vitrina rebuild`, which knows the server's key.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Code, Result},
    reading,
    writing::Command,
};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_projections::runner::ALL;

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
}

/// What was made anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rebuilt {
    /// The read models.
    names: Vec<String>,
    /// Everything up to here is in them.
    position: i64,
}

/// Make a read model anew from the log, while reading goes on. For those who run the server.
#[utoipa::path(tag = "operations", request_body = NewRebuild, responses((status = 200, body = Rebuilt)), security(("bearer" = ["operator"])))]
#[post("/v1/rebuilds")]
pub(crate) async fn rebuild(command: Command<NewRebuild>) -> Result<HttpResponse> {
    if !matches!(command.caller, Caller::Operator) {
        return Err(ApiError::new(Code::NotAllowed, "only who runs the server may do this: use `vitrina rebuild` on its machine"));
    }
    let wanted = command.body.name.as_str();
    let all = vitrina_projections::all();
    let names: Vec<String> = all.iter().map(|one| one.name().to_owned()).filter(|name| wanted == ALL || wanted == name).collect();
    if names.is_empty() {
        return Err(ApiError::field("/name", "unknown", "expected the name of a read model, or all"));
    }
    let told = wanted.to_owned();
    let progress =
        move |p: vitrina_projections::runner::Progress| tracing::info!(name = told, position = p.position.0, head = p.head.0, "rebuilding");
    let position = command.state.runner.rebuild(wanted, progress).await.map_err(reading::problem)?;
    Ok(HttpResponse::Ok().json(Rebuilt { names, position: position.0 }))
}
