//! A call on the floor, until it is over.

use super::{Deadline, Kind, Moment, Stays};
use crate::{
    call::{CallEvent, Opened, QueueReason, State},
    ids::{CallId, ConnectionId, ConversationId, CustomerId, EventId, ShopperId},
    routing::{Policy, Request, Why, Work, after},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something with an end, and the event that set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed<T> {
    /// What.
    pub what: T,
    /// When it ends.
    pub until: DateTime<Utc>,
    /// The event that set it.
    pub cause: EventId,
}

/// A connection that is there, as far as the log knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Online {
    /// Which one.
    pub connection: ConnectionId,
    /// The event that says so.
    pub cause: EventId,
    /// Where that stands in the log.
    pub position: i64,
}

impl Online {
    pub(super) fn since(moment: &Moment<'_>, connection: ConnectionId) -> Self {
        Self { connection, cause: moment.event_id, position: moment.position }
    }
}

/// What is remembered of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPlace {
    /// The stream's version.
    pub version: i64,
    /// Where it stands.
    pub state: State,
    /// Who it is for.
    pub customer_id: CustomerId,
    /// The conversation that it owns.
    pub conversation_id: ConversationId,
    /// Higher is served first.
    pub priority: i32,
    /// Collections asked for.
    pub collections: Vec<String>,
    /// BCP 47 tag of the customer's language.
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// When it first began to wait: who is put back into the queue keeps their place in it.
    pub since: DateTime<Utc>,
    /// Position of the event with which it first began to wait; 0 before.
    pub position: i64,
    /// When it last began to wait.
    pub queued_at: DateTime<Utc>,
    /// The event with which it last began to wait.
    pub queued: EventId,
    /// The event since which nobody is asked: its queuing, or the end of an offer.
    pub free_since: EventId,
    /// Who holds it.
    pub holder: Option<ShopperId>,
    /// Who takes part.
    pub participants: Vec<ShopperId>,
    /// The offer that stands.
    pub offer: Option<Timed<ShopperId>>,
    /// When the claim ends.
    pub start_by: Option<Timed<ShopperId>>,
    /// The begin of the appointment.
    pub appointment: Option<Timed<()>>,
    /// The customer's connection that is there.
    pub online: Option<Online>,
    /// The customer's connection that was lost, and the end of the grace.
    pub lost: Option<Timed<ConnectionId>>,
    /// Who declined it or let an offer pass, and at which position.
    pub declined: BTreeMap<ShopperId, i64>,
    /// Why the router found nobody, the last time it looked.
    pub unserved: Option<Why>,
}

impl CallPlace {
    pub(super) fn begin(moment: &Moment<'_>, event: &CallEvent) -> Option<Self> {
        let (CallEvent::Requested(opened) | CallEvent::Created(opened)) = event else { return None };
        Some(Self::opened(moment, opened))
    }

    fn opened(moment: &Moment<'_>, opened: &Opened) -> Self {
        Self {
            version: moment.version,
            state: State::Requested,
            customer_id: opened.customer_id,
            conversation_id: opened.conversation_id,
            priority: opened.priority,
            collections: opened.collections.clone(),
            language: opened.language.clone(),
            country: opened.country.clone(),
            since: moment.at,
            position: 0,
            queued_at: moment.at,
            queued: moment.event_id,
            free_since: moment.event_id,
            holder: None,
            participants: Vec::new(),
            offer: None,
            start_by: None,
            appointment: None,
            online: None,
            lost: None,
            declined: BTreeMap::new(),
            unserved: None,
        }
    }

