//! Signing in and out, and the sessions that are open. A wrong password and an unknown address are told apart by nothing: not by the answer and not by
//! its time.

use crate::{
    auth::{
        caller::{Caller, Giver, Staff},
        password,
        sign_in::{Try, locked_for},
        token,
    },
    claims,
    error::{ApiError, Code, Result},
    idempotency::Need,
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading,
    routes::headers::Changes,
    wiring::State,
    writing::{self, Command, Nothing},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, post, web};
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, SessionId, UserId},
    module::Access,
    refusal::Refusal,
    user::{User, UserAction},
};
use vitrina_projections::{accounts, users};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(sign_in)
        .service(list_sessions)
        .service(sign_out_elsewhere)
        .service(current_session)
        .service(sign_out)
        .service(revoke_session)
        .service(list_sessions_of_user)
        .service(revoke_sessions_of_user);
}

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// E-mail address.
    #[schema(example = "owner@example.com")]
    email: String,
    /// Password.
    password: String,
    /// The account; needed only where your address belongs to several.
    #[schema(value_type = Option<Uuid>)]
    account_id: Option<AccountId>,
}

/// A session that was opened.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// The session.
    id: Uuid,
    /// Send it as `Authorization: Bearer`. It is shown this once.
    token: String,
    /// When it ends by itself.
    expires_at: DateTime<Utc>,
    /// Who signed in.
    user_id: Uuid,
    /// The account.
    account_id: Uuid,
    /// Position of the event.
    position: i64,
    /// The user's version.
    version: i64,
}

/// The session of this request.
#[derive(Serialize, ToSchema)]
pub(crate) struct CurrentSession {
    /// The session.
    id: Uuid,
    /// Who is signed in.
    user_id: Uuid,
    /// The account.
    account_id: Uuid,
    /// Whether it is the owner.
    is_owner: bool,
    /// Whether it is a shopper, of the same id.
    is_shopper: bool,
    /// The modules that are open.
    #[schema(example = json!(["calls"]))]
    modules: Vec<String>,
}

/// What is stored with the command.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Opened {
    session: SessionId,
    expires_at: DateTime<Utc>,
}

/// Sign in.
#[utoipa::path(tag = "sessions", params(Changes), request_body = Credentials, responses((status = 201, body = SignedIn)), security(()))]
#[post("/v1/sessions")]
pub(crate) async fn sign_in(mut command: Command<Credentials>) -> Result<HttpResponse> {
    command.has_secret();
    let (state, body) = (command.state.clone(), &command.body);
    // With several accounts the address says which, if it is known in one of them only. Nothing tells whether it is.
    let named = match body.account_id {
        Some(_) => Some(state.account(body.account_id).await?),
        None => accounts::only(&state.store).await.map_err(reading::problem)?,
    };
    let this = Try { email: claims::email(state.log.master(), &body.email), from: command.address() };
    if let Some(wait) = state.sign_ins.wait(&this, Instant::now()) {
        return Err(too_many(wait));
    }
    // Whoever was told of a new user or password may sign in with it at once. When the read models are further behind than
    // a read may wait, what they know has to do.
    // Another process may have told them: only the database knows where the log ends.
    let head = state.log.ping().await.map_err(writing::log_problem)?;
    let _ = reading::wait_for(&state, head).await;
    // No address has a control character, and PostgreSQL takes no text with a NUL.
    let found = if body.email.chars().any(char::is_control) {
        Vec::new()
    } else {
        users::by_email(&state.store, &body.email, named).await.map_err(reading::problem)?
    };
    let user = if found.len() == 1 { found.into_iter().next() } else { None };
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let is_right =
        body.password.chars().count() <= password::PASSWORD_CHARS_MAX && state.passwords.verify(hash, body.password.clone()).await;
    if let Some(wait) = user.as_ref().and_then(|user| locked_for(user, Utc::now())) {
        return Err(too_many(wait));
    }
    let known = user.as_ref().map(|user| (user.account_id, user.user_id));
    let Some(user) = user.filter(|_| is_right) else {
        state.sign_ins.failed(&state, &this, known);
        return Err(ApiError::new(Code::SignInFailed, "the e-mail address and the password do not belong together"));
    };
    state.sign_ins.succeeded(&this);

    let account = user.account_id;
    let giver = Giver::new(account, user.user_id.0, Actor::User(user.user_id));
    let command_id = command.id(Need::Optional, &giver)?;
    let token = token::of(&state.token_key, command_id);
    let opened = Opened { session: SessionId(Uuid::now_v7()), expires_at: (Utc::now() + state.config.session_ttl).trunc_subsecs(0) };
    let open = || UserAction::OpenSession {
        session_id: opened.session,
        token_hash: token::hash(&token),
        expires_at: opened.expires_at,
        user_id: user.user_id,
        device: command.header(header::USER_AGENT),
    };
    let done = command.run_as(command_id, giver, opened, |unit| unit.run::<User>(user.user_id, open())).await?;
    // Whoever has the token may use it at once, so the answer waits until sessions are found.
    reading::wait_for(&state, done.position).await?;
    Ok(done.created(&SignedIn {
        id: done.result.session.0,
        token,
        expires_at: done.result.expires_at,
        user_id: user.user_id.0,
        account_id: account.0,
        position: done.position.0,
        version: done.version.0,
    }))
}

