//! Where the record and the node could disagree: what a former life of this node left open is ended at the start, what a process
//! left open that lives no more is ended by the others, and rooms of calls that are over are closed.

use super::{Repaired, facts, roster::Ends};
use crate::{error::Result, insist::insist, reading, wiring::State};
use actix_web::web;
use chrono::{DateTime, Utc};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::sync::watch;
use vitrina_commands::{CommandMeta, process::id::derived, step};
use vitrina_domain::{
    actor::Actor,
    call::media::LeaveReason,
    ids::{CallId, NodeId},
    stream::Category,
};
use vitrina_eventlog::{Filter, Living, LogError, Subscription};
use vitrina_projections::media::{MediaParticipantRow, OpenSession, held_by, holders, open_at, participants};

/// Sessions that are mended in one go.
const MENDED_AT_ONCE: u32 = 200;
/// Pause while the log or the read models are away.
const AWAY_PAUSE: Duration = Duration::from_millis(500);
/// How often the node notes that it lives: as exact is the end of a call that a crash broke off.
const BEAT: Duration = Duration::from_secs(1);
/// Events taken at once.
const BATCH: usize = 256;
/// Who mends, as the events say.
const MANAGER: &str = "media_repair";
/// After these a call has no media: it is over, or waits for another shopper.
const ENDS: [&str; 4] = ["call.ended", "call.finished", "call.cancelled", "call.queued"];
/// The end of a session, which concerns its own node when another one has mended it.
const CLOSED: &str = "media.session_closed";
/// Processes with open sessions that are looked after, at most.
const HOLDERS_MAX: u32 = 1_000;

/// A file that says when the node was last alive.
#[derive(Debug, Clone)]
pub(super) struct Heartbeat {
    file: PathBuf,
}

impl Heartbeat {
    pub(super) fn of(data_dir: &Path, node: NodeId) -> Self {
        Self { file: data_dir.join(format!("media-{node}.alive")) }
    }

    /// When it last was; `None` when that is not known.
    fn last(&self) -> Option<DateTime<Utc>> {
        std::fs::read_to_string(&self.file).ok()?.trim().parse().ok()
    }

    async fn beat(&self) {
        // Beside it and then over it: a process that is killed in between leaves the former sign whole.
        let beside = self.file.with_extension("next");
        let beaten = match tokio::fs::write(&beside, Utc::now().to_rfc3339()).await {
            Ok(()) => tokio::fs::rename(&beside, &self.file).await,
            failed => failed,
        };
        if let Err(error) = beaten {
            tracing::debug!(%error, "the media node's sign of life cannot be written");
        }
    }
}

/// Ends what a former life left open, says that it is done, and then notes each second that this one lives.
pub(super) async fn mend(state: web::Data<State>, heartbeat: Heartbeat) {
    let last = heartbeat.last();
    while let Err(error) = mend_all(&state, state.media.node.id, last).await {
        tracing::warn!(%error, "the repair of calls' media waits");
        tokio::time::sleep(AWAY_PAUSE).await;
    }
    state.media.repaired.send_replace(Repaired::Done);
    let mut ticks = tokio::time::interval(BEAT);
    loop {
        ticks.tick().await;
        let calls = state.media.roster.calls().len();
        metrics::gauge!("vitrina_media_calls").set(calls as f64);
        if calls > 0 {
            heartbeat.beat().await;
        }
    }
}

async fn mend_all(state: &State, node: NodeId, last_beat: Option<DateTime<Utc>>) -> Result<()> {
    reading::wait_for(state, state.log.head()).await?;
    loop {
        let open = open_at(&state.store, node, MENDED_AT_ONCE).await.map_err(reading::problem)?;
        if open.is_empty() {
            return Ok(());
        }
        for session in &open {
            correct(state, session, last_beat).await?;
        }
        reading::wait_for(state, state.log.head()).await?;
    }
}

