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
    reading::{self, Read, ReadAt},
    routes::headers::{Changes, Creates},
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
    ids::UserId,
    module::{Access, Module},
    refusal::Refusal,
    user::{User, UserAction},
};
use vitrina_projections::users;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_users).service(create_user).service(get_user).service(update_user).service(delete_user).service(set_password);
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
    #[schema(value_type = Vec<String>, required = false, example = json!(["calls"]))]
    modules: BTreeSet<Module>,
    /// Password; without it nobody can sign in until one is set.
    #[schema(min_length = 12, max_length = 200)]
    password: Option<String>,
}

/// What changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    /// The modules that are open from now on.
    #[schema(value_type = Vec<String>, example = json!(["calls", "analytics"]))]
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
    /// The modules that are open.
    modules: Vec<String>,
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
            for session_id in sessions.into_iter().filter(|session| *session != staff.session) {
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
    UsersQuery {}
}

impl From<users::UserRow> for UserView {
    fn from(row: users::UserRow) -> Self {
        Self {
            id: row.user_id.0,
            email: row.email,
            name: row.name,
            is_owner: row.access.0 == Access::Owner,
            modules: modules_of(&row.access.0),
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
    no_past(&query.0.as_of)?;
    let asked = query.0.page::<UserId>(&state, &request).await?;
    let page = asked.page();
    let rows = users::list(&state.store, account, page.after, page.limit).await.map_err(reading::problem)?;
    Ok(asked.answer(&request, rows, |row| row.user_id, UserView::from))
}

/// One user: oneself, or anybody with the module settings.
#[utoipa::path(tag = "users", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<UserView>)), security(("bearer" = ["self"]), ("bearer" = ["settings"])))]
#[get("/v1/users/{id}")]
pub(crate) async fn get_user(caller: Caller, id: Id<UserId>, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let staff = caller.any_staff()?;
    if staff.user != id.0 {
        staff.must_open(Module::Settings)?;
    }
    no_past(&query.0.as_of)?;
    let position = query.0.position(&state).await?;
    let row = users::get(&state.store, staff.account, id.0).await.map_err(reading::problem)?.ok_or_else(|| ApiError::not_found("user"))?;
    let version = row.version;
    Ok(reading::answer(UserView::from(row), version, position))
}

/// Users are kept as they are now only: what somebody could sign in with once is nobody's business.
fn no_past(as_of: &Option<String>) -> Result<()> {
    match as_of {
        None => Ok(()),
        Some(_) => Err(ApiError::of_field(Code::InvalidParameter, "as_of", "not_here", "users are shown as they are now; leave it out")),
    }
}
