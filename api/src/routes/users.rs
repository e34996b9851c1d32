//! Users: who may sign in, and what they may open. Only the owner makes and changes them.

use crate::{
    auth::{
        caller::Caller,
        password::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN},
    },
    claims,
    error::{ApiError, Code, Result},
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
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    aggregate::Aggregate,
    ids::{RoleId, UserId},
    module::{Access, Module},
    refusal::Refusal,
    role::Role,
    user::{User, UserAction},
};
use vitrina_projections::{
    roles::{self, RoleRow},
    users,
};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(set_roles)
        .service(list_users)
        .service(create_user)
        .service(get_user)
        .service(update_user)
        .service(delete_user)
        .service(set_password);
}

/// A user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// E-mail address to sign in with, unique in the account.
    #[schema(example = "staff@example.com")]
    email: String,
    /// Name.
    name: String,
    /// The modules that are open to the user: `calls`, `analytics`, `settings`.
    #[serde(default)]
    #[schema(value_type = Vec<ModuleName>, required = false, example = json!(["calls"]))]
    modules: BTreeSet<Module>,
    /// Password; without it nobody can sign in until one is set.
    #[schema(min_length = 12, max_length = 200)]
    password: Option<String>,
}

/// A role of a user.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleOfUser {
    /// The role.
    id: Uuid,
    /// Its name.
    name: String,
}

/// The roles that a user is to have.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRoles {
    /// All of them; those that are not here are taken away.
    #[schema(value_type = Vec<Uuid>)]
    roles: BTreeSet<RoleId>,
}

/// What changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    /// The modules that are open from now on.
    #[schema(value_type = Vec<ModuleName>, example = json!(["calls", "analytics"]))]
    modules: BTreeSet<Module>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The new one.
    #[schema(min_length = 12, max_length = 200)]
    password: String,
    /// The present one; needed for one's own.
    current_password: Option<String>,
}

/// A user.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    /// The user.
    id: Uuid,
    /// E-mail address.
    email: Option<String>,
    /// Name.
    name: Option<String>,
    /// Whether it is the owner.
    is_owner: bool,
    /// The modules that are open, directly or by a role.
    modules: Vec<String>,
    /// The modules that are open directly.
    direct_modules: Vec<String>,
    /// The roles of the user, which add up.
    roles: Vec<RoleOfUser>,
    /// Until when nobody signs in as this user, after too many wrong passwords.
    locked_until: Option<DateTime<Utc>>,
    /// Whether the user was deleted.
    is_deleted: bool,
    /// The user's version.
    version: i64,
    /// Since when.
    created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Made {
    id: UserId,
}

/// The names of the modules that this access opens.
pub(super) fn modules_of(access: &Access) -> Vec<String> {
    [Module::Calls, Module::Analytics, Module::Settings]
        .into_iter()
        .filter(|module| access.opens(*module))
        .map(|module| module.as_str().to_owned())
        .collect()
}

/// Refuses a password of the wrong length.
pub(super) fn check_password(pointer: &str, password: &str) -> Result<()> {
    if (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count()) {
        return Ok(());
    }
    Err(ApiError::field(pointer, "length", format!("expected {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters")))
}

/// Make a user.
#[utoipa::path(tag = "users", params(Creates), request_body = NewUser, responses((status = 201, body = Written)), security(("bearer" = ["owner"])))]
#[post("/v1/users")]
pub(crate) async fn create_user(mut command: Command<NewUser>) -> Result<HttpResponse> {
    command.has_secret();
    let (staff, body) = (command.caller.any_staff()?, &command.body);
    staff.must_own()?;
    let password_hash = match &body.password {
        None => None,
        Some(password) => {
            check_password("/password", password)?;
            Some(command.state.passwords.hash(password.clone()).await)
        }
    };
    let made = Made { id: UserId(Uuid::now_v7()) };
    let create = || UserAction::Create {
        user_id: made.id,
        email: body.email.clone(),
        name: body.name.clone(),
        access: Access::Staff { modules: body.modules.clone() },
        password_hash: password_hash.clone(),
    };
    let name = claims::email(command.state.log.master(), &body.email);
    let done = command
        .run(Need::Required, staff.giver(), made, |unit| {
            unit.claim(claims::USER_EMAIL, name.clone(), made.id);
            unit.open::<User>(made.id, create())
        })
        .await?;
    Ok(done.created(&done.written(done.result.id)))
}

