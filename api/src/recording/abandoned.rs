//! Recordings on nodes that do not come back. Only the node itself has the file; after days without it the record says that the
//! recording is lost, so that nobody waits for what may never come. A node that does come back brings it after all: what is repaired
//! counts again ([`super::mend`]).

use super::{Which, keep};
use crate::{insist::insist, reading, wiring::State};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use vitrina_commands::{Failure, Unit};
use vitrina_domain::call::{Call, CallAction, RecordingAction};
use vitrina_projections::recordings::open_elsewhere;

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(60 * 60);
/// How long a node is waited for: a weekend with a dead machine, or a storage that is away as long.
const LOST_AFTER: TimeDelta = TimeDelta::days(3);
/// Files that are told lost in one look.
const AT_ONCE: u32 = 1_000;

/// Looks from time to time, as long as the server runs.
pub(super) async fn look_after(state: web::Data<State>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        if let Err(error) = give_up(&state, Utc::now()).await {
            tracing::warn!(%error, "recordings of nodes that are gone are looked for again");
        }
    }
}

/// Tells lost what other nodes have not told of for so long; how many files were looked at. Every process looks, and the command's id
/// follows from the file: it is told once.
pub(super) async fn give_up(state: &State, now: DateTime<Utc>) -> crate::error::Result<usize> {
    let found = open_elsewhere(&state.store, state.media.node.id, now - LOST_AFTER, AT_ONCE).await.map_err(reading::problem)?;
    for file in &found {
        let which = Which { account: file.account, call: file.call, recording: file.recording };
        tracing::warn!(recording = %which.recording, call = %which.call, "a recording is lost: its node is gone, or cannot store it");
        insist(state, &keep::meta(which, keep::Fact::Lost), |unit| lose(unit, which)).await;
    }
    Ok(found.len())
}

fn lose(unit: &mut Unit<'_>, which: Which) -> Result<(), Failure> {
    // A call may go on for days, and be written all the time.
    if unit.state::<Call>(which.call)?.media().session().is_some() {
        return Ok(());
    }
    unit.run::<Call>(which.call, CallAction::Recording(RecordingAction::Lose { recording_id: which.recording }))
}
