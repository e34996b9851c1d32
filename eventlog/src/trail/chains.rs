//! Following the chains of accounts from event to event: which one does not follow, and what was done to it.
//!
//! A chain says that something is wrong; what it was is told by trying. If the next event follows from what this one says, only this
//! one's hash was changed; if it follows from the one before, this one was inserted; if a version of its stream is missing, something
//! before it was removed. After every fault the chain is taken up again, so that one change is one fault.

use super::{
    fault::{Fault, Faults, What},
    line::Line,
    merkle,
    note::origin,
    past::Past,
};
use crate::{
    Position,
    chain::{GENESIS, Hash},
};
use std::collections::{HashMap, hash_map::Entry};
use uuid::Uuid;
use vitrina_domain::{ids::AccountId, stream::Category};

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spot {
    line: Option<u64>,
    position: Position,
    event: Uuid,
}

/// Where an event stands after those before it. Positions are dense in the log, and have holes in that of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing can have been between.
    Next,
    /// Something was between, from this position on.
    Behind(i64),
    /// Something may have been between.
    Somewhere,
}

/// The chain of one account.
pub(super) struct Chain {
    /// The hash that the next event is chained to.
    last: Hash,
    /// The one before.
    before: Hash,
    at: Spot,
    before_at: Position,
    /// What the last event may have been, where it did not follow.
    doubt: Option<Doubt>,
    versions: HashMap<(Category, Uuid), i64>,
    /// Whether it was followed from the beginning.
    pub is_whole: bool,
    /// Whether something was wrong with it: what its tree says is of no use then.
    pub is_broken: bool,
    pub past: Past,
}

/// Of an event that did not follow.
struct Doubt {
    /// What its hash would have to be.
    computed: Hash,
    /// The hash before it.
    before: Hash,
    fault: Option<usize>,
}

/// The chains of all accounts of a file or a log.
pub struct Chains {
    chains: HashMap<AccountId, Chain>,
    /// What was found so far.
    pub faults: Faults,
    /// Events that were read, also those that do not belong.
    pub events: u64,
    /// The last event in its place.
    pub end: (Position, Hash),
    /// The position that comes next where positions are dense; `None` while that is not known.
    due: Option<i64>,
    is_dense: bool,
    /// The hash of an event that could not be read, whosever it was.
    unread: Option<Hash>,
}

impl Chains {
    /// From the beginning of the whole log, where positions are dense.
    pub fn of_all() -> Self {
        Self {
            chains: HashMap::new(),
            faults: Faults::default(),
            events: 0,
            end: (Position::ZERO, GENESIS),
            due: Some(1),
            is_dense: true,
            unread: None,
        }
    }

    /// Of one account after an event with this hash.
    pub fn of_one(account: AccountId, after: Position, previous: Hash) -> Self {
        let mut all = Self { end: (after, previous), due: None, is_dense: false, ..Self::of_all() };
        all.chains.insert(account, Chain::after(after, previous));
        all
    }

    /// Whether the log of this name is followed from the middle on.
    pub(super) fn goes_on(&self, named: &str) -> bool {
        self.chains.iter().any(|(account, chain)| !chain.is_whole && origin(*account) == named)
    }

    /// How many accounts there are.
    pub fn accounts(&self) -> usize {
        self.chains.len()
    }

    /// The account's chain, as far as it has come.
    pub(super) fn chain(&mut self, account: AccountId) -> Option<&mut Chain> {
        self.chains.get_mut(&account)
    }

    /// Each account that was followed from its beginning, with the size and root of its tree.
    pub fn roots(&self) -> Vec<(AccountId, u64, Hash)> {
        let mut roots: Vec<_> = self
            .chains
            .iter()
            .filter(|(_, chain)| chain.is_whole)
            .map(|(account, chain)| (*account, chain.past.size(), chain.past.root()))
            .collect();
        roots.sort_unstable_by_key(|(account, ..)| *account);
        roots
    }

