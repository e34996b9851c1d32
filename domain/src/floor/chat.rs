//! A chat on the floor, until it is closed. Conversations that a call owns are not here: the call is.

use super::{Deadline, Kind, Moment, Stays};
use crate::{
    conversation::{ConversationEvent, Status},
    ids::{ConversationId, CustomerId, EventId, ShopperId},
    routing::{Policy, Request, Work, after},
    sla::Target,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is remembered of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPlace {
    /// The stream's version, as far as it is known; messages that were not looked at make it rise too.
    pub version: i64,
    /// Who it is with.
    pub customer_id: CustomerId,
    /// Where it stands.
    pub status: Status,
    /// Whether it waits for a first shopper: the customer began it, or all shoppers have left.
    pub waits: bool,
    /// Since when nobody takes part.
    pub since: DateTime<Utc>,
    /// Position of the event since which nobody takes part.
    pub position: i64,
    /// The event since which nobody takes part.
    pub free_since: EventId,
    /// Who takes part.
    pub agents: BTreeSet<ShopperId>,
    /// The events with which they joined.
    pub joined: Vec<(ShopperId, EventId)>,
    /// Who left it last: it is not given back to them for having served the customer before.
    pub left: Option<ShopperId>,
    /// Higher is served first.
    pub priority: i32,
    /// The department that answers; any when absent.
    pub department: Option<String>,
    /// What it takes to answer.
    pub expertise: Vec<String>,
    /// BCP 47 tag of the customer's language.
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// When somebody last wrote or did something.
    pub touched: DateTime<Utc>,
    /// What that was.
    pub touched_by: EventId,
    /// What was promised and is due: when, and the event that says so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub due: BTreeMap<Target, (DateTime<Utc>, EventId)>,
}

impl ChatPlace {
    pub(super) fn begin(moment: &Moment<'_>, event: &ConversationEvent) -> Option<Self> {
        let ConversationEvent::Opened(opened) = event else { return None };
        opened.call_id.is_none().then(|| Self {
            version: moment.version,
            customer_id: opened.customer_id,
            status: Status::InProgress,
            waits: true,
            since: moment.at,
            position: moment.position,
            free_since: moment.event_id,
            agents: BTreeSet::new(),
            joined: Vec::new(),
            left: None,
            priority: 0,
            department: opened.department.clone(),
            expertise: Vec::new(),
            language: opened.language.clone(),
            country: opened.country.clone(),
            touched: moment.at,
            touched_by: moment.event_id,
            due: BTreeMap::new(),
        })
    }

    pub(super) fn apply(&mut self, moment: &Moment<'_>, event: &ConversationEvent) -> Stays {
        if event.is_of_sla() {
            self.version = self.version.max(moment.version);
        } else {
            self.touch(moment.version, moment.at, moment.event_id);
        }
        match event {
            ConversationEvent::StatusChanged(changed) => self.status = changed.to,
            ConversationEvent::AgentJoined(joined) => {
                self.agents.insert(joined.shopper_id);
                self.joined.push((joined.shopper_id, moment.event_id));
            }
            ConversationEvent::AgentLeft(left) => {
                self.left = Some(left.shopper_id);
                self.agents.remove(&left.shopper_id);
                self.joined.retain(|(id, _)| *id != left.shopper_id);
                if self.agents.is_empty() {
                    (self.since, self.position, self.free_since) = (moment.at, moment.position, moment.event_id);
                }
            }
            ConversationEvent::PrioritySet(set) => self.priority = set.priority,
            ConversationEvent::DepartmentSet(set) => self.department.clone_from(&set.department),
            ConversationEvent::ExpertiseSet(set) => self.expertise.clone_from(&set.expertise),
            ConversationEvent::SlaClockStarted(started) => {
                self.due.insert(started.target, (started.due_at, moment.event_id));
            }
            ConversationEvent::SlaClockStopped(stopped) => drop(self.due.remove(&stopped.target)),
            ConversationEvent::SlaMet(met) => drop(self.due.remove(&met.target)),
            ConversationEvent::SlaBreached(breached) => drop(self.due.remove(&breached.target)),
            ConversationEvent::Closed(_) => return Stays::No,
            _ => {}
        }
        Stays::Yes
    }

    /// Something happened in it that need not be read to be known.
    pub(super) fn touch(&mut self, version: i64, at: DateTime<Utc>, by: EventId) {
        if version > self.version || at > self.touched {
            self.version = self.version.max(version);
            (self.touched, self.touched_by) = (at, by);
        }
    }

    /// What waits here for a shopper; one that needs help is on a list of its own, for every shopper (I07).
    pub(super) fn request(&self, id: ConversationId) -> Option<Request> {
        (self.waits && self.agents.is_empty() && self.status == Status::InProgress).then(|| Request {
            work: Work::Conversation(id),
            priority: self.priority,
            since: self.since,
            position: self.position,
            department: self.department.clone(),
            collections: Vec::new(),
            expertise: self.expertise.clone(),
            language: self.language.clone(),
            country: self.country.clone(),
            previous: None,
            declined: BTreeSet::new(),
        })
    }

    pub(super) fn deadlines(&self, policy: &Policy) -> Vec<Deadline> {
        let promised = self.due.values().map(|(at, cause)| Deadline { at: *at, kind: Kind::Sla, cause: *cause });
        let inactivity = after(policy.inactivity_close_s, self.touched);
        promised.chain(inactivity.map(|at| Deadline { at, kind: Kind::Inactivity, cause: self.touched_by })).collect()
    }
}
