//! The fold of an account's events into one day of its floor.

use super::day::{Day, Demand, Fate, Span, Staff};
use crate::{
    account::AccountEvent,
    call::{CallEvent, Opened},
    event::Event,
    ids::{CallId, ShopperId},
    routing::{Candidate, Hours, Load, Policy, Request, Work},
    shopper::{Profile, ShopperEvent, Status},
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A shopper of whom nothing is known.
pub(super) fn nobody_yet(shopper_id: ShopperId) -> Candidate {
    Candidate {
        shopper_id,
        status: Status::Offline,
        hours: Hours::Open,
        load: Load::default(),
        max_concurrent: None,
        collections: Vec::new(),
        departments: Vec::new(),
        expertise: Vec::new(),
        languages: Vec::new(),
        country: None,
        last_assigned: None,
    }
}

/// A shopper on the way through the events.
struct Seen {
    candidate: Candidate,
    since: Option<DateTime<Utc>>,
    there: Vec<Span>,
}

/// What has been read.
pub struct Past {
    span: Span,
    opened: BTreeMap<CallId, Opened>,
    asked: BTreeMap<CallId, Demand>,
    shoppers: BTreeMap<ShopperId, Seen>,
    policy: Policy,
}

impl Past {
    /// Nothing yet, of this day. Events are taken from the account's first one on, since only they tell who is there in the morning.
    pub fn new(span: Span) -> Self {
        Self { span, opened: BTreeMap::new(), asked: BTreeMap::new(), shoppers: BTreeMap::new(), policy: Policy::default() }
    }

    /// Whether events of this type say something; the others need not be decoded.
    pub fn wants(event_type: &str) -> bool {
        let of_calls = ["requested", "created", "queued", "claimed", "claim_expired", "transferred", "ended", "finished", "cancelled"];
        match event_type.split_once('.') {
            Some(("call", what)) => of_calls.contains(&what),
            Some(("shopper", what)) => !["connected", "disconnected", "assigned", "freed", "schedule_changed"].contains(&what),
            Some(("settings", "changed")) => true,
            _ => false,
        }
    }

    /// The next event, with when it happened, its position, and the id of its stream.
    pub fn take(&mut self, at: DateTime<Utc>, position: i64, id: Uuid, event: &Event) {
        match event {
            Event::Account(AccountEvent::SettingsChanged(changed)) if at < self.span.to => {
                self.policy = changed.routing.clone().unwrap_or_else(|| self.policy.clone());
            }
            Event::Shopper(event) => self.of_shopper(at, ShopperId(id), event),
            Event::Call(event) => self.of_call(at, position, CallId(id), event),
            _ => {}
        }
    }

    fn shopper(&mut self, who: ShopperId) -> &mut Seen {
        self.shoppers.entry(who).or_insert_with(|| Seen { candidate: nobody_yet(who), since: None, there: Vec::new() })
    }

    fn of_shopper(&mut self, at: DateTime<Utc>, who: ShopperId, event: &ShopperEvent) {
        let seen = self.shopper(who);
        match event {
            ShopperEvent::Created(profile) | ShopperEvent::Updated(profile) => known(&mut seen.candidate, profile),
            ShopperEvent::CollectionsChanged(changed) => seen.candidate.collections.clone_from(&changed.collections),
            ShopperEvent::StatusChanged(changed) => match changed.to {
                Status::Available | Status::Busy => drop(seen.since.get_or_insert(at)),
                Status::Away | Status::Offline => leaves(seen, at),
            },
            ShopperEvent::Deleted(_) => leaves(seen, at),
            _ => {}
        }
    }

    fn of_call(&mut self, at: DateTime<Utc>, position: i64, call: CallId, event: &CallEvent) {
        if let CallEvent::Requested(opened) | CallEvent::Created(opened) = event {
            self.opened.insert(call, opened.clone());
        }
        let end = self.span.to;
        match (event, self.asked.get_mut(&call)) {
            (CallEvent::Queued(_), None) if self.span.contains(at) => {
                let request = request(call, self.opened.get(&call), at, position);
                self.asked.insert(call, Demand { request, fate: Fate::Waiting });
            }
            (CallEvent::Claimed(claimed), Some(demand)) if demand.fate == Fate::Waiting => {
                demand.fate = Fate::Served { by: claimed.shopper_id, span: Span { from: at, to: end.max(at) } };
            }
            (CallEvent::Cancelled(_), Some(demand)) if demand.fate == Fate::Waiting => demand.fate = Fate::Left { at },
            // Given back: whoever takes it then goes on with what was begun, and is not told apart.
            (
                CallEvent::ClaimExpired(_) | CallEvent::Ended(_) | CallEvent::Finished(_) | CallEvent::Cancelled(_),
                Some(Demand { fate: Fate::Served { span, .. }, .. }),
            ) => span.to = at,
            _ => {}
        }
        if matches!(event, CallEvent::Finished(_) | CallEvent::Cancelled(_)) {
            self.opened.remove(&call);
        }
    }

    /// The day.
    pub fn day(mut self) -> Day {
        let span = self.span;
        for demand in self.asked.values() {
            if let Fate::Served { by, span } = demand.fate {
                self.shoppers
                    .entry(by)
                    .or_insert_with(|| Seen { candidate: nobody_yet(by), since: None, there: Vec::new() })
                    .there
                    .push(span);
            }
        }
        let staff = self.shoppers.into_values().filter_map(|mut seen| {
            leaves(&mut seen, span.to);
            let within = seen.there.into_iter().map(|one| Span { from: one.from.max(span.from), to: one.to.min(span.to) });
            let there = Span::joined(within.collect());
            (!there.is_empty()).then_some(Staff { candidate: seen.candidate, there })
        });
        let mut demand: Vec<_> = self.asked.into_values().collect();
        demand.sort_by_key(|one| (one.request.since, one.request.position));
        Day { span, demand, staff: staff.collect(), policy: self.policy }
    }
}

fn leaves(seen: &mut Seen, at: DateTime<Utc>) {
    if let Some(since) = seen.since.take() {
        seen.there.push(Span { from: since, to: at });
    }
}

fn known(candidate: &mut Candidate, profile: &Profile) {
    let set = |to: &mut Vec<String>, from: &Option<Vec<String>>| {
        if let Some(from) = from {
            to.clone_from(from);
        }
    };
    set(&mut candidate.languages, &profile.languages);
    set(&mut candidate.expertise, &profile.expertise);
    set(&mut candidate.departments, &profile.departments);
    candidate.max_concurrent = profile.max_concurrent.or(candidate.max_concurrent);
    candidate.country = profile.country.clone().or(candidate.country.take());
}

fn request(call: CallId, opened: Option<&Opened>, since: DateTime<Utc>, position: i64) -> Request {
    Request {
        work: Work::Call(call),
        priority: opened.map_or(0, |opened| opened.priority),
        since,
        position,
        department: None,
        collections: opened.map(|opened| opened.collections.clone()).unwrap_or_default(),
        expertise: Vec::new(),
        language: opened.and_then(|opened| opened.language.clone()),
        country: opened.and_then(|opened| opened.country.clone()),
        previous: None,
        declined: BTreeSet::new(),
    }
}
