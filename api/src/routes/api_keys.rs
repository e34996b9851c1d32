//! API keys: credentials of programs, with scopes and an end. The secret is shown once, when the key is made.

use crate::{
    auth::{caller::Caller, token},
    error::{ApiError, Result},
    idempotency::Need,
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading::{self, Read, ReadNow},
    routes::{
        headers::{Changes, Creates},
        named, shapes,
    },
    wiring::State,
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    api_key::{ApiKey, ApiKeyAction},
    bot::Bot,
    environment::Environment,
    ids::{ApiKeyId, UserId},
    scope::Scope,
};
use vitrina_projections::api_keys;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_api_keys).service(create_api_key).service(get_api_key).service(revoke_api_key);
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiKey {
    /// What people call it.
    #[schema(example = "Till of the flagship store")]
    name: String,
    /// What it may do: `calls:read`, `calls:write`, `analytics:read`, `analytics:write`, `settings:read`, `settings:write`.
    #[schema(example = json!(["calls:read"]))]
    scopes: Vec<String>,
    /// `test` for a key to try things with: every call, conversation and order that it opens is a trial.
    #[serde(default)]
    #[schema(schema_with = shapes::environment, required = false)]
    environment: Environment,
    /// For a bot: what the key writes in conversations is said by the bot of this name, whose id is the key's.
    bot: Option<BotBody>,
    /// When it ends by itself; never when left out.
    expires_at: Option<DateTime<Utc>>,
}

/// A bot: who writes to customers by itself. Its answers count as nobody's reply.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BotBody {
    /// What it is called.
    #[schema(example = "Lumi")]
    name: String,
    /// Where its picture is.
    image: Option<String>,
}

impl From<BotBody> for Bot {
    fn from(BotBody { name, image }: BotBody) -> Self {
        Self { name, image }
    }
}

impl From<Bot> for BotBody {
    fn from(Bot { name, image }: Bot) -> Self {
        Self { name, image }
    }
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyMade {
    /// The key.
    id: Uuid,
    /// Send it as `Authorization: Bearer`. It is shown this once.
    #[schema(example = "vk_…")]
    secret: String,
    /// Position of the event.
    position: i64,
    /// The key's version.
    version: i64,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    /// The key.
    id: Uuid,
    /// What people call it.
    name: String,
    /// The beginning of its secret.
    hint: String,
    /// What it may do.
    #[schema(value_type = Vec<String>, example = json!(["calls:read"]))]
    scopes: BTreeSet<Scope>,
    /// production, or test: what it opens is a trial.
    environment: String,
    /// As whom it writes to customers; `null` where it is no bot's.
    bot: Option<BotBody>,
    /// Since when.
    created_at: DateTime<Utc>,
    /// When it ends by itself; `null` when it does not.
    expires_at: Option<DateTime<Utc>>,
    /// When it was revoked; `null` when it was not.
    revoked_at: Option<DateTime<Utc>>,
    /// Its version, as in `ETag`.
    version: i64,
}

impl From<api_keys::ApiKeyRow> for ApiKeyView {
    fn from(row: api_keys::ApiKeyRow) -> Self {
        Self {
            id: row.key_id.0,
            name: row.name,
            hint: row.hint,
            scopes: row.scopes.0,
            environment: named::name(&row.environment),
            bot: row.bot.map(|bot| bot.0.into()),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            version: row.version,
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Made {
    id: ApiKeyId,
}

/// Make an API key. The answer shows its secret this once.
#[utoipa::path(tag = "api-keys", params(Creates), request_body = NewApiKey, responses((status = 201, body = ApiKeyMade)), security(("bearer" = ["owner"])))]
#[post("/v1/api-keys")]
pub(crate) async fn create_api_key(command: Command<NewApiKey>) -> Result<HttpResponse> {
    let (giver, body) = (command.caller.any_staff()?.giver(), &command.body);
    // The secret follows from the command's id, so a repetition shows the same one, though it is stored nowhere.
    let command_id = command.id(Need::Required, &giver)?;
    let secret = token::of_api_key(&command.state.api_key_key, command_id);
    let made = Made { id: ApiKeyId(Uuid::now_v7()) };
    let create = || ApiKeyAction::Create {
        name: body.name.clone(),
        secret_hash: token::hash(&secret),
        hint: token::hint(&secret),
        scopes: body.scopes.clone(),
        environment: body.environment,
        bot: body.bot.clone().map(Bot::from),
        expires_at: body.expires_at,
    };
    let done = command.run_as(command_id, giver, made, |unit| unit.open::<ApiKey>(made.id, create())).await?;
    // Whoever has the secret may use it at once.
    reading::wait_for(&command.state, done.position).await?;
    Ok(done.created(&ApiKeyMade {
        id: done.result.id.0,
        secret,
        position: done.position.0,
        version: done.version.0,
        recorded_at: done.recorded_at,
    }))
}

/// Revoke an API key: it opens nothing any more, from now on.
#[utoipa::path(tag = "api-keys", params(("id" = Uuid, Path), Changes), responses((status = 200, body = Written)), security(("bearer" = ["owner"])))]
#[delete("/v1/api-keys/{id}")]
pub(crate) async fn revoke_api_key(command: Command<Nothing>, id: Id<ApiKeyId>) -> Result<HttpResponse> {
    let giver = command.caller.any_staff()?.giver();
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<ApiKey>(id.0, ApiKeyAction::Revoke)).await?;
    reading::wait_for(&command.state, done.position).await?;
    command.state.sessions.forget_user(UserId(id.0.0));
    Ok(done.changed(id.0))
}

list_query! {
    /// Which keys.
    now ApiKeysQuery {}
}

/// List API keys in the order in which they were made, also revoked ones, as they are now.
#[utoipa::path(tag = "api-keys", params(ApiKeysQuery), responses((status = 200, body = Paged<ApiKeyView>)), security(("bearer" = ["settings"])))]
#[get("/v1/api-keys")]
pub(crate) async fn list_api_keys(
    caller: Caller,
    query: Query<ApiKeysQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let asked = query.0.page::<ApiKeyId>(&state, &request).await?;
    let page = asked.page();
    let rows = api_keys::list(&state.store, account, page.after, page.limit).await.map_err(reading::problem)?;
    Ok(asked.answer(&request, rows, |row| row.key_id, ApiKeyView::from))
}

/// One API key.
#[utoipa::path(tag = "api-keys", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = Read<ApiKeyView>)), security(("bearer" = ["settings"])))]
#[get("/v1/api-keys/{id}")]
pub(crate) async fn get_api_key(caller: Caller, id: Id<ApiKeyId>, query: Query<ReadNow>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let position = query.0.position(&state).await?;
    let found = api_keys::get(&state.store, account, id.0).await.map_err(reading::problem)?;
    let row = found.ok_or_else(|| ApiError::not_found("API key"))?;
    let version = row.version;
    Ok(reading::answer(ApiKeyView::from(row), version, position))
}