    pub(super) fn apply(&mut self, moment: &Moment<'_>, event: &CallEvent) -> Stays {
        self.version = moment.version;
        let cause = moment.event_id;
        match event {
            CallEvent::Scheduled(scheduled) | CallEvent::Rescheduled(scheduled) => {
                self.state = State::Scheduled;
                self.appointment = Some(Timed { what: (), until: scheduled.starts_at, cause });
            }
            CallEvent::Queued(queued) => {
                if let (QueueReason::Released, Some(holder)) = (queued.reason, self.holder) {
                    self.declined.insert(holder, moment.position);
                }
                self.state = State::Waiting;
                if self.position == 0 {
                    self.position = moment.position;
                    // A customer whose shopper was lost has waited since the call was made, if it had no queue before it.
                    if queued.reason != QueueReason::ShopperLost {
                        self.since = moment.at;
                    }
                }
                (self.queued_at, self.queued, self.free_since) = (moment.at, cause, cause);
                (self.holder, self.offer, self.start_by, self.unserved) = (None, None, None, None);
                // Whoever came and waits has kept the appointment: the queue's rules hold from here.
                self.appointment = None;
                self.participants.clear();
            }
            CallEvent::Offered(offered) => {
                self.offer = Some(Timed { what: offered.shopper_id, until: offered.until, cause });
            }
            CallEvent::OfferDeclined(declined) | CallEvent::OfferExpired(declined) => {
                (self.offer, self.free_since) = (None, cause);
                self.declined.insert(declined.shopper_id, moment.position);
            }
            CallEvent::Claimed(claimed) => {
                self.state = State::Claimed;
                self.offer = None;
                self.start_by = claimed.start_by.map(|until| Timed { what: claimed.shopper_id, until, cause });
                self.hold(claimed.shopper_id);
            }
            CallEvent::ClaimExpired(expired) => {
                (self.holder, self.start_by) = (None, None);
                self.declined.insert(expired.shopper_id, moment.position);
            }
            CallEvent::Started(started) => {
                self.state = State::Live;
                self.start_by = None;
                self.hold(started.shopper_id);
            }
            CallEvent::ParticipantInvited(invited) => self.take_part(invited.shopper_id),
            CallEvent::Transferred(transferred) => {
                self.participants.retain(|id| *id != transferred.from);
                self.start_by = self.start_by.map(|claim| Timed { what: transferred.to, ..claim });
                self.hold(transferred.to);
            }
            CallEvent::Ended(_) => self.state = State::WrapUp,
            CallEvent::Finished(_) | CallEvent::Cancelled(_) => return Stays::No,
            CallEvent::RoutingDecided(_) => self.unserved = None,
            CallEvent::RoutingFailed(failed) => self.unserved = Some(failed.why),
            CallEvent::CustomerConnected(connected) => {
                (self.online, self.lost) = (Some(Online::since(moment, connected.connection_id)), None);
            }
            CallEvent::CustomerDisconnected(lost) => {
                self.online = None;
                self.lost = lost.until.map(|until| Timed { what: lost.connection_id, until, cause });
            }
            _ => {}
        }
        Stays::Yes
    }

    fn hold(&mut self, shopper_id: ShopperId) {
        self.holder = Some(shopper_id);
        self.take_part(shopper_id);
    }

    fn take_part(&mut self, shopper_id: ShopperId) {
        if !self.participants.contains(&shopper_id) {
            self.participants.push(shopper_id);
        }
    }

    /// Whose room it takes.
    pub fn occupies(&self) -> impl Iterator<Item = ShopperId> + '_ {
        self.offer.iter().map(|offer| offer.what).chain(self.participants.iter().copied())
    }

    /// What waits here for a shopper who can be asked; `None` when nothing does.
    pub(super) fn request(&self, id: CallId) -> Option<Request> {
        (self.state == State::Waiting && self.offer.is_none()).then(|| Request {
            work: Work::Call(id),
            priority: self.priority,
            since: self.since,
            position: self.position,
            department: None,
            collections: self.collections.clone(),
            expertise: Vec::new(),
            language: self.language.clone(),
            country: self.country.clone(),
            previous: None,
            declined: self.declined.keys().copied().collect(),
        })
    }

    pub(super) fn deadlines(&self, policy: &Policy) -> Vec<Deadline> {
        let mut due = Vec::new();
        let mut add = |at: Option<DateTime<Utc>>, kind, cause| due.extend(at.map(|at| Deadline { at, kind, cause }));
        if let Some(offer) = self.offer {
            add(Some(offer.until), Kind::Offer, offer.cause);
        }
        if let Some(claim) = self.start_by {
            add(Some(claim.until), Kind::Claim, claim.cause);
        }
        if let Some(lost) = self.lost.filter(|_| matches!(self.state, State::Waiting | State::Claimed | State::Live)) {
            add(Some(lost.until), Kind::CustomerGrace, lost.cause);
        }
        if let Some(appointment) = self.appointment.filter(|_| matches!(self.state, State::Scheduled | State::Claimed)) {
            add(after(policy.no_show_s, appointment.until), Kind::NoShow, appointment.cause);
        }
        if self.state == State::Waiting && self.offer.is_none() {
            add(after(policy.queue_wait_max_s, self.queued_at), Kind::QueueWait, self.queued);
        }
        due
    }
}
