//! A shopper on the floor, until they leave the shop.

use super::{
    Deadline, Kind, Moment, Stays,
    call::{Online, Timed},
};
use crate::{
    ids::{ConnectionId, CustomerId, EventId, ShopperId},
    routing::{Candidate, Hours, Load, Policy, Work, after},
    schedule::Schedule,
    shopper::{Detail, Profile, ShopperEvent, Status},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Customers that a shopper is remembered to have served, at most: some days of work, and a row stays a few kilobytes. Whoever
/// comes back later is served by whoever is free.
pub const SERVED_MAX: usize = 64;

/// What is remembered of a shopper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopperPlace {
    /// The stream's version.
    pub version: i64,
    /// Whether they can be given work.
    pub status: Status,
    /// Since when.
    pub status_since: DateTime<Utc>,
    /// The event that set the status.
    pub status_cause: EventId,
    /// Position of the event with which they last became available: what they declined before may be offered again.
    pub available_position: i64,
    /// Weekly hours; absent means always.
    pub schedule: Option<Schedule>,
    /// Since when these are the hours.
    pub schedule_since: DateTime<Utc>,
    /// Their own figure of conversations at once.
    pub max_concurrent: Option<u32>,
    /// Collections they are specialists of.
    pub collections: Vec<String>,
    /// Fields of expertise.
    pub expertise: Vec<String>,
    /// Departments they answer for.
    pub departments: Vec<String>,
    /// Languages spoken.
    pub languages: Vec<String>,
    /// Country they are in, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// What takes room by their own books, and the event that gave it. A list, since JSON has no keys of this kind.
    pub work: Vec<(Work, EventId)>,
    /// The customers they served last, and the position at which that ended, the newest last; at most [`SERVED_MAX`].
    pub served: Vec<(CustomerId, i64)>,
    /// When they were last given work.
    pub last_assigned: Option<DateTime<Utc>>,
    /// The connection that is there.
    pub online: Option<Online>,
    /// The connection that was lost, and the end of the grace.
    pub lost: Option<Timed<ConnectionId>>,
    /// When they last did something.
    pub active: DateTime<Utc>,
}

impl ShopperPlace {
    pub(super) fn begin(moment: &Moment<'_>, event: &ShopperEvent) -> Option<Self> {
        let ShopperEvent::Created(profile) = event else { return None };
        let mut place = Self {
            version: moment.version,
            status: Status::Offline,
            status_since: moment.at,
            status_cause: moment.event_id,
            available_position: 0,
            schedule: None,
            schedule_since: moment.at,
            max_concurrent: None,
            collections: Vec::new(),
            expertise: Vec::new(),
            departments: Vec::new(),
            languages: Vec::new(),
            country: None,
            work: Vec::new(),
            served: Vec::new(),
            last_assigned: None,
            online: None,
            lost: None,
            active: moment.at,
        };
        place.describe(profile);
        Some(place)
    }

    fn describe(&mut self, profile: &Profile) {
        let stays = |detail| !profile.cleared.contains(&detail);
        self.max_concurrent = profile.max_concurrent.or(self.max_concurrent.filter(|_| stays(Detail::MaxConcurrent)));
        self.country = profile.country.clone().or(self.country.take().filter(|_| stays(Detail::Country)));
        self.expertise = profile.expertise.clone().unwrap_or_else(|| std::mem::take(&mut self.expertise));
        self.departments = profile.departments.clone().unwrap_or_else(|| std::mem::take(&mut self.departments));
        self.languages = profile.languages.clone().unwrap_or_else(|| std::mem::take(&mut self.languages));
    }

    pub(super) fn apply(&mut self, moment: &Moment<'_>, event: &ShopperEvent) -> Stays {
        self.version = moment.version;
        match event {
            ShopperEvent::Created(profile) | ShopperEvent::Updated(profile) => self.describe(profile),
            ShopperEvent::CollectionsChanged(changed) => self.collections.clone_from(&changed.collections),
            ShopperEvent::ScheduleChanged(changed) => {
                (self.schedule, self.schedule_since) = (changed.schedule.clone(), moment.at);
            }
            ShopperEvent::StatusChanged(changed) => {
                (self.status, self.status_since, self.status_cause) = (changed.to, moment.at, moment.event_id);
                if changed.to == Status::Available {
                    self.available_position = moment.position;
                }
            }
            ShopperEvent::Connected(connected) => {
                (self.online, self.lost) = (Some(Online::since(moment, connected.connection_id)), None);
            }
            ShopperEvent::Disconnected(lost) => {
                self.online = None;
                self.lost = lost.until.map(|until| Timed { what: lost.connection_id, until, cause: moment.event_id });
            }
            ShopperEvent::Assigned(assigned) => {
                self.work.push((assigned.work, moment.event_id));
                self.last_assigned = Some(moment.at);
            }
            ShopperEvent::Freed(freed) => {
                self.work.retain(|(work, _)| *work != freed.work);
                self.active = self.active.max(moment.at);
                if let Some(customer) = freed.served {
                    self.has_served(customer, moment.position);
                }
            }
            ShopperEvent::Deleted(_) => return Stays::No,
        }
        Stays::Yes
    }

    fn has_served(&mut self, customer: CustomerId, position: i64) {
        self.served.retain(|(known, _)| *known != customer);
        if self.served.len() >= SERVED_MAX {
            self.served.remove(0);
        }
        self.served.push((customer, position));
    }

    /// Whether the weekly hours allow work at this instant.
    pub fn hours_at(&self, at: DateTime<Utc>) -> Hours {
        self.schedule.as_ref().map_or(Hours::Open, |schedule| schedule.open_at(at))
    }

    /// As the router sees them, with that much to do.
    pub(super) fn candidate(&self, shopper_id: ShopperId, load: Load, now: DateTime<Utc>) -> Candidate {
        Candidate {
            shopper_id,
            status: self.status,
            hours: self.hours_at(now),
            load,
            max_concurrent: self.max_concurrent,
            collections: self.collections.clone(),
            departments: self.departments.clone(),
            expertise: self.expertise.clone(),
            languages: self.languages.clone(),
            country: self.country.clone(),
            last_assigned: self.last_assigned,
        }
    }

    pub(super) fn deadlines(&self, policy: &Policy, now: DateTime<Utc>) -> Vec<Deadline> {
        let mut due = Vec::new();
        let mut add = |at: Option<DateTime<Utc>>, kind, cause| due.extend(at.map(|at| Deadline { at, kind, cause }));
        if self.status == Status::Offline {
            return due;
        }
        if let Some(lost) = self.lost {
            add(Some(lost.until), Kind::ShopperGrace, lost.cause);
        }
        if self.work.is_empty() {
            if self.status == Status::Available {
                add(after(policy.idle_after_s, self.active.max(self.status_since)), Kind::Idle, self.status_cause);
            }
            add(self.hours_end(), Kind::HoursEnd, self.status_cause);
        }
        let turn = self.schedule.as_ref().and_then(|schedule| schedule.next_change(now));
        add(turn, Kind::HoursTurn, self.status_cause);
        due
    }

    /// When the hours first end after the status was set: who is there outside of their hours stays until the next end.
    fn hours_end(&self) -> Option<DateTime<Utc>> {
        let schedule = self.schedule.as_ref()?;
        let change = schedule.next_change(self.status_since.max(self.schedule_since))?;
        if schedule.open_at(change) == Hours::Closed { Some(change) } else { schedule.next_change(change) }
    }
}