    /// The hash of each account's last event.
    pub fn ends(&self) -> impl Iterator<Item = (AccountId, Hash)> + '_ {
        self.chains.iter().map(|(account, chain)| (*account, chain.last))
    }

    /// The next event; `line` says where it stands in a file. Tells whether it is in its place.
    pub fn take(&mut self, line: Option<u64>, event: &Line<'_>) -> bool {
        self.events += 1;
        let spot = Spot { line, position: event.position, event: event.event_id };
        let account = event.stream.account;
        let chain = match self.chains.entry(account) {
            Entry::Occupied(chain) => chain.into_mut(),
            Entry::Vacant(_) if !self.is_dense => {
                self.faults.add(spot.fault(What::Foreign));
                return false;
            }
            Entry::Vacant(vacant) => {
                let chain = vacant.insert(Chain::after(Position::ZERO, GENESIS));
                chain.doubt = self.unread.map(|computed| Doubt { computed, before: GENESIS, fault: None });
                chain
            }
        };
        if event.position <= self.end.0 {
            let what = if event.hash == chain.last { What::Repeated } else { What::OutOfOrder { after: self.end.0 } };
            let fault = self.faults.add(spot.fault(what));
            // It may be in its place, and its position changed.
            chain.suspect(event.hash, fault);
            return false;
        }
        let place = match self.due {
            Some(due) if event.position.0 > due => Place::Behind(due),
            Some(_) => Place::Next,
            None if event.position == chain.at.position.next() => Place::Next,
            None => Place::Somewhere,
        };
        let follows = chain.take(spot, event, &mut self.faults, place);
        if follows {
            if let Place::Behind(due) = place {
                self.faults.add(spot.fault(What::Hole { from: Position(due), to: Position(event.position.0 - 1) }));
            }
            self.end = (event.position, event.hash);
        }
        if self.is_dense {
            self.due = (follows || !matches!(place, Place::Behind(_))).then_some(event.position.0 + 1);
        }
        follows
    }

    /// An event whose line cannot be read, and the hash that it ends with.
    pub fn unreadable(&mut self, line: Option<u64>, position: Option<Position>, expected: String, hash: Option<Hash>) {
        self.events += 1;
        self.faults.add(Fault { line, position, event: None, what: What::Unreadable(expected) });
        // The next event of its account follows from it, whichever account that is.
        self.unread = hash.or(self.unread);
        for chain in self.chains.values_mut() {
            chain.suspect(hash.unwrap_or(chain.last), None);
        }
        self.due = self.due.map(|due| position.map_or(due, |position| position.0) + 1);
    }
}

impl Chain {
    fn after(after: Position, previous: Hash) -> Self {
        Self {
            last: previous,
            before: previous,
            at: Spot { line: None, position: after, event: Uuid::nil() },
            before_at: after,
            doubt: None,
            versions: HashMap::new(),
            is_whole: after == Position::ZERO,
            is_broken: false,
            past: Past::default(),
        }
    }

    /// What was just read and is not taken up may be in its place all the same.
    fn suspect(&mut self, hash: Hash, fault: Option<usize>) {
        self.is_broken = true;
        self.doubt = Some(Doubt { computed: hash, before: self.last, fault });
    }

    fn take(&mut self, spot: Spot, event: &Line<'_>, faults: &mut Faults, place: Place) -> bool {
        let command = event.command_digest();
        let after = |previous: &Hash| crate::chain::link(previous, &event.link(&command));
        let computed = after(&self.last);
        let mut follows = computed == event.hash;
        if !follows {
            follows = self.explained(spot, event, faults, after);
        }
        let missing = self.missing(event);
        if follows {
            self.doubt = None;
        } else {
            let last = self.at.position;
            let what = match missing {
                of_stream if of_stream > 0 || matches!(place, Place::Behind(_)) => {
                    What::Missing { after: last, of_stream: of_stream.max(0) }
                }
                _ if place == Place::Next => What::Changed,
                _ => What::Unlinked { after: last },
            };
            let fault = faults.add(spot.fault(what));
            self.is_broken = true;
            self.doubt = Some(Doubt { computed, before: self.last, fault });
        }
        (self.before, self.before_at) = (self.last, self.at.position);
        (self.last, self.at) = (event.hash, spot);
        self.past.push(merkle::leaf(&event.hash));
        follows
    }

    /// Whether the event follows if the one before it is taken for what it may have been.
    fn explained(&mut self, spot: Spot, event: &Line<'_>, faults: &mut Faults, after: impl Fn(&Hash) -> Hash) -> bool {
        let behind = |was: Position, than: Position, after| if was > than { What::OutOfOrder { after } } else { What::Inserted };
        match self.doubt.take() {
            Some(doubt) if after(&doubt.computed) == event.hash => {
                amend(faults, doubt.fault, What::HashChanged);
                true
            }
            Some(doubt) if after(&doubt.before) == event.hash => {
                amend(faults, doubt.fault, behind(self.at.position, spot.position, self.before_at));
                true
            }
            None if self.before != self.last && after(&self.before) == event.hash => {
                self.is_broken = true;
                faults.add(self.at.fault(behind(self.before_at, self.at.position, self.before_at)));
                true
            }
            _ => false,
        }
    }

    /// How many versions of the event's stream are missing before it.
    fn missing(&mut self, event: &Line<'_>) -> i64 {
        let version = event.version.0;
        match self.versions.entry((event.stream.category, event.stream.id)) {
            Entry::Occupied(mut last) => version - last.insert(version) - 1,
            Entry::Vacant(none) => {
                none.insert(version);
                if self.is_whole { version - 1 } else { 0 }
            }
        }
    }
}

fn amend(faults: &mut Faults, fault: Option<usize>, what: What) {
    if let Some(fault) = fault.and_then(|at| faults.told.get_mut(at)) {
        fault.what = what;
    }
}

impl Spot {
    fn fault(self, what: What) -> Fault {
        Fault { line: self.line, position: Some(self.position), event: Some(self.event), what }
    }
}
