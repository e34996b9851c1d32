//! A call's room: who is in it, what they send, and who therefore gets what.
//!
//! The room is told facts and answers with the wanted forwarding; [`changes`] says how to come there from what is forwarded
//! now. Whoever drives the transport applies these and nothing else, so that what is forwarded is always a function of
//! what has happened.

use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Participants of a room, at most: what a call page shows, and what one sender's uplink feeds.
pub const PARTICIPANTS_MAX: usize = 8;

/// One person's presence in a room; coming back is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParticipantId(pub Uuid);

/// What somebody may do in a call (PRODUCT.md V34).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Shows products, and the screen.
    Shopper,
    /// Is shown them.
    Customer,
}

/// Where a track comes from. A participant has at most one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The voice.
    Microphone,
    /// The face.
    Camera,
    /// A screen, or one window of it.
    Screen,
}

/// A track of somebody in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Track {
    /// Whose.
    pub from: ParticipantId,
    /// Which.
    pub source: Source,
}

/// A track on its way to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Forward {
    /// What.
    pub track: Track,
    /// To whom.
    pub to: ParticipantId,
}

/// Whether packets of a track come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// They do.
    On,
    /// The sender has switched it off, and keeps it.
    Muted,
}

/// Whether somebody's transport takes packets. What is sent to one that does not is lost (media over DTLS begins when the
/// handshake is done).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Not yet, or not now.
    Down,
    /// It does.
    Up,
}

#[derive(Debug)]
struct Participant {
    role: Role,
    link: Link,
    tracks: BTreeMap<Source, Flow>,
}

/// Why something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// As many take part as may.
    #[error("the room is full")]
    Full,
    /// The participant is in the room already.
    #[error("this participant is in the room already")]
    There,
    /// The participant is not in the room.
    #[error("this participant is not in the room")]
    NotThere,
    /// A customer shares no screen.
    #[error("only a shopper shares a screen")]
    ScreenOfCustomer,
}

/// The room of one call.
#[derive(Debug)]
pub struct Room {
    participants_max: usize,
    participants: BTreeMap<ParticipantId, Participant>,
}

impl Default for Room {
    fn default() -> Self {
        Self::new(PARTICIPANTS_MAX)
    }
}

impl Room {
    /// An empty room for this many participants at most.
    pub fn new(participants_max: usize) -> Self {
        Self { participants_max, participants: BTreeMap::new() }
    }

    /// Somebody comes; the transport is not up yet.
    ///
    /// # Errors
    /// [`Refused::Full`], [`Refused::There`].
    pub fn join(&mut self, id: ParticipantId, role: Role) -> Result<(), Refused> {
        if self.participants.contains_key(&id) {
            return Err(Refused::There);
        }
        if self.participants.len() >= self.participants_max {
            return Err(Refused::Full);
        }
        self.participants.insert(id, Participant { role, link: Link::Down, tracks: BTreeMap::new() });
        Ok(())
    }

    /// Somebody goes, with everything they sent.
    pub fn leave(&mut self, id: ParticipantId) {
        self.participants.remove(&id);
    }

    /// Somebody's transport came up or went down.
    ///
    /// # Errors
    /// [`Refused::NotThere`].
    pub fn link(&mut self, id: ParticipantId, link: Link) -> Result<(), Refused> {
        self.participant(id)?.link = link;
        Ok(())
    }

    /// Somebody begins to send a track, or mutes one, or goes on.
    ///
    /// # Errors
    /// [`Refused::NotThere`], [`Refused::ScreenOfCustomer`].
    pub fn publish(&mut self, track: Track, flow: Flow) -> Result<(), Refused> {
        let participant = self.participant(track.from)?;
        if track.source == Source::Screen && participant.role == Role::Customer {
            return Err(Refused::ScreenOfCustomer);
        }
        participant.tracks.insert(track.source, flow);
        Ok(())
    }

    /// Somebody stops sending a track.
    pub fn unpublish(&mut self, track: Track) {
        if let Some(participant) = self.participants.get_mut(&track.from) {
            participant.tracks.remove(&track.source);
        }
    }

