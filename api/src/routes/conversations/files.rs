//! Files in a conversation: shared with their content, or by naming where somebody else keeps it; fetched by whoever may read
//! the conversation.
//!
//! The content is in the storage before the event that names it, so an acknowledged file can be fetched. What a refused command
//! leaves is taken away again.

use super::messages::{Made, Said, Sent, say};
use crate::{
    auth::caller::{self, Caller, Party},
    body, continuation,
    error::{ApiError, Code, RETRY_SOON_S, Result},
    idempotency::{self, Need},
    parameters::{Id, Query, SecondId},
    reading,
    routes::headers::Creates,
    storage::{Kept, Key, Shown, StorageError, download},
    wiring::State,
    writing::{self, Command},
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use vitrina_domain::{
    conversation::{Content, Conversation, ConversationAction, File},
    ids::{AccountId, ConversationId, FileId, ShopperId},
};
use vitrina_eventlog::keyring::SubjectCipher;
use vitrina_projections::{contents, conversations, messages};

/// Bytes that a content is told by.
const HEAD_BYTES: usize = 8_192;
/// How long a sender may pause: who sends nothing for so long holds a place for nothing.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// What is sent off as it is when it says that it is nothing else: no browser runs it.
const PLAIN: [&str; 4] = ["text/plain", "text/csv", "text/calendar", "application/json"];
const UNKNOWN: &str = "application/octet-stream";

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

/// What is said of a file whose content is the body.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FileQuery {
    /// The file's name; with it the body is the content, without it a JSON document that names where the content is.
    #[param(example = "boots.png")]
    name: Option<String>,
    /// In whose name staff shares it, where it is not the caller; with `name`.
    shopper_id: Option<Uuid>,
}

/// Share a file: its content as the body and its `name` in the query, or a JSON document that names where it is kept. As with
/// messages, a closed conversation goes on in another one. What it is is told by its bytes; programs are refused.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), FileQuery, Creates), request_body(content((NewFile = "application/json"), (Vec<u8> = "application/octet-stream"))), responses((status = 201, body = Sent)), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[post("/v1/conversations/{id}/files")]
pub(crate) async fn share_file(
    caller: Caller,
    id: Id<ConversationId>,
    query: Query<FileQuery>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let FileQuery { name, shopper_id } = query.0;
    match name {
        Some(name) => share_content(caller, id.0, name, shopper_id.map(ShopperId), request, payload).await,
        None => share_elsewhere(caller, id.0, request, payload).await,
    }
}

