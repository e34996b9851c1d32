//! Which layer of which picture a receiver gets, and what it begins with.

use super::{offer::Kind, shard::Shard};
use crate::{
    core::{
        layers::{LAYERS_MAX, Layer, Rates},
        room::{Source, Track},
    },
    node::RoomId,
};
use std::time::{Duration, Instant};

/// How often layers are chosen anew: about as often as the estimate changes.
const CHOOSE_EVERY: Duration = Duration::from_millis(250);
/// What sound takes, in bits a second, with everything around it; pictures share the rest.
const SOUND: u64 = 60_000;

impl Shard {
    /// What the layers of a track take now.
    fn rates(&self, room: RoomId, track: Track, now: Instant) -> Rates {
        let mut rates = [None; LAYERS_MAX];
        let Some(peer) = self.by_id.get(&(room, track.from)).and_then(|slot| self.peers[*slot].as_deref()) else { return rates };
        let streams: Vec<_> = peer.streams.iter().filter(|stream| stream.source == track.source).collect();
        for stream in &streams {
            // The only layer of a screen that stands still is sent all the same.
            let rate = if streams.len() == 1 { Some(stream.last_rate(now)) } else { stream.rate(now) };
            if let Some(slot) = rates.get_mut(usize::from(stream.layer.0)) {
                *slot = rate;
            }
        }
        rates
    }

    /// Chooses the layers of everything that a participant sees: a screen first, the rest in equal parts.
    pub(super) fn choose(&mut self, slot: usize, now: Instant) {
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        peer.choose_due = now + CHOOSE_EVERY;
        let room = peer.room;
        let sounds = peer.legs.iter().filter(|leg| leg.kind == Kind::Audio && leg.track.is_some()).count() as u64;
        let mut left = peer.bandwidth.estimate().saturating_sub(sounds * SOUND);
        let mut pictures: Vec<(usize, Track)> = peer
            .legs
            .iter()
            .enumerate()
            .filter(|(_, leg)| leg.kind == Kind::Video)
            .filter_map(|(at, leg)| Some((at, leg.track?)))
            .collect();
        pictures.sort_by_key(|(_, track)| track.source != Source::Screen);
        let mut others = pictures.iter().filter(|(_, track)| track.source != Source::Screen).count() as u64;
        for (leg, track) in pictures {
            let share = if track.source == Source::Screen { left } else { left / others.max(1) };
            others -= u64::from(track.source != Source::Screen);
            let rates = self.rates(room, track, now);
            let Some(selection) = self.peers[slot].as_deref_mut().and_then(|peer| peer.legs.get_mut(leg)).map(|leg| &mut leg.selection)
            else {
                continue;
            };
            selection.choose(&rates, share, now);
            let chosen = selection.awaited().or(selection.current());
            left = left.saturating_sub(chosen.and_then(|layer| rates[usize::from(layer.0)]).unwrap_or(0).min(share));
            if let (Some(awaited), Some(from)) = (selection.awaited(), self.by_id.get(&(room, track.from)).copied())
                && !self.begin_with_recent((slot, leg), (from, track.source, awaited), now)
            {
                self.want_key_frame(from, track.source, awaited, now);
            }
        }
    }

    /// Sends a receiver the last whole picture and what came after it; `false` when there is none that would do.
    fn begin_with_recent(&mut self, (to, leg): (usize, usize), (from, source, layer): (usize, Source, Layer), now: Instant) -> bool {
        let Some(published) = self.peers[from].as_deref().and_then(|peer| peer.published.get(&source)) else { return false };
        let is_forwarded = published.forwards.contains(&(to, leg));
        let recent = published.recent.get(usize::from(layer.0)).map(|recent| recent.packets(now).to_vec()).unwrap_or_default();
        if !is_forwarded || recent.is_empty() {
            return false;
        }
        let Some(peer) = self.peers[to].as_deref_mut() else { return false };
        for packet in &recent {
            let Some(ready) = peer.legs.get_mut(leg).and_then(|leg| leg.forward(packet, now)) else { continue };
            peer.send(ready, now);
        }
        self.touched.push(to);
        true
    }

    /// Somebody needs a whole picture of this participant's.
    pub(super) fn want_key_frame(&mut self, slot: usize, source: Source, layer: Layer, now: Instant) {
        let Some(peer) = self.peers[slot].as_deref_mut() else { return };
        let Some(track) = peer.published.get_mut(&source).filter(|track| track.has_come) else { return };
        let Some(frames) = track.key_frames.get_mut(usize::from(layer.0)) else { return };
        frames.want();
        peer.ask_key_frame(source, layer, now);
        self.schedule(slot);
        self.touched.push(slot);
    }
}
