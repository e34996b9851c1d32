//! Who is connected and what they follow; every event finds its readers here by a few look-ups.
//!
//! One lock guards it all, and with it the position up to which events have been handed out. A subscription that has
//! caught up to a position joins only if no later event was handed out before, and gets every later one from then on: no
//! gap, no double (`a_racing_writer` in the tests of this folder).

use super::{
    outbox::{Outbox, Pushed, Slot},
    topic::{Audience, Interest},
    view::Rendering,
    work::{self, Afterwards, Held},
};
use crate::limits::Payer;
use bytes::Bytes;
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, ShopperId, UserId},
    stream::Category,
};
use vitrina_eventlog::{Decoded, Position, Recorded, Signal};

/// One WebSocket or event stream.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Its id.
    pub id: Uuid,
    /// The caller's account.
    pub account: AccountId,
    /// Whether staff or a customer reads.
    pub audience: Audience,
    /// The member of staff, where it is one.
    pub user: Option<UserId>,
    /// Whose it is, as quotas count.
    pub credential: Option<Payer>,
    /// What waits to be sent to it.
    pub outbox: Outbox,
}

/// Where an event looks for readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Account,
    Queue,
    /// Those who follow this call or conversation.
    Stream(Category, Uuid),
    /// Those who follow this shopper's work.
    Shopper(ShopperId),
    /// Those who follow the work of a shopper who holds this.
    Held(Category, Uuid),
}

/// A subscription that has caught up.
#[derive(Debug, Clone)]
struct Follower {
    connection: Arc<Connection>,
    slot: Slot,
    /// It has everything up to here.
    after: Position,
}

/// What a subscription is entered under.
#[derive(Debug)]
struct Entered {
    interest: Interest,
    held: Held,
}

#[derive(Debug, Default)]
struct Inner {
    /// Events up to here have been handed out, or are being handed out to those who joined before.
    handed_out: Position,
    connections: HashMap<Uuid, Arc<Connection>>,
    /// How many connections there are of each account.
    accounts: HashMap<AccountId, usize>,
    /// How many there are of each caller.
    callers: HashMap<Payer, usize>,
    entries: HashMap<(AccountId, Place), Vec<Follower>>,
    entered: HashMap<(Uuid, Slot), Entered>,
}

/// All connections of this process.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    inner: Mutex<Inner>,
}

/// Whether a connection was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It was.
    Made,
    /// Its caller has as many as one may have.
    Full,
}

/// What came of joining.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joined {
    /// Every later event will be queued.
    Live,
    /// Later events have been handed out already: read on, and try again.
    Behind,
}

/// Events that change the waiting queue.
const QUEUE: [&str; 10] = [
    "call.queued",
    "call.claimed",
    "call.claim_expired",
    "call.cancelled",
    "call.finished",
    "conversation.opened",
    "conversation.agent_joined",
    "conversation.agent_left",
    "conversation.priority_set",
    "conversation.closed",
];

/// Whether the event changes who waits.
pub(crate) fn is_about_queue(event: &Recorded) -> bool {
    QUEUE.contains(&event.event_type.as_ref())
}

/// Whether those who follow the account see it.
pub(crate) fn is_about_floor(event: &Recorded) -> bool {
    matches!(event.stream.category, Category::Call | Category::Conversation | Category::Shopper)
}

impl Registry {
    /// With nobody connected, at this position.
    pub(crate) fn new(head: Position) -> Self {
        Self { inner: Mutex::new(Inner { handed_out: head, ..Inner::default() }) }
    }

    /// Events up to here have been handed out, or are being handed out.
    pub(crate) fn handed_out(&self) -> Position {
        self.lock().handed_out
    }

    /// Enters a connection, which follows nothing yet, unless its caller has this many.
    pub(crate) fn connect(&self, connection: &Arc<Connection>, of_caller_max: usize) -> Entry {
        let mut inner = self.lock();
        if let Some(caller) = connection.credential {
            let count = inner.callers.get(&caller).copied().unwrap_or_default();
            if count >= of_caller_max {
                return Entry::Full;
            }
            inner.callers.insert(caller, count + 1);
        }
        if inner.connections.insert(connection.id, Arc::clone(connection)).is_none() {
            *inner.accounts.entry(connection.account).or_default() += 1;
        }
        Entry::Made
    }

