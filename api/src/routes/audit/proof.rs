//! The proof that one event is in a log that a checkpoint vouches for, to be given to somebody who may not see the others.

use crate::{
    audit::{notary, proof},
    auth::caller::Caller,
    error::{ApiError, Code, Result},
    parameters::{Id, Query},
    reading,
    wiring::State,
};
use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::module::Module;
use vitrina_eventlog::Position;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(prove_event);
}

/// Where the event is.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProofQuery {
    /// Its position, where that is known; without it the event is found by the time in its id.
    position: Option<i64>,
    /// Wait until this position is in the answer: that of a checkpoint that was made just now.
    at_least: Option<i64>,
}

/// A proof, as `vitrina verify` takes it.
#[derive(Serialize, ToSchema)]
#[allow(dead_code)]
pub(crate) struct EventProof {
    /// Always `vitrina-proof/1`.
    format: String,
    /// The event as a line of the exported log: these very bytes are hashed, personal values sealed.
    event: String,
    /// The hash of the account's event before it, hexadecimal.
    previous: String,
    /// Which event of the account it is, from 0 on.
    index: u64,
    /// The hashes beside it in the tree, from the nearest to the root, hexadecimal.
    path: Vec<String>,
    /// The signed checkpoint (C2SP tlog-checkpoint).
    checkpoint: String,
}

/// Prove that an event is in the log, by the newest checkpoint. What it says is shown, personal values sealed, and nothing of the others.
#[utoipa::path(tag = "audit", params(("id" = Uuid, Path), ProofQuery), responses((status = 200, body = EventProof)), security(("bearer" = ["settings"])))]
#[get("/v1/audit/events/{id}/proof")]
pub(crate) async fn prove_event(caller: Caller, id: Id<Uuid>, query: Query<ProofQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Settings)?.account;
    if let Some(wanted) = query.0.at_least {
        reading::wait_for(&state, Position(wanted)).await?;
    }
    let event = proof::find(&state, account, id.0, query.0.position).await?;
    let none = || ApiError::new(Code::NotFound, "there is no checkpoint yet: make one with POST /v1/audit/checkpoints");
    let checkpoint = notary::newest(&state, account).await?.ok_or_else(none)?;
    let proof = proof::prove(&state, &event, &checkpoint).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(proof.json()))
}
