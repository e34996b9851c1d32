//! Media: somebody enters a call's media at a node, the node tells what happened, and a node's stay in a call ends.

use super::{forsake, policy};
use crate::{Failure, Unit};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    account::Account,
    call::{
        Call, CallAction, Device, MediaAction,
        media::{Evidence, LeaveReason},
    },
    ids::{CallId, MediaSessionId, NodeId, ParticipantId, ShopperId},
    routing::after,
    shopper::{Shopper, Status},
};

/// A node that media runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaNode {
    /// Which one.
    pub id: NodeId,
    /// Where clients reach it.
    pub address: String,
}

/// The actor wants to be connected here. `session_id` is the id of a session, should one begin.
///
/// # Errors
/// [`Failure`]: refused when the call is not there to be entered, is at another node, or consent is missing.
pub fn enter_media(
    unit: &mut Unit<'_>,
    call: CallId,
    participant_id: ParticipantId,
    session_id: MediaSessionId,
    node: &MediaNode,
) -> Result<(), Failure> {
    // The call comes first: its version is the one of the answer.
    unit.state::<Call>(call)?;
    let account = unit.account();
    let consent = unit.state::<Account>(account)?.consent().consent();
    let (node_id, address) = (node.id, node.address.clone());
    unit.run::<Call>(call, CallAction::Media(MediaAction::Enter { session_id, participant_id, node_id, address, consent }))
}

/// The actor's media is connected at this node. Nothing happens when the call's media is not here any more.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn media_connected(
    unit: &mut Unit<'_>,
    call: CallId,
    participant_id: ParticipantId,
    node: NodeId,
    device: Option<Device>,
) -> Result<(), Failure> {
    let Some(session_id) = session_at(unit, call, node)? else { return Ok(()) };
    unit.run::<Call>(call, CallAction::Media(MediaAction::Connect { session_id, participant_id, device }))
}

/// A participant's media has ended.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn media_left(unit: &mut Unit<'_>, call: CallId, participant_id: ParticipantId, reason: LeaveReason) -> Result<(), Failure> {
    let grace = grace(unit)?;
    unit.run::<Call>(call, CallAction::Media(MediaAction::Leave { participant_id, reason, grace }))
}

/// A shopper's media has ended. If nothing else tells that the shopper is there, the call is given to others. To be given by
/// the system.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn shopper_left_media(unit: &mut Unit<'_>, call: CallId, shopper: ShopperId) -> Result<(), Failure> {
    match unit.state::<Shopper>(shopper)?.status() {
        Status::Offline => forsake(unit, call, shopper),
        _ => Ok(()),
    }
}

/// The call's media is not at this node any more, as the node itself sees. Nothing happens when it is not here.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn close_media(unit: &mut Unit<'_>, call: CallId, node: NodeId, reason: LeaveReason) -> Result<(), Failure> {
    let Some(session_id) = session_at(unit, call, node)? else { return Ok(()) };
    let (evidence, grace) = (Evidence::Seen, grace(unit)?);
    unit.run::<Call>(call, CallAction::Media(MediaAction::Close { session_id, reason, at: None, evidence, grace }))
}

/// The node of this session has died: whoever was in it was there until `at`, as far as is known.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn correct_media(unit: &mut Unit<'_>, call: CallId, session_id: MediaSessionId, at: DateTime<Utc>) -> Result<(), Failure> {
    let (reason, evidence, grace) = (LeaveReason::ServerShutdown, Evidence::Corrected, grace(unit)?);
    unit.run::<Call>(call, CallAction::Media(MediaAction::Close { session_id, reason, at: Some(at), evidence, grace }))
}

fn session_at(unit: &mut Unit<'_>, call: CallId, node: NodeId) -> Result<Option<MediaSessionId>, Failure> {
    let session = unit.state::<Call>(call)?.media().session();
    Ok(session.filter(|session| session.node_id == node).map(|session| session.id))
}

/// Until when a customer who has lost all connections may come back.
fn grace(unit: &mut Unit<'_>) -> Result<Option<DateTime<Utc>>, Failure> {
    Ok(after(policy(unit)?.reconnect_grace_s, unit.at()))
}
