//! Words and files of conversations whose time has come are deleted (PRODUCT.md 5.12): so many days after a conversation's end, as the
//! account says now. Recordings, files of exports and notes on deliveries have their times beside what makes them.
//!
//! What is deleted goes first and is told after it, since the list of what is due is what remembers it: a crash in between leaves it on the
//! list, and deleting what is gone is nothing. Every process does it; a conversation that two find is told twice at most, which changes
//! nothing. A conversation's key is destroyed, so words that were sealed under it can be read nowhere in the log, in no copy of it, and by no
//! rebuild; those from before conversations had keys are gone from everything but the log.

#[cfg(test)]
mod tests;

use crate::{erasing, error::Result, insist::insist, reading, storage::Key, wiring::State, writing::log_problem};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use vitrina_commands::{CommandMeta, process::id::derived};
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, ConversationId},
    retention::{CONVERSATIONS_MAX, ContentExpired, ContentKind, Retention, RetentionAction},
};
use vitrina_projections::{accounts, contents};

/// Who deletes, as the events say.
const MANAGER: &str = "retention";
/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Accounts that one read names.
const ACCOUNTS_AT_ONCE: u32 = 100;
/// Times in a row that contents of one account are deleted; what is due then waits for the next look, behind the other accounts.
const IN_A_ROW: usize = 20;

/// Looks from time to time, as long as the server runs.
pub(crate) async fn keep_time(state: web::Data<State>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = sweep(&state, Utc::now()).await {
            tracing::warn!(%error, "what is kept no longer is looked for again");
        }
    }
}

/// Deletes what is due; of how many conversations.
pub(crate) async fn sweep(state: &State, now: DateTime<Utc>) -> Result<usize> {
    reading::wait_for(state, state.log.head()).await?;
    let (mut done, mut after) = (0, None);
    loop {
        let some = accounts::keeping(&state.store, after, ACCOUNTS_AT_ONCE).await.map_err(reading::problem)?;
        let Some((last, _)) = some.last() else { return Ok(done) };
        after = Some(*last);
        for (account, rule) in some {
            for (kind, days) in [(ContentKind::Messages, rule.messages_days), (ContentKind::Files, rule.files_days)] {
                let Some(days) = days else { continue };
                done += of_account(state, account, kind, now - TimeDelta::days(days.into())).await?;
            }
        }
    }
}

/// Deletes what of an account's conversations that were closed by then is still there.
async fn of_account(state: &State, account: AccountId, kind: ContentKind, closed_by: DateTime<Utc>) -> Result<usize> {
    let mut done = 0;
    for _ in 0..IN_A_ROW {
        let due = contents::due(&state.store, account, kind, closed_by, CONVERSATIONS_MAX as u32).await.map_err(reading::problem)?;
        let Some(first) = due.first().copied() else { break };
        for conversation in &due {
            delete(state, account, kind, *conversation).await?;
        }
        let meta = meta(account, kind, first);
        let expired = ContentExpired { content: kind, conversations: due };
        insist(state, &meta, |unit| unit.run::<Retention>(account, RetentionAction::Expire(expired.clone()))).await;
        reading::wait_for(state, state.log.head()).await?;
        done += expired.conversations.len();
    }
    Ok(done)
}

/// The files first: their addresses are read from what the key opens.
async fn delete(state: &State, account: AccountId, kind: ContentKind, conversation: ConversationId) -> Result<()> {
    for file in erasing::files(state, account, conversation).await? {
        state.storage.delete(&Key::file(account, file)).await.map_err(|error| error.problem())?;
    }
    match kind {
        ContentKind::Messages => state.log.keyring().destroy((account, conversation.into())).await.map_err(log_problem),
        ContentKind::Files => Ok(()),
    }
}

fn meta(account: AccountId, kind: ContentKind, first: ConversationId) -> CommandMeta {
    let id = derived(MANAGER, first.0, account, kind as i64);
    CommandMeta::new(account, id, Actor::System(MANAGER.to_owned()), Utc::now())
}
