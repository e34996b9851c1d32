//! Forgetting a customer or a shopper: asked for, and looked at. What is done is in [`crate::erasing`].

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    idempotency::Need,
    parameters::{Id, Query},
    reading::{self, Read, ReadNow},
    routes::headers::Creates,
    wiring::State,
    writing::{Command, Written},
};
use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    customer::Customer,
    ids::{CustomerId, ShopperId, SubjectId},
    module::Module,
    shopper::Shopper,
    subject::{ErasureReason, ErasureRequested, Subject, SubjectAction, SubjectKind},
};
use vitrina_projections::erasures::{self, ErasureRow, ErasureStage};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(erase_customer).service(get_customer_erasure).service(erase_shopper).service(get_shopper_erasure);
}

/// Somebody is to be forgotten, for ever.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewErasure {
    /// The ground of GDPR article 17(1): no_longer_needed, consent_withdrawn, objected, unlawful or legal_obligation.
    #[schema(value_type = String, example = "consent_withdrawn")]
    reason: ErasureReason,
}

/// What was deleted, in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PurgedView {
    /// Conversations whose words are blank.
    conversations: u64,
    /// Calls whose words are blank.
    calls: u64,
    /// Files of chats.
    files: u64,
    /// Recordings.
    recordings: u64,
    /// Files of exports.
    exports: u64,
}

/// What somebody took away before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TakenView {
    /// The table, `log`, or `access` for everything about the person.
    what: String,
    /// The export; the account where it is the log, the person where it is about them.
    export_id: Uuid,
    /// When.
    at: DateTime<Utc>,
    /// The kind of who took it.
    by_kind: String,
    /// Who took it.
    by: String,
}

/// A recording that may be on a machine that is away: it is deleted when that machine comes back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingView {
    /// The recording.
    id: Uuid,
    /// Of which call.
    call_id: Uuid,
    /// The machine.
    node_id: Uuid,
}

/// How far the forgetting of a person has come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasureView {
    /// The customer or shopper.
    id: Uuid,
    /// `begun`; `pending` when the receipt is signed and lists what is still on machines that are away; `erased` when nothing is.
    stage: &'static str,
    /// Why.
    #[schema(value_type = String)]
    reason: ErasureReason,
    /// When it was asked.
    requested_at: DateTime<Utc>,
    /// The kind of who asked.
    requested_by_kind: String,
    /// Who asked.
    requested_by: String,
    /// When the receipt was signed.
    erased_at: Option<DateTime<Utc>>,
    /// What was deleted; once it is done.
    purged: Option<PurgedView>,
    /// What is still to be deleted on machines that are away.
    pending: Vec<PendingView>,
    /// Tables and logs that may hold the person and were taken away before, the newest first: follow them up where they are.
    taken: Vec<TakenView>,
    /// Webhook endpoints that may have been told of the person before.
    told: Vec<Uuid>,
    /// The signed note (C2SP signed-note), by the key of `GET /v1/audit/keys`; once it is done.
    receipt: Option<String>,
    /// The version, as in `ETag`.
    version: i64,
}

impl From<ErasureRow> for ErasureView {
    fn from(row: ErasureRow) -> Self {
        let outcome = row.outcome.map(|outcome| outcome.0);
        let purged = outcome.as_ref().map(|outcome| outcome.purged).map(|purged| PurgedView {
            conversations: purged.conversations,
            calls: purged.calls,
            files: purged.files,
            recordings: purged.recordings,
            exports: purged.exports,
        });
        let view =
            |of: vitrina_domain::subject::Pending| PendingView { id: of.recording_id.0, call_id: of.call_id.0, node_id: of.node_id.0 };
        let pending = row.pending.map_or_else(Vec::new, |pending| pending.0).into_iter().map(view).collect();
        let (mut taken, mut told, mut receipt) = (Vec::new(), Vec::new(), None);
        if let Some(outcome) = outcome {
            let view = |of: vitrina_domain::subject::Taken| TakenView {
                what: of.what,
                export_id: of.export_id,
                at: of.at,
                by_kind: of.by_kind,
                by: of.by,
            };
            taken = outcome.taken.into_iter().map(view).collect();
            told = outcome.told.into_iter().map(|webhook| webhook.0).collect();
            receipt = Some(outcome.receipt);
        }
        Self {
            id: row.subject_id.0,
            stage: match row.stage {
                ErasureStage::Begun => "begun",
                ErasureStage::Pending => "pending",
                ErasureStage::Erased => "erased",
            },
            reason: row.reason,
            requested_at: row.requested_at,
            requested_by_kind: row.requested_by_kind,
            requested_by: row.requested_by,
            erased_at: row.erased_at,
            purged,
            pending,
            taken,
            told,
            receipt,
            version: row.version,
        }
    }
}

