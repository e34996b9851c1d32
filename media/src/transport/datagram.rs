//! What comes from the network, told apart: checks of the way, handshakes, media. Each is for one participant, here or on
//! another shard, and harms no other.

use super::{ice, request::Request, route::Route, secure::Progress, shard::Shard};
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
        let slot = match kind {
            ice::Kind::Stun => ice::addressee(datagram).and_then(|ufrag| self.by_ufrag.get(ufrag)).copied(),
            ice::Kind::Dtls | ice::Kind::Media => self.by_route.get(&route).copied(),
            ice::Kind::Strange => return,
        };
        let Some(slot) = slot else {
            self.hand_over(route, kind, datagram);
            return;
        };
        // What a participant sends harms that participant only, even where it meets a fault of this server.
        let handled = catch_unwind(AssertUnwindSafe(|| match kind {
            ice::Kind::Stun => self.check(slot, route, datagram, now),
            ice::Kind::Dtls => self.handshake(slot, datagram, now),
            _ => self.media(slot, datagram, now),
        }));
        if handled.is_err() {
            tracing::error!(shard = self.number, "a packet could not be handled, and its sender is out of the room");
            self.remove(slot, LeaveReason::MediaFailure, now);
        } else {
            self.schedule(slot);
        }
    }

    /// Gives a datagram to the shard that it is for.
    fn hand_over(&mut self, route: Route, kind: ice::Kind, datagram: &[u8]) {
        if self.all.len() < 2 {
            return;
        }
        let shard = match kind {
            ice::Kind::Stun => ice::addressee(datagram).and_then(ice::shard),
            _ => self.elsewhere.get(&route.remote()).copied(),
        };
        if let Some(reach) = shard.filter(|shard| *shard != usize::from(self.number)).and_then(|shard| self.all.get(shard)) {
            reach.ask(Request::Handed(route, datagram.to_vec()));
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
        let Some(answer) = peer.check(datagram, route, now) else { return };
        let routes = peer.routes.clone();
        self.send(route, &[answer.as_slice().into()]);
        if self.by_route.insert(route, slot) != Some(slot) {
            // One that the participant was heard from long ago may have made room.
            self.by_route.retain(|one, of| *of != slot || routes.contains(one));
            if let Route::Tcp { connection, .. } = route
                && let Some(connection) = self.connections.get_mut(&connection)
            {
                connection.is_known = true;
            }
            if let Route::Udp { remote, .. } = route {
                let others = self.all.iter().enumerate().filter(|(number, _)| *number != usize::from(self.number));
                others.for_each(|(_, reach)| {
                    reach.ask(Request::Elsewhere(remote, usize::from(self.number)));
                });
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
            Ok(Progress::Closed) => self.remove(slot, LeaveReason::ClientInitiated, now),
            // Anybody could have sent it; one who cannot be agreed with is never connected.
            Err(error) => tracing::debug!(%error, "a record of a handshake was of no use"),
        }
    }
}
