//! A conversation without a call begins: one append makes it, and the customer where there is none yet.

use crate::{
    auth::{
        caller::{Caller, Giver},
        customer_token::Claims,
    },
    error::{ApiError, Result},
    idempotency::Need,
    routes::{
        headers::Creates,
        shapes::{self, CustomerDetails},
        trials,
        whose::Whose,
    },
    writing::Command,
};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_commands::step;
use vitrina_domain::{
    conversation::ConversationAction,
    environment::Environment,
    ids::{AccountId, ConversationId, CustomerId},
    module::Module,
};

/// A conversation without a call that is wanted.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConversation {
    /// The account, where the caller has no token; may be left out while the server has one account only.
    #[schema(value_type = Option<Uuid>)]
    account_id: Option<AccountId>,
    /// What is known of the customer.
    customer: Option<CustomerDetails>,
    /// A customer who exists already. Only staff may name one.
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<CustomerId>,
    /// How the customer writes; `web` when left out.
    #[schema(example = "web")]
    channel: Option<String>,
    /// BCP 47 tag of the language of this conversation; the customer's own when left out.
    language: Option<String>,
    /// ISO 3166-1 alpha-2; where the customer lives when left out.
    country: Option<String>,
    /// The department that shall answer; any when left out.
    #[schema(max_length = 64)]
    department: Option<String>,
    /// `test` for a trial: it is served like a real one, and no report counts it unless asked to. A customer who has a token stays in its
    /// environment when left out, and opens a trial otherwise where the account's `trials` is `anyone` only.
    #[schema(schema_with = shapes::environment, required = false)]
    environment: Option<Environment>,
}

/// A conversation that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationMade {
    /// The conversation.
    id: Uuid,
    /// The customer.
    customer_id: Uuid,
    /// Opens this conversation to the customer.
    customer_token: String,
    /// When that token ends.
    customer_token_expires_at: DateTime<Utc>,
    /// Position of the last event.
    position: i64,
    /// Its version.
    version: i64,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Ids {
    conversation: ConversationId,
    customer: CustomerId,
}

/// Open a conversation without a call.
#[utoipa::path(tag = "conversations", params(Creates), request_body = NewConversation, responses((status = 201, body = ConversationMade)), security((), ("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations")]
pub(crate) async fn open_conversation(command: Command<NewConversation>) -> Result<HttpResponse> {
    let body = &command.body;
    let (account, whose) = match &command.caller {
        Caller::Nobody => (command.state.account(body.account_id).await?, Whose::new(body.customer.as_ref())),
        Caller::Customer(claims) => (claims.account, Whose::Known(claims.customer)),
        Caller::Staff(_) | Caller::Guest(_) | Caller::Operator => {
            let staff = command.caller.staff(Module::Calls)?;
            (staff.account, Whose::by_staff(body.customer_id, body.customer.as_ref())?)
        }
    };
    let staff_only = body.customer_id.is_some() || body.customer.as_ref().is_some_and(|c| c.external_id.is_some() || c.segment.is_some());
    if staff_only && !matches!(command.caller, Caller::Staff(_)) {
        return Err(ApiError::field("/customer", "staff_only", "only staff may give customer_id, external_id or segment"));
    }
    let ids = Ids { conversation: ConversationId(Uuid::now_v7()), customer: whose.id() };
    let giver = match &command.caller {
        Caller::Nobody => Giver { credential: Uuid::nil(), ..Giver::customer(account, ids.customer) },
        Caller::Customer(claims) => Giver::customer(account, claims.customer),
        Caller::Staff(_) | Caller::Guest(_) | Caller::Operator => command.caller.any_staff()?.giver().opening(body.environment)?,
    };
    let open = |[language, country]: [Option<String>; 2]| ConversationAction::Open {
        customer_id: ids.customer,
        call_id: None,
        channel: body.channel.clone().unwrap_or_else(|| "web".to_owned()),
        language,
        country,
        department: body.department.clone(),
        continues: None,
    };
    let done = command
        .run(Need::Required, giver, ids, |unit| {
            match &command.caller {
                Caller::Nobody => trials::by_a_visitor(unit, None, body.environment)?,
                Caller::Customer(claims) => trials::by_a_visitor(unit, Some(claims.conversation), body.environment)?,
                Caller::Staff(_) | Caller::Guest(_) | Caller::Operator => {}
            }
            whose.meet(unit, ids.customer)?;
            let said = CustomerDetails::background(body.customer.as_ref(), [body.language.clone(), body.country.clone()]);
            let background = Whose::background(unit, ids.customer, said)?;
            step::open_chat(unit, ids.conversation, open(background))
        })
        .await?;
    let (signer, ids) = (&command.state.signer, done.result);
    let expires_at = signer.expiry(done.recorded_at);
    let claims = Claims {
        account,
        customer: ids.customer,
        call: None,
        conversation: ids.conversation,
        expires_at: expires_at.timestamp(),
        link: None,
    };
    Ok(done.created(&ConversationMade {
        id: ids.conversation.0,
        customer_id: ids.customer.0,
        customer_token: signer.sign(&claims),
        customer_token_expires_at: expires_at,
        position: done.position.0,
        version: done.version.0,
        recorded_at: done.recorded_at,
    }))
}
