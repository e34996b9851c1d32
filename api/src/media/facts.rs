//! What the node reports, into the log: in order for each call, each fact once, in the name of whom it is about.
//!
//! A fact whose writing failed is tried again ([`insist`]). What is not written when the process dies is mended by the next start.

use super::roster::{Link, News, Seat};
use crate::{
    insist::insist,
    live::media::{self, Floor},
    wiring::State,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use std::{hash::BuildHasher, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};
use uuid::Uuid;
use vitrina_commands::{CommandMeta, Unit, process::id::derived, step};
use vitrina_domain::{
    actor::Actor,
    call::{
        Call, CallAction, MediaAction,
        media::{JoinFailure, LeaveReason, Source, TrackState},
    },
    ids::{AccountId, CallId, CommandId, ParticipantId},
};
use vitrina_media::{Fact, What};

/// Calls are spread over so many writers: what one of them waits for does not hold up the others.
const LANES: usize = 8;
/// What waits in each.
const LANE_MAX: usize = 4_096;
/// How long the end of the server waits for the record.
pub(super) const END_WITHIN: Duration = Duration::from_secs(5);
/// How long somebody waits for what the node told before.
const SETTLED_WITHIN: Duration = Duration::from_secs(3);
/// Who closes sessions, as the events say.
const MANAGER: &str = "media";
/// What follows for a shopper's work, in the ids of its commands.
const SHOPPERS_MANAGER: &str = "media_shopper";

/// Something to be written about a call.
enum Job {
    Fact(Fact),
    Close {
        account: AccountId,
        call: CallId,
        reason: LeaveReason,
        done: oneshot::Sender<()>,
    },
    /// Nothing but to say that its turn has come.
    Settle(oneshot::Sender<()>),
}

/// The doors to the writers.
pub(super) struct Lanes(Vec<mpsc::Sender<Job>>);

impl Lanes {
    async fn put(&self, call: CallId, job: Job) {
        let lane = std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().hash_one(call) as usize % self.0.len();
        // A closed lane means that the server ends.
        let _ = self.0[lane].send(job).await;
    }
}

/// The writers, and the doors to them.
pub(super) fn lanes(state: &web::Data<State>) -> (Lanes, JoinSet<()>) {
    let mut carriers = JoinSet::new();
    let open = |_| {
        let (lane, jobs) = mpsc::channel(LANE_MAX);
        carriers.spawn(carry(state.clone(), jobs));
        lane
    };
    (Lanes((0..LANES).map(open).collect()), carriers)
}

/// Hands reports to the writers of their calls.
pub(super) async fn sort(state: web::Data<State>, mut reports: mpsc::Receiver<Fact>) {
    while let Some(fact) = reports.recv().await {
        if let Some(lanes) = state.media.lanes.get() {
            lanes.put(CallId(fact.room.0), Job::Fact(fact)).await;
        }
    }
}

async fn carry(state: web::Data<State>, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.recv().await {
        match job {
            Job::Fact(fact) => write(&state, fact).await,
            // Nobody may wait for it any more.
            Job::Settle(done) => drop(done.send(())),
            Job::Close { account, call, reason, done } => {
                let node = state.media.node.id;
                let system = Actor::System(MANAGER.to_owned());
                let meta = CommandMeta::new(account, CommandId(Uuid::now_v7()), system, Utc::now());
                insist(&state, &meta, |unit| step::close_media(unit, call, node, reason)).await;
                // Nobody may wait for it any more.
                let _ = done.send(());
            }
        }
    }
}

/// Waits until what the node has told of the call so far is written: what somebody does after they were connected, and after
/// others had their voice, comes after that in the record too. Not for long: a log that is away refuses what follows by itself.
pub(super) async fn settled(state: &State, call: CallId) {
    let (done, settled) = oneshot::channel();
    if let Some(lanes) = state.media.lanes.get() {
        lanes.put(call, Job::Settle(done)).await;
        // What is not settled by then is not waited for.
        let _ = timeout(SETTLED_WITHIN, settled).await;
    }
}

/// Ends the call's media here: the record first, since what the node tells of it then is known already.
pub(super) async fn close(state: &State, account: AccountId, call: CallId, reason: LeaveReason) {
    let (done, closed) = oneshot::channel();
    if let Some(lanes) = state.media.lanes.get() {
        lanes.put(call, Job::Close { account, call, reason, done }).await;
        let _ = closed.await;
    }
    state.media.roster.clear(call);
    if let Some(sfu) = &state.media.sfu {
        sfu.close(vitrina_media::RoomId(call.0)).await;
    }
}

/// Ends all media here.
pub(super) async fn close_all(state: &State, reason: LeaveReason) {
    let calls = state.media.roster.calls();
    futures_util::future::join_all(calls.into_iter().map(|(account, call)| close(state, account, call, reason))).await;
}

async fn write(state: &State, fact: Fact) {
    let (participant, at) = (ParticipantId(fact.participant.0), DateTime::<Utc>::from(fact.at));
    let mut news = News::Newer;
    let Some(seat) = state.media.roster.change(participant, |seat| {
        seat.told += 1;
        match &fact.what {
            What::Connected => seat.link = Link::Up,
            What::Lines(layout) => news = seat.lay(layout),
            _ => {}
        }
    }) else {
        return;
    };
    let told = Told { seat: &seat, participant, at };
    match fact.what {
        What::Connected => told.connected(state).await,
        What::JoinFailed(reason) => {
            let reason = failure(reason);
            told.tell(state, MediaAction::FailJoin { participant_id: participant, reason, detail: None }).await;
            state.media.roster.stand(participant);
        }
        What::Left(reason) => {
            told.left(state, left(reason)).await;
            state.media.roster.stand(participant);
        }
        What::Published(source) => {
            told.tell(state, MediaAction::Publish { participant_id: participant, source: source_of(source) }).await;
        }
        What::Unpublished(source) => {
            told.tell(state, MediaAction::Unpublish { participant_id: participant, source: source_of(source) }).await;
        }
        What::Muted(source) => told.turn(state, source_of(source), TrackState::Muted).await,
        What::Unmuted(source) => told.turn(state, source_of(source), TrackState::On).await,
        What::Lines(_) if news == News::Known => {}
        What::Lines(_) => media::tell_lines(&seat, participant),
        What::SpeakerStarted => media::tell_speaker(&state.media.roster.seats_of(seat.call), seat.call, participant, Floor::Taken),
        What::SpeakerStopped => media::tell_speaker(&state.media.roster.seats_of(seat.call), seat.call, participant, Floor::Lost),
    }
}

/// A fact about somebody.
struct Told<'a> {
    seat: &'a Seat,
    participant: ParticipantId,
    at: DateTime<Utc>,
}

