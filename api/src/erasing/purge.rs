//! What a person has left outside of the log and the read models is deleted: files of chats, recordings, files of exports that may
//! hold them, and what webhook endpoints have answered.

use super::{Traces, meta, remains, told};
use crate::{
    error::Result,
    insist::insist,
    reading,
    recording::forgotten,
    storage::Key,
    webhooks::notes::{self, Of},
    wiring::State,
};
use vitrina_commands::process::id::derived;
use vitrina_domain::{
    call::{Call, CallAction, RecordingAction, recording::DeleteCause},
    export::{Export, ExportAction, Over},
    ids::{AccountId, CallId, ConversationId, ExportId, FileId, SubjectId},
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    Page,
    erasures::Person,
    export_jobs::{self, ExportRow, ExportStage},
    messages::{self, MessageKind, Reader},
    recordings::{self, RecordingStage},
    webhooks,
};

/// Rows that are read at once.
const PAGE: u32 = 500;

/// Deletes what is there; whether nothing is left that is known where it is. A recording that is still being written is deleted once it is
/// whole; one that was given up may be on another node, and is listed as pending ([`super::remains`]).
pub(super) async fn purge(state: &State, begun: Person, traces: &Traces) -> Result<bool> {
    for conversation in &traces.conversations {
        for file in files(state, begun.account, *conversation).await? {
            state.storage.delete(&Key::file(begun.account, file)).await.map_err(|error| error.problem())?;
        }
    }
    let mut is_over = true;
    for call in &traces.calls {
        is_over &= no_recording_is_left(state, begun, *call).await?;
    }
    if !is_over {
        // Exports that are asked for meanwhile are made.
        return Ok(false);
    }
    answers(state, begun.account).await?;
    for export in exports(state, begun).await? {
        if matches!(export.stage, ExportStage::Requested | ExportStage::Ready) {
            end_export(state, begun, &export).await?;
        }
        forget_words(state, begun, export.export_id).await?;
    }
    for export in told::streamed(state, begun).await? {
        forget_words(state, begun, export).await?;
    }
    Ok(true)
}

/// What the account's webhook endpoints have answered, which may be what they were told.
async fn answers(state: &State, account: AccountId) -> Result<()> {
    let mut after = None;
    loop {
        let some = webhooks::list(&state.store, account, after, PAGE).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(()) };
        after = Some(last.webhook_id);
        for row in &some {
            let of = Of { account, webhook: row.webhook_id };
            notes::blank_answers(&state.webhooks.notes, of).await.map_err(reading::problem)?;
        }
    }
}

/// The files that were shared in a conversation.
pub(crate) async fn files(state: &State, account: AccountId, conversation: ConversationId) -> Result<Vec<FileId>> {
    let (mut found, mut page) = (Vec::new(), Page::<Position>::first(state.applied(), PAGE));
    loop {
        let some = messages::list(&state.store, account, conversation, Reader::Staff, page).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(found) };
        page.after = Some(Position(last.position));
        found.extend(some.iter().filter(|message| message.row.kind == MessageKind::File).map(|message| FileId(message.row.message_id)));
    }
}

async fn no_recording_is_left(state: &State, begun: Person, call: CallId) -> Result<bool> {
    let mut is_over = true;
    for row in recordings::of_call(&state.store, begun.account, call, state.applied()).await.map_err(reading::problem)? {
        let recording = row.row;
        match recording.stage {
            RecordingStage::Recording | RecordingStage::Stopped => is_over = false,
            // The node that has it deletes it, and only then says so.
            RecordingStage::Failed | RecordingStage::Lost if recording.node_id == state.media.node.id => {
                remains::take_away(state, begun.account, call, recording.recording_id).await?;
            }
            RecordingStage::Failed | RecordingStage::Lost => {}
            RecordingStage::Ready | RecordingStage::Deleted => {
                let recording_id = recording.recording_id;
                remains::remove_here(state, begun.account, call, recording_id).await?;
                let mut meta = meta(begun, 0);
                meta.command_id = derived(super::MANAGER, recording_id.0, begun.subject, 0);
                let delete = || CallAction::Recording(RecordingAction::Delete { recording_id, cause: DeleteCause::Erased });
                insist(state, &meta, |unit| unit.run::<Call>(call, delete())).await;
                forgotten::remove_stored(state, begun.account, call, recording_id).await.map_err(|error| error.problem())?;
            }
        }
    }
    Ok(is_over)
}

/// All exports that made files: the person may be in each, and in what was looked for.
async fn exports(state: &State, begun: Person) -> Result<Vec<ExportRow>> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let some = export_jobs::list(&state.store, begun.account, after, PAGE).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(found) };
        after = Some(last.export_id);
        found.extend(some);
    }
}

/// Forgets the words that were looked for in an export, which may be the person's name.
async fn forget_words(state: &State, begun: Person, export: ExportId) -> Result<()> {
    state.log.keyring().destroy((begun.account, SubjectId::from(export))).await.map_err(crate::writing::log_problem)
}

/// Ends an export.
async fn end_export(state: &State, begun: Person, export: &ExportRow) -> Result<()> {
    let mut meta = meta(begun, 0);
    meta.command_id = derived(super::MANAGER, export.export_id.0, begun.subject, 0);
    insist(state, &meta, |unit| unit.run::<Export>(export.export_id, ExportAction::Delete(Over::Erased))).await;
    state.exporting.forget(export.export_id);
    state.storage.delete(&Key::export(begun.account, export.export_id)).await.map_err(|error| error.problem())
}
