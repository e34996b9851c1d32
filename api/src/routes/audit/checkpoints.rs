//! Signed checkpoints: what an auditor keeps, to tell later that no other history was put in the place of this one.

use crate::{
    audit::notary,
    auth::caller::Caller,
    error::{ApiError, Code, Result},
    idempotency::Need,
    page::{Paged, list_query},
    parameters::Query,
    reading,
    wiring::State,
    writing::{Command, Nothing},
};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_domain::{
    log::{CheckpointSigned, Log, LogAction},
    module::Module,
};
use vitrina_eventlog::{Position, trail::note::Signer};
use vitrina_projections::{At, asked::Page, proofs};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_audit_keys).service(list_checkpoints).service(sign_checkpoint);
}

list_query! {
    /// Which part of the checkpoints.
    CheckpointsQuery {}
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditKey {
    /// The name that signatures have.
    name: String,
    /// What signatures are made with: `ed25519`.
    kind: &'static str,
    /// The key as verifiers take it (C2SP signed-note): `vitrina verify --key`.
    key: String,
}

/// The public keys of checkpoints.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditKeys {
    /// Those that checkpoints are signed with.
    items: Vec<AuditKey>,
}

/// A signed checkpoint.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct CheckpointView {
    /// How many events of the account it vouches for, from the first one on.
    size: i64,
    /// Position of the last one of these.
    upto: i64,
    /// Root of the Merkle tree over their hashes (RFC 6962), hexadecimal.
    root: String,
    /// The signed note (C2SP tlog-checkpoint): keep it where this server cannot reach it.
    note: String,
}

/// A signed checkpoint and when it was signed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedCheckpoint {
    /// What it says.
    #[serde(flatten)]
    checkpoint: CheckpointView,
    /// Position of the event that tells of it.
    position: i64,
    /// When it was signed.
    at: DateTime<Utc>,
}

impl From<At<proofs::CheckpointRow>> for ListedCheckpoint {
    fn from(At { position, row }: At<proofs::CheckpointRow>) -> Self {
        let checkpoint = CheckpointView { size: row.size, upto: row.upto, root: row.root, note: row.note };
        Self { checkpoint, position, at: row.at }
    }
}

/// The public keys that checkpoints are checked with. Have them from here once, and keep them.
#[utoipa::path(tag = "audit", responses((status = 200, body = AuditKeys)), security(("bearer" = ["settings"])))]
#[get("/v1/audit/keys")]
pub(crate) async fn list_audit_keys(caller: Caller, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(Module::Settings)?.account;
    let key = Signer::new(state.log.master(), account).public();
    let key = AuditKey { name: key.name().to_owned(), kind: "ed25519", key: key.to_string() };
    Ok(HttpResponse::Ok().json(AuditKeys { items: vec![key] }))
}

/// The signed checkpoints, the newest first.
#[utoipa::path(tag = "audit", params(CheckpointsQuery), responses((status = 200, body = Paged<ListedCheckpoint>)), security(("bearer" = ["settings"])))]
#[get("/v1/audit/checkpoints")]
pub(crate) async fn list_checkpoints(
    caller: Caller,
    query: Query<CheckpointsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Settings)?.account;
    let asked = query.0.page::<i64>(&state, &request).await?;
    let Page { as_of, after, limit } = asked.page();
    let page = Page { as_of, after: after.map(Position), limit };
    let rows = proofs::checkpoints(&state.store, account, page).await.map_err(reading::problem)?;
    Ok(asked.answer(&request, rows, |row| row.position, ListedCheckpoint::from))
}

/// Sign a checkpoint now: it vouches for everything that was written before.
#[utoipa::path(tag = "audit", request_body = Nothing, responses((status = 201, body = CheckpointView)), security(("bearer" = ["settings"])))]
#[post("/v1/audit/checkpoints")]
pub(crate) async fn sign_checkpoint(command: Command<Nothing>) -> Result<HttpResponse> {
    let (state, giver) = (&command.state, command.caller.staff(Module::Settings)?.giver());
    reading::wait_for(state, state.log.head()).await?;
    let (account, drawn) = (giver.account, notary::drawn(state, giver.account).await?);
    let CheckpointSigned { size, position, root, note } =
        drawn.clone().ok_or_else(|| ApiError::new(Code::NotFound, "there is no event that could be vouched for"))?;
    let view = CheckpointView { size: i64::try_from(size).map_err(ApiError::internal)?, upto: position, root, note };
    let signed = drawn.map(LogAction::SignCheckpoint);
    let done =
        command.run(Need::Optional, giver, view, |unit| signed.clone().map_or(Ok(()), |action| unit.run::<Log>(account, action))).await?;
    Ok(done.created(&done.result))
}
