//! Persons are forgotten (PRODUCT.md 5.12): what was asked is in the log, and whoever serves it brings it to its end, after a crash too.
//!
//! First the key is destroyed: from then on nothing that was sealed under it is read, and the list of what is the person's is complete.
//! Then the read models are told what to blank, the contents outside of the log are deleted ([`purge`]), what was overwritten leaves the
//! disk, it is written down who may have the data ([`told`]), and [`receipt`] signs what was done and what is pending, which [`remains`]
//! sees to. Every step may be done again: commands have ids derived from the person and the step, and deleting what is gone is nothing. So
//! every process does it, without a lock.

mod purge;
mod receipt;
mod remains;
#[cfg(test)]
mod tests;
pub(crate) mod told;

pub(crate) use purge::files;

use crate::{
    error::{ApiError, Code, Result},
    insist::insist,
    reading,
    wiring::State,
    writing::log_problem,
};
use actix_web::web;
use chrono::Utc;
use std::{collections::HashSet, time::Duration};
use tokio::sync::Notify;
use vitrina_commands::{CommandMeta, process::id::derived};
use vitrina_domain::{
    actor::Actor,
    ids::{CallId, ConversationId, CustomerId, SubjectId},
    subject::{Forgotten, Subject, SubjectAction, SubjectKind},
};
use vitrina_projections::{
    Newest, Page,
    calls::{self, CallFilter},
    conversations::{self, ConversationFilter},
    erasures::{self, Person},
};

/// Who forgets, as the events say.
const MANAGER: &str = "erasure";
/// How often it is looked for what a crash or a lack of the storage has left; what is asked here is begun at once.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Persons that one read names.
const LOOK_MAX: u32 = 100;
/// Conversations, and calls, that one event names: some twenty kilobytes of it.
const PART_MAX: usize = 250;
/// Rows of lists that are read at once.
const PAGE: u32 = 500;
/// The command that tells the end: parts count up from zero.
const FINISH: i64 = -1;

/// Wakes who forgets.
#[derive(Default)]
pub(crate) struct Erasing {
    asked: Notify,
}

impl Erasing {
    /// Something was asked.
    pub(crate) fn wake(&self) {
        self.asked.notify_one();
    }
}

/// What is a person's, by what names it.
#[derive(Default)]
pub(crate) struct Traces {
    /// Conversations, the oldest id first.
    pub conversations: Vec<ConversationId>,
    /// Calls, the oldest id first.
    pub calls: Vec<CallId>,
}

/// Forgets whoever is to be forgotten, as long as the server runs.
pub(crate) async fn keep_erasing(state: web::Data<State>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut scoured = HashSet::new();
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            () = state.erasing.asked.notified() => {}
        }
        for ended in [round(&state, &mut scoured).await, remains::round(&state).await] {
            if let Err(error) = ended {
                tracing::warn!(%error, "those who are to be forgotten are looked for again");
            }
        }
    }
}

/// One look at all who are to be forgotten; `scoured` are those for whom the files were written anew and who wait for whoever still reads.
async fn round(state: &State, scoured: &mut HashSet<SubjectId>) -> Result<()> {
    reading::wait_for(state, state.log.head()).await?;
    let mut after = None;
    loop {
        let some = erasures::begun(&state.store, after, LOOK_MAX).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { break };
        after = Some(last.subject);
        let mut gone = Vec::new();
        for begun in some {
            match erase(state, begun).await {
                Ok(traces) => gone.extend(traces.map(|traces| (begun, traces))),
                Err(error) => not_yet(begun, &error),
            }
        }
        // What is overwritten leaves the disk once for all of them.
        if gone.is_empty() || !is_off_the_disk(state, &gone, scoured).await? {
            continue;
        }
        for (begun, traces) in gone {
            scoured.remove(&begun.subject);
            if let Err(error) = finish(state, begun, &traces).await {
                not_yet(begun, &error);
            }
        }
    }
    Ok(())
}

fn not_yet(begun: Person, error: &ApiError) {
    tracing::warn!(%error, subject = %begun.subject, "somebody is not forgotten yet; it goes on in a moment");
}