impl Told<'_> {
    async fn connected(&self, state: &State) {
        let (call, node, seat) = (self.seat.call, state.media.node.id, self.seat);
        let connected = |unit: &mut Unit<'_>| {
            step::media_connected(unit, call, self.participant, node, seat.device)?;
            seat.muted.iter().try_for_each(|source| {
                let turn = MediaAction::Turn { participant_id: self.participant, source: *source, state: TrackState::Muted };
                unit.run::<Call>(call, CallAction::Media(turn))
            })
        };
        insist(state, &self.meta(), connected).await;
    }

    async fn left(&self, state: &State, reason: LeaveReason) {
        let call = self.seat.call;
        insist(state, &self.meta(), |unit| step::media_left(unit, call, self.participant, reason)).await;
        if let Actor::Shopper(shopper) = self.seat.actor {
            let id = derived(SHOPPERS_MANAGER, self.participant.0, call, self.seat.told);
            let meta = CommandMeta::new(self.seat.account, id, Actor::System(MANAGER.to_owned()), Utc::now());
            insist(state, &meta, |unit| step::shopper_left_media(unit, call, shopper)).await;
        }
    }

    async fn turn(&self, state: &State, source: Source, to: TrackState) {
        if source != Source::Screen {
            self.tell(state, MediaAction::Turn { participant_id: self.participant, source, state: to }).await;
        }
    }

    async fn tell(&self, state: &State, action: MediaAction) {
        let call = self.seat.call;
        insist(state, &self.meta(), |unit| unit.run::<Call>(call, CallAction::Media(action.clone()))).await;
    }

    /// In the name of whom it is about, at the time at which it was, under an id that follows from which fact it is.
    fn meta(&self) -> CommandMeta {
        let id = derived(MANAGER, self.participant.0, self.seat.call, self.seat.told);
        CommandMeta::new(self.seat.account, id, self.seat.actor.clone(), self.at)
    }
}

pub(super) fn source_of(source: vitrina_media::Source) -> Source {
    match source {
        vitrina_media::Source::Microphone => Source::Microphone,
        vitrina_media::Source::Camera => Source::Camera,
        vitrina_media::Source::Screen => Source::Screen,
    }
}

fn failure(reason: vitrina_media::JoinFailure) -> JoinFailure {
    use vitrina_media::JoinFailure as Told;
    match reason {
        Told::IceFailed => JoinFailure::IceFailed,
        Told::DtlsFailed => JoinFailure::DtlsFailed,
    }
}

fn left(reason: vitrina_media::LeaveReason) -> LeaveReason {
    use vitrina_media::LeaveReason as Told;
    match reason {
        Told::ClientInitiated => LeaveReason::ClientInitiated,
        Told::ServerShutdown => LeaveReason::ServerShutdown,
        Told::RoomClosed => LeaveReason::RoomClosed,
        Told::ConnectionTimeout => LeaveReason::ConnectionTimeout,
        Told::MediaFailure => LeaveReason::MediaFailure,
    }
}
