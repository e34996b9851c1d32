//! The decision itself. A request costs one look at each shopper; when nobody has room any more, no further request is
//! looked at, so the length of the queue costs next to nothing.

use super::{Assignment, Candidate, Considered, Decision, Hours, Load, Lost, Policy, Request, Unserved, Wish, Work};
use crate::{ids::CallId, ids::ConversationId, shopper::Status};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What decides among eligible shoppers; the smallest is chosen. Load comes first, so no preference ever beats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    load: u32,
    /// Points that are missing to the best fit.
    misfit: u32,
    /// Who was never given work comes before everybody else.
    last_assigned: Option<DateTime<Utc>>,
    lot: u64,
}

/// Gives the waiting requests to the shoppers: by priority, then the oldest first. The same input has the same decision.
pub fn route(queue: &[Request], shoppers: &[Candidate], policy: &Policy, seed: u64) -> Decision {
    let mut order: Vec<&Request> = queue.iter().collect();
    order.sort_by_key(|request| (std::cmp::Reverse(request.priority), request.since, request.position, request.work));
    let mut floor = Floor::new(shoppers, policy, seed);
    let mut decision = Decision::default();
    for request in order {
        if !floor.may_have_room(request.work) && !floor.shoppers.is_empty() {
            decision.not_reached += 1;
            continue;
        }
        match floor.choose(request) {
            Ok(assignment) => decision.assignments.push(assignment),
            Err(unserved) => decision.unserved.push(unserved),
        }
    }
    decision
}

/// Why nobody can take this request now, or who would; looks at it even when nobody has room.
///
/// # Errors
/// [`Unserved`] when nobody can.
pub fn route_one(request: &Request, shoppers: &[Candidate], policy: &Policy, seed: u64) -> Result<Assignment, Unserved> {
    Floor::new(shoppers, policy, seed).choose(request)
}

/// The shoppers while a decision is being made.
struct Floor<'a> {
    shoppers: Vec<(&'a Candidate, Load)>,
    policy: &'a Policy,
    seed: u64,
    /// Shoppers at work who still have room for a call, and for a chat.
    room: (usize, usize),
}

impl<'a> Floor<'a> {
    fn new(shoppers: &'a [Candidate], policy: &'a Policy, seed: u64) -> Self {
        let shoppers = shoppers.iter().map(|shopper| (shopper, shopper.load)).collect();
        let mut floor = Self { shoppers, policy, seed, room: (0, 0) };
        let rooms = floor.shoppers.iter().map(|(shopper, load)| floor.room_of(shopper, *load));
        floor.room = rooms.fold((0, 0), |sum, room| (sum.0 + room.0, sum.1 + room.1));
        floor
    }

    /// 1 where there is room for a call, 1 where there is room for a chat.
    fn room_of(&self, shopper: &Candidate, load: Load) -> (usize, usize) {
        if absent(shopper).is_some() {
            return (0, 0);
        }
        let limits = shopper.limits(self.policy);
        let has = |work| usize::from(load.has_room(work, limits));
        (has(Work::Call(CallId(Uuid::nil()))), has(Work::Conversation(ConversationId(Uuid::nil()))))
    }

    fn may_have_room(&self, work: Work) -> bool {
        match work {
            Work::Call(_) => self.room.0 > 0,
            Work::Conversation(_) => self.room.1 > 0,
        }
    }

