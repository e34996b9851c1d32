//! Shoppers: who they are, when they work, and whether they can be given work now.
//!
//! A shopper is a user too, with the same id: both streams are made in one append.

mod read;

use crate::{
    change::Change,
    claims,
    error::{ApiError, Code, Result},
    idempotency::Need,
    parameters::Id,
    reading,
    routes::{
        headers::{Changes, Creates},
        shapes::{self, Schedule},
        users::check_password,
    },
    writing::{Command, Nothing, Written},
};
use actix_web::{HttpResponse, delete, patch, post, put};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    ids::{ShopperId, UserId},
    module::{Access, Module},
    refusal::Refusal,
    schedule,
    shopper::{Detail, Details, Shopper, ShopperAction, Status, StatusCause},
    user::{User, UserAction},
};

/// The routes of this folder.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(create_shopper)
        .service(update_shopper)
        .service(delete_shopper)
        .service(set_shopper_status)
        .service(set_schedule)
        .service(set_collections)
        .service(read::list_shoppers)
        .service(read::get_shopper);
}

/// A shopper to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewShopper {
    /// Name.
    #[schema(example = "Marta Soler")]
    name: String,
    /// E-mail address to sign in with, unique in the account.
    #[schema(example = "marta@example.com")]
    email: String,
    /// Telephone, E.164.
    phone: Option<String>,
    /// Name that customers see; the name when left out.
    chat_name: Option<String>,
    /// BCP 47 tags of the languages spoken.
    languages: Option<Vec<String>>,
    /// Fields of expertise.
    expertise: Option<Vec<String>>,
    /// Conversations at once.
    #[schema(minimum = 1, maximum = 100)]
    max_concurrent: Option<u32>,
    /// Departments that the shopper answers for.
    departments: Option<Vec<String>>,
    /// Country the shopper is in, ISO 3166-1 alpha-2.
    #[schema(example = "ES")]
    country: Option<String>,
    /// The shop's collections that the shopper is a specialist of.
    #[serde(default)]
    #[schema(required = false)]
    collections: Vec<String>,
    /// The weekly hours; always when left out.
    schedule: Option<Schedule>,
    /// The modules that are open to the shopper; `calls` when left out. Only the owner may open others.
    #[schema(value_type = Option<Vec<String>>)]
    modules: Option<BTreeSet<Module>>,
    /// Password; without it nobody can sign in until one is set.
    #[schema(min_length = 12, max_length = 200)]
    password: Option<String>,
}

/// What changes of a shopper: absent fields stay, `null` clears where it is accepted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShopperChange {
    /// Name.
    name: Option<String>,
    /// E-mail address to sign in with, unique in the account.
    email: Option<String>,
    /// Telephone, E.164.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    phone: Change<String>,
    /// Name that customers see.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    chat_name: Change<String>,
    /// BCP 47 tags of the languages spoken.
    languages: Option<Vec<String>>,
    /// Fields of expertise.
    expertise: Option<Vec<String>>,
    /// Conversations at once; the account's figure when cleared.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    max_concurrent: Change<u32>,
    /// Departments that the shopper answers for.
    departments: Option<Vec<String>>,
    /// Country the shopper is in, ISO 3166-1 alpha-2.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    country: Change<String>,
}

impl ShopperChange {
    fn details(&self) -> Details {
        let cleared = [
            (self.phone.clears(), Detail::Phone),
            (self.chat_name.clears(), Detail::ChatName),
            (self.max_concurrent.clears(), Detail::MaxConcurrent),
            (self.country.clears(), Detail::Country),
        ];
        Details {
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.given().cloned(),
            chat_name: self.chat_name.given().cloned(),
            languages: self.languages.clone(),
            expertise: self.expertise.clone(),
            max_concurrent: self.max_concurrent.given().copied(),
            departments: self.departments.clone(),
            country: self.country.given().cloned(),
            cleared: cleared.into_iter().filter(|(clears, _)| *clears).map(|(_, detail)| detail).collect(),
        }
    }
}

/// Whether the shopper can be given work from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewShopperStatus {
    /// The status.
    #[schema(schema_with = shapes::shopper_status)]
    status: Status,
}

/// The weekly hours.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSchedule {
    /// The hours; `null` means always.
    schedule: Option<Schedule>,
}

/// The collections.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Collections {
    /// All of the shop's collection ids that the shopper is a specialist of.
    collections: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Made {
    id: ShopperId,
}

/// Make a shopper.
#[utoipa::path(tag = "shoppers", params(Creates), request_body = NewShopper, responses((status = 201, body = Written)), security(("bearer" = ["settings"])))]
#[post("/v1/shoppers")]
pub(crate) async fn create_shopper(mut command: Command<NewShopper>) -> Result<HttpResponse> {
    command.has_secret();
    let (staff, body) = (command.caller.staff(Module::Settings)?, &command.body);
    let modules = body.modules.clone().unwrap_or_else(|| BTreeSet::from([Module::Calls]));
    if let Some(module) = modules.iter().find(|module| !staff.access.opens(**module)) {
        return Err(ApiError::module_missing(*module));
    }
    let password_hash = match &body.password {
        None => None,
        Some(password) => {
            check_password("/password", password)?;
            Some(command.state.passwords.hash(password.clone()).await)
        }
    };
    let made = Made { id: ShopperId(Uuid::now_v7()) };
    let create = || ShopperAction::Create {
        shopper_id: made.id,
        details: body.details(),
        collections: body.collections.clone(),
        schedule: body.schedule.clone().map(Into::into),
    };
    let sign_in = || UserAction::Create {
        user_id: made.id.into(),
        email: body.email.clone(),
        name: body.name.clone(),
        access: Access::Staff { modules: modules.clone() },
        password_hash: password_hash.clone(),
    };
    let name = claims::email(command.state.log.master(), &body.email);
    let done = command
        .run(Need::Required, staff.giver(), made, |unit| {
            unit.claim(claims::USER_EMAIL, name.clone(), made.id);
            unit.open::<Shopper>(made.id, create())?;
            unit.open::<User>(made.id, sign_in())
        })
        .await?;
    Ok(done.created(&done.written(done.result.id)))
}

