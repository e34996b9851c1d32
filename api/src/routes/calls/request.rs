//! A call begins: a customer asks for a person, or a shopper sets up a private call.
//!
//! One append makes the call, its conversation, the customer where there is none yet, and the place in the queue: all
//! of it or nothing.

use crate::{
    auth::{
        caller::{Caller, Giver, Staff},
        customer_token::Claims,
    },
    error::{ApiError, Result},
    idempotency::Need,
    routes::{
        headers::Creates,
        shapes::{self, Appointment, CustomerDetails, Product},
        trials,
        whose::Whose,
    },
    writing::{Command, Done},
};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_commands::{Failure, Unit, step};
use vitrina_domain::{
    call::{self, Call, CallAction, Details, Device, Platform},
    conversation::{CALL_CHANNEL, Conversation, ConversationAction},
    environment::Environment,
    ids::{AccountId, CallId, ConversationId, CustomerId, ShopperId},
    module::Module,
    shopper::Terms,
};

/// A call that is wanted.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCall {
    /// The account, where the caller has no token; may be left out while the server has one account only.
    #[schema(value_type = Option<Uuid>)]
    account_id: Option<AccountId>,
    /// What is known of the customer.
    customer: Option<CustomerDetails>,
    /// A customer who exists already. Only staff may name one.
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<CustomerId>,
    /// What it is about.
    product: Option<Product>,
    /// Where the customer's shop runs.
    #[serde(default)]
    #[schema(schema_with = shapes::platform, required = false)]
    platform: Platform,
    /// The customer's device.
    #[serde(default)]
    #[schema(schema_with = shapes::device, required = false)]
    device: Device,
    /// BCP 47 tag of the language of this call; the customer's own when left out.
    language: Option<String>,
    /// ISO 3166-1 alpha-2; where the customer lives when left out.
    country: Option<String>,
    /// Collections asked for.
    #[serde(default)]
    #[schema(required = false)]
    collections: Vec<String>,
    /// Higher is served first, 0 is ordinary. Only staff may give it.
    #[serde(default)]
    #[schema(required = false)]
    priority: i32,
    /// The appointment; without one a customer's request waits in the queue at once.
    schedule: Option<Appointment>,
    /// Of a private call: the shopper who will hold it. Only staff may name one.
    #[schema(value_type = Option<Uuid>)]
    shopper_id: Option<ShopperId>,
    /// Of a private call: whether it begins at once.
    start: Option<Start>,
    /// `test` for a trial: it is served like a real call, costs nothing of the plan, and no report counts it unless asked to. A customer
    /// who has a token stays in its environment when left out, and opens a trial otherwise where the account's `trials` is `anyone` only.
    #[schema(schema_with = shapes::environment, required = false)]
    environment: Option<Environment>,
}

/// When a private call begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Start {
    /// At once: the shopper holds it and it is live.
    Now,
    /// When the shopper claims and starts it.
    Later,
}

/// A call that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallMade {
    /// The call.
    id: Uuid,
    /// Its conversation.
    conversation_id: Uuid,
    /// The customer.
    customer_id: Uuid,
    /// Opens this call and its conversation to the customer.
    customer_token: String,
    /// When that token ends.
    customer_token_expires_at: DateTime<Utc>,
    /// Position of the last event.
    position: i64,
    /// The call's version.
    version: i64,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

/// The ids that the command gives out; stored with it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Ids {
    call: CallId,
    conversation: ConversationId,
    customer: CustomerId,
}

/// Ask for a person (a customer), or set up a private call (staff).
#[utoipa::path(tag = "calls", operation_id = "create_call", params(Creates), request_body = NewCall, responses((status = 201, body = CallMade)), security((), ("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/calls")]
pub(crate) async fn create_call(command: Command<NewCall>) -> Result<HttpResponse> {
    let made = match &command.caller {
        Caller::Nobody => {
            let account = command.state.account(command.body.account_id).await?;
            only_staff_gives(&command.body)?;
            request(&command, account, None, Whose::new(command.body.customer.as_ref())).await?
        }
        Caller::Customer(claims) => {
            only_staff_gives(&command.body)?;
            request(&command, claims.account, Some(claims), Whose::Known(claims.customer)).await?
        }
        Caller::Staff(_) | Caller::Guest(_) | Caller::Operator => {
            let staff = command.caller.staff(Module::Calls)?;
            create(&command, staff).await?
        }
    };
    Ok(made.0.created(&made.1))
}

type Made = (Done<Ids>, CallMade);

