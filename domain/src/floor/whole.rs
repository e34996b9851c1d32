//! All places of all accounts in memory, with what is due next in each.

use super::{Activity, Deadline, Key, Moment, Place, Stays};
use crate::{
    actor::Actor,
    connection::ProcessId,
    ids::{AccountId, CallId, ConversationId, EventId, ShopperId},
    routing::Policy,
    stream::Category,
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// The floor of every account. A fold: the same events give the same floor, wherever it begins.
#[derive(Debug, Default)]
pub struct Floor {
    pub(super) places: BTreeMap<Key, Place>,
    /// The next deadline of each place that has one, in order.
    due: BTreeSet<(DateTime<Utc>, Key)>,
    entries: HashMap<Key, DateTime<Utc>>,
    /// Accounts in which something changed that the router looks at.
    stirred: BTreeSet<AccountId>,
    /// Shoppers whose books of work may not agree with what they work on.
    pub(super) suspects: BTreeSet<(AccountId, ShopperId)>,
    /// The process that holds the connection of each place that has one, both ways.
    pub(super) held: HashMap<Key, ProcessId>,
    pub(super) holders: BTreeMap<ProcessId, BTreeSet<Key>>,
    position: i64,
    now: DateTime<Utc>,
}

impl Floor {
    /// The floor with these places, every event up to the position counted. Some may count later ones: events that a place
    /// has counted already are passed over.
    pub fn with(places: impl IntoIterator<Item = (Key, Place)>, position: i64, now: DateTime<Utc>) -> Self {
        let mut floor = Self { places: places.into_iter().collect(), position, now, ..Self::default() };
        let keys: Vec<_> = floor.places.keys().copied().collect();
        for key in keys {
            floor.changed(key);
        }
        floor
    }

    /// Every event up to here is counted.
    pub fn position(&self) -> i64 {
        self.position
    }

    /// Everything up to here has been read, also what the floor does not care for.
    pub fn reached(&mut self, position: i64) {
        self.position = self.position.max(position);
    }

    /// The account's rules.
    pub fn policy(&self, account: AccountId) -> Policy {
        match self.places.get(&(account, Category::Account, account.0)) {
            Some(Place::Account(place)) => place.policy.clone(),
            _ => Policy::default(),
        }
    }

    /// What is remembered of a stream.
    pub fn place(&self, key: &Key) -> Option<&Place> {
        self.places.get(key)
    }

    /// Everything that is remembered.
    pub fn places(&self) -> impl Iterator<Item = (&Key, &Place)> {
        self.places.iter()
    }

    /// Counts an event.
    pub fn apply(&mut self, moment: &Moment<'_>) {
        self.touched_by(moment.account, moment.actor, moment.at);
        let key = (moment.account, moment.category, moment.id);
        let Some(place) = self.places.get(&key) else {
            if moment.version == 1
                && let Some(place) = Place::begin(moment)
            {
                self.places.insert(key, place);
                self.changed(key);
            }
            return;
        };
        if place.version() >= moment.version {
            return;
        }
        self.suspect(key);
        let stays = self.places.get_mut(&key).map_or(Stays::No, |place| place.apply(moment));
        if stays == Stays::No {
            self.places.remove(&key);
        }
        self.changed(key);
    }

    /// Counts an event of a chat that need not be read to be known: somebody wrote.
    pub fn touch_chat(&mut self, account: AccountId, id: ConversationId, version: i64, at: DateTime<Utc>, by: EventId) {
        if let Some(Place::Chat(chat)) = self.places.get_mut(&(account, Category::Conversation, id.0)) {
            chat.touch(version, at, by);
        }
    }

    /// Whoever does something is not idle.
    pub fn touched_by(&mut self, account: AccountId, actor: &Actor, at: DateTime<Utc>) {
        self.now = self.now.max(at);
        if let Actor::Shopper(id) = actor
            && let Some(Place::Shopper(shopper)) = self.places.get_mut(&(account, Category::Shopper, id.0))
        {
            shopper.active = shopper.active.max(at);
        }
    }

    /// Counts what was kept of the deeds that the places do not count.
    pub fn was_active(&mut self, activity: &Activity) {
        match self.places.get_mut(&activity.key) {
            Some(Place::Shopper(shopper)) => shopper.active = shopper.active.max(activity.at),
            // It may be of later than the place, and what was between them still to come: it says nothing of the version.
            Some(Place::Chat(chat)) => chat.touch(chat.version, activity.at, activity.by),
            _ => {}
        }
    }

    /// What has become due, in order of time. Each place is told once; ask for it again with [`Self::again`].
    pub fn due(&mut self, now: DateTime<Utc>) -> Vec<(Key, Deadline)> {
        self.now = self.now.max(now);
        let mut all = Vec::new();
        while let Some((at, key)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, key));
            self.entries.remove(&key);
            let policy = self.policy(key.0);
            let Some(place) = self.places.get(&key) else { continue };
            let (ripe, later): (Vec<_>, Vec<_>) = place.deadlines(&policy, now).into_iter().partition(|deadline| deadline.at <= now);
            all.extend(ripe.into_iter().map(|deadline| (key, deadline)));
            if let Some(next) = later.into_iter().map(|deadline| deadline.at).min() {
                self.wake(key, next);
            }
            if matches!(key.1, Category::Shopper | Category::Account) {
                // Hours may have begun, or something is to be tried again.
                self.stirred.insert(key.0);
            }
        }
        all.sort_by_key(|(key, deadline)| (deadline.at, *key));
        all
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Looks at the place again at this instant, or earlier if something is due earlier.
    pub fn again(&mut self, key: Key, at: DateTime<Utc>) {
        if self.places.contains_key(&key) && self.entries.get(&key).is_none_or(|known| *known > at) {
            self.wake(key, at);
        }
    }

    /// Accounts in which the router should look again; each is told once.
    pub fn stirred(&mut self) -> BTreeSet<AccountId> {
        std::mem::take(&mut self.stirred)
    }

    /// Lets the router look at the account again.
    pub fn stir(&mut self, account: AccountId) {
        self.stirred.insert(account);
    }

    fn wake(&mut self, key: Key, at: DateTime<Utc>) {
        if let Some(before) = self.entries.insert(key, at) {
            self.due.remove(&(before, key));
        }
        self.due.insert((at, key));
    }

    /// Brings what follows from a place up to date.
    fn changed(&mut self, key: Key) {
        self.stirred.insert(key.0);
        self.suspect(key);
        self.hold(key);
        if key.1 == Category::Account {
            let of_account: Vec<_> = self.of_account(key.0).filter(|key| key.1 != Category::Account).collect();
            of_account.into_iter().for_each(|key| self.reckon(key));
        } else {
            self.reckon(key);
        }
    }

    fn reckon(&mut self, key: Key) {
        let policy = self.policy(key.0);
        let next = self.places.get(&key).and_then(|place| place.deadlines(&policy, self.now).into_iter().map(|due| due.at).min());
        match next {
            Some(at) => self.wake(key, at),
            None => {
                if let Some(before) = self.entries.remove(&key) {
                    self.due.remove(&(before, key));
                }
            }
        }
    }

    fn of_account(&self, account: AccountId) -> impl Iterator<Item = Key> + '_ {
        let from = (account, Category::Account, Uuid::nil());
        self.places.range(from..).map(|(key, _)| *key).take_while(move |key| key.0 == account)
    }

    /// Notes those whose room the place takes.
    fn suspect(&mut self, key: Key) {
        let shoppers: Vec<_> = match self.places.get(&key) {
            Some(Place::Call(call)) => call.occupies().collect(),
            Some(Place::Chat(chat)) => chat.agents.iter().copied().collect(),
            Some(Place::Shopper(_)) => vec![ShopperId(key.2)],
            _ => Vec::new(),
        };
        self.suspects.extend(shoppers.into_iter().map(|id| (key.0, id)));
    }

    /// The calls of an account.
    pub(super) fn calls(&self, account: AccountId) -> impl Iterator<Item = (CallId, &super::CallPlace)> {
        self.category(account, Category::Call).filter_map(|(id, place)| match place {
            Place::Call(call) => Some((CallId(id), &**call)),
            _ => None,
        })
    }

    /// The chats of an account.
    pub(super) fn chats(&self, account: AccountId) -> impl Iterator<Item = (ConversationId, &super::ChatPlace)> {
        self.category(account, Category::Conversation).filter_map(|(id, place)| match place {
            Place::Chat(chat) => Some((ConversationId(id), &**chat)),
            _ => None,
        })
    }

    /// The shoppers of an account.
    pub(super) fn shoppers(&self, account: AccountId) -> impl Iterator<Item = (ShopperId, &super::ShopperPlace)> {
        self.category(account, Category::Shopper).filter_map(|(id, place)| match place {
            Place::Shopper(shopper) => Some((ShopperId(id), &**shopper)),
            _ => None,
        })
    }

    fn category(&self, account: AccountId, category: Category) -> impl Iterator<Item = (Uuid, &Place)> {
        let (from, to) = ((account, category, Uuid::nil()), (account, category, Uuid::max()));
        self.places.range(from..=to).map(|(key, place)| (key.2, place))
    }
}
