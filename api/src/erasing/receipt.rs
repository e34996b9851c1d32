//! The receipt: what was done, as a signed note (C2SP signed-note) under the key of the account's checkpoints. It names nobody but by id.

use super::{Traces, purge, remains, told};
use crate::{error::Result, reading, wiring::State};
use chrono::{SecondsFormat, Utc};
use vitrina_domain::{
    call::recording::DeleteCause,
    subject::{Erased, Purged, SubjectKind},
};
use vitrina_eventlog::trail::note::Signer;
use vitrina_projections::{
    erasures::{self, Person},
    export_jobs::{self, ExportStage},
    recordings,
};

/// Exports that are read at once.
const PAGE: u32 = 500;

/// What was done for this person, counted from what is there, so that a crash on the way changes no number.
pub(super) async fn of(state: &State, begun: Person, traces: &Traces) -> Result<Erased> {
    let mut purged = Purged { conversations: traces.conversations.len() as u64, calls: traces.calls.len() as u64, ..Purged::default() };
    for conversation in &traces.conversations {
        purged.files += purge::files(state, begun.account, *conversation).await?.len() as u64;
    }
    reading::wait_for(state, state.log.head()).await?;
    for call in &traces.calls {
        let rows = recordings::of_call(&state.store, begun.account, *call, state.applied()).await.map_err(reading::problem)?;
        purged.recordings += rows.iter().filter(|row| row.row.delete_cause == Some(DeleteCause::Erased)).count() as u64;
    }
    let row = erasures::get(&state.store, begun.account, begun.subject).await.map_err(reading::problem)?;
    let requested_at = row.map_or_else(Utc::now, |row| row.requested_at);
    let mut after = None;
    loop {
        let some = export_jobs::list(&state.store, begun.account, after, PAGE).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { break };
        after = Some(last.export_id);
        let is_ended = |stage, at: Option<_>| stage == ExportStage::Deleted && at >= Some(requested_at);
        purged.exports += some.iter().filter(|row| is_ended(row.stage, row.ended_at)).count() as u64;
    }
    let pending = remains::pending(state, begun, &traces.calls).await?;
    let (taken, told) = (told::taken(state, begun).await?, told::endpoints(state, begun).await?);
    let kind = match begun.kind {
        SubjectKind::Customer => "customer",
        SubjectKind::Shopper => "shopper",
    };
    let time = |at: chrono::DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let text = format!(
        "vitrina/erasure/{}\n{kind} {}\nrequested {}\nkey destroyed, read models blanked, by {}\nconversations {}\ncalls {}\nfiles {}\n\
         recordings {}\nrecordings pending {}\nexports {}\ntaken before {}{}\nendpoints told before {}\n",
        begun.account,
        begun.subject,
        time(requested_at),
        time(Utc::now()),
        purged.conversations,
        purged.calls,
        purged.files,
        purged.recordings,
        pending.len(),
        purged.exports,
        taken.len(),
        if taken.len() == told::TAKEN_MAX { " or more" } else { "" },
        told.len(),
    );
    let receipt = Signer::new(state.log.master(), begun.account).attest(&text);
    Ok(Erased { kind: begun.kind, purged, taken, told, pending, receipt })
}
