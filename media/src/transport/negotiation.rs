//! Offers and answers of one participant: its lines as they are offered, once and again, and what goes on which.

use super::{
    answer,
    ice::Credentials,
    leg::Leg,
    offer::{Kind, Offer, Offered},
    peer::{Inward, Peer},
    stream::Binding,
};
use crate::{
    core::{codec::Codec, layers::Layer, numbering::Numbers, room::Source},
    node::JoinError,
};
use ring::rand::SecureRandom;
use std::time::Instant;

impl Peer {
    /// Takes a further offer. New credentials of the client's are answered with new ones of ours (ICE restart); encryption
    /// goes on.
    pub fn renegotiate(
        &mut self,
        (offer, preferred): (String, Codec),
        (shard, host): (u8, &answer::Host),
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<(), JoinError> {
        if offer == self.offer && preferred == self.preferred {
            return Ok(());
        }
        let mut parsed = Offer::parse(&offer)?;
        parsed.prefer(preferred);
        if parsed.fingerprint != self.fingerprint {
            return Err(JoinError::Offer("the certificate is another one: join anew".to_owned()));
        }
        if parsed.ufrag != self.remote_ufrag {
            let new = Credentials::new(shard, random).ok_or_else(|| JoinError::Offer("no randomness".to_owned()))?;
            self.former = Some(std::mem::replace(&mut self.credentials, new));
            self.remote_ufrag.clone_from(&parsed.ufrag);
        }
        self.preferred = preferred;
        self.take(&parsed, now);
        self.say(offer, &parsed, host);
        Ok(())
    }

    /// Whether it takes no pictures but those of H.264.
    pub fn takes_h264_only(&self) -> bool {
        let mut pictures = self.legs.iter().filter(|leg| leg.kind == Kind::Video).peekable();
        pictures.peek().is_some() && pictures.all(|leg| !leg.takes(Codec::Vp8))
    }

    /// Whether it could send pictures in this codec, and was answered that another is rather used.
    pub fn could_rather_send(&self, codec: Codec) -> bool {
        let has = |line: &Inward| line.kind == Kind::Video && line.formats.iter().any(|format| format.codec == codec);
        self.preferred != codec && self.inward.iter().any(has)
    }

    /// Tracks that the client does not send on any line any more.
    pub fn given_up(&self) -> Vec<Source> {
        self.published.keys().filter(|source| !self.inward.iter().any(|line| line.source == **source)).copied().collect()
    }

    pub(super) fn take(&mut self, offer: &Offer, now: Instant) {
        self.inward.clear();
        self.legs
            .retain(|leg| offer.lines.iter().any(|line| line.mid == leg.mid && line.usable.as_ref().is_some_and(|usable| usable.receives)));
        let mut counts = [0, 0];
        for Offered { mid, usable, .. } in &offer.lines {
            let Some(usable) = usable else { continue };
            let at = &mut counts[usize::from(usable.kind == Kind::Video)];
            let (source, group) = place(usable.kind, *at);
            *at += 1;
            self.extensions = self.extensions.or(usable.extensions);
            if usable.sends && *at <= if usable.kind == Kind::Audio { 1 } else { 2 } {
                self.inward.push(Inward {
                    mid: mid.clone(),
                    kind: usable.kind,
                    source,
                    formats: usable.formats.clone(),
                    layers: usable.layers.clone(),
                });
                if let ([(ssrc, repairs), ..], true) = (&usable.streams[..], usable.layers.is_empty()) {
                    self.bind(self.inward.len() - 1, Layer(0), *ssrc, now);
                    if let (Some(repairs), Some(Binding::Media(stream))) = (repairs, self.bindings.get(ssrc).copied()) {
                        self.bind_repairs(stream, *repairs);
                    }
                }
            }
            if usable.receives {
                if let Some(leg) = self.legs.iter_mut().find(|leg| leg.mid == *mid) {
                    leg.renegotiate(usable);
                } else {
                    let names = answer::Outgoing { ssrc: self.random.next(), retransmission: self.random.next(), group };
                    let first = self.random.next();
                    let first = Numbers { sequence: (first >> 16) as u16, timestamp: first.rotate_left(7) };
                    self.legs.push(Leg::new(mid, usable, names, source, first));
                }
            }
        }
    }

    pub(super) fn say(&mut self, offer: String, parsed: &Offer, host: &answer::Host) {
        self.version += 1;
        let outgoing = |at: usize| {
            let mid = &parsed.lines.get(at)?.mid;
            self.legs.iter().find(|leg| leg.mid == *mid).map(|leg| leg.names.clone())
        };
        self.answer = answer::write(parsed, &outgoing, &self.credentials, host, (self.session, self.version));
        self.offer = offer;
    }
}

/// What the n-th line of a kind is for, and which lines are played in step with it: the first of sound and the first two of
/// pictures are a person's microphone, camera and screen; each pair after is another person's.
fn place(kind: Kind, at: usize) -> (Source, usize) {
    match (kind, at) {
        (Kind::Audio, _) => (Source::Microphone, at),
        (Kind::Video, 1) => (Source::Screen, 0),
        (Kind::Video, _) => (Source::Camera, at.saturating_sub(1)),
    }
}
