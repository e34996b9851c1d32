//! A call's media over a live connection: offers, tracks and leaving are asked here and done by [`crate::media::desk`], as over
//! HTTP; what changes on somebody's lines, and who speaks, is told to the connection over which they offered or asked for it last.
//!
//! A connection that goes takes nobody out of a call: whether media is connected, the media tells.

use super::{outbox::Pushed, protocol::Size, registry::Connection};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    media::{desk, roster::Seat},
    routes::{media_lines, media_wants},
    wiring::State,
};
use actix_web::web;
use bytes::Bytes;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;
use vitrina_domain::{
    call::{
        Device,
        media::{Source, TrackState},
    },
    ids::{CallId, ParticipantId},
};
use vitrina_media::Layer;

/// What a client may ask before it was answered.
pub(super) const ASKED_MAX: usize = 16;

/// Something that is asked about a call's media.
#[derive(Debug)]
pub(super) struct Asked {
    pub call: Uuid,
    pub participant: Uuid,
    pub what: What,
}

/// What a refusal is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    /// Whose presence.
    pub participant: Uuid,
    /// The type of what was asked, as the client named it.
    pub asked: &'static str,
}

/// The type of an offer.
pub(super) const OFFER: &str = "offer";

impl Asked {
    /// What a refusal of it is about.
    pub(super) fn about(&self) -> About {
        let asked = match self.what {
            What::Offer { .. } => OFFER,
            What::Turn(..) => "media",
            What::Show { .. } => "show",
            What::Lines => "lines",
            What::Leave => "leave",
        };
        About { participant: self.participant, asked }
    }
}

/// What is asked.
#[derive(Debug)]
pub(super) enum What {
    /// An answer to an offer: to join, or to go on anew.
    Offer { sdp: String, device: Option<Device> },
    /// A track is to be on or off.
    Turn(Source, TrackState),
    /// Somebody's picture is shown in this size.
    Show { of: Uuid, track: Source, size: Size },
    /// To be told over this connection what comes on its lines, now and whenever it changes.
    Lines,
    /// To leave.
    Leave,
}

/// What is answered, as a text; nothing where the events say enough.
pub(super) type Answered = Result<Option<Bytes>>;

/// Does what is asked.
pub(super) async fn carry_out(state: web::Data<State>, caller: Caller, connection: Arc<Connection>, asked: Asked) -> Answered {
    let Asked { call, participant, what } = asked;
    let giver = caller.seat_in(CallId(call))?;
    let presence = desk::Presence { giver, call: CallId(call), participant: ParticipantId(participant) };
    match what {
        What::Offer { sdp, device } => {
            let answer = if desk::is_connected(&state, &presence) {
                desk::renegotiate(&state, &presence, sdp).await?
            } else {
                desk::join(&state, &presence, device, sdp, desk::Further::GoesOn).await?
            };
            // The answer says what is on the lines now; what changes after this is told, and may overtake it.
            let seat = state.media.roster.listen(presence.participant, Arc::downgrade(&connection));
            let layout = seat.as_ref().map_or(&answer.layout, |seat| &seat.layout);
            let (revision, lines) = (layout.revision, media_lines(&layout.lines));
            let word = json!({"type": "answer", "call": call, "participant": participant, "sdp": answer.sdp, "revision": revision, "lines": lines});
            Ok(Some(text(&word)))
        }
        What::Turn(source, to) => desk::turn(&state, &presence, source, to).await.map(|_| None),
        What::Show { of, track, size } => {
            let most = match size {
                Size::Small => Layer(0),
                Size::Medium => Layer(1),
                Size::Large => Layer(2),
            };
            desk::show(&state, &presence, (ParticipantId(of), track), most).await.map(|()| None)
        }
        What::Lines => {
            presence.place(&state).await?;
            let seat = state.media.roster.listen(presence.participant, Arc::downgrade(&connection));
            Ok(seat.map(|seat| lines(&seat, presence.participant)))
        }
        What::Leave => desk::leave(&state, &presence).await.map(|_| None),
    }
}

/// What comes on a participant's lines.
fn lines(seat: &Seat, participant: ParticipantId) -> Bytes {
    let (revision, lines) = (seat.layout.revision, media_lines(&seat.layout.lines));
    let mut word = json!({"type": "lines", "call": seat.call, "participant": participant, "revision": revision, "lines": lines});
    if let Some(wants) = media_wants(seat.layout.wants) {
        word["wants"] = wants.into();
    }
    text(&word)
}

/// Tells a participant that something else comes on the lines. Nothing else would ever say so again: a connection that has no
/// room for it is ended, and whoever connects again asks for the lines.
pub(crate) fn tell_lines(seat: &Seat, participant: ParticipantId) {
    let Some(connection) = listener(seat) else { return };
    if connection.outbox.text(&lines(seat, participant)) == Pushed::Full {
        connection.outbox.give_up();
    }
}

/// Tells everybody of a call who speaks.
pub(crate) fn tell_speaker(seats: &[Seat], call: CallId, participant: ParticipantId, floor: Floor) {
    let active = floor == Floor::Taken;
    let text = text(&json!({"type": "speaker", "call": call, "participant": participant, "active": active}));
    for connection in seats.iter().filter_map(listener) {
        // It is of the moment: who has no room for it loses it.
        if connection.outbox.text(&text) == Pushed::Full {
            metrics::counter!("vitrina_signals_lost_total").increment(1);
        }
    }
}

/// Whether somebody has taken the floor or lost it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Floor {
    Taken,
    Lost,
}

/// The connection that words to a place go through, while it lasts.
fn listener(seat: &Seat) -> Option<Arc<Connection>> {
    seat.listener.as_ref().and_then(std::sync::Weak::upgrade)
}

fn text(value: &serde_json::Value) -> Bytes {
    Bytes::from(value.to_string())
}

/// The device that a client names.
pub(super) fn device(named: Option<&str>) -> Result<Option<Device>> {
    let device = named.map(|name| serde_json::from_value(name.into()));
    device.transpose().map_err(|_| ApiError::field("/device", "unknown_value", "one of mobile, tablet, desktop or unknown"))
}