fn too_many(wait: Duration) -> ApiError {
    let detail = "too many failed sign-ins for this e-mail address or from your network; wait as long as Retry-After says";
    ApiError::new(Code::TooManyAttempts, detail).retry_after_s(wait.as_secs() + 1)
}

/// Who am I?
#[utoipa::path(tag = "sessions", responses((status = 200, body = CurrentSession)), security(("bearer" = ["staff"])))]
#[get("/v1/sessions/current")]
pub(crate) async fn current_session(caller: Caller) -> Result<HttpResponse> {
    let (staff, session) = signed_in(&caller)?;
    Ok(HttpResponse::Ok().json(CurrentSession {
        id: session.0,
        user_id: staff.user.0,
        account_id: staff.account.0,
        is_owner: staff.access == Access::Owner,
        is_shopper: staff.is_shopper,
        modules: super::users::modules_of(&staff.access),
    }))
}

/// Sign out.
#[utoipa::path(tag = "sessions", params(Changes), responses((status = 200, body = crate::writing::Written)), security(("bearer" = ["staff"])))]
#[delete("/v1/sessions/current")]
pub(crate) async fn sign_out(command: Command<Nothing>) -> Result<HttpResponse> {
    let (staff, session) = signed_in(&command.caller)?;
    end(&command, staff, staff.user, session.0, |open| open == session).await
}

/// Sign out everywhere else: all sessions of yours but this one end.
#[utoipa::path(tag = "sessions", params(Changes), responses((status = 200, body = crate::writing::Written)), security(("bearer" = ["staff"])))]
#[delete("/v1/sessions")]
pub(crate) async fn sign_out_elsewhere(command: Command<Nothing>) -> Result<HttpResponse> {
    let (staff, session) = signed_in(&command.caller)?;
    end(&command, staff, staff.user, staff.user.0, |open| open != session).await
}

/// End a session: one of yours, or as the owner anybody's.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path), Changes), responses((status = 200, body = crate::writing::Written)), security(("bearer" = ["staff"])))]
#[delete("/v1/sessions/{id}")]
pub(crate) async fn revoke_session(command: Command<Nothing>, id: Id<SessionId>) -> Result<HttpResponse> {
    let (staff, _) = signed_in(&command.caller)?;
    let found = users::session(&command.state.store, staff.account, id.0).await.map_err(reading::problem)?;
    let theirs = found.map(|session| session.user_id).filter(|user| *user == staff.user || staff.access == Access::Owner);
    let user = theirs.ok_or_else(|| ApiError::not_found("session"))?;
    end(&command, staff, user, id.0.0, |open| open == id.0).await
}

