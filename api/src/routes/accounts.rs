//! Further accounts: several shops in one installation. Made by who runs the server, as `vitrina account create` does.

use crate::{
    auth::{caller::Giver, token},
    claims,
    error::Result,
    founding::Founding,
    idempotency::Need,
    reading,
    routes::{headers::Creates, shapes, users::check_password},
    writing::Command,
};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::{Builder, Uuid};
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, UserId},
    locale::Locale,
};

/// In whose name accounts are made.
const ACTOR: &str = "operator";

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(create_account);
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// Name of the shop.
    store_name: String,
    /// The owner's e-mail address.
    #[schema(example = "owner@example.com")]
    email: String,
    /// The owner's password; a random one when left out.
    #[schema(min_length = 12, max_length = 200)]
    password: Option<String>,
    /// IANA zone of its reports; UTC when left out.
    #[schema(example = "Europe/Madrid")]
    zone: Option<String>,
    /// Language of its texts.
    #[serde(default)]
    #[schema(schema_with = shapes::locale, required = false)]
    locale: Option<Locale>,
    /// ISO 4217 code; EUR when left out.
    currency: Option<String>,
}

/// An account that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountMade {
    /// The account.
    id: Uuid,
    /// Its owner.
    owner_id: Uuid,
    /// The owner's password, when it was made here; it is shown this once.
    password: Option<String>,
    /// Position of the last event.
    position: i64,
    /// The account's version.
    version: i64,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Made {
    owner: UserId,
}

/// Make an account and its owner. For those who run the server.
#[utoipa::path(tag = "operations", params(Creates), request_body = NewAccount, responses((status = 201, body = AccountMade)), security(("bearer" = ["operator"])))]
#[post("/v1/accounts")]
pub(crate) async fn create_account(mut command: Command<NewAccount>) -> Result<HttpResponse> {
    command.has_secret();
    let (state, body) = (command.state.clone(), &command.body);
    let giver = |account| Giver::new(account, Uuid::nil(), Actor::System(ACTOR.to_owned()));
    // The account's id follows from the caller's key: a repetition finds the account that the first request made.
    let command_id = command.id(Need::Required, &giver(AccountId::default()))?;
    let account = AccountId(Builder::from_custom_bytes(*command_id.0.as_bytes()).into_uuid());
    let random = body.password.is_none().then(|| token::password_of(&state.token_key, command_id));
    let password = body.password.clone().or_else(|| random.clone()).unwrap_or_default();
    check_password("/password", &password)?;
    let made = Made { owner: UserId(Uuid::now_v7()) };
    let founding = Founding {
        owner: made.owner,
        store_name: body.store_name.clone(),
        zone: body.zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        locale: body.locale.unwrap_or(Locale::En),
        currency: body.currency.clone().unwrap_or_else(|| "EUR".to_owned()),
        email: body.email.clone(),
        email_claim: claims::email(state.log.master(), &body.email),
        password_hash: state.passwords.hash(password).await,
    };
    let done = command.run_as(command_id, giver(account), made, |unit| founding.decide(account, unit)).await?;
    reading::wait_for(&state, done.position).await?;
    Ok(done.created(&AccountMade {
        id: account.0,
        owner_id: done.result.owner.0,
        password: random,
        position: done.position.0,
        version: done.version.0,
        recorded_at: done.recorded_at,
    }))
}
