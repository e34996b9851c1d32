//! Where people come who want to be in a call's media, over HTTP or a live socket: offers are answered here, and what they
//! do with their tracks is written down. What the network then makes of it, the node reports.

use super::{
    facts,
    roster::{Entered, Link, Seat},
};
use crate::{
    auth::caller::Giver,
    error::{ApiError, Code, RETRY_SOON_S, Result},
    reading,
    wiring::State,
    writing,
};
use chrono::Utc;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, Committed, Failure, Unit, step};
use vitrina_domain::{
    call::{
        Call, CallAction, Device, MediaAction, Side,
        media::{JoinFailure, Source, TrackState},
    },
    ids::{CallId, CommandId, ParticipantId},
};
use vitrina_media::{Answer, Flow, Join, JoinError, Layer, LeaveReason, Role, RoomId, Sfu, Track};
use vitrina_projections::media::sessions;

/// Somebody's presence in a call's media.
#[derive(Debug, Clone)]
pub(crate) struct Presence {
    /// In whose name.
    pub giver: Giver,
    /// Of which call.
    pub call: CallId,
    /// Which.
    pub participant: ParticipantId,
}

impl Presence {
    fn room(&self) -> RoomId {
        RoomId(self.call.0)
    }

    fn id(&self) -> vitrina_media::ParticipantId {
        vitrina_media::ParticipantId(self.participant.0)
    }

    /// The place, which must be this very person's. Who asks at another node than the call's is told where it is.
    pub(crate) async fn place(&self, state: &State) -> Result<Seat> {
        let unknown = match self.seat(state) {
            Ok(seat) => return Ok(seat),
            Err(unknown) => unknown,
        };
        let sessions = sessions(&state.store, self.giver.account, self.call, state.applied()).await.map_err(reading::problem)?;
        let elsewhere = sessions.into_iter().find(|at| at.row.closed_at.is_none() && at.row.node_id != state.media.node.id);
        Err(elsewhere.map_or(unknown, |at| ApiError::media_elsewhere(at.row.address)))
    }

    /// The place, if it is here.
    fn seat(&self, state: &State) -> Result<Seat> {
        let seat = state.media.roster.seat(self.participant);
        let own = seat.filter(|seat| (seat.account, seat.call, &seat.actor) == (self.giver.account, self.call, &self.giver.actor));
        own.ok_or_else(|| ApiError::not_found("participant"))
    }

    async fn give(&self, state: &State, unit: impl Fn(&mut Unit<'_>) -> Result<(), Failure>) -> Result<Committed> {
        let meta = CommandMeta::new(self.giver.account, CommandId(Uuid::now_v7()), self.giver.actor.clone(), Utc::now());
        state.commands.execute(&meta, Vec::new(), unit).await.map_err(writing::refused)
    }
}

/// What becomes of another offer of one who is connected, though it may not be known here yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Further {
    /// It is answered as a further one.
    GoesOn,
    /// Coming is for those who are not there.
    IsRefused,
}

/// Takes somebody in and answers the offer. The same offer has the same answer: the first one was lost. Another one before media
/// is connected counts instead.
pub(crate) async fn join(state: &State, presence: &Presence, device: Option<Device>, offer: String, further: Further) -> Result<Answer> {
    let media = &state.media;
    let (account, call) = (presence.giver.account, presence.call);
    let role = match Side::of(&presence.giver.actor) {
        Some(Side::Customer) => Role::Customer,
        _ => Role::Shopper,
    };
    let sfu = media.sfu().await?;
    let is_known = media.roster.seat(presence.participant).is_some();
    if is_known {
        presence.seat(state)?;
    }
    // Before the call is entered, so that its end is not missed in between.
    media.roster.open(account, call);
    let session = media.new_session();
    let entered = presence.give(state, |unit| step::enter_media(unit, call, presence.participant, session, &media.node));
    match entered.await {
        Ok(done) if media.roster.entered(call, done.position) == Entered::TooLate => {
            facts::close(state, account, call, vitrina_domain::call::media::LeaveReason::RoomClosed).await;
            return Err(over());
        }
        Ok(_) => {}
        Err(refused) => {
            media.roster.refused(call);
            return Err(refused);
        }
    }
    if !is_known {
        media.roster.sit(presence.participant, Seat::new(account, call, presence.giver.actor.clone(), device));
    }
    let join = Join { room: presence.room(), participant: presence.id(), role, offer: offer.clone() };
    match sfu.join(join).await {
        Ok(answer) => {
            media.roster.change(presence.participant, |seat| {
                seat.lay(&answer.layout);
            });
            over_meanwhile(state, presence, sfu).await?;
            Ok(answer)
        }
        Err(JoinError::There) => match further {
            Further::GoesOn => renegotiate(state, presence, offer).await,
            Further::IsRefused => Err(refused(JoinError::There)),
        },
        // The first offer still counts: this one is refused, and nobody has failed.
        Err(error @ JoinError::Offer(_)) if is_known => Err(refused(error)),
        Err(error) => {
            media.roster.stand(presence.participant);
            let reason = match error {
                JoinError::Offer(_) => Some(JoinFailure::BadOffer),
                JoinError::RoomFull => Some(JoinFailure::RoomFull),
                _ => None,
            };
            if let Some(reason) = reason {
                fail(state, presence, reason, Some(error.to_string())).await?;
            }
            Err(refused(error))
        }
    }
}