    /// Takes it out with all that it follows.
    pub(crate) fn disconnect(&self, connection: &Connection, slots: impl Iterator<Item = Slot>) {
        let mut inner = self.lock();
        for slot in slots {
            inner.leave(connection, slot);
        }
        if inner.connections.remove(&connection.id).is_some() {
            one_less(&mut inner.accounts, connection.account);
            if let Some(caller) = connection.credential {
                one_less(&mut inner.callers, caller);
            }
        }
    }

    /// Makes a subscription live that has everything up to `after`, and holds what it held there.
    pub(crate) fn join(&self, connection: &Arc<Connection>, slot: Slot, interest: Interest, after: Position, held: Held) -> Joined {
        let mut inner = self.lock();
        if inner.handed_out > after {
            return Joined::Behind;
        }
        let entry = Follower { connection: Arc::clone(connection), slot, after };
        for place in places(interest, &held) {
            inner.entries.entry((connection.account, place)).or_default().push(entry.clone());
        }
        inner.entered.insert((connection.id, slot), Entered { interest, held });
        Joined::Live
    }

    /// Ends a subscription.
    pub(crate) fn leave(&self, connection: &Connection, slot: Slot) {
        self.lock().leave(connection, slot);
    }

    /// Takes note that events up to `upto` are being handed out, and says which of them anybody may want.
    pub(crate) fn begin(&self, events: Vec<Arc<Recorded>>, upto: Position) -> Vec<Arc<Recorded>> {
        let mut inner = self.lock();
        inner.handed_out = upto.max(inner.handed_out);
        let is_wanted = |event: &Arc<Recorded>| is_about_floor(event) && inner.accounts.contains_key(&event.stream.account);
        events.into_iter().filter(is_wanted).collect()
    }

    /// Hands events out to those who joined before.
    pub(crate) fn hand_out(&self, events: &[Decoded]) {
        let mut inner = self.lock();
        for event in events {
            inner.hand_out(&Rendering::new(event));
        }
    }

    /// Has everybody whom it may concern look again at their credential: the users of this account, or one of them.
    pub(crate) fn recheck(&self, account: AccountId, user: Option<UserId>, position: Position) {
        for connection in self.lock().connections.values() {
            let is_of = |user: UserId| connection.user.is_none_or(|one| one == user);
            let is_meant = connection.account == account && connection.audience == Audience::Staff && user.is_none_or(is_of);
            if is_meant {
                connection.outbox.recheck(position);
            }
        }
    }

    /// Has all connections end because the server does.
    pub(crate) fn go_away(&self) {
        self.lock().connections.values().for_each(|connection| connection.outbox.go_away());
    }