/// Change what a user may open.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path), Changes), request_body = UserChange, responses((status = 200, body = Written)), security(("bearer" = ["owner"])))]
#[patch("/v1/users/{id}")]
pub(crate) async fn update_user(command: Command<UserChange>, id: Id<UserId>) -> Result<HttpResponse> {
    let staff = command.caller.any_staff()?;
    staff.must_own()?;
    let access = || Access::Staff { modules: command.body.modules.clone() };
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            if unit.state::<User>(id.0)?.access() == Some(&Access::Owner) {
                return Err(unit.refuse::<User>(id.0, Refusal::NotAllowed("the owner opens everything and stays so")));
            }
            unit.run::<User>(id.0, UserAction::SetAccess { access: access() })
        })
        .await?;
    reading::wait_for(&command.state, done.position).await?;
    command.state.sessions.forget_user(id.0);
    Ok(done.changed(id.0))
}

/// Give a user these roles and no others. What they open adds up, and counts at once.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path), Changes), request_body = NewRoles, responses((status = 200, body = Written)), security(("bearer" = ["owner"])))]
#[put("/v1/users/{id}/roles")]
pub(crate) async fn set_roles(command: Command<NewRoles>, id: Id<UserId>) -> Result<HttpResponse> {
    let (staff, roles) = (command.caller.any_staff()?, &command.body.roles);
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            if unit.state::<User>(id.0)?.access() == Some(&Access::Owner) {
                return Err(unit.refuse::<User>(id.0, Refusal::NotAllowed("the owner opens everything without a role")));
            }
            // The number comes first, so that no more roles are looked for than a user may have.
            unit.run::<User>(id.0, UserAction::SetRoles { roles: roles.clone() })?;
            for (at, role) in roles.iter().enumerate() {
                if unit.state::<Role>(*role)?.state_name() != "active" {
                    return Err(unit.refuse::<Role>(*role, Refusal::invalid(format!("/roles/{at}"), "unknown", "a role of your account")));
                }
            }
            Ok(())
        })
        .await?;
    reading::wait_for(&command.state, done.position).await?;
    command.state.sessions.forget_user(id.0);
    Ok(done.changed(id.0))
}

/// Take the right to sign in away; all sessions end.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path), Changes), responses((status = 200, body = Written)), security(("bearer" = ["owner"])))]
#[delete("/v1/users/{id}")]
pub(crate) async fn delete_user(command: Command<Nothing>, id: Id<UserId>) -> Result<HttpResponse> {
    let staff = command.caller.any_staff()?;
    staff.must_own()?;
    let state = &command.state;
    let email = state.address_of(staff.account, id.0).await?;
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            if unit.state::<User>(id.0)?.access() == Some(&Access::Owner) {
                return Err(unit.refuse::<User>(id.0, Refusal::NotAllowed("an account keeps its owner")));
            }
            unit.run::<User>(id.0, UserAction::Delete)?;
            if let Some(email) = &email {
                unit.release(claims::USER_EMAIL, email.clone(), id.0);
            }
            Ok(())
        })
        .await?;
    reading::wait_for(state, done.position).await?;
    state.sessions.forget_user(id.0);
    Ok(done.changed(id.0))
}

