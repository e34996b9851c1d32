//! What is said in a conversation: the hot path of the product, so nothing here waits for more than the log.

use crate::{
    auth::caller::{Giver, Party},
    error::{ApiError, Code, Result},
    idempotency::Need,
    parameters::Id,
    routes::{headers::Creates, shapes},
    writing::{Command, Written},
};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    conversation::{Author, Conversation, ConversationAction, File, Visibility},
    ids::{ConversationId, FileId, MessageId, ShopperId},
};

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
    /// In whose name staff writes, where it is not the caller.
    #[schema(value_type = Option<Uuid>)]
    shopper_id: Option<ShopperId>,
}

/// A file that has been stored elsewhere and is shared now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFile {
    /// Its name.
    #[schema(example = "boots.png")]
    name: String,
    /// Media type.
    #[schema(example = "image/png")]
    media_type: String,
    /// Size in bytes.
    bytes: u64,
    /// SHA-256 of its content, hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    /// Where its content is.
    url: String,
    /// In whose name staff shares it, where it is not the caller.
    #[schema(value_type = Option<Uuid>)]
    shopper_id: Option<ShopperId>,
}

/// The id that was given out; stored with the command.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Made {
    id: Uuid,
}

/// Say something.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Creates), request_body = NewMessage, responses((status = 201, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/messages")]
pub(crate) async fn send_message(command: Command<NewMessage>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let (giver, author) = author(&command.caller.party_of_conversation(id.0)?, command.body.shopper_id)?;
    let made = Made { id: Uuid::now_v7() };
    let body = &command.body;
    let done = command
        .run(Need::Required, giver, made, |unit| {
            let message_id = MessageId(made.id);
            unit.run::<Conversation>(
                id.0,
                ConversationAction::SendMessage {
                    message_id,
                    author,
                    body: body.body.clone(),
                    visibility: body.visibility,
                    mentions: Vec::new(),
                },
            )
        })
        .await?;
    Ok(done.created(&done.written(done.result.id)))
}

/// Share a file.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), Creates), request_body = NewFile, responses((status = 201, body = Written)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/files")]
pub(crate) async fn share_file(command: Command<NewFile>, id: Id<ConversationId>) -> Result<HttpResponse> {
    let (giver, author) = author(&command.caller.party_of_conversation(id.0)?, command.body.shopper_id)?;
    let made = Made { id: Uuid::now_v7() };
    let body = &command.body;
    let file = || File {
        file_id: FileId(made.id),
        name: body.name.clone(),
        media_type: body.media_type.clone(),
        bytes: body.bytes,
        sha256: body.sha256.clone(),
        url: body.url.clone(),
    };
    let share = || ConversationAction::ShareFile { author, file: Box::new(file()) };
    let done = command.run(Need::Required, giver, made, |unit| unit.run::<Conversation>(id.0, share())).await?;
    Ok(done.created(&done.written(done.result.id)))
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
        Party::Staff(staff) => Author::Shopper(staff.shopper_or_self(shopper_id)?),
    };
    Ok((party.giver(), author))
}