/// The call may have ended while its media was being set up, after its room was closed.
async fn over_meanwhile(state: &State, presence: &Presence, sfu: &Sfu) -> Result<()> {
    if state.media.roster.has(presence.call) {
        return Ok(());
    }
    state.media.roster.stand(presence.participant);
    sfu.close(presence.room()).await;
    Err(over())
}

fn over() -> ApiError {
    ApiError::new(Code::IllegalTransition, "the call has ended meanwhile")
}

/// Whether the presence is connected here.
pub(crate) fn is_connected(state: &State, presence: &Presence) -> bool {
    presence.seat(state).is_ok_and(|seat| seat.link == Link::Up)
}

/// Answers a further offer: another network, more lines, a screen.
pub(crate) async fn renegotiate(state: &State, presence: &Presence, offer: String) -> Result<Answer> {
    let sfu = state.media.sfu().await?;
    presence.place(state).await?;
    let answer = sfu.renegotiate(presence.room(), presence.id(), offer).await.map_err(refused)?;
    state.media.roster.change(presence.participant, |seat| {
        seat.lay(&answer.layout);
    });
    Ok(answer)
}

/// Somebody turns an own track on or off.
pub(crate) async fn turn(state: &State, presence: &Presence, source: Source, to: TrackState) -> Result<Committed> {
    let sfu = state.media.sfu().await?;
    presence.place(state).await?;
    facts::settled(state, presence.call).await;
    let turn = MediaAction::Turn { participant_id: presence.participant, source, state: to };
    let done = presence.give(state, |unit| unit.run::<Call>(presence.call, CallAction::Media(turn.clone()))).await?;
    let flow = match to {
        TrackState::On => Flow::On,
        TrackState::Muted | TrackState::Off => Flow::Muted,
        TrackState::Switched => return Ok(done),
    };
    // Before media is connected there is nobody to be muted yet: it is kept for then.
    state.media.roster.change(presence.participant, |seat| {
        let _ = match flow {
            Flow::On => seat.muted.remove(&source),
            Flow::Muted => source != Source::Screen && seat.muted.insert(source),
        };
    });
    let track = Track { from: presence.id(), source: of_node(source) };
    if (track.source, to) == (vitrina_media::Source::Screen, TrackState::Off) {
        sfu.unpublish(presence.room(), track).await;
    } else {
        sfu.mute(presence.room(), track, flow).await;
    }
    Ok(done)
}

/// Somebody shows another's picture small or large. It is of the moment, and no part of the record.
pub(crate) async fn show(state: &State, presence: &Presence, (of, source): (ParticipantId, Source), most: Layer) -> Result<()> {
    let sfu = state.media.sfu().await?;
    presence.place(state).await?;
    let track = Track { from: vitrina_media::ParticipantId(of.0), source: of_node(source) };
    sfu.limit(presence.room(), presence.id(), track, most).await;
    Ok(())
}

fn of_node(source: Source) -> vitrina_media::Source {
    match source {
        Source::Microphone => vitrina_media::Source::Microphone,
        Source::Camera => vitrina_media::Source::Camera,
        Source::Screen => vitrina_media::Source::Screen,
    }
}

/// Somebody leaves.
pub(crate) async fn leave(state: &State, presence: &Presence) -> Result<Committed> {
    let sfu = state.media.sfu().await?;
    presence.place(state).await?;
    facts::settled(state, presence.call).await;
    let reason = vitrina_domain::call::media::LeaveReason::ClientInitiated;
    let done = presence.give(state, |unit| step::media_left(unit, presence.call, presence.participant, reason)).await?;
    state.media.roster.stand(presence.participant);
    sfu.leave(presence.room(), presence.id(), LeaveReason::ClientInitiated).await;
    Ok(done)
}

/// Somebody could not come to be connected, and says why.
pub(crate) async fn fail(state: &State, presence: &Presence, reason: JoinFailure, detail: Option<String>) -> Result<Committed> {
    let fail = MediaAction::FailJoin { participant_id: presence.participant, reason, detail };
    presence.give(state, |unit| unit.run::<Call>(presence.call, CallAction::Media(fail.clone()))).await
}

fn refused(error: JoinError) -> ApiError {
    let soon = |code, detail: &str| ApiError::new(code, detail).retry_after_s(RETRY_SOON_S);
    match error {
        JoinError::Offer(why) => ApiError::new(Code::OfferUnacceptable, format!("the offer cannot be answered: {why}")),
        JoinError::There => ApiError::parameter("participant", "used", "this presence is in the call already; take a new id"),
        JoinError::NotThere => ApiError::not_found("participant"),
        JoinError::RoomFull => ApiError::new(Code::RoomFull, "as many take part in this call as can; somebody must leave first"),
        JoinError::NodeFull => soon(Code::MediaUnavailable, "as many calls run on this server as it can bear; repeat the request"),
        JoinError::Gone => soon(Code::MediaUnavailable, "the media of this server does not answer; repeat the request"),
    }
}
