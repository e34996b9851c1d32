//! What is said in a conversation: the hot path of the product, so nothing here waits for more than the log.

use crate::{
    auth::{
        caller::{Giver, Party, Staff},
        customer_token::Claims,
    },
    continuation,
    error::{ApiError, Code, Result},
    idempotency::Need,
    parameters::Id,
    routes::{headers::Creates, shapes},
    writing::{Command, Written},
};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_commands::{Failure, Unit};
use vitrina_domain::{
    aggregate::Aggregate,
    conversation::{Author, Conversation, ConversationAction, Visibility},
    ids::{ConversationId, MessageId, ShopperId},
    refusal::Refusal,
    shopper::Shopper,
};
use vitrina_eventlog::Version;

/// A message to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// The text.
    #[schema(min_length = 1, max_length = 10000, example = "Which size do you need?")]
    body: String,
    /// Who may read it; staff may write for themselves.
    #[serde(default)]
    #[schema(schema_with = shapes::visibility, required = false)]
    visibility: Visibility,
    /// Shoppers who are called upon; in a message for staff only.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, required = false, max_items = 20)]
    mentions: Vec<ShopperId>,
    /// The name of the channel's approved template (HSM) whose text this is; in what the shop says only.
    #[schema(max_length = 128, example = "order_update")]
    template: Option<String>,
    /// In whose name staff writes, where it is not the caller.
    #[schema(value_type = Option<Uuid>)]
    shopper_id: Option<ShopperId>,
}

/// What was given out and decided; stored with the command.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Made {
    id: Uuid,
    /// Where it went, when the conversation was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    continued: Option<Continued>,
}

impl Made {
    /// A new id.
    pub(super) fn now() -> Self {
        Self { id: Uuid::now_v7(), continued: None }
    }

    /// The id of the message or file.
    pub(super) fn id(&self) -> Uuid {
        self.id
    }
}

/// What became of it.
pub(super) struct Said {
    /// The message or file; of a repetition, that of the first time.
    pub(super) id: Uuid,
    /// The answer.
    pub(super) response: HttpResponse,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Continued {
    conversation: ConversationId,
    version: i64,
}

/// What was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sent {
    /// The message or file.
    #[serde(flatten)]
    written: Written,
    /// The conversation that it is in.
    conversation_id: Uuid,
    /// The closed conversation that the customer wrote to: it goes on in another one, which the same token opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_conversation_id: Option<Uuid>,
    /// A token of the customer's for the conversation that continues it, to follow it live with.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_token: Option<String>,
    /// When that token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_token_expires_at: Option<DateTime<Utc>>,
}

/// Say something. The customer's word to a closed conversation opens the one that continues it, or goes there.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Creates), request_body = NewMessage, responses((status = 201, body = Sent)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/messages")]
pub(crate) async fn send_message(command: Command<NewMessage>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let made = Made::now();
    let body = &command.body;
    say(&command, id.0, body.shopper_id, made, |unit, conversation, author| {
        let (message_id, visibility, mentions) = (MessageId(made.id), body.visibility, body.mentions.clone());
        let (text, template) = (body.body.clone(), body.template.clone());
        let message = ConversationAction::SendMessage { message_id, author, body: text, visibility, mentions, template };
        unit.run::<Conversation>(conversation, message)?;
        body.mentions.iter().enumerate().try_for_each(|(index, mentioned)| must_be_mentionable(unit, index, *mentioned))
    })
    .await
    .map(|said| said.response)
}

/// Lets whoever calls say something in the conversation, or in the one that continues it.
pub(super) async fn say<T>(
    command: &Command<T>,
    id: ConversationId,
    shopper_id: Option<ShopperId>,
    made: Made,
    what: impl Fn(&mut Unit<'_>, ConversationId, Author) -> std::result::Result<(), Failure>,
) -> Result<Said> {
    let party = command.caller.party_of_some_conversation()?;
    let (giver, author) = author(&party, shopper_id)?;
    let fresh = ConversationId(Uuid::now_v7());
    let mut done = command
        .run(Need::Required, giver, made, |unit| {
            let claims = match &party {
                Party::Customer(claims) => claims,
                Party::Staff(staff) => {
                    if let (Author::Bot(bot_id), Some(bot)) = (author, &staff.bot) {
                        unit.run::<Conversation>(id, ConversationAction::BringBot { bot_id, bot: bot.as_ref().clone() })?;
                    }
                    return what(unit, id, author);
                }
            };
            continuation::must_open(unit, claims, id)?;
            let Some(next) = continuation::go_on(unit, id, fresh)? else { return what(unit, id, author) };
            what(unit, next.conversation, author)?;
            let version = unit.version::<Conversation>(next.conversation)?.0;
            let made = Made { continued: Some(Continued { conversation: next.conversation, version }), ..made };
            unit.result(serde_json::to_vec(&made).expect("ids and numbers are plain data"));
            Ok(())
        })
        .await?;
    let made = done.result;
    if let Some(continued) = made.continued {
        done.version = Version(continued.version);
    }
    let signer = &command.state.signer;
    let expires_at = signer.expiry(done.recorded_at);
    let token = |claims: &Claims, continued: Continued| {
        signer.sign(&Claims { conversation: continued.conversation, expires_at: expires_at.timestamp(), ..claims.clone() })
    };
    let customer_token = match (&party, made.continued) {
        (Party::Customer(claims), Some(continued)) => Some(token(claims, continued)),
        _ => None,
    };
    let response = done.created(&Sent {
        written: done.written(made.id),
        conversation_id: made.continued.map_or(id, |continued| continued.conversation).0,
        previous_conversation_id: made.continued.map(|_| id.0),
        customer_token_expires_at: customer_token.as_ref().map(|_| expires_at),
        customer_token,
    });
    Ok(Said { id: made.id, response })
}

/// Refuses to call upon somebody who is no shopper of the account.
fn must_be_mentionable(unit: &mut Unit<'_>, index: usize, id: ShopperId) -> std::result::Result<(), Failure> {
    match unit.state::<Shopper>(id)?.state_name() {
        "active" => Ok(()),
        _ => {
            let refusal = Refusal::invalid(format!("/mentions/{index}"), "unknown", "a shopper of your account who has not left");
            Err(unit.refuse::<Shopper>(id, refusal))
        }
    }
}

/// Who writes, and in whose name.
fn author(party: &Party<'_>, shopper_id: Option<ShopperId>) -> Result<(Giver, Author)> {
    let author = match party {
        Party::Customer(_) if shopper_id.is_some() => {
            return Err(ApiError::of_field(
                Code::InvalidField,
                "/shopper_id",
                "staff_only",
                "a customer writes in their own name; leave it out",
            ));
        }
        Party::Customer(claims) => Author::Customer(claims.customer),
        Party::Staff(Staff { bot: Some(_), .. }) if shopper_id.is_some() => {
            return Err(ApiError::field("/shopper_id", "bot", "this key is a bot's, which writes in its own name; leave it out"));
        }
        Party::Staff(Staff { bot: Some(_), user, .. }) => Author::Bot(user.0.into()),
        Party::Staff(staff) => Author::Shopper(staff.shopper_or_self(shopper_id)?),
    };
    Ok((party.giver(), author))
}
