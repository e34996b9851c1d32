//! Signs checkpoints: from time to time, where something has happened, and when somebody asks. Nothing waits for it.
//!
//! The process that keeps the read models has the trees, and signs; a checkpoint's command has an id derived from how many events
//! it covers, so that it is written once.

use crate::{error::Result, reading, wiring::State, writing};
use actix_web::web;
use chrono::Utc;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, process::id::derived};
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, EventId},
    log::{CheckpointSigned, Log, LogAction},
};
use vitrina_eventlog::{
    Position,
    trail::{fault::shown, note::Signer},
};
use vitrina_projections::{At, accounts, asked::Page, proofs, proofs::CheckpointRow, runner};

/// Who signs, as the events say.
const MANAGER: &str = "notary";
/// Accounts that are read at once.
const ACCOUNTS_AT_ONCE: u32 = 100;

/// Signs as long as the server runs.
pub(crate) async fn keep_signing(state: web::Data<State>) {
    let Some(every) = state.config.checkpoint_every else { return };
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first one comes at once.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let status = state.reading_status();
        if status.state != runner::State::Running || !status.missing.is_empty() {
            continue;
        }
        if let Err(error) = round(&state).await {
            tracing::warn!(%error, "the signing of checkpoints was broken off; it begins anew");
        }
    }
}

/// Looks at every account once.
async fn round(state: &State) -> Result<()> {
    let mut after = None;
    loop {
        let some = accounts::following(&state.store, after, ACCOUNTS_AT_ONCE).await.map_err(reading::problem)?;
        let Some((last, _)) = some.last() else { return Ok(()) };
        after = Some(*last);
        for (account, _) in some {
            let signed = newest(state, account).await?.map(|checkpoint| checkpoint.position);
            let tree = proofs::tree(&state.store, account).await.map_err(reading::problem)?;
            // A checkpoint of nothing but the last checkpoint's own event says nothing new.
            if tree.is_some_and(|tree| Some(tree.upto) != signed) {
                sign(state, account).await?;
            }
        }
    }
}

/// The newest checkpoint that is in the read models.
pub(crate) async fn newest(state: &State, account: AccountId) -> Result<Option<At<CheckpointRow>>> {
    let page = Page::first(Position(i64::MAX), 1);
    Ok(proofs::checkpoints(&state.store, account, page).await.map_err(reading::problem)?.pop())
}

/// A checkpoint of all that the read models have; `None` of an account without events.
pub(crate) async fn drawn(state: &State, account: AccountId) -> Result<Option<CheckpointSigned>> {
    let Some(row) = proofs::tree(&state.store, account).await.map_err(reading::problem)? else { return Ok(None) };
    let tree = row.tree.0;
    let note = Signer::new(state.log.master(), account).sign(&tree);
    Ok(Some(CheckpointSigned { size: tree.size(), position: row.upto, root: shown(&tree.root()), note }))
}

async fn sign(state: &State, account: AccountId) -> Result<()> {
    let Some(checkpoint) = drawn(state, account).await? else { return Ok(()) };
    let id = derived(MANAGER, account.0, EventId(Uuid::nil()), i64::try_from(checkpoint.size).unwrap_or(i64::MAX));
    let meta = CommandMeta::new(account, id, Actor::System(MANAGER.to_owned()), Utc::now());
    let action = LogAction::SignCheckpoint(checkpoint);
    state.commands.execute(&meta, Vec::new(), |unit| unit.run::<Log>(account, action.clone())).await.map_err(writing::refused)?;
    Ok(())
}
