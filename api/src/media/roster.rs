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
use vitrina_eventlog::Position;
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
    /// The live connection over which it offered or asked for its lines last, while that lasts.
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
    calls: HashMap<CallId, Here>,
}

/// What is known of a call whose media is or may be here.
#[derive(Debug)]
struct Here {
    account: AccountId,
    /// Who is about to enter.
    entering: usize,
    /// From which position of the log on it is here; unknown until the first one has entered.
    since: Option<Position>,
    /// The last event that ends its media, of those that came while nobody had entered.
    ended: Option<Position>,
}

/// What an event that ends a call's media is to this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// The media that is here.
    This,
    /// Nothing here: a stay before this one, or none; or who is about to enter looks after it.
    Nothing,
}

/// Whether who has entered a call is in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entered {
    /// The call's media is here.
    InTime,
    /// It has ended since.
    TooLate,
}

impl Roster {
    /// Somebody is about to enter the call: its end concerns this node from now on.
    pub(super) fn open(&self, account: AccountId, call: CallId) {
        let mut inner = self.lock();
        inner.calls.entry(call).or_insert(Here { account, entering: 0, since: None, ended: None }).entering += 1;
    }

    /// They have entered, and the log stood at this position then.
    pub(super) fn entered(&self, call: CallId, position: Position) -> Entered {
        let mut inner = self.lock();
        let Some(here) = inner.calls.get_mut(&call) else { return Entered::TooLate };
        here.entering = here.entering.saturating_sub(1);
        let since = *here.since.get_or_insert(position);
        if here.ended.take().is_some_and(|ended| ended > since) { Entered::TooLate } else { Entered::InTime }
    }

    /// They were refused. What others have entered stays.
    pub(super) fn refused(&self, call: CallId) {
        let mut inner = self.lock();
        let Some(here) = inner.calls.get_mut(&call) else { return };
        here.entering = here.entering.saturating_sub(1);
        if here.entering == 0 && here.since.is_none() {
            inner.calls.remove(&call);
        }
    }

    /// An event at this position ends the call's media: what that is here. What reads the log may lag behind who enters.
    pub(super) fn ends(&self, call: CallId, position: Position) -> Ends {
        let mut inner = self.lock();
        match inner.calls.get_mut(&call) {
            Some(Here { since: Some(since), .. }) if position > *since => Ends::This,
            Some(here @ Here { since: None, .. }) => {
                here.ended = here.ended.max(Some(position));
                Ends::Nothing
            }
            _ => Ends::Nothing,
        }
    }

    /// Whether the call's media is or may be here.
    pub(super) fn has(&self, call: CallId) -> bool {
        self.lock().calls.contains_key(&call)
    }

    /// All calls whose media is or may be here.
    pub(super) fn calls(&self) -> Vec<(AccountId, CallId)> {
        self.lock().calls.iter().map(|(call, here)| (here.account, *call)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));
    const CALL: CallId = CallId(Uuid::from_u128(2));

    fn entered(roster: &Roster, position: i64) -> Entered {
        roster.open(ACCOUNT, CALL);
        roster.entered(CALL, Position(position))
    }

    #[test]
    fn one_who_is_refused_does_not_make_the_node_forget_a_call_that_others_have_entered() {
        let roster = Roster::default();
        assert_eq!(entered(&roster, 5), Entered::InTime);
        roster.open(ACCOUNT, CALL);
        roster.refused(CALL);
        assert!(roster.has(CALL), "its session is open, though nobody has a place");
        assert_eq!(roster.ends(CALL, Position(9)), Ends::This);
        roster.clear(CALL);
        roster.open(ACCOUNT, CALL);
        roster.open(ACCOUNT, CALL);
        roster.refused(CALL);
        assert!(roster.has(CALL), "another one is about to enter");
        roster.refused(CALL);
        assert!(!roster.has(CALL));
    }

    #[test]
    fn an_event_that_is_older_than_the_stay_does_not_end_it() {
        let roster = Roster::default();
        assert_eq!(entered(&roster, 5), Entered::InTime);
        assert_eq!((roster.ends(CALL, Position(4)), roster.ends(CALL, Position(6))), (Ends::Nothing, Ends::This));
        assert_eq!(entered(&roster, 8), Entered::InTime);
        assert_eq!(roster.ends(CALL, Position(6)), Ends::This, "the stay is the first one's");
    }

    #[test]
    fn what_ends_while_somebody_enters_ends_it_for_them_if_it_comes_after() {
        for (ended, wanted) in [(4, Entered::InTime), (6, Entered::TooLate)] {
            let roster = Roster::default();
            roster.open(ACCOUNT, CALL);
            assert_eq!(roster.ends(CALL, Position(ended)), Ends::Nothing);
            assert_eq!(roster.entered(CALL, Position(5)), wanted);
        }
    }
}