/// Forget a customer, for ever: the key of everything personal is destroyed, also what was written in the customer's conversations, and
/// files and recordings are deleted. Counts and sums stay. Nothing brings it back.
#[utoipa::path(tag = "customers", params(("id" = Uuid, Path), Creates), request_body = NewErasure, responses((status = 202, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/customers/{id}/erasure")]
pub(crate) async fn erase_customer(command: Command<NewErasure>, id: Id<CustomerId>) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Settings)?.giver();
    let done = command
        .run(Need::Required, giver, (), |unit| {
            if let Err(refusal) = unit.state::<Customer>(id.0)?.must_exist() {
                return Err(unit.refuse::<Customer>(id.0, refusal));
            }
            unit.run::<Subject>(id.0, asked(SubjectKind::Customer, &command.body))
        })
        .await?;
    command.state.erasing.wake();
    Ok(done.accepted(&done.written(id.0)))
}

/// Forget a shopper who was deleted, for ever: name, address, telephone and sign-in. What the shopper did stays, without a name.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), Creates), request_body = NewErasure, responses((status = 202, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/shoppers/{id}/erasure")]
pub(crate) async fn erase_shopper(command: Command<NewErasure>, id: Id<ShopperId>) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Settings)?.giver();
    let done = command
        .run(Need::Required, giver, (), |unit| {
            if let Err(refusal) = unit.state::<Shopper>(id.0)?.must_have_left() {
                return Err(unit.refuse::<Shopper>(id.0, refusal));
            }
            unit.run::<Subject>(id.0, asked(SubjectKind::Shopper, &command.body))
        })
        .await?;
    command.state.erasing.wake();
    Ok(done.accepted(&done.written(id.0)))
}

fn asked(kind: SubjectKind, body: &NewErasure) -> SubjectAction {
    SubjectAction::RequestErasure(ErasureRequested { kind, reason: body.reason })
}

/// How far the forgetting of a customer has come; in the end with the signed receipt.
#[utoipa::path(tag = "customers", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = Read<ErasureView>)), security(("bearer" = ["settings"])))]
#[get("/v1/customers/{id}/erasure")]
pub(crate) async fn get_customer_erasure(
    caller: Caller,
    id: Id<CustomerId>,
    query: Query<ReadNow>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    shown(&caller, SubjectKind::Customer, id.0.into(), &query.0, &state).await
}

/// How far the forgetting of a shopper has come; in the end with the signed receipt.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = Read<ErasureView>)), security(("bearer" = ["settings"])))]
#[get("/v1/shoppers/{id}/erasure")]
pub(crate) async fn get_shopper_erasure(
    caller: Caller,
    id: Id<ShopperId>,
    query: Query<ReadNow>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    shown(&caller, SubjectKind::Shopper, id.0.into(), &query.0, &state).await
}

async fn shown(caller: &Caller, kind: SubjectKind, subject: SubjectId, query: &ReadNow, state: &State) -> Result<HttpResponse> {
    let account = caller.staff(Module::Settings)?.giver().account;
    let position = query.position(state).await?;
    let found = erasures::get(&state.store, account, subject).await.map_err(reading::problem)?;
    let row = found.filter(|row| row.kind == kind).ok_or_else(|| ApiError::not_found("erasure"))?;
    let version = row.version;
    Ok(reading::answer(ErasureView::from(row), version, position))
}