/// Set a password: one's own, or as the owner anybody's. The user's other sessions end.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path), Changes), request_body = NewPassword, responses((status = 200, body = Written)), security(("bearer" = ["self"]), ("bearer" = ["owner"])))]
#[put("/v1/users/{id}/password")]
pub(crate) async fn set_password(mut command: Command<NewPassword>, id: Id<UserId>) -> Result<HttpResponse> {
    command.has_secret();
    let (staff, body, state) = (command.caller.any_staff()?, &command.body, &command.state);
    check_password("/password", &body.password)?;
    if staff.user == id.0 {
        let user = users::get(&state.store, staff.account, id.0).await.map_err(reading::problem)?;
        let current =
            body.current_password.clone().ok_or_else(|| ApiError::field("/current_password", "required", "give your present password"))?;
        if !state.passwords.verify(user.and_then(|user| user.password_hash), current).await {
            return Err(ApiError::of_field(Code::InvalidField, "/current_password", "wrong", "this is not your present password"));
        }
    } else {
        staff.must_own()?;
    }
    let password_hash = state.passwords.hash(body.password.clone()).await;
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            let sessions: Vec<_> = unit.state::<User>(id.0)?.sessions().iter().map(|session| session.session_id).collect();
            unit.run::<User>(id.0, UserAction::SetPassword { user_id: id.0, password_hash: password_hash.clone() })?;
            for session_id in sessions.into_iter().filter(|session| Some(*session) != staff.session()) {
                unit.run::<User>(id.0, UserAction::RevokeSession { session_id })?;
            }
            Ok(())
        })
        .await?;
    reading::wait_for(state, done.position).await?;
    state.sessions.forget_user(id.0);
    Ok(done.changed(id.0))
}

list_query! {
    /// Which users.
    now UsersQuery {}
}

impl UserView {
    /// A user with these roles.
    fn of(row: users::UserRow, roles: Vec<RoleRow>) -> Self {
        let direct = modules_of(&row.access.0);
        let modules = match &row.access.0 {
            Access::Owner => direct.clone(),
            Access::Staff { modules } => {
                let all = roles.iter().flat_map(|role| &role.modules.0).chain(modules).copied().collect();
                modules_of(&Access::Staff { modules: all })
            }
        };
        Self {
            direct_modules: direct,
            modules,
            roles: roles.into_iter().map(|role| RoleOfUser { id: role.role_id.0, name: role.name }).collect(),
            locked_until: row.locked_until,
            id: row.user_id.0,
            email: row.email,
            name: row.name,
            is_owner: row.access.0 == Access::Owner,
            is_deleted: row.deleted,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// List users in the order in which they were made, as they are now.
#[utoipa::path(tag = "users", params(UsersQuery), responses((status = 200, body = Paged<UserView>)), security(("bearer" = ["settings"])))]
#[get("/v1/users")]
pub(crate) async fn list_users(
    caller: Caller,
    query: Query<UsersQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Settings)?.account;
    let asked = query.0.page::<UserId>(&state, &request).await?;
    let page = asked.page();
    let rows = users::list(&state.store, account, page.after, page.limit).await.map_err(reading::problem)?;
    let mut roles = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => roles::of_users(&state.store, account, first.user_id, last.user_id).await.map_err(reading::problem)?,
        _ => Vec::new(),
    };
    let view = |row: users::UserRow| {
        let own = roles.extract_if(.., |(user, _)| *user == row.user_id).map(|(_, role)| role).collect();
        UserView::of(row, own)
    };
    Ok(asked.answer(&request, rows, |row| row.user_id, view))
}

/// One user: oneself, or anybody with the module settings.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = Read<UserView>)), security(("bearer" = ["self"]), ("bearer" = ["settings"])))]
#[get("/v1/users/{id}")]
pub(crate) async fn get_user(caller: Caller, id: Id<UserId>, query: Query<ReadNow>, state: web::Data<State>) -> Result<HttpResponse> {
    let staff = caller.any_staff()?;
    if staff.user != id.0 {
        staff.must_open(Module::Settings)?;
    }
    let position = query.0.position(&state).await?;
    let row = users::get(&state.store, staff.account, id.0).await.map_err(reading::problem)?.ok_or_else(|| ApiError::not_found("user"))?;
    let version = row.version;
    let roles = roles::of_user(&state.store, staff.account, id.0).await.map_err(reading::problem)?;
    Ok(reading::answer(UserView::of(row, roles), version, position))
}
