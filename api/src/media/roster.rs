//! Who is in which call's media here, and what this process has to know of them: in whose name the node's facts are written
//! and where lines are told. Lost with the process, as the connections are.

use crate::live::Connection;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError, Weak},
};
use vitrina_domain::{
    actor::Actor,
    call::{Device, media::Source},
    ids::{AccountId, CallId, ParticipantId},
};
use vitrina_media::Layout;

/// Somebody's place.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    /// Whose call.
    pub account: AccountId,
    /// Which call.
    pub call: CallId,
    /// Who sits there.
    pub actor: Actor,
    /// The device, where it was told.
    pub device: Option<Device>,
    /// What comes on which line.
    pub layout: Layout,
    /// What was muted or turned off before media was connected.
    pub muted: BTreeSet<Source>,
    /// Whether media is connected.
    pub link: Link,
    /// Facts that were told of it.
    pub told: i64,
    /// The live connection that the offer came through, if it did and while it lasts.
    pub listener: Option<Weak<Connection>>,
}

impl Seat {
    /// Keeps what comes on the lines, unless something later is known.
    pub(super) fn lay(&mut self, layout: &Layout) -> News {
        if layout.revision <= self.layout.revision {
            return News::Known;
        }
        self.layout.clone_from(layout);
        News::Newer
    }

    /// A place that was just taken.
    pub(super) fn new(account: AccountId, call: CallId, actor: Actor, device: Option<Device>) -> Self {
        Self {
            account,
            call,
            actor,
            device,
            layout: Layout::default(),
            muted: BTreeSet::new(),
            link: Link::Coming,
            told: 0,
            listener: None,
        }
    }
}

/// Whether something told is newer than what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// It is.
    Newer,
    /// It was overtaken.
    Known,
}

/// Whether media is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// Not yet.
    Coming,
    /// It is.
    Up,
}

/// All places of this node.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    seats: HashMap<ParticipantId, Seat>,
    /// Calls whose media is or may be here.
    calls: HashMap<CallId, AccountId>,
}

impl Roster {
    /// The call's media is or may be here from now on: its end concerns this node.
    pub(super) fn open(&self, account: AccountId, call: CallId) {
        self.lock().calls.insert(call, account);
    }

    /// It is not. Nothing happens while somebody has a place in it.
    pub(super) fn close(&self, call: CallId) {
        let mut inner = self.lock();
        if !inner.seats.values().any(|seat| seat.call == call) {
            inner.calls.remove(&call);
        }
    }

    /// Whether the call's media is or may be here.
    pub(super) fn has(&self, call: CallId) -> bool {
        self.lock().calls.contains_key(&call)
    }

    /// All calls whose media is or may be here.
    pub(super) fn calls(&self) -> Vec<(AccountId, CallId)> {
        self.lock().calls.iter().map(|(call, account)| (*account, *call)).collect()
    }

    /// Gives a place.
    pub(super) fn sit(&self, participant: ParticipantId, seat: Seat) {
        self.lock().seats.insert(participant, seat);
    }

    /// Takes a place away.
    pub(super) fn stand(&self, participant: ParticipantId) -> Option<Seat> {
        self.lock().seats.remove(&participant)
    }

    /// Takes away all places of a call, and with them the call.
    pub(super) fn clear(&self, call: CallId) -> Vec<ParticipantId> {
        let mut inner = self.lock();
        inner.calls.remove(&call);
        let leaving: Vec<_> = inner.seats.iter().filter(|(_, seat)| seat.call == call).map(|(id, _)| *id).collect();
        leaving.iter().for_each(|id| drop(inner.seats.remove(id)));
        leaving
    }

    /// A place as it is.
    pub(crate) fn seat(&self, participant: ParticipantId) -> Option<Seat> {
        self.lock().seats.get(&participant).cloned()
    }

    /// Words to a place go through this connection from now on; tells how the place is now.
    pub(crate) fn listen(&self, participant: ParticipantId, listener: Weak<Connection>) -> Option<Seat> {
        self.change(participant, |seat| seat.listener = Some(listener))
    }

    /// All places of a call.
    pub(super) fn seats_of(&self, call: CallId) -> Vec<Seat> {
        self.lock().seats.values().filter(|seat| seat.call == call).cloned().collect()
    }

    /// Changes a place, if it is there, and tells how it is then.
    pub(super) fn change(&self, participant: ParticipantId, change: impl FnOnce(&mut Seat)) -> Option<Seat> {
        let mut inner = self.lock();
        let seat = inner.seats.get_mut(&participant)?;
        change(seat);
        Some(seat.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