    /// Queues a signal for those who follow what it is about, save the one that it comes from.
    pub(crate) fn signal(&self, category: Category, signal: &Signal, render: impl Fn(Audience) -> Bytes) -> usize {
        let mut inner = self.lock();
        let Some(entries) = inner.entries.get_mut(&(signal.account, Place::Stream(category, signal.key))) else { return 0 };
        let (mut staff, mut customer, mut lost) = (None, None, 0);
        for entry in entries.iter().filter(|entry| entry.connection.id != signal.connection) {
            let rendered = match entry.connection.audience {
                Audience::Staff => &mut staff,
                Audience::Customer => &mut customer,
            };
            let body = rendered.get_or_insert_with(|| render(entry.connection.audience));
            lost += usize::from(entry.connection.outbox.signal(std::iter::once(entry.slot), body) == Pushed::Full);
        }
        lost
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

/// What a subscription is entered under.
fn places(interest: Interest, held: &Held) -> Vec<Place> {
    match interest {
        Interest::Account => vec![Place::Account],
        Interest::Queue => vec![Place::Queue],
        Interest::Stream(category, id) => vec![Place::Stream(category, id)],
        Interest::Work(shopper) => {
            let held = held.iter().map(|(category, id)| Place::Held(*category, *id));
            std::iter::once(Place::Shopper(shopper)).chain(held).collect()
        }
    }
}

impl Inner {
    fn leave(&mut self, connection: &Connection, slot: Slot) {
        let Some(Entered { interest, held }) = self.entered.remove(&(connection.id, slot)) else { return };
        for place in places(interest, &held) {
            self.remove((connection.account, place), connection.id, slot);
        }
    }

    fn remove(&mut self, key: (AccountId, Place), connection: Uuid, slot: Slot) {
        if let Some(entries) = self.entries.get_mut(&key) {
            if let Some(at) = entries.iter().position(|entry| entry.connection.id == connection && entry.slot == slot) {
                entries.swap_remove(at);
            }
            if entries.is_empty() {
                self.entries.remove(&key);
            }
        }
    }

    fn hand_out(&mut self, rendering: &Rendering<'_>) {
        let event = rendering.event();
        let recorded = &event.recorded;
        let (account, category, id) = (recorded.stream.account, recorded.stream.category, recorded.stream.id);
        let changes = work::changes(event);
        for shopper in &changes.begins {
            self.begin_work(account, *shopper, (category, id), recorded.position);
        }
        let queue = is_about_queue(recorded).then_some(Place::Queue);
        let own = (category == Category::Shopper).then_some(Place::Shopper(ShopperId(id)));
        let places = [Place::Account, Place::Stream(category, id), Place::Held(category, id)];
        let found = places.into_iter().chain(queue).chain(own).filter_map(|place| self.entries.get(&(account, place)));
        let mut readers: Vec<&Follower> = found.flatten().filter(|entry| entry.after < recorded.position).collect();
        // One frame for all subscriptions of a connection.
        readers.sort_unstable_by_key(|entry| Arc::as_ptr(&entry.connection));
        let mut full = Vec::new();
        for of_one in readers.chunk_by(|a, b| Arc::ptr_eq(&a.connection, &b.connection)) {
            let connection = &of_one[0].connection;
            let Some(shown) = rendering.to(connection.audience) else { continue };
            let slots = of_one.iter().map(|entry| entry.slot);
            if connection.outbox.event(slots.clone(), shown) == Pushed::Full {
                full.extend(slots.map(|slot| (Arc::clone(connection), slot)));
            }
        }
        for shopper in &changes.ends {
            self.end_work(account, Some(*shopper), (category, id), recorded.position);
        }
        if changes.afterwards == Afterwards::Closed {
            self.end_work(account, None, (category, id), recorded.position);
        }
        for (connection, slot) in full {
            metrics::counter!("vitrina_live_dropped_total").increment(1);
            self.leave(&connection, slot);
        }
    }

    /// The shopper holds this from now on, for those who follow the shopper's work.
    fn begin_work(&mut self, account: AccountId, shopper: ShopperId, stream: (Category, Uuid), position: Position) {
        let followers = self.entries.get(&(account, Place::Shopper(shopper))).cloned().unwrap_or_default();
        for entry in followers.into_iter().filter(|entry| entry.after < position) {
            let entered = self.entered.get_mut(&(entry.connection.id, entry.slot));
            if entered.is_some_and(|entered| entered.held.insert(stream)) {
                self.entries.entry((account, Place::Held(stream.0, stream.1))).or_default().push(entry);
            }
        }
    }

    /// The shopper, or everybody, holds this no more.
    fn end_work(&mut self, account: AccountId, shopper: Option<ShopperId>, stream: (Category, Uuid), position: Position) {
        let key = (account, Place::Held(stream.0, stream.1));
        let Some(entries) = self.entries.get(&key) else { return };
        let entered = &mut self.entered;
        let mut ended = Vec::new();
        for entry in entries.iter().filter(|entry| entry.after < position) {
            let place = (entry.connection.id, entry.slot);
            let Some(entered) = entered.get_mut(&place) else { continue };
            if shopper.is_none_or(|shopper| entered.interest == Interest::Work(shopper)) {
                entered.held.remove(&stream);
                ended.push(place);
            }
        }
        for (connection, slot) in ended {
            self.remove(key, connection, slot);
        }
    }
}