/// What a customer may not say of themselves.
fn only_staff_gives(body: &NewCall) -> Result<()> {
    let details = body.customer.as_ref();
    let given = [
        ("/customer_id", body.customer_id.is_some()),
        ("/customer/external_id", details.is_some_and(|d| d.external_id.is_some())),
        ("/customer/segment", details.is_some_and(|d| d.segment.is_some())),
        ("/priority", body.priority != 0),
        ("/shopper_id", body.shopper_id.is_some()),
        ("/start", body.start.is_some()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((pointer, _)) => Err(ApiError::field(pointer, "staff_only", "only staff may give this; sign in, or leave it out")),
    }
}

async fn request(command: &Command<NewCall>, account: AccountId, claims: Option<&Claims>, whose: Whose) -> Result<Made> {
    let ids = ids_for(&whose);
    // Somebody without a token becomes the customer that this very request makes.
    let giver = Giver::customer(account, ids.customer);
    let giver = if claims.is_some() { giver } else { Giver { credential: Uuid::nil(), ..giver } };
    let details = details(&command.body, ids);
    let next = next_step(&command.body);
    let done = command
        .run(Need::Required, giver, ids, |unit| {
            trials::by_a_visitor(unit, claims.map(|claims| claims.conversation), command.body.environment)?;
            let details = meet(unit, &whose, ids, details.clone())?;
            unit.open::<Call>(ids.call, CallAction::Request(Box::new(details)))?;
            unit.run::<Call>(ids.call, next.clone())
        })
        .await?;
    made(command, account, done)
}

async fn create(command: &Command<NewCall>, staff: &Staff) -> Result<Made> {
    let body = &command.body;
    let shopper_id = staff.shopper_or_self(body.shopper_id)?;
    let whose = Whose::by_staff(body.customer_id, body.customer.as_ref())?;
    let ids = ids_for(&whose);
    let details = details(body, ids);
    let done = command
        .run(Need::Required, staff.giver().opening(body.environment)?, ids, |unit| {
            let details = meet(unit, &whose, ids, details.clone())?;
            unit.open::<Call>(ids.call, CallAction::Create { shopper_id, details: Box::new(details) })?;
            super::must_be_a_shopper(unit, shopper_id)?;
            if let Some(appointment) = &body.schedule {
                unit.run::<Call>(ids.call, schedule(appointment))?;
            }
            unit.run::<Conversation>(ids.conversation, ConversationAction::Join { shopper_id })?;
            if body.start == Some(Start::Now) {
                step::claim(unit, ids.call, shopper_id, Terms::None)?;
                step::start(unit, ids.call)?;
            }
            Ok(())
        })
        .await?;
    made(command, staff.account, done)
}

/// Makes the customer where there is none, and opens the conversation of the call; the call's details with what is known of the customer.
fn meet(unit: &mut Unit<'_>, whose: &Whose, ids: Ids, mut call: Details) -> Result<Details, Failure> {
    whose.meet(unit, ids.customer)?;
    [call.language, call.country] = Whose::background(unit, ids.customer, [call.language.take(), call.country.take()])?;
    let open = ConversationAction::Open {
        customer_id: ids.customer,
        call_id: Some(ids.call),
        channel: CALL_CHANNEL.to_owned(),
        language: call.language.clone(),
        country: call.country.clone(),
        department: None,
        continues: None,
    };
    unit.open::<Conversation>(ids.conversation, open)?;
    Ok(call)
}

fn ids_for(whose: &Whose) -> Ids {
    Ids { call: CallId(Uuid::now_v7()), conversation: ConversationId(Uuid::now_v7()), customer: whose.id() }
}

fn details(body: &NewCall, ids: Ids) -> Details {
    let body = body.clone();
    let [language, country] = CustomerDetails::background(body.customer.as_ref(), [body.language, body.country]);
    call::Details {
        customer_id: ids.customer,
        conversation_id: ids.conversation,
        product: body.product.map(Into::into),
        platform: body.platform,
        device: body.device,
        language,
        country,
        collections: body.collections,
        priority: body.priority,
    }
}

fn next_step(body: &NewCall) -> CallAction {
    body.schedule.as_ref().map_or(CallAction::Queue, schedule)
}

/// The action that makes or moves this appointment.
pub(super) fn schedule(appointment: &Appointment) -> CallAction {
    CallAction::Schedule { starts_at: appointment.starts_at, ends_at: appointment.ends_at, zone: appointment.zone.clone() }
}

/// The reply: the token follows from the stored ids and time, so a repetition gets the same one.
fn made(command: &Command<NewCall>, account: AccountId, done: Done<Ids>) -> Result<Made> {
    let (signer, ids) = (&command.state.signer, done.result);
    let expires_at = signer.expiry(done.recorded_at);
    let claims = Claims {
        account,
        customer: ids.customer,
        call: Some(ids.call),
        conversation: ids.conversation,
        expires_at: expires_at.timestamp(),
        link: None,
    };
    let reply = CallMade {
        id: ids.call.0,
        conversation_id: ids.conversation.0,
        customer_id: ids.customer.0,
        customer_token: signer.sign(&claims),
        customer_token_expires_at: expires_at,
        position: done.position.0,
        version: done.version.0,
        recorded_at: done.recorded_at,
    };
    Ok((done, reply))
}
