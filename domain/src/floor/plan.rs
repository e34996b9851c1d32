//! What the router would do now.

use super::{Floor, Place};
use crate::{
    ids::{AccountId, CallId, CustomerId, EventId, ShopperId},
    routing::{Candidate, Decided, Failed, Load, Mode, Policy, Request, Work, route, route_one},
    stream::Category,
};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};

/// Work for a shopper.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// What.
    pub work: Work,
    /// Who, and why.
    pub decided: Decided,
    /// The event since which nobody is asked: the same until something comes of it, in every process.
    pub cause: EventId,
}

/// What comes of a look at an account's floor.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Who is asked for what.
    pub offers: Vec<Offer>,
    /// Calls that find nobody, for a reason that is not known yet.
    pub failures: Vec<(CallId, Failed)>,
}

impl Floor {
    /// Who should get what, where work is pushed; nothing where shoppers take it themselves.
    pub fn plan(&self, account: AccountId, now: DateTime<Utc>) -> Plan {
        let policy = self.policy(account);
        if policy.mode == Mode::Pull {
            return Plan::default();
        }
        let requests = self.requests(account);
        if requests.is_empty() {
            return Plan::default();
        }
        let candidates = self.candidates(account, now);
        let (queue, seed) = (requests.iter().map(|(request, _)| request.clone()).collect::<Vec<_>>(), seed(account));
        let decision = route(&queue, &candidates, &policy, seed);
        let causes: HashMap<_, _> = requests.iter().map(|(request, cause)| (request.work, *cause)).collect();
        let offers = decision.assignments.iter().map(|assignment| Offer {
            work: assignment.work,
            decided: assignment.decided(&policy, seed),
            cause: causes[&assignment.work],
        });
        let offers: Vec<_> = offers.collect();
        let failures = self.failures(&queue, &candidates, &policy, account, &offers);
        Plan { offers, failures }
    }

    /// Those who wait and have not been told why. One that was told is left alone: the reasons of a thousand who wait are not
    /// looked for again at every step.
    fn failures(
        &self,
        queue: &[Request],
        candidates: &[Candidate],
        policy: &Policy,
        account: AccountId,
        offers: &[Offer],
    ) -> Vec<(CallId, Failed)> {
        let offered: HashSet<_> = offers.iter().map(|offer| offer.work).collect();
        let calls: HashMap<_, _> = self.calls(account).collect();
        let untold = queue.iter().filter(|request| !offered.contains(&request.work)).filter_map(|request| match request.work {
            Work::Call(id) if calls.get(&id).is_some_and(|call| call.unserved.is_none()) => Some((id, request)),
            _ => None,
        });
        untold.filter_map(|(id, request)| Some((id, route_one(request, candidates, policy, seed(account)).err()?.failed()))).collect()
    }

    /// What waits in an account, with the event since which nobody is asked.
    pub fn requests(&self, account: AccountId) -> Vec<(Request, EventId)> {
        let calls = self.calls(account).filter_map(|(id, call)| Some((call.request(id)?, call.free_since)));
        let chats = self.chats(account).filter_map(|(id, chat)| Some((chat.request(id)?, chat.free_since)));
        let mut all: Vec<_> = calls.chain(chats).collect();
        let previous = self.previous(account, all.iter().filter_map(|(request, _)| self.customer(account, request.work)).collect());
        for (request, _) in &mut all {
            let served = self.customer(account, request.work).and_then(|customer| previous.get(&customer).copied());
            request.previous = served.map(|(_, shopper)| shopper).filter(|shopper| !self.has_left(account, request.work, *shopper));
            if !request.declined.is_empty() {
                self.forgive(account, request);
            }
        }
        all
    }

    /// Who of the shop served these customers last, and the position at which that ended.
    fn previous(&self, account: AccountId, customers: HashSet<CustomerId>) -> HashMap<CustomerId, (i64, ShopperId)> {
        let mut previous = HashMap::new();
        if customers.is_empty() {
            return previous;
        }
        for (shopper, place) in self.shoppers(account) {
            for (customer, position) in place.served.iter().filter(|(customer, _)| customers.contains(customer)) {
                let latest = previous.entry(*customer).or_insert((*position, shopper));
                *latest = (*latest).max((*position, shopper));
            }
        }
        previous
    }

    fn customer(&self, account: AccountId, work: Work) -> Option<CustomerId> {
        match self.places.get(&(account, work.category(), work.id()))? {
            Place::Call(call) => Some(call.customer_id),
            Place::Chat(chat) => Some(chat.customer_id),
            _ => None,
        }
    }

    fn has_left(&self, account: AccountId, work: Work, shopper: ShopperId) -> bool {
        matches!(self.places.get(&(account, work.category(), work.id())), Some(Place::Chat(chat)) if chat.left == Some(shopper))
    }

    /// The event since which nobody is asked for a call that is not over.
    pub fn free_since(&self, account: AccountId, call: CallId) -> Option<EventId> {
        match self.places.get(&(account, Category::Call, call.0)) {
            Some(Place::Call(call)) => Some(call.free_since),
            _ => None,
        }
    }

    /// Who became available after declining may be asked again.
    fn forgive(&self, account: AccountId, request: &mut Request) {
        let Work::Call(id) = request.work else { return };
        let Some(Place::Call(call)) = self.places.get(&(account, Category::Call, id.0)) else { return };
        let shoppers: HashMap<_, _> = self.shoppers(account).filter(|(id, _)| request.declined.contains(id)).collect();
        request.declined.retain(|shopper| {
            let declined = call.declined.get(shopper).copied().unwrap_or_default();
            shoppers.get(shopper).is_some_and(|place| place.available_position < declined)
        });
    }

    /// The shoppers of an account as the router sees them.
    pub fn candidates(&self, account: AccountId, now: DateTime<Utc>) -> Vec<Candidate> {
        let mut loads: HashMap<ShopperId, Load> = HashMap::new();
        for (id, call) in self.calls(account) {
            let mut counted: Vec<_> = call.occupies().collect();
            counted.sort_unstable();
            counted.dedup();
            counted.into_iter().for_each(|shopper| loads.entry(shopper).or_default().add(Work::Call(id)));
        }
        for (id, chat) in self.chats(account) {
            chat.agents.iter().for_each(|shopper| loads.entry(*shopper).or_default().add(Work::Conversation(id)));
        }
        self.shoppers(account).map(|(id, shopper)| shopper.candidate(id, loads.get(&id).copied().unwrap_or_default(), now)).collect()
    }
}

/// What decides lots in an account: nothing that changes, since the work and the shopper are mixed in by the router.
fn seed(account: AccountId) -> u64 {
    account.0.as_u64_pair().1
}