    /// Who is in the room.
    pub fn participants(&self) -> impl Iterator<Item = ParticipantId> + '_ {
        self.participants.keys().copied()
    }

    /// Every track in the room, muted ones too.
    pub fn tracks(&self) -> impl Iterator<Item = Track> + '_ {
        let of = |(from, participant): (&ParticipantId, &Participant)| {
            let from = *from;
            participant.tracks.keys().map(move |source| Track { from, source: *source }).collect::<Vec<_>>()
        };
        self.participants.iter().flat_map(of)
    }

    /// Everything that is to be forwarded: each track that flows, to everybody else whose transport is up.
    pub fn wanted(&self) -> BTreeSet<Forward> {
        let flowing = self.participants.iter().flat_map(|(from, participant)| {
            let tracks = participant.tracks.iter().filter(|(_, flow)| **flow == Flow::On);
            tracks.map(|(source, _)| Track { from: *from, source: *source })
        });
        let up = || self.participants.iter().filter(|(_, participant)| participant.link == Link::Up).map(|(id, _)| *id);
        flowing.flat_map(|track| up().filter(move |to| *to != track.from).map(move |to| Forward { track, to })).collect()
    }

    fn participant(&mut self, id: ParticipantId) -> Result<&mut Participant, Refused> {
        self.participants.get_mut(&id).ok_or(Refused::NotThere)
    }
}

/// How to come from what is forwarded to what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// To be forwarded no more.
    pub stop: Vec<Forward>,
    /// To be forwarded from now on; each begins with a key frame.
    pub start: Vec<Forward>,
}

/// What has to change.
pub fn changes(present: &BTreeSet<Forward>, wanted: &BTreeSet<Forward>) -> Changes {
    Changes { stop: present.difference(wanted).copied().collect(), start: wanted.difference(present).copied().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person(n: u128) -> ParticipantId {
        ParticipantId(Uuid::from_u128(n))
    }

    fn track(n: u128, source: Source) -> Track {
        Track { from: person(n), source }
    }

    fn two() -> Room {
        let mut room = Room::default();
        for (n, role) in [(1, Role::Shopper), (2, Role::Customer)] {
            room.join(person(n), role).unwrap();
            room.link(person(n), Link::Up).unwrap();
            room.publish(track(n, Source::Camera), Flow::On).unwrap();
            room.publish(track(n, Source::Microphone), Flow::On).unwrap();
        }
        room
    }

    #[test]
    fn each_gets_what_the_other_sends() {
        let wanted = two().wanted();
        assert_eq!(wanted.len(), 4);
        assert!(wanted.iter().all(|forward| forward.track.from != forward.to));
    }

    #[test]
    fn what_is_muted_or_whose_receiver_is_away_is_not_forwarded() {
        let mut room = two();
        let before = room.wanted();
        room.publish(track(1, Source::Camera), Flow::Muted).unwrap();
        let camera = Forward { track: track(1, Source::Camera), to: person(2) };
        assert_eq!(changes(&before, &room.wanted()), Changes { stop: vec![camera], start: vec![] });
        room.link(person(2), Link::Down).unwrap();
        assert!(room.wanted().iter().all(|forward| forward.to == person(1)));
        room.leave(person(2));
        assert!(room.wanted().is_empty());
    }

    #[test]
    fn a_customer_shares_no_screen_and_a_full_room_takes_nobody() {
        let mut room = two();
        assert_eq!(room.publish(track(2, Source::Screen), Flow::On), Err(Refused::ScreenOfCustomer));
        room.publish(track(1, Source::Screen), Flow::On).unwrap();
        for n in 3..=8 {
            room.join(person(n), Role::Shopper).unwrap();
        }
        assert_eq!(room.join(person(9), Role::Shopper), Err(Refused::Full));
        assert_eq!(room.join(person(8), Role::Shopper), Err(Refused::There));
        assert_eq!(room.link(person(9), Link::Up), Err(Refused::NotThere));
    }

    proptest! {
        #[test]
        fn whatever_happens_the_changes_lead_to_what_is_wanted(
            steps in prop::collection::vec((0_u8..5, 0_u128..10, 0_usize..3, any::<bool>()), 1..200),
        ) {
            let mut room = Room::default();
            let mut present = BTreeSet::new();
            for (step, n, source, yes) in steps {
                let track = track(n, [Source::Microphone, Source::Camera, Source::Screen][source]);
                let role = if n % 2 == 0 { Role::Shopper } else { Role::Customer };
                let _ = match step {
                    0 => room.join(person(n), role),
                    1 => room.link(person(n), if yes { Link::Up } else { Link::Down }),
                    2 => room.publish(track, if yes { Flow::On } else { Flow::Muted }),
                    3 => { room.unpublish(track); Ok(()) }
                    _ => { room.leave(person(n)); Ok(()) }
                };
                let wanted = room.wanted();
                let Changes { stop, start } = changes(&present, &wanted);
                for forward in stop {
                    prop_assert!(present.remove(&forward));
                }
                for forward in start {
                    prop_assert!(present.insert(forward));
                }
                prop_assert_eq!(&present, &wanted);
                prop_assert!(room.participants().count() <= PARTICIPANTS_MAX);
                let inside: BTreeSet<_> = room.participants().collect();
                prop_assert!(present.iter().all(|f| inside.contains(&f.to) && inside.contains(&f.track.from) && f.to != f.track.from));
            }
        }
    }
}
