//! What comes from the network, told apart: checks of the way, handshakes, media. Each is for one participant, here or on
//! another shard, and harms no other.

use super::{ice, neighbour::Handed, route::Route, secure::Progress, shard::Shard};
use crate::facts::LeaveReason;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// Who was heard within this keeps its address against another's check from there: browsers check every 2.5 s.
const KEEPS_ADDRESS: Duration = Duration::from_secs(5);

impl Shard {
    /// A datagram or framed packet has come.
    pub(super) fn datagram(&mut self, route: Route, datagram: &[u8], now: Instant) {
        let kind = ice::kind(datagram);
        match self.addressee(route, kind, datagram) {
            Some(slot) => self.take(slot, (route, kind, datagram), now),
            None => self.hand_over(route, kind, datagram),
        }
    }

    /// A datagram has come that another shard thought to be for somebody here. It goes no further: the two could disagree for ever.
    pub(super) fn handed_datagram(&mut self, route: Route, datagram: &[u8], now: Instant) {
        let kind = ice::kind(datagram);
        if let Some(slot) = self.addressee(route, kind, datagram) {
            self.take(slot, (route, kind, datagram), now);
        }
    }

    /// Whom of this shard it is for.
    fn addressee(&self, route: Route, kind: ice::Kind, datagram: &[u8]) -> Option<usize> {
        match kind {
            ice::Kind::Stun => ice::addressee(datagram).and_then(|ufrag| self.by_ufrag.get(ufrag)).copied(),
            ice::Kind::Dtls | ice::Kind::Media => self.by_route.get(&route).copied(),
            ice::Kind::Strange => None,
        }
    }

    fn take(&mut self, slot: usize, (route, kind, datagram): (Route, ice::Kind, &[u8]), now: Instant) {
        // What a participant sends harms that participant only, even where it meets a fault of this server.
        let handled = catch_unwind(AssertUnwindSafe(|| match kind {
            ice::Kind::Stun => self.check(slot, route, datagram, now),
            ice::Kind::Dtls => self.handshake(slot, datagram, now),
            _ => self.media(slot, datagram, now),
        }));
        if handled.is_err() {
            tracing::error!(shard = self.number, "a packet could not be handled, and its sender is out of the room");
            self.put_out(slot, LeaveReason::MediaFailure, now);
        } else {
            self.schedule(slot);
        }
    }

    /// Gives a datagram to the shard that it is for. A connection was given over as a whole, before it was anybody's.
    fn hand_over(&mut self, route: Route, kind: ice::Kind, datagram: &[u8]) {
        let Route::Udp { remote, local } = route else { return };
        if self.all.len() < 2 {
            return;
        }
        let shard = match kind {
            ice::Kind::Stun => ice::addressee(datagram).and_then(ice::shard),
            ice::Kind::Dtls | ice::Kind::Media => self.whereabouts.shard(remote),
            ice::Kind::Strange => None,
        };
        if let Some(neighbour) = shard.filter(|shard| *shard != usize::from(self.number)).and_then(|shard| self.all.get(shard)) {
            neighbour.hand(Handed::Datagram { remote, local, datagram: datagram.to_vec() }, &self.counters);
        }
    }

    fn check(&mut self, slot: usize, route: Route, datagram: &[u8], now: Instant) {
        // A sender's address can be forged: whoever is heard from one keeps it.
        let is_another = |owner: &&usize| **owner != slot;
        let owner = self.by_route.get(&route).filter(is_another).and_then(|owner| self.peers.get(*owner)).and_then(Option::as_deref);
        if owner.is_some_and(|owner| now.saturating_duration_since(owner.heard) < KEEPS_ADDRESS) {
            return;
        }
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { return };
        let Some(checked) = peer.check(datagram, route, now) else { return };
        self.send(route, &[checked.answer.as_slice().into()]);
        if let Some(given_up) = checked.given_up {
            self.lose(given_up, slot);
        }
        if self.by_route.insert(route, slot) != Some(slot) {
            match route {
                Route::Tcp { connection, .. } => {
                    if let Some(connection) = self.connections.get_mut(&connection) {
                        connection.is_known = true;
                    }
                }
                Route::Udp { remote, .. } if self.all.len() > 1 => self.whereabouts.note(remote, usize::from(self.number)),
                Route::Udp { .. } => {}
            }
        }
        self.heard(slot);
    }

    fn handshake(&mut self, slot: usize, record: &[u8], now: Instant) {
        let Some(peer) = self.peers.get_mut(slot).and_then(Option::as_deref_mut) else { return };
        let progress = peer.secure.handshake(record, now);
        peer.shake();
        self.touched.push(slot);
        match progress {
            Ok(Progress::Same) => {}
            Ok(Progress::Up) => self.connected(slot, now),
            Ok(Progress::Closed) => self.put_out(slot, LeaveReason::ClientInitiated, now),
            // Anybody could have sent it; one who cannot be agreed with is never connected.
            Err(error) => tracing::debug!(%error, "a record of a handshake was of no use"),
        }
    }
}
