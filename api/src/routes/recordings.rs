//! Recordings of calls: switched on and off, listed as what a page needs to play them side by side in step, fetched by range,
//! deleted. For staff with the module calls; who fetches one is in the call's history.

use crate::{
    auth::{
        caller::{Caller, Giver},
        recording_pass::RecordingPass,
    },
    error::{ApiError, Result},
    idempotency::Need,
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::{headers::Changes, named},
    storage::{Key, Shown, download},
    wiring::State,
    writing::{self, Command, Nothing, Written},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, process::id::derived, step};
use vitrina_domain::{
    call::{
        Call, CallAction, RecordingAction,
        recording::{DeleteCause, Switch},
    },
    ids::{AccountId, CallId, EventId, ParticipantId, RecordingId},
    module::Module,
};
use vitrina_eventlog::Position;
use vitrina_media::record::Form;
use vitrina_projections::{
    calls,
    media::{self, MediaParticipantRow},
    recordings::{self, RecordingRow, RecordingStage},
};

/// For how long an address of the list can be fetched from: a long recording, watched with a break.
const PASS_SECONDS: i64 = 4 * 3_600;
/// Addresses of one slot of time are the same, so that a player's cache holds and an answer can be asked for again.
const SLOT_SECONDS: i64 = 3_600;
/// Who fetches is told once in such a time: a player asks for parts of a file dozens of times.
const DOWNLOAD_SECONDS: i64 = 3_600;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(switch_recording).service(list_recordings).service(get_recording).service(play_recording).service(delete_recording);
}

/// Whether a call is recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recorded {
    /// on or off.
    #[schema(value_type = String, example = "on")]
    state: Switch,
}

/// What there is of a call, on its own time line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingsView {
    /// The call.
    call_id: Uuid,
    /// Whether recording is switched on: on or off.
    #[schema(example = "on")]
    state: String,
    /// When the call started: offset 0.
    started_at: Option<DateTime<Utc>>,
    /// The end of the last file, in milliseconds after the call's start.
    duration_ms: i64,
    /// The files, in the order in which they begin. A player shows each at its offset.
    items: Vec<RecordingView>,
}

/// A file: one presence of a participant, or the screen that they showed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingView {
    /// The file.
    id: Uuid,
    /// The presence; coming back is another one.
    participant_id: Uuid,
    /// customer or shopper.
    role: Option<String>,
    /// customer, shopper, user or api_key.
    who_kind: Option<String>,
    /// Which one.
    who: Option<String>,
    /// person (voice and face) or screen.
    #[schema(example = "person")]
    holds: String,
    /// recording, stopped, ready, failed, lost or deleted.
    #[schema(example = "ready")]
    status: String,
    /// Its begin, in milliseconds after the call's start.
    offset_ms: i64,
    /// Its length in milliseconds.
    duration_ms: Option<i64>,
    /// Whether a crash had broken it off.
    corrected: bool,
    /// Its size.
    bytes: Option<i64>,
    /// SHA-256 of its content.
    sha256: Option<String>,
    /// Its media type.
    media_type: Option<String>,
    /// When it is deleted by itself; `null`: never.
    keep_until: Option<DateTime<Utc>>,
    /// Why it came to nothing: disk or empty.
    failure: Option<String>,
    /// Where a player gets it, in parts as it likes, without any header; while it is ready.
    url: Option<String>,
    /// Until when.
    url_expires_at: Option<DateTime<Utc>>,
}

/// Switch the recording of a call on or off. It begins when the call is live; the customer must have consented to it
/// (`kind: recording`), and the account must allow it.
#[utoipa::path(tag = "recordings", params(("id" = Uuid, Path), Changes), request_body = Recorded, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[post("/v1/calls/{id}/recording")]
pub(crate) async fn switch_recording(command: Command<Recorded>, id: Id<CallId>) -> Result<HttpResponse> {
    let giver = command.caller.staff(Module::Calls)?.giver();
    let done = command.run(Need::Optional, giver, (), |unit| step::switch_recording(unit, id.0, command.body.state)).await?;
    Ok(done.changed(id.0))
}

/// The recordings of a call, with all that it takes to play them side by side.
#[utoipa::path(tag = "recordings", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<RecordingsView>)), security(("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/recordings")]
pub(crate) async fn list_recordings(caller: Caller, id: Id<CallId>, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let giver = caller.staff(Module::Calls)?.giver();
    let (account, at) = (giver.account, query.0.position(&state).await?);
    let call = calls::get(&state.store, account, id.0, at).await.map_err(reading::problem)?;
    let call = call.ok_or_else(|| ApiError::not_found("call"))?.row;
    let files = recordings::of_call(&state.store, account, id.0, at).await.map_err(reading::problem)?;
    let people = media::participants(&state.store, account, id.0, at).await.map_err(reading::problem)?;
    let people: HashMap<ParticipantId, MediaParticipantRow> = people.into_iter().map(|at| (at.row.participant_id, at.row)).collect();
    let switch = recordings::switch(&state.store, account, id.0, at).await.map_err(reading::problem)?;
    let items: Vec<_> = files.into_iter().map(|at| view(&state, &giver, at.row, &people)).collect();
    let view = RecordingsView {
        call_id: id.0.0,
        state: named::name(&switch.map_or(Switch::Off, |at| at.row.switched)),
        started_at: call.started_at,
        duration_ms: items.iter().map(|item| item.offset_ms + item.duration_ms.unwrap_or_default()).max().unwrap_or_default(),
        items,
    };
    Ok(reading::answer_unversioned(view, at))
}