async fn correct(state: &State, open: &OpenSession, last_beat: Option<DateTime<Utc>>) -> Result<()> {
    let participants = participants(&state.store, open.account, open.call, state.applied()).await.map_err(reading::problem)?;
    let told = participants.iter().flat_map(|at| last_word(&at.row));
    let at = told.chain(last_beat).fold(open.told_at, DateTime::max);
    let id = derived(MANAGER, open.call.0, open.session, 0);
    let meta = CommandMeta::new(open.account, id, Actor::System(MANAGER.to_owned()), Utc::now());
    tracing::info!(call = %open.call, session = %open.session, %at, "a call's media was broken off; the record is mended");
    insist(state, &meta, |unit| step::correct_media(unit, open.call, open.session, at)).await;
    Ok(())
}

/// All times at which something is known of a presence.
fn last_word(row: &MediaParticipantRow) -> impl Iterator<Item = DateTime<Utc>> + '_ {
    let of_tracks = row.tracks.0.iter().flat_map(|track| [track.published_at, track.ended_at]);
    of_tracks.chain([row.joined_at, row.left_at, row.failed_at]).flatten()
}

/// Ends what processes left open that live no more, as soon as that is known. Every process does, and what they do is one event: the
/// command's id follows from the session. Only where there can be other processes.
pub(super) async fn stand_in(state: web::Data<State>, mut living: watch::Receiver<Option<Living>>) {
    while living.changed().await.is_ok() {
        let lives = living.borrow_and_update().clone();
        let Some(lives) = lives else { continue };
        if let Err(error) = bury(&state, &lives).await {
            tracing::warn!(%error, "the repair of other processes' calls waits");
        }
    }
}

async fn bury(state: &State, living: &Living) -> Result<()> {
    let holders = holders(&state.store, living.as_of, HOLDERS_MAX).await.map_err(reading::problem)?;
    for process in holders.into_iter().filter(|process| !living.processes.contains(process)) {
        let open = held_by(&state.store, process, MENDED_AT_ONCE).await.map_err(reading::problem)?;
        tracing::warn!(%process, sessions = open.len(), "a process with open calls is dead; the record is mended");
        for session in &open {
            correct(state, session, living.gone.get(&process).copied()).await?;
        }
    }
    Ok(())
}

/// The events after which a call has no media, from now on.
pub(super) fn ends(state: &State) -> Subscription {
    let types = ENDS.into_iter().chain([CLOSED]).collect();
    let filter = Filter { categories: Some([Category::Call].into()), types: Some(types), ..Filter::default() };
    state.log.subscribe(state.log.head(), filter)
}

/// Closes the rooms of calls that are over.
pub(super) async fn close_rooms(state: web::Data<State>, mut ends: Subscription) {
    loop {
        match ends.next(BATCH).await {
            Ok(batch) => {
                for event in batch.events {
                    let call = CallId(event.stream.id);
                    let concerns = event.event_type != CLOSED || event.actor == Actor::System(MANAGER.to_owned());
                    if concerns && state.media.roster.ends(call, event.position) == Ends::This {
                        facts::close(&state, event.stream.account, call, LeaveReason::RoomClosed).await;
                    }
                }
            }
            Err(LogError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "the ends of calls wait for the log");
                tokio::time::sleep(AWAY_PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sign_of_life_is_never_half_written() {
        let folder = std::env::temp_dir().join(format!("vitrina-beat-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let heartbeat = Heartbeat::of(&folder, NodeId(uuid::Uuid::from_u128(7)));
        heartbeat.beat().await;
        let (first, former) = (heartbeat.last().unwrap(), folder.join("former"));
        // What has the former file open goes on to see the former sign: nothing was written into it.
        std::fs::hard_link(&heartbeat.file, &former).unwrap();
        heartbeat.beat().await;
        assert_eq!(Heartbeat { file: former }.last(), Some(first));
        assert!(heartbeat.last().unwrap() >= first);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
