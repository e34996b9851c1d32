//! Roles: named subsets of the modules. Only the owner makes them and gives them to users (PRODUCT.md V23, V24).

use crate::{
    auth::caller::Caller,
    claims,
    error::{ApiError, Result},
    idempotency::Need,
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading::{self, Read, ReadNow},
    routes::{
        headers::{Changes, Creates},
        shapes::ModuleName,
    },
    wiring::State,
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    ids::RoleId,
    module::Module,
    role::{Role, RoleAction},
};
use vitrina_projections::roles;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_roles).service(create_role).service(get_role).service(update_role).service(delete_role);
}

/// A role to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// Name, unique in the account; case makes no difference.
    #[schema(example = "Floor")]
    name: String,
    /// The modules that it opens: any of `calls`, `analytics`, `settings`.
    #[schema(value_type = Vec<ModuleName>, example = json!(["calls"]))]
    modules: BTreeSet<Module>,
}

/// What changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChange {
    /// Name.
    name: Option<String>,
    /// The modules that it opens from now on, for everybody who has it.
    #[schema(value_type = Option<Vec<ModuleName>>)]
    modules: Option<BTreeSet<Module>>,
}

/// A role.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleView {
    /// The role.
    id: Uuid,
    /// Name.
    name: String,
    /// The modules that it opens.
    #[schema(value_type = Vec<ModuleName>, example = json!(["calls"]))]
    modules: BTreeSet<Module>,
    /// Whether it opens nothing any more.
    is_deleted: bool,
    /// Its version, as in `ETag`.
    version: i64,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl From<roles::RoleRow> for RoleView {
    fn from(row: roles::RoleRow) -> Self {
        Self {
            id: row.role_id.0,
            name: row.name,
            modules: row.modules.0,
            is_deleted: row.deleted,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Made {
    id: RoleId,
}

/// Make a role.
#[utoipa::path(tag = "roles", params(Creates), request_body = NewRole, responses((status = 201, body = Written)), security(("bearer" = ["owner"])))]
#[post("/v1/roles")]
pub(crate) async fn create_role(command: Command<NewRole>) -> Result<HttpResponse> {
    let (staff, body) = (command.caller.any_staff()?, &command.body);
    let made = Made { id: RoleId(Uuid::now_v7()) };
    let create = || RoleAction::Create { name: body.name.clone(), modules: body.modules.clone() };
    let done = command
        .run(Need::Required, staff.giver(), made, |unit| {
            unit.claim(claims::ROLE_NAME, claims::role(&body.name), made.id);
            unit.open::<Role>(made.id, create())
        })
        .await?;
    Ok(done.created(&done.written(done.result.id)))
}

/// Change a role; it counts at once for everybody who has it.
#[utoipa::path(tag = "roles", params(("id" = Uuid, Path), Changes), request_body = RoleChange, responses((status = 200, body = Written)), security(("bearer" = ["owner"])))]
#[patch("/v1/roles/{id}")]
pub(crate) async fn update_role(command: Command<RoleChange>, id: Id<RoleId>) -> Result<HttpResponse> {
    let (staff, body) = (command.caller.any_staff()?, &command.body);
    let update = || RoleAction::Update { name: body.name.clone(), modules: body.modules.clone() };
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            let before = claims::role(unit.state::<Role>(id.0)?.name());
            unit.run::<Role>(id.0, update())?;
            let after = claims::role(unit.state::<Role>(id.0)?.name());
            if before != after {
                unit.release(claims::ROLE_NAME, before, id.0);
                unit.claim(claims::ROLE_NAME, after, id.0);
            }
            Ok(())
        })
        .await?;
    reading::wait_for(&command.state, done.position).await?;
    command.state.sessions.forget_account(staff.account);
    Ok(done.changed(id.0))
}

/// Delete a role: nobody has it any more, and its name is free again.
#[utoipa::path(tag = "roles", params(("id" = Uuid, Path), Changes), responses((status = 200, body = Written)), security(("bearer" = ["owner"])))]
#[delete("/v1/roles/{id}")]
pub(crate) async fn delete_role(command: Command<Nothing>, id: Id<RoleId>) -> Result<HttpResponse> {
    let staff = command.caller.any_staff()?;
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            let name = claims::role(unit.state::<Role>(id.0)?.name());
            unit.run::<Role>(id.0, RoleAction::Delete)?;
            unit.release(claims::ROLE_NAME, name, id.0);
            Ok(())
        })
        .await?;
    reading::wait_for(&command.state, done.position).await?;
    command.state.sessions.forget_account(staff.account);
    Ok(done.changed(id.0))
}

list_query! {
    /// Which roles.
    now RolesQuery {}
}

/// List roles in the order in which they were made, as they are now.
#[utoipa::path(tag = "roles", params(RolesQuery), responses((status = 200, body = Paged<RoleView>)), security(("bearer" = ["settings"])))]
#[get("/v1/roles")]
pub(crate) async fn list_roles(
    caller: Caller,
    query: Query<RolesQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let asked = query.0.page::<RoleId>(&state, &request).await?;
    let page = asked.page();
    let rows = roles::list(&state.store, account, page.after, page.limit).await.map_err(reading::problem)?;
    Ok(asked.answer(&request, rows, |row| row.role_id, RoleView::from))
}

/// One role.
#[utoipa::path(tag = "roles", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = Read<RoleView>)), security(("bearer" = ["settings"])))]
#[get("/v1/roles/{id}")]
pub(crate) async fn get_role(caller: Caller, id: Id<RoleId>, query: Query<ReadNow>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let position = query.0.position(&state).await?;
    let found = roles::get(&state.store, account, id.0).await.map_err(reading::problem)?;
    let row = found.ok_or_else(|| ApiError::not_found("role"))?;
    let version = row.version;
    Ok(reading::answer(RoleView::from(row), version, position))
}