fn view(state: &State, giver: &Giver, row: RecordingRow, people: &HashMap<ParticipantId, MediaParticipantRow>) -> RecordingView {
    let who = people.get(&row.participant_id);
    let expires_at = Utc::now().timestamp() / SLOT_SECONDS * SLOT_SECONDS + SLOT_SECONDS + PASS_SECONDS;
    let pass = || {
        let (who, credential) = (giver.actor.clone(), giver.credential);
        state.recording_passes.sign(&RecordingPass { account: giver.account, recording: row.recording_id, who, credential, expires_at })
    };
    let is_ready = row.stage == RecordingStage::Ready;
    RecordingView {
        id: row.recording_id.0,
        participant_id: row.participant_id.0,
        role: who.and_then(|who| named::optional(&who.role)),
        who_kind: who.map(|who| who.who_kind.clone()),
        who: who.map(|who| who.who_id.clone()),
        holds: named::name(&row.holds),
        status: named::name(&row.stage),
        offset_ms: row.offset_ms,
        duration_ms: row.duration_ms,
        corrected: row.corrected,
        bytes: row.bytes,
        media_type: row.mime,
        keep_until: row.keep_until,
        failure: named::optional(&row.failure),
        url: is_ready.then(|| format!("/v1/recordings/{}/content?pass={}", row.recording_id, pass())),
        url_expires_at: DateTime::from_timestamp(expires_at, 0).filter(|_| is_ready),
        sha256: row.sha256,
    }
}

/// The content of a recording, all or the part that `Range` names.
#[utoipa::path(tag = "recordings", params(("id" = Uuid, Path), ("Range" = Option<String>, Header, example = "bytes=0-99")), responses((status = 200, content((Vec<u8> = "video/webm"), (Vec<u8> = "video/x-matroska"))), (status = 206, content((Vec<u8> = "video/webm"), (Vec<u8> = "video/x-matroska")))), security(("bearer" = ["calls"])))]
#[get("/v1/recordings/{id}")]
pub(crate) async fn get_recording(
    caller: Caller,
    id: Id<RecordingId>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let giver = caller.staff(Module::Calls)?.giver();
    fetch(&state, giver, id.0, &request).await
}

/// What opens a recording for a player.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PassQuery {
    /// From the `url` of the list of a call's recordings.
    pass: Option<String>,
}

/// The same for a player, which sends no header: by the address that the list of a call's recordings gives.
#[utoipa::path(tag = "recordings", params(("id" = Uuid, Path), PassQuery, ("Range" = Option<String>, Header, example = "bytes=0-99")), responses((status = 200, content((Vec<u8> = "video/webm"), (Vec<u8> = "video/x-matroska"))), (status = 206, content((Vec<u8> = "video/webm"), (Vec<u8> = "video/x-matroska")))), security(()))]
#[get("/v1/recordings/{id}/content")]
pub(crate) async fn play_recording(
    id: Id<RecordingId>,
    query: Query<PassQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let pass = query.0.pass.and_then(|pass| state.recording_passes.open(&pass, Utc::now()));
    let pass = pass.filter(|pass| pass.recording == id.0).ok_or_else(|| ApiError::not_found("recording"))?;
    let giver = Giver::new(pass.account, pass.credential, pass.who);
    fetch(&state, giver, id.0, &request).await
}

/// The file, as it is known at this position.
async fn found(state: &State, account: AccountId, id: RecordingId, at: Position) -> Result<RecordingRow> {
    let found = recordings::get(&state.store, account, id, at).await.map_err(reading::problem)?;
    found.map(|at| at.row).ok_or_else(|| ApiError::not_found("recording"))
}

/// The content, once it is written down who fetches it.
async fn fetch(state: &State, giver: Giver, id: RecordingId, request: &HttpRequest) -> Result<HttpResponse> {
    let row = found(state, giver.account, id, state.applied()).await?;
    if row.stage == RecordingStage::Deleted {
        return Err(ApiError::not_found("recording"));
    }
    let now = Utc::now();
    let command = derived("download", id.0, EventId(giver.credential), now.timestamp() / DOWNLOAD_SECONDS);
    let meta = CommandMeta::new(giver.account, command, giver.actor, now);
    let action = || CallAction::Recording(RecordingAction::Download { recording_id: id });
    state.commands.execute(&meta, Vec::new(), |unit| unit.run::<Call>(row.call_id, action())).await.map_err(writing::refused)?;
    let key = row.object_key.as_deref().and_then(|name| Key::kept(row.account_id, id, name));
    let key = key.ok_or_else(|| ApiError::not_found("recording"))?;
    let media_type = row.mime.unwrap_or_else(|| Form::WebM.media_type().to_owned());
    let form = Form::ALL.into_iter().find(|form| form.media_type() == media_type).unwrap_or(Form::WebM);
    let shown = Shown {
        media_type,
        bytes: row.bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
        sha256: row.sha256.unwrap_or_default(),
        name: format!("{id}.{}", form.extension()),
    };
    download(&state.storage, &key, &shown, request).await
}

/// Delete a recording, for ever.
#[utoipa::path(tag = "recordings", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["calls"])))]
#[delete("/v1/recordings/{id}")]
pub(crate) async fn delete_recording(command: Command<Nothing>, id: Id<RecordingId>) -> Result<HttpResponse> {
    let (state, giver) = (&command.state, command.caller.staff(Module::Calls)?.giver());
    let row = found(state, giver.account, id.0, state.applied()).await?;
    let action = || CallAction::Recording(RecordingAction::Delete { recording_id: id.0, cause: DeleteCause::ByHand });
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Call>(row.call_id, action())).await?;
    let key = row.object_key.as_deref().and_then(|name| Key::kept(row.account_id, id.0, name));
    if let Some(key) = key
        && let Err(error) = state.storage.delete(&key).await
    {
        tracing::warn!(%error, %key, "a deleted recording is still in the storage; it is taken away within a day");
    }
    Ok(done.changed(id.0))
}
