//! The audit: who changed users, roles, keys, sessions and settings, when and how. The newest comes first.

use crate::{
    auth::caller::Caller,
    error::Result,
    history::ActorView,
    page::{Paged, list_query},
    parameters::Query,
    reading,
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_eventlog::Position;
use vitrina_projections::{At, asked::Page, audit};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_audit);
}

list_query! {
    /// Which part of the audit.
    AuditQuery {}
}

/// One thing that was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Place in the log.
    position: i64,
    /// What was done.
    #[serde(rename = "type")]
    #[schema(example = "role.created")]
    kind: String,
    /// To what.
    subject: Subject,
    /// By whom.
    actor: ActorView,
    /// When.
    at: DateTime<Utc>,
    /// The details; what is personal or secret is not here.
    #[schema(value_type = Object)]
    data: serde_json::Value,
}

/// What something was done to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Subject {
    /// account, user, role or api_key.
    #[schema(example = "role")]
    kind: String,
    /// Which one.
    id: Uuid,
}

impl From<At<audit::AuditRow>> for AuditEntry {
    fn from(At { position, row }: At<audit::AuditRow>) -> Self {
        Self {
            position,
            kind: row.kind,
            subject: Subject { kind: row.subject_kind, id: row.subject_id },
            actor: ActorView { kind: row.actor_kind, id: row.actor_id },
            at: row.at,
            data: row.data.0,
        }
    }
}

/// Who changed users, roles, keys, sessions and settings, the newest first.
#[utoipa::path(tag = "audit", params(AuditQuery), responses((status = 200, body = Paged<AuditEntry>)), security(("bearer" = ["settings"])))]
#[get("/v1/audit")]
pub(crate) async fn list_audit(
    caller: Caller,
    query: Query<AuditQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let asked = query.0.page::<i64>(&state, &request).await?;
    let Page { as_of, after, limit } = asked.page();
    let page = Page { as_of, after: after.map(Position), limit };
    let rows = audit::list(&state.store, account, page).await.map_err(reading::problem)?;
    Ok(asked.answer(&request, rows, |row| row.position, AuditEntry::from))
}