async fn share_elsewhere(caller: Caller, id: ConversationId, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse> {
    let state = caller::state_of(&request);
    let bytes = payload.to_bytes_limited(state.config.body_bytes_max).await.map_err(|_| body::too_large("body_bytes_max"))?;
    let bytes = bytes.map_err(|error| body::unreadable(&error))?;
    let new: NewFile = body::parse(&request, &bytes)?;
    let fingerprint = body::fingerprint(&bytes);
    let command = Command::of(caller, new, state, fingerprint, request);
    let NewFile { shopper_id, .. } = command.body;
    let made = Made::now();
    let file = || {
        let NewFile { name, media_type, bytes, sha256, url, .. } = &command.body;
        let content = Content::Elsewhere(url.clone());
        let (name, media_type, sha256) = (name.clone(), media_type.clone(), sha256.clone());
        File { file_id: FileId(made.id()), name, media_type, bytes: *bytes, sha256, content }
    };
    let said = say(&command, id, shopper_id, made, |unit, conversation, author| {
        unit.run::<Conversation>(conversation, ConversationAction::ShareFile { author, file: Box::new(file()) })
    });
    Ok(said.await?.response)
}

async fn share_content(
    caller: Caller,
    id: ConversationId,
    name: String,
    shopper_id: Option<ShopperId>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse> {
    let state = caller::state_of(&request);
    // Whatever can be refused without the content is refused before it is read.
    let party = caller.party_of_some_conversation()?;
    if let Party::Customer(claims) = &party {
        continuation::must_show(&state, claims, id, state.applied()).await?;
    }
    let giver = party.giver();
    idempotency::command_id(&request, Need::Required, giver.account, giver.credential)?;
    let told: Option<u64> = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if told.is_some_and(|bytes| bytes > state.config.file_bytes_max) {
        return Err(body::too_large("file_bytes_max"));
    }
    let made = Made::now();
    let key = Key::file(giver.account, FileId(made.id()));
    let content = keep(&state, &key, payload, declared(&request)).await?;
    let fingerprint = body::fingerprint(format!("{}\n{name}\n{shopper_id:?}", content.kept.sha256).as_bytes());
    let command = Command::of(caller, (), state.clone(), fingerprint, request);
    let file = |conversation: ConversationId| File {
        file_id: FileId(made.id()),
        name: name.clone(),
        media_type: content.media_type.clone(),
        bytes: content.kept.bytes,
        sha256: content.kept.sha256.clone(),
        content: Content::Here(format!("/v1/conversations/{conversation}/files/{}", made.id())),
    };
    let said = say(&command, id, shopper_id, made, |unit, conversation, author| {
        unit.run::<Conversation>(conversation, ConversationAction::ShareFile { author, file: Box::new(file(conversation)) })
    })
    .await;
    let is_nobodys = match &said {
        // What is shared with somebody who is to be forgotten is kept nowhere.
        Ok(_) if is_of_nobody(&state, giver.account, id).await? => true,
        // A repetition is answered with the file of the first time.
        Ok(Said { id, .. }) => *id != made.id(),
        // After other failures it may have been written, and the content must stay.
        Err(refused) => refused.code().status().is_client_error(),
    };
    if is_nobodys && let Err(error) = state.storage.delete(&key).await {
        tracing::warn!(%error, %key, "what a refused upload left stays in the storage");
    }
    said.map(|said| said.response)
}

/// Whether the conversation is with somebody who is to be forgotten. Asked after the sharing is written: whoever is asked to be forgotten
/// later finds it.
async fn is_of_nobody(state: &State, account: AccountId, id: ConversationId) -> Result<bool> {
    let found = conversations::get(&state.store, account, id, state.applied()).await.map_err(reading::problem)?;
    let Some(conversation) = found else { return Ok(false) };
    let subject = (account, conversation.row.customer_id.into());
    state.log.keyring().load(&[subject]).await.map_err(writing::log_problem)?;
    Ok(matches!(state.log.keyring().cached(&subject), Some(SubjectCipher::Destroyed)))
}

/// A content in the storage, and what it is.
struct Arrived {
    kept: Kept,
    media_type: String,
}

/// Takes a content into the storage, or leaves nothing of it.
async fn keep(state: &State, key: &Key, mut payload: web::Payload, declared: String) -> Result<Arrived> {
    let Ok(_place) = state.uploads.try_acquire() else {
        let detail = "as many files as this server takes at once are on their way; repeat the request";
        return Err(ApiError::new(Code::Busy, detail).retry_after_s(RETRY_SOON_S));
    };
    let mut upload = state.storage.upload(key);
    let mut head = Vec::with_capacity(HEAD_BYTES);
    loop {
        match next(&mut payload).await {
            Ok(Some(bytes)) if upload.bytes() + bytes.len() as u64 > state.config.file_bytes_max => {
                upload.abort().await;
                return Err(body::too_large("file_bytes_max"));
            }
            Ok(Some(bytes)) => {
                head.extend_from_slice(&bytes[..bytes.len().min(HEAD_BYTES - head.len())]);
                if let Err(error) = upload.write(bytes).await {
                    upload.abort().await;
                    return Err(error.problem());
                }
            }
            Ok(None) => break,
            Err(error) => {
                upload.abort().await;
                return Err(error);
            }
        }
    }
    if infer::is_app(&head) || head.is_empty() {
        upload.abort().await;
        return Err(ApiError::of_field(Code::InvalidBody, "", "not_accepted", "a file with something in it that is no program"));
    }
    let kept = upload.finish().await.map_err(StorageError::problem)?;
    Ok(Arrived { kept, media_type: media_type(&head, &declared) })
}

async fn next(
    payload: &mut (impl Stream<Item = std::result::Result<Bytes, actix_web::error::PayloadError>> + Unpin),
) -> Result<Option<Bytes>> {
    match tokio::time::timeout(PAUSE_MAX, payload.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
        Ok(Some(Err(_))) | Err(_) => Err(ApiError::new(Code::MalformedJson, "the body broke off before its end")),
    }
}

/// What its sender says it is.
fn declared(request: &HttpRequest) -> String {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// What it is: by its bytes where they tell, and never a picture or a page only because the sender says so.
fn media_type(head: &[u8], declared: &str) -> String {
    match infer::get(head) {
        Some(kind) => kind.mime_type().to_owned(),
        None if PLAIN.contains(&declared) => declared.to_owned(),
        None => UNKNOWN.to_owned(),
    }
}

/// The content of a file that is kept here, all or the part that `Range` names.
#[utoipa::path(tag = "conversations", params(("id" = Uuid, Path), ("file" = Uuid, Path), ("Range" = Option<String>, Header, example = "bytes=0-99")), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, body = Vec<u8>, content_type = "application/octet-stream")), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/conversations/{id}/files/{file}")]
pub(crate) async fn get_file(
    caller: Caller,
    id: Id<ConversationId>,
    file: SecondId<FileId>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let party = caller.party_of_some_conversation()?;
    let at = state.applied();
    if let Party::Customer(claims) = &party {
        continuation::must_show(&state, claims, id.0, at).await?;
    }
    let account = party.account();
    let found = messages::file(&state.store, account, id.0, file.0, at).await.map_err(reading::problem)?;
    // An erased one has no address any more, one that is kept elsewhere an absolute one.
    let found = found.ok_or_else(|| ApiError::not_found("file"))?;
    if found.url.is_none()
        && contents::get(&state.store, account, id.0).await.map_err(reading::problem)?.is_some_and(|held| held.files_deleted_at.is_some())
    {
        return Err(ApiError::new(Code::NotFound, "the file was deleted: the account keeps files for a time only"));
    }
    let row =
        Some(found).filter(|row| row.url.as_deref().is_some_and(|url| url.starts_with('/'))).ok_or_else(|| ApiError::not_found("file"))?;
    let shown = Shown {
        media_type: row.media_type.unwrap_or_else(|| UNKNOWN.to_owned()),
        bytes: row.bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
        sha256: row.sha256.unwrap_or_default(),
        name: row.body.unwrap_or_else(|| file.0.to_string()),
    };
    download(&state.storage, &Key::file(account, file.0), &shown, &request).await
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn what_a_file_is_is_told_by_its_bytes_and_not_by_its_sender() {
        let png = b"\x89PNG\r\n\x1a\n rest";
        assert_eq!(media_type(png, "text/html"), "image/png");
        assert_eq!(media_type(b"<html><script>alert(1)</script>", "image/png"), "text/html");
        assert_eq!(media_type(b"size;colour\n38;red\n", "text/csv"), "text/csv");
        assert_eq!(media_type(b"no picture at all", "image/png"), "application/octet-stream");
        assert_eq!(media_type(b"", "nonsense"), "application/octet-stream");
    }
}
