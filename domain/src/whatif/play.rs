//! The day, played: calls come when they came, shoppers are there when they were, and the router gives the ones to the others.
//!
//! From the moment at which who took a call could until they did, time went by in the log, too: that much passes here as well. A
//! call takes as long as it took; one that nobody took is given the length of another one, by lot.

use super::{
    day::{Day, Fate},
    figures::Figures,
    patience::Patience,
};
use crate::{
    ids::ShopperId,
    routing::{Candidate, Request, Work, route},
    shopper::Status,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

/// What happens at an instant; what frees comes before what takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Over(usize),
    Comes(usize),
    Asks(usize),
    GivesUp(usize),
    Goes(usize),
}

/// What is known of a customer beforehand.
struct Customer {
    /// From the moment at which who takes the call can until they do.
    hesitation: TimeDelta,
    length: TimeDelta,
    patience: Option<TimeDelta>,
}

/// Plays `day`, which may have been changed; what the customers are like is taken from the day as it was.
pub fn play(day: &Day, was: &Day, seed: u64) -> Figures {
    Game::new(day, customers(was, seed), seed).run()
}

struct Game<'a> {
    day: &'a Day,
    seed: u64,
    customers: Vec<Customer>,
    candidates: Vec<Candidate>,
    events: BinaryHeap<Reverse<(DateTime<Utc>, What)>>,
    /// In the order in which they asked.
    waiting: Vec<Request>,
    /// Which customer a request is of.
    asking: BTreeMap<Work, usize>,
    /// Which candidate a shopper is.
    standing: BTreeMap<ShopperId, usize>,
    /// Who has been given to whom.
    given: Vec<Option<usize>>,
    served: Vec<(TimeDelta, TimeDelta)>,
    left: usize,
}

impl<'a> Game<'a> {
    fn new(day: &'a Day, customers: Vec<Customer>, seed: u64) -> Self {
        let mut events = BinaryHeap::new();
        for (index, one) in day.demand.iter().enumerate() {
            events.push(Reverse((one.request.since, What::Asks(index))));
        }
        for (index, staff) in day.staff.iter().enumerate() {
            for span in &staff.there {
                events.push(Reverse((span.from, What::Comes(index))));
                events.push(Reverse((span.to, What::Goes(index))));
            }
        }
        let candidates = day.staff.iter().map(|staff| Candidate { status: Status::Offline, ..staff.candidate.clone() }).collect();
        Self {
            day,
            seed,
            customers,
            candidates,
            events,
            waiting: Vec::new(),
            asking: day.demand.iter().enumerate().map(|(index, one)| (one.request.work, index)).collect(),
            standing: day.staff.iter().enumerate().map(|(index, staff)| (staff.candidate.shopper_id, index)).collect(),
            given: vec![None; day.demand.len()],
            served: Vec::new(),
            left: 0,
        }
    }

    fn run(mut self) -> Figures {
        while let Some(Reverse((at, what))) = self.events.pop() {
            match what {
                What::Asks(customer) => {
                    self.waiting.push(self.day.demand[customer].request.clone());
                    if let Some(patience) = self.customers[customer].patience {
                        self.events.push(Reverse((self.day.demand[customer].request.since + patience, What::GivesUp(customer))));
                    }
                }
                What::GivesUp(customer) => self.left += usize::from(self.waits_no_more(self.day.demand[customer].request.work)),
                What::Over(customer) => self.free(customer),
                What::Comes(shopper) => self.candidates[shopper].status = Status::Available,
                What::Goes(shopper) => self.candidates[shopper].status = Status::Offline,
            }
            let is_last_of_instant = self.events.peek().is_none_or(|Reverse((next, _))| *next > at);
            if is_last_of_instant && !self.waiting.is_empty() {
                self.give(at);
            }
        }
        Figures::of(self.day, self.served, self.left)
    }

    /// Whether it did.
    fn waits_no_more(&mut self, work: Work) -> bool {
        let place = self.waiting.iter().position(|request| request.work == work);
        place.map(|place| self.waiting.remove(place)).is_some()
    }

    fn give(&mut self, at: DateTime<Utc>) {
        for assignment in route(&self.waiting, &self.candidates, &self.day.policy, self.seed).assignments {
            let (customer, shopper) = (self.asking[&assignment.work], self.standing[&assignment.shopper_id]);
            self.waits_no_more(assignment.work);
            self.given[customer] = Some(shopper);
            self.candidates[shopper].load.add(assignment.work);
            self.candidates[shopper].last_assigned = Some(at);
            let Customer { hesitation, length, patience } = self.customers[customer];
            let wait = at + hesitation - self.day.demand[customer].request.since;
            match patience.filter(|patience| *patience < wait) {
                Some(patience) => {
                    self.left += 1;
                    let gone = self.day.demand[customer].request.since + patience;
                    self.events.push(Reverse((gone.max(at), What::Over(customer))));
                }
                None => {
                    self.served.push((wait, length));
                    self.events.push(Reverse((at + hesitation + length, What::Over(customer))));
                }
            }
        }
    }

    fn free(&mut self, customer: usize) {
        let Some(shopper) = self.given[customer].take() else { return };
        let load = &mut self.candidates[shopper].load;
        match self.day.demand[customer].request.work {
            Work::Call(_) => load.calls = load.calls.saturating_sub(1),
            Work::Conversation(_) => load.conversations = load.conversations.saturating_sub(1),
        }
    }
}

/// What the customers of a day are like.
fn customers(was: &Day, seed: u64) -> Vec<Customer> {
    let took = took(was);
    let known: Vec<_> = took.iter().copied().flatten().collect();
    let patience = Patience::of(&was.demand, was.span.to);
    let mut customers = Vec::with_capacity(was.demand.len());
    for (one, took) in was.demand.iter().zip(took) {
        let lot = mixed(seed ^ one.request.work.id().as_u64_pair().1);
        let drawn = known.get((lot % known.len().max(1) as u64) as usize).copied();
        let (hesitation, length) = took.or(drawn).unwrap_or_default();
        // 53 bits of it, above 0 and at most 1.
        let share = ((mixed(lot) >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        let longest = crate::routing::after(was.policy.queue_wait_max_s, one.request.since).map(|end| end - one.request.since);
        let lasts = patience.lasts(one, share, was.span.to);
        let patience = match (lasts, longest) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        customers.push(Customer { hesitation, length, patience });
    }
    customers
}

/// Of each customer who was served: how long it took from the moment at which who took the call could until they did, and how long the
/// call took.
fn took(was: &Day) -> Vec<Option<(TimeDelta, TimeDelta)>> {
    let mut could: BTreeMap<ShopperId, Vec<DateTime<Utc>>> = BTreeMap::new();
    for staff in &was.staff {
        could.entry(staff.candidate.shopper_id).or_default().extend(staff.there.iter().map(|there| there.from));
    }
    for one in &was.demand {
        if let Fate::Served { by, span } = one.fate {
            could.entry(by).or_default().push(span.to);
        }
    }
    could.values_mut().for_each(|instants| instants.sort_unstable());
    let took = was.demand.iter().map(|one| {
        let Fate::Served { by, span } = one.fate else { return None };
        let instants = could.get(&by)?;
        let last = instants[..instants.partition_point(|instant| *instant <= span.from)].last();
        let since = last.map_or(one.request.since, |free| (*free).max(one.request.since));
        Some((span.from - since, span.length()))
    });
    took.collect()
}

/// SplitMix64's finalizer: neighbours in, strangers out.
fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