/// End all sessions of a user.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path), Changes), responses((status = 200, body = crate::writing::Written)), security(("bearer" = ["owner"])))]
#[delete("/v1/users/{id}/sessions")]
pub(crate) async fn revoke_sessions_of_user(command: Command<Nothing>, id: Id<UserId>) -> Result<HttpResponse> {
    let (staff, _) = signed_in(&command.caller)?;
    end(&command, staff, id.0, id.0.0, |_| true).await
}

list_query! {
    /// Which sessions.
    now SessionsQuery {}
}

/// A session that has not ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// The session.
    id: Uuid,
    /// Who signed in.
    user_id: Uuid,
    /// What signed in, in its own words.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64)")]
    device: Option<String>,
    /// Whether it is the one of this request.
    is_current: bool,
    /// Since when.
    opened_at: DateTime<Utc>,
    /// When it ends by itself.
    expires_at: DateTime<Utc>,
}

/// My sessions, the newest first.
#[utoipa::path(tag = "sessions", params(SessionsQuery), responses((status = 200, body = Paged<SessionView>)), security(("bearer" = ["staff"])))]
#[get("/v1/sessions")]
pub(crate) async fn list_sessions(
    caller: Caller,
    query: Query<SessionsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let (staff, _) = signed_in(&caller)?;
    list(&state, &request, &query.0, staff, staff.user).await
}

/// The sessions of a user, the newest first.
#[utoipa::path(tag = "sessions", params(("id" = Uuid, Path), SessionsQuery), responses((status = 200, body = Paged<SessionView>)), security(("bearer" = ["self"]), ("bearer" = ["settings"])))]
#[get("/v1/users/{id}/sessions")]
pub(crate) async fn list_sessions_of_user(
    caller: Caller,
    id: Id<UserId>,
    query: Query<SessionsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let staff = caller.any_staff()?;
    let known = users::get(&state.store, staff.account, id.0).await.map_err(reading::problem)?;
    known.ok_or_else(|| ApiError::not_found("user"))?;
    list(&state, &request, &query.0, staff, id.0).await
}

/// The member of staff and the session, which a program has none of.
fn signed_in(caller: &Caller) -> Result<(&Staff, SessionId)> {
    let staff = caller.any_staff()?;
    let session = staff.session().ok_or_else(|| ApiError::new(Code::NotAllowed, "an API key has no session; sign in as a person"))?;
    Ok((staff, session))
}

/// A user has few sessions, so all are read and a page is cut out of them.
async fn list(state: &State, request: &HttpRequest, query: &SessionsQuery, staff: &Staff, user: UserId) -> Result<HttpResponse> {
    let asked = query.page::<SessionId>(state, request).await?;
    let mut rows = users::sessions(&state.store, staff.account, user, Utc::now()).await.map_err(reading::problem)?;
    if let Some(at) = asked.after.and_then(|after| rows.iter().position(|row| row.session_id == after)) {
        rows.drain(..=at);
    }
    let view = |row: users::SessionRow| SessionView {
        id: row.session_id.0,
        user_id: row.user_id.0,
        device: row.device,
        is_current: staff.session() == Some(row.session_id),
        opened_at: row.opened_at,
        expires_at: row.expires_at,
    };
    Ok(asked.answer(request, rows, |row| row.session_id, view))
}

/// Ends those sessions of a user that are meant; nothing happens where there is none.
async fn end(
    command: &Command<Nothing>,
    staff: &Staff,
    user: UserId,
    id: Uuid,
    is_meant: impl Fn(SessionId) -> bool,
) -> Result<HttpResponse> {
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            let open: Vec<_> = unit.state::<User>(user)?.sessions().iter().map(|session| session.session_id).collect();
            if open.is_empty() && unit.state::<User>(user)?.access().is_none() {
                return Err(unit.refuse::<User>(user, Refusal::NotFound));
            }
            for session_id in open.into_iter().filter(|session| is_meant(*session)) {
                unit.run::<User>(user, UserAction::RevokeSession { session_id })?;
            }
            Ok(())
        })
        .await?;
    // The order matters: forgotten before the read model knows, it would be found and remembered again.
    reading::wait_for(&command.state, done.position).await?;
    command.state.sessions.forget_user(user);
    Ok(done.changed(id))
}
