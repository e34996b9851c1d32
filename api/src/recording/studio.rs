//! Takes begin and end as events say: when a call goes live, is switched, is consented to or not any more, comes to this node or
//! leaves it. Each time the call is asked whether it is recorded, so that what is recorded follows from its state alone.

use super::{MANAGER, Taking};
use crate::{insist::insist, reading, wiring::State};
use actix_web::web;
use chrono::Utc;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use uuid::Uuid;
use vitrina_commands::{CommandMeta, process::id::derived, step};
use vitrina_domain::{
    actor::Actor,
    call::{Call, CallEvent},
    event::Event,
    ids::{AccountId, CallId, EventId, MediaSessionId, ParticipantId},
    stream::Category,
};
use vitrina_eventlog::{Filter, LogError, Position, Recorded, Subscription};
use vitrina_media::record::Take;
use vitrina_projections::calls;

/// Events taken at once.
const BATCH: usize = 256;
/// Pause while the log is away.
const AWAY_PAUSE: Duration = Duration::from_millis(500);
const LEFT: &str = "media.participant_left";
/// After these a call may be recorded that was not, or the other way round.
const WHAT: [&str; 10] = [
    "call.started",
    "call.ended",
    "call.finished",
    "call.cancelled",
    "consent.given",
    "consent.withdrawn",
    "recording.switched",
    "media.session_opened",
    "media.session_closed",
    LEFT,
];

/// What is followed, from now on.
pub(super) fn subscription(state: &State) -> Subscription {
    let filter = Filter { categories: Some([Category::Call].into()), types: Some(WHAT.into()), ..Filter::default() };
    state.log.subscribe(state.log.head(), filter)
}

/// Follows until the log is closed.
pub(super) async fn follow(state: web::Data<State>, mut events: Subscription) {
    loop {
        match events.next(BATCH).await {
            Ok(batch) => {
                for event in batch.events {
                    one(&state, event).await;
                }
            }
            Err(LogError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "recordings wait for the log");
                tokio::time::sleep(AWAY_PAUSE).await;
            }
        }
    }
}

pub(super) async fn one(state: &State, event: Arc<Recorded>) {
    let (account, call) = (event.stream.account, CallId(event.stream.id));
    if event.event_type.as_ref() != LEFT {
        return settle(state, account, call, event.event_id, event.position).await;
    }
    let Some(Taking { take, .. }) = taking(state, call) else { return };
    match state.log.decode(vec![event]).await {
        Ok(decoded) => {
            let left = decoded.iter().filter_map(|one| match &one.event {
                Event::Call(CallEvent::MediaParticipantLeft(left)) => Some(left.participant_id),
                _ => None,
            });
            left.for_each(|ParticipantId(id)| state.recording.recorder.leave(take, vitrina_media::ParticipantId(id)));
        }
        // Their files end with the take then.
        Err(error) => tracing::warn!(%error, %call, "who left a recorded call is not known"),
    }
}

fn taking(state: &State, call: CallId) -> Option<Taking> {
    state.recording.takes().get(&call).cloned()
}

/// Brings this node to what the call says.
async fn settle(state: &State, account: AccountId, call: CallId, cause: EventId, position: Position) {
    let node = state.media.node.id;
    // The session in which the call is to be recorded here, if it is; nothing when it could not be asked.
    let wanted: Mutex<Option<Option<MediaSessionId>>> = Mutex::new(None);
    let id = derived(MANAGER, call.0, cause, 0);
    let meta = CommandMeta { causation_id: Some(cause), ..CommandMeta::new(account, id, Actor::System(MANAGER.to_owned()), Utc::now()) };
    insist(state, &meta, |unit| {
        let here = unit.state::<Call>(call)?.media().session().filter(|session| session.node_id == node).map(|session| session.id);
        if here.is_some() {
            step::follow_recording_rule(unit, call)?;
        }
        let is_recorded = unit.state::<Call>(call)?.is_recorded() && !step::is_of_forgotten(unit, call)?;
        *wanted.lock().expect("no holder panics") = Some(here.filter(|_| is_recorded));
        Ok(())
    })
    .await;
    let (Some(wanted), taking) = (wanted.into_inner().expect("no holder panics"), taking(state, call)) else { return };
    let is_taken = taking.as_ref().is_some_and(|taking| Some(taking.session) == wanted);
    // A take of a session that is over taps a room that is no more, whatever came after it.
    if let Some(taking) = taking.filter(|_| !is_taken) {
        end(state, call, taking).await;
    }
    if let Some(session) = wanted.filter(|_| !is_taken) {
        begin(state, account, call, session, position).await;
    }
}

async fn begin(state: &State, account: AccountId, call: CallId, session: MediaSessionId, position: Position) {
    // The call's start is event time: all files of a call share it, whichever node or life wrote them.
    let started = match reading::wait_for(state, position).await {
        Ok(()) => calls::get(&state.store, account, call, state.applied()).await.ok().flatten().and_then(|at| at.row.started_at),
        Err(_) => None,
    };
    let since_start = started.and_then(|at| (Utc::now() - at).to_std().ok()).unwrap_or_default();
    let take = Take { id: Uuid::now_v7(), folder: state.recording.folder_of(account, call), epoch: (Instant::now(), since_start) };
    let id = take.id;
    let tap = state.recording.recorder.open(take);
    let taking = Taking { take: id, session, tap: tap.clone() };
    state.recording.takes().insert(call, taking);
    state.media.tap(call, Some(tap)).await;
}

async fn end(state: &State, call: CallId, Taking { take, tap, .. }: Taking) {
    state.media.tap(call, None).await;
    state.recording.takes().remove(&call);
    state.recording.recorder.close(take);
    let dropped = tap.dropped();
    if dropped > 0 {
        metrics::counter!("vitrina_recording_packets_lost_total").increment(dropped);
        tracing::warn!(%call, dropped, "the recorder was behind: the recording has holes");
    }
}