    /// Finds the one who takes the request, and counts it as theirs.
    fn choose(&mut self, request: &Request) -> Result<Assignment, Unserved> {
        let department = self.binding(request);
        let standing = |(shopper, load): &(&'a Candidate, Load)| self.standing(request, department, shopper, *load);
        let standings: Vec<_> = self.shoppers.iter().map(standing).collect();
        let best = standings.iter().enumerate().filter_map(|(at, standing)| standing.ok().map(|rank| (rank, at))).min();
        let Some((winner, chosen)) = best else {
            let mut reasons = BTreeMap::new();
            for lost in standings.into_iter().filter_map(Result::err) {
                *reasons.entry(lost).or_default() += 1;
            }
            return Err(Unserved::of(request.work, reasons));
        };
        let losers = standings.into_iter().zip(&self.shoppers).enumerate().filter(|(at, _)| *at != chosen);
        let considered = losers.map(|(_, (standing, (shopper, _)))| Considered {
            shopper_id: shopper.shopper_id,
            lost: standing.map_or_else(|lost| lost, |rank| winner.beats(rank)),
        });
        let considered = considered.collect();
        self.take(chosen, request.work);
        Ok(Assignment { work: request.work, shopper_id: self.shoppers[chosen].0.shopper_id, considered })
    }

    fn take(&mut self, chosen: usize, work: Work) {
        let (shopper, load) = self.shoppers[chosen];
        let mut more = load;
        more.add(work);
        let (before, after) = (self.room_of(shopper, load), self.room_of(shopper, more));
        self.room = (self.room.0 - before.0 + after.0, self.room.1 - before.1 + after.1);
        self.shoppers[chosen].1 = more;
    }

    /// The department whose shoppers alone are asked: none where nobody answers for it.
    fn binding<'r>(&self, request: &'r Request) -> Option<&'r String> {
        request.department.as_ref().filter(|wanted| self.shoppers.iter().any(|(shopper, _)| shopper.departments.contains(wanted)))
    }

    /// Where the shopper stands for this request, or what holds them back.
    fn standing(&self, request: &Request, department: Option<&String>, shopper: &Candidate, load: Load) -> Result<Rank, Lost> {
        if let Some(lost) = absent(shopper) {
            return Err(lost);
        }
        if department.is_some_and(|wanted| !shopper.departments.contains(wanted)) {
            return Err(Lost::LacksDepartment);
        }
        let has_all = |wanted: &[String], has: &[String]| wanted.iter().all(|one| has.contains(one));
        if self.policy.collections == Wish::Required && !has_all(&request.collections, &shopper.collections) {
            return Err(Lost::LacksCollection);
        }
        if self.policy.expertise == Wish::Required && !has_all(&request.expertise, &shopper.expertise) {
            return Err(Lost::LacksExpertise);
        }
        if request.declined.contains(&shopper.shopper_id) {
            return Err(Lost::Declined);
        }
        if !load.has_room(request.work, shopper.limits(self.policy)) {
            return Err(Lost::NoRoom);
        }
        let lot = mixed(self.seed ^ mixed(folded(request.work.id())) ^ folded(shopper.shopper_id.0));
        Ok(Rank { load: load.total(), misfit: BEST_FIT - fit(request, shopper), last_assigned: shopper.last_assigned, lot })
    }
}

impl Rank {
    /// Why the other one loses against this.
    fn beats(self, other: Self) -> Lost {
        if other.load > self.load {
            Lost::MoreLoad
        } else if other.misfit > self.misfit {
            Lost::FitsLess
        } else if other.last_assigned > self.last_assigned {
            Lost::ServedLater
        } else {
            Lost::Lot
        }
    }
}

fn absent(shopper: &Candidate) -> Option<Lost> {
    match (shopper.status, shopper.hours) {
        (Status::Available, Hours::Open) => None,
        (Status::Available, Hours::Closed) => Some(Lost::OutsideHours),
        _ => Some(Lost::NotAvailable),
    }
}

/// Points of a shopper who fits in everything.
const BEST_FIT: u32 = 64 + 32 + 2 * 8 + 2 * 2 + 1;

/// How well a shopper fits: who served the customer before, then the language, then expertise, collections, country. A part
/// further down never outweighs one further up.
fn fit(request: &Request, shopper: &Candidate) -> u32 {
    let served_before = u32::from(request.previous == Some(shopper.shopper_id));
    let speaks =
        u32::from(request.language.as_ref().is_some_and(|wanted| shopper.languages.iter().any(|spoken| same_language(wanted, spoken))));
    let compatriot = u32::from(request.country.is_some() && request.country == shopper.country);
    let expertise = overlap(&request.expertise, &shopper.expertise);
    let collections = overlap(&request.collections, &shopper.collections);
    // Expertise and collections count 0 (nothing), 1 (some) or 2 (everything that is asked for).
    served_before * 64 + speaks * 32 + expertise * 8 + collections * 2 + compatriot
}

fn overlap(wanted: &[String], has: &[String]) -> u32 {
    match wanted.iter().filter(|one| has.contains(one)).count() {
        0 => 0,
        n if n == wanted.len() => 2,
        _ => 1,
    }
}

/// `es-PE` and `es` are one language to a person.
fn same_language(one: &str, other: &str) -> bool {
    let primary = |tag: &str| tag.split_once('-').map_or(tag.len(), |(language, _)| language.len());
    one[..primary(one)].eq_ignore_ascii_case(&other[..primary(other)])
}

fn folded(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    high ^ low.rotate_left(32)
}

/// SplitMix64's finalizer: neighbours in, strangers out.
fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