/// Whether nothing of what was blanked is left on the disk; somebody who compares read models may still look at it. A file is written anew
/// once for a person, however long that takes.
async fn is_off_the_disk(state: &State, gone: &[(Person, Traces)], scoured: &mut HashSet<SubjectId>) -> Result<bool> {
    let (views, notes) = (&state.store, &state.webhooks.notes);
    let is_gone = if gone.iter().all(|(begun, _)| scoured.contains(&begun.subject)) {
        (views.drain().await, notes.drain().await)
    } else {
        (views.scour().await, notes.scour().await)
    };
    let is_gone = (is_gone.0.map_err(reading::problem)?, is_gone.1.map_err(reading::problem)?);
    scoured.extend(gone.iter().map(|(begun, _)| begun.subject));
    Ok(is_gone.0 && is_gone.1)
}

/// Forgets a person but for the receipt; nothing as long as something of them is still being written.
async fn erase(state: &State, begun: Person) -> Result<Option<Traces>> {
    state.log.keyring().destroy((begun.account, begun.subject)).await.map_err(log_problem)?;
    // What was opened before is in the read models by then.
    reading::wait_for(state, state.log.ping().await.map_err(log_problem)?).await?;
    let traces = traces(state, begun).await?;
    let mut parts = traces.conversations.chunks(PART_MAX).map(<[_]>::to_vec).collect::<Vec<_>>();
    let mut calls = traces.calls.chunks(PART_MAX).map(<[_]>::to_vec).collect::<Vec<_>>();
    let count = parts.len().max(calls.len()).max(1);
    parts.resize(count, Vec::new());
    calls.resize(count, Vec::new());
    for (part, (conversations, calls)) in (0..).zip(parts.into_iter().zip(calls)) {
        let forgotten = Forgotten { kind: begun.kind, part, conversations, calls };
        let meta = meta(begun, part.into());
        insist(state, &meta, |unit| unit.run::<Subject>(begun.subject, SubjectAction::Forget(forgotten.clone()))).await;
    }
    reading::wait_for(state, state.log.head()).await?;
    let told = erasures::get(&state.store, begun.account, begun.subject).await.map_err(reading::problem)?;
    if told.is_none_or(|row| row.parts < count as i64) {
        // A part was not written: the receipt would be signed over rows that nobody has blanked.
        return Err(ApiError::new(Code::DatabaseUnavailable, "the read models were not told of every part"));
    }
    Ok(purge::purge(state, begun, &traces).await?.then_some(traces))
}

async fn finish(state: &State, begun: Person, traces: &Traces) -> Result<()> {
    let erased = Box::new(receipt::of(state, begun, traces).await?);
    insist(state, &meta(begun, FINISH), |unit| unit.run::<Subject>(begun.subject, SubjectAction::Finish(erased.clone()))).await;
    reading::wait_for(state, state.log.head()).await.map(drop)
}

fn meta(begun: Person, step: i64) -> CommandMeta {
    let id = derived(MANAGER, begun.subject.0, begun.account, step);
    CommandMeta::new(begun.account, id, Actor::System(MANAGER.to_owned()), Utc::now())
}

/// Everything of the customer, the oldest first, so that what comes later is behind it. A shopper's own words are the customers'.
pub(crate) async fn traces(state: &State, begun: Person) -> Result<Traces> {
    let mut traces = Traces::default();
    if begun.kind == SubjectKind::Shopper {
        return Ok(traces);
    }
    let (customer, as_of) = (Some(CustomerId(begun.subject.0)), state.applied());
    let filter = ConversationFilter { customer, ..ConversationFilter::default() };
    let mut page = Page::<Newest>::first(as_of, PAGE);
    loop {
        let some = conversations::list(&state.store, begun.account, &filter, page).await.map_err(reading::problem)?.rows;
        let Some(last) = some.last() else { break };
        page.after = Some(Newest { at: last.row.opened_at, id: last.row.conversation_id.0 });
        traces.conversations.extend(some.iter().map(|conversation| conversation.row.conversation_id));
        traces.calls.extend(some.iter().filter_map(|conversation| conversation.row.call_id));
    }
    let filter = CallFilter { customer, ..CallFilter::default() };
    let mut page = Page::<Newest>::first(as_of, PAGE);
    loop {
        let some = calls::list(&state.store, begun.account, &filter, page).await.map_err(reading::problem)?.rows;
        let Some(last) = some.last() else { break };
        page.after = Some(Newest { at: last.row.created_at, id: last.row.call_id.0 });
        traces.calls.extend(some.iter().map(|call| call.row.call_id));
    }
    traces.conversations.sort_unstable();
    traces.calls.sort_unstable();
    traces.calls.dedup();
    Ok(traces)
}
