//! Signing in and out. A wrong password and an unknown address are told apart by nothing: not by the answer and not by
//! its time.

use crate::{
    auth::{caller::Giver, password, token},
    claims,
    error::{ApiError, Code, Result},
    idempotency::Need,
    reading,
    routes::headers::Changes,
    writing::{Command, Nothing},
};
use actix_web::{HttpResponse, delete, get, http::header, post};
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, SessionId},
    module::Access,
    user::{User, UserAction},
};
use vitrina_projections::users;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(sign_in).service(current_session).service(sign_out);
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
    /// The account; may be left out while the server has one account only.
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
    let account = state.account(body.account_id).await?;
    let address = claims::email(state.log.master(), &body.email);
    if let Some(wait) = state.throttle.wait(&address, Instant::now()) {
        let detail = "too many failed sign-ins for this e-mail address; wait as long as Retry-After says";
        return Err(ApiError::new(Code::TooManyAttempts, detail).retry_after_s(wait.as_secs() + 1));
    }
    // Whoever was told of a new user or password may sign in with it at once. When the read models are further behind than
    // a read may wait, what they know has to do.
    let _ = reading::wait_for(&state, state.log.head()).await;
    // No address has a control character, and PostgreSQL takes no text with a NUL.
    let found = if body.email.chars().any(char::is_control) {
        Vec::new()
    } else {
        users::by_email(&state.store, &body.email, Some(account)).await.map_err(reading::problem)?
    };
    let user = found.into_iter().next();
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let is_right =
        body.password.chars().count() <= password::PASSWORD_CHARS_MAX && state.passwords.verify(hash, body.password.clone()).await;
    let Some(user) = user.filter(|_| is_right) else {
        state.throttle.failed(&address, Instant::now());
        return Err(ApiError::new(Code::SignInFailed, "the e-mail address and the password do not belong together"));
    };
    state.throttle.succeeded(&address);

    let giver = Giver { account, credential: user.user_id.0, actor: Actor::User(user.user_id) };
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

/// Who am I?
#[utoipa::path(tag = "sessions", responses((status = 200, body = CurrentSession)), security(("bearer" = ["staff"])))]
#[get("/v1/sessions/current")]
pub(crate) async fn current_session(caller: crate::auth::caller::Caller) -> Result<HttpResponse> {
    let staff = caller.any_staff()?;
    Ok(HttpResponse::Ok().json(CurrentSession {
        id: staff.session.0,
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
    let staff = command.caller.any_staff()?;
    let revoke = || UserAction::RevokeSession { session_id: staff.session };
    let done = command.run(Need::Optional, staff.giver(), (), |unit| unit.run::<User>(staff.user, revoke())).await?;
    // The order matters: forgotten before the read model knows, it would be found and remembered again.
    reading::wait_for(&command.state, done.position).await?;
    command.state.sessions.forget_user(staff.user);
    Ok(done.changed(staff.session))
}
