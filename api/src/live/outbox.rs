//! What waits to be sent to one connection: bounded, shared bytes, never a copy.
//!
//! When it is full, the subscription whose event did not fit is dropped and told where to resume; the others go on. So a
//! slow reader costs a fixed amount of memory and loses nothing that it cannot read again.

use super::view::Shown;
use bytes::Bytes;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;
use vitrina_eventlog::Position;

/// Events and signals that wait for one connection, at most: some seconds of a busy account.
pub(crate) const WAITING_MAX: usize = 256;
/// Subscriptions of one connection, at most: one bit each in [`Slots`].
pub(crate) const SLOTS_MAX: usize = 64;

/// A subscription's place in its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot(pub u8);

/// Some of a connection's subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Slots(u64);

impl Slots {
    fn with(self, slot: Slot) -> Self {
        Self(self.0 | 1 << slot.0)
    }

    fn without(self, slot: Slot) -> Self {
        Self(self.0 & !(1 << slot.0))
    }

    /// Whether this one is among them.
    pub(crate) fn has(self, slot: Slot) -> bool {
        self.0 & 1 << slot.0 != 0
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Something to be sent.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    /// An event, for these subscriptions.
    Event(Slots, Arc<Shown>),
    /// A signal, from `"topic"` on.
    Signal(Slots, Bytes),
    /// A whole text that is for no subscription.
    Text(Bytes),
    /// The subscription was dropped; everything up to the position was queued before.
    Dropped(Slot, Position),
}

/// Whether there was room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It will be sent.
    Kept,
    /// The subscription is to be dropped: it will be told to resume.
    Full,
}

/// What the connection's own task must do besides sending.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    /// Look again whether the credential holds, once the read models have come to this position.
    pub recheck: Option<Position>,
    /// Whether the connection may go on.
    pub stay: Stay,
}

/// Whether a connection may go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stay {
    /// It may.
    #[default]
    Open,
    /// The server is going down.
    GoingAway,
    /// Something was lost that is said once.
    TooSlow,
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    orders: Orders,
}

/// The queue of one connection.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    wake: Notify,
}

impl Outbox {
    /// Adds an event for these subscriptions.
    pub(crate) fn event(&self, slots: impl Iterator<Item = Slot>, shown: &Arc<Shown>) -> Pushed {
        let mut waiting = self.lock();
        if waiting.items.len() >= WAITING_MAX {
            // At most one of these for each slot, since a dropped subscription gets nothing more.
            waiting.items.extend(slots.map(|slot| Item::Dropped(slot, Position(shown.position.0 - 1))));
            return Pushed::Full;
        }
        waiting.items.push_back(Item::Event(slots.fold(Slots::default(), Slots::with), Arc::clone(shown)));
        self.wake.notify_one();
        Pushed::Kept
    }

    /// Adds a signal, or loses it when there is no room.
    pub(crate) fn signal(&self, slots: impl Iterator<Item = Slot>, body: &Bytes) -> Pushed {
        let slots = slots.fold(Slots::default(), Slots::with);
        let mut waiting = self.lock();
        if waiting.items.len() >= WAITING_MAX {
            return Pushed::Full;
        }
        waiting.items.push_back(Item::Signal(slots, body.clone()));
        self.wake.notify_one();
        Pushed::Kept
    }

    /// Adds a text that is for no subscription, or loses it when there is no room.
    pub(crate) fn text(&self, text: &Bytes) -> Pushed {
        let mut waiting = self.lock();
        if waiting.items.len() >= WAITING_MAX {
            return Pushed::Full;
        }
        waiting.items.push_back(Item::Text(text.clone()));
        self.wake.notify_one();
        Pushed::Kept
    }

    /// Has the credential looked at again.
    pub(crate) fn recheck(&self, position: Position) {
        self.lock().orders.recheck = Some(position);
        self.wake.notify_one();
    }

    /// Has the connection end because the server does.
    pub(crate) fn go_away(&self) {
        self.lock().orders.stay = Stay::GoingAway;
        self.wake.notify_one();
    }

    /// Has the connection end because something found no room that is said once.
    pub(crate) fn give_up(&self) {
        let mut waiting = self.lock();
        if waiting.orders.stay == Stay::Open {
            waiting.orders.stay = Stay::TooSlow;
        }
        self.wake.notify_one();
    }

    /// Takes everything that waits.
    pub(crate) fn take(&self) -> (VecDeque<Item>, Orders) {
        let mut waiting = self.lock();
        // A new queue of no capacity takes its place, so that an idle connection holds none.
        (std::mem::take(&mut waiting.items), std::mem::take(&mut waiting.orders))
    }

    /// Takes out what waits for a subscription that has ended, so that the next one in its slot does not get it.
    pub(crate) fn forget(&self, slot: Slot) {
        self.lock().items.retain_mut(|item| match item {
            Item::Event(slots, _) | Item::Signal(slots, _) => {
                *slots = slots.without(slot);
                !slots.is_empty()
            }
            Item::Text(_) => true,
            Item::Dropped(dropped, _) => *dropped != slot,
        });
    }

    /// Waits until something waits. May return once too often.
    pub(crate) async fn filled(&self) {
        self.wake.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(position: i64) -> Arc<Shown> {
        Arc::new(Shown { position: Position(position), event_type: "call.queued".to_owned(), body: Bytes::new() })
    }

    #[test]
    fn an_event_of_several_subscriptions_is_sent_once() {
        let outbox = Outbox::default();
        outbox.event([Slot(0), Slot(63)].into_iter(), &shown(1));
        let (items, _) = outbox.take();
        assert_eq!(items.len(), 1);
        assert!(matches!(&items[0], Item::Event(slots, _) if slots.has(Slot(0)) && slots.has(Slot(63)) && !slots.has(Slot(1))));
    }

    #[test]
    fn a_full_outbox_says_where_to_resume_after_all_that_was_queued() {
        let outbox = Outbox::default();
        let filled = (1..).take_while(|position| outbox.event(std::iter::once(Slot(5)), &shown(*position)) == Pushed::Kept).count();
        assert_eq!(filled, WAITING_MAX);
        let (items, _) = outbox.take();
        assert!(matches!(items.back(), Some(Item::Dropped(Slot(5), Position(after))) if *after == WAITING_MAX as i64));
    }

    #[test]
    fn what_waits_for_an_ended_subscription_is_not_sent_to_the_next_one_in_its_slot() {
        let outbox = Outbox::default();
        outbox.event(std::iter::once(Slot(1)), &shown(1));
        outbox.event(std::iter::once(Slot(1)), &shown(2));
        outbox.event(std::iter::once(Slot(2)), &shown(2));
        outbox.forget(Slot(1));
        let (items, _) = outbox.take();
        assert!(items.len() == 1 && matches!(&items[0], Item::Event(slots, _) if !slots.has(Slot(1))));
    }
}