impl NewShopper {
    fn details(&self) -> Details {
        Details {
            name: Some(self.name.clone()),
            email: Some(self.email.clone()),
            phone: self.phone.clone(),
            chat_name: self.chat_name.clone(),
            languages: self.languages.clone(),
            expertise: self.expertise.clone(),
            max_concurrent: self.max_concurrent,
            departments: self.departments.clone(),
            country: self.country.clone(),
            cleared: Vec::new(),
        }
    }
}

/// Change what is known of a shopper: absent fields stay, `null` clears.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), Changes), request_body = ShopperChange, responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[patch("/v1/shoppers/{id}")]
pub(crate) async fn update_shopper(command: Command<ShopperChange>, id: Id<ShopperId>) -> Result<HttpResponse> {
    let (staff, state) = (command.caller.staff(Module::Settings)?, &command.state);
    let user = UserId::from(id.0);
    let renamed = match &command.body.email {
        None => None,
        Some(email) => {
            // The name to be given back is known to the read model only: it must have come as far as the log.
            reading::wait_for(state, state.log.head()).await?;
            let new = claims::email(state.log.master(), email);
            let old = state.address_of(staff.account, user).await?;
            (old.as_ref() != Some(&new)).then_some((email, old, new))
        }
    };
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            unit.run::<Shopper>(id.0, ShopperAction::Update { shopper_id: id.0, details: command.body.details() })?;
            let Some((email, old, new)) = &renamed else { return Ok(()) };
            if unit.state::<User>(user)?.access() == Some(&Access::Owner) && staff.must_own().is_err() {
                return Err(unit.refuse::<User>(user, Refusal::NotAllowed("only the owner changes the owner's address; ask the owner")));
            }
            old.iter().for_each(|old| unit.release(claims::USER_EMAIL, old.clone(), user));
            unit.claim(claims::USER_EMAIL, new.clone(), user);
            unit.run::<User>(user, UserAction::SetEmail { user_id: user, email: (*email).clone() })
        })
        .await?;
    Ok(done.changed(id.0))
}

/// The shopper leaves the shop and cannot sign in any more.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), Changes), responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[delete("/v1/shoppers/{id}")]
pub(crate) async fn delete_shopper(command: Command<Nothing>, id: Id<ShopperId>) -> Result<HttpResponse> {
    let (staff, state) = (command.caller.staff(Module::Settings)?, &command.state);
    let user = UserId::from(id.0);
    let email = state.address_of(staff.account, user).await?;
    let done = command
        .run(Need::Optional, staff.giver(), (), |unit| {
            unit.run::<Shopper>(id.0, ShopperAction::Delete)?;
            unit.run::<User>(user, UserAction::Delete)?;
            if let Some(email) = &email {
                unit.release(claims::USER_EMAIL, email.clone(), id.0);
            }
            Ok(())
        })
        .await?;
    reading::wait_for(state, done.position).await?;
    state.sessions.forget_user(user);
    Ok(done.changed(id.0))
}

/// Available, busy, away or offline: one's own, or anybody's with the module settings.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), Changes), request_body = NewShopperStatus, responses((status = 200, body = Written)), security(("bearer" = ["calls"]), ("bearer" = ["settings"])))]
#[put("/v1/shoppers/{id}/status")]
pub(crate) async fn set_shopper_status(command: Command<NewShopperStatus>, id: Id<ShopperId>) -> Result<HttpResponse> {
    let staff = command.caller.any_staff()?;
    let is_own = staff.is_shopper && staff.user == id.0.into();
    if !is_own && !staff.access.opens(Module::Settings) {
        return Err(ApiError::new(Code::NotAllowed, "you set your own status only; ask somebody with the module settings"));
    }
    let set = || ShopperAction::SetStatus { status: command.body.status, cause: StatusCause::Manual };
    let done = command.run(Need::Optional, staff.giver(), (), |unit| unit.run::<Shopper>(id.0, set())).await?;
    Ok(done.changed(id.0))
}

/// Replace the weekly hours.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), Changes), request_body = NewSchedule, responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[put("/v1/shoppers/{id}/schedule")]
pub(crate) async fn set_schedule(command: Command<NewSchedule>, id: Id<ShopperId>) -> Result<HttpResponse> {
    let hours: Option<schedule::Schedule> = command.body.schedule.clone().map(Into::into);
    settings_step(&command, id.0, || ShopperAction::SetSchedule { schedule: hours.clone() }).await
}

/// Replace the collections.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), Changes), request_body = Collections, responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[put("/v1/shoppers/{id}/collections")]
pub(crate) async fn set_collections(command: Command<Collections>, id: Id<ShopperId>) -> Result<HttpResponse> {
    settings_step(&command, id.0, || ShopperAction::SetCollections { collections: command.body.collections.clone() }).await
}

async fn settings_step<T: serde::de::DeserializeOwned + 'static>(
    command: &Command<T>,
    id: ShopperId,
    action: impl Fn() -> ShopperAction,
) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Settings)?.giver();
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Shopper>(id, action())).await?;
    Ok(done.changed(id))
}
