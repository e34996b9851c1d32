//! What is due in a shard: records and reports to be sent, packets and pictures to be asked for, layers to be chosen, and
//! people who are not heard any more.

use super::{control, leg::Leg, offer::Kind, peer::REPORT_EVERY, shard::Shard};
use crate::{
    core::{layers::Layer, room::Link},
    facts::{JoinFailure, LeaveReason, What},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// How often it is looked who speaks.
const LISTEN_EVERY: Duration = Duration::from_millis(200);

impl Shard {
    /// Does what is due, and finds out what is due next.
    pub(super) fn look_at_timers(&mut self, now: Instant) {
        for slot in 0..self.peers.len() {
            let Some(peer) = self.peers[slot].as_deref() else { continue };
            if peer.next <= now {
                // As with packets: a fault met on one participant's behalf harms that one only.
                if catch_unwind(AssertUnwindSafe(|| self.tick(slot, now))).is_err() {
                    tracing::error!(shard = self.number, "a timer could not be handled, and its participant is out of the room");
                    self.put_out(slot, LeaveReason::MediaFailure, now);
                }
                self.schedule(slot);
            } else {
                self.look_at = self.look_at.min(peer.next);
            }
        }
        if self.listen_at <= now {
            self.listen_at = now + LISTEN_EVERY;
            self.listen(now);
            self.ask_for_recording(now);
        }
        if !self.calls.is_empty() {
            self.look_at = self.look_at.min(self.listen_at);
        }
    }

    fn tick(&mut self, slot: usize, now: Instant) {
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        self.touched.push(slot);
        if peer.secure.due().is_some_and(|due| due <= now) {
            peer.secure.again(now);
            peer.shake();
        }
        let mut compound = Vec::new();
        let own = peer.own_ssrc;
        if peer.arrivals.due().is_some_and(|due| due <= now) {
            let of = peer.streams.first().map_or(0, |stream| stream.ssrc);
            peer.arrivals.write(&mut compound, own, of);
        }
        for stream in &mut peer.streams {
            let lacking = stream.missing.ask(now);
            if !lacking.is_empty() {
                control::write_again(&mut compound, own, stream.ssrc, &lacking);
            }
        }
        peer.tell(&compound);
        let streams: Vec<_> = peer.streams.iter().map(|stream| (stream.source, stream.layer)).collect();
        for (source, layer) in streams {
            peer.ask_key_frame(source, layer, now);
        }
        if peer.choose_due <= now {
            self.choose(slot, now);
        }
        self.report(slot, now);
    }

    fn report(&mut self, slot: usize, now: Instant) {
        let Some(peer) = self.peers[slot].as_deref_mut().filter(|peer| peer.report_due <= now) else { return };
        peer.report_due = now + REPORT_EVERY;
        let (silence, waited) = (now.saturating_duration_since(peer.heard), now.saturating_duration_since(peer.joined));
        if !peer.is_connected {
            if waited >= self.options.connect_within {
                let is_reached = !peer.routes.is_empty();
                self.fail(slot, if is_reached { JoinFailure::DtlsFailed } else { JoinFailure::IceFailed }, now);
            }
            return;
        }
        if silence >= self.options.silence_max {
            self.remove(slot, LeaveReason::ConnectionTimeout, now);
            return;
        }
        // What is sent to somebody who is not there is wasted, and has to be asked for again anyway.
        if silence >= self.options.silence_max / 2 && peer.link == Link::Up {
            self.link(slot, Link::Down, now);
        }
        let Some(peer) = self.peers[slot].as_deref() else { return };
        let sent: Vec<_> = peer.legs.iter().filter_map(|leg| self.clock(peer.room, leg, now)).collect();
        if let Some(peer) = self.peers[slot].as_deref_mut() {
            peer.report(&sent, now);
        }
    }

    /// The time of what goes out on a leg, by what its source says of its own.
    fn clock(&self, room: crate::RoomId, leg: &Leg, now: Instant) -> Option<control::Sent> {
        let track = leg.track?;
        let layer = if leg.kind == Kind::Audio { Layer(0) } else { leg.selection.current()? };
        let from = self.by_id.get(&(room, track.from))?;
        let streams = &self.peers[*from].as_deref()?.streams;
        let clock = streams.iter().find(|stream| stream.source == track.source && stream.layer == layer)?.clock?;
        leg.report(&clock, now)
    }

    fn listen(&mut self, now: Instant) {
        let mut changes = Vec::new();
        for (room, call) in &mut self.calls {
            let speaker = call.speakers.speaker(now);
            if speaker != call.speaker {
                changes.push((*room, std::mem::replace(&mut call.speaker, speaker), speaker));
            }
        }
        for (room, before, after) in changes {
            if let Some(before) = before {
                self.fact(room, before, What::SpeakerStopped);
            }
            if let Some(after) = after {
                self.fact(room, after, What::SpeakerStarted);
            }
        }
    }
}
