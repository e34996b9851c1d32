//! Goes through the log of a day event by event, and knows nothing but the rules: who holds what, what may fire when, and
//! how much a shopper may have. Shares no code with the floor's fold.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use vitrina_domain::{
    account::AccountEvent,
    actor::Actor,
    call::{CallEvent, CancelReason},
    conversation::{CloseReason, ConversationEvent},
    event::Event,
    ids::{CommandId, ConnectionId, ShopperId},
    routing::{CallLoad, Limits, Load, Policy, Work},
    shopper::{ShopperEvent, Status, StatusCause},
    sla::Target,
};
use vitrina_eventlog::{Decoded, EventLog, Position};

/// What was seen, so that a simulation in which nothing happens is noticed.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<&'static str, u64>);

/// What a day's worth of days must show.
const EXPECTED: [&str; 15] = [
    "offered",
    "offer accepted",
    "offer declined",
    "offer expired",
    "claimed by hand",
    "claim expired",
    "abandoned in queue",
    "no show",
    "waited too long",
    "idle",
    "hours ended",
    "shopper lost",
    "closed for inactivity",
    "promise kept",
    "promise broken",
];

impl Told {
    pub fn add(&mut self, other: &Self) {
        other.0.iter().for_each(|(what, count)| *self.0.entry(what).or_default() += count);
    }

    pub fn counts(&self) -> Vec<(&'static str, &u64)> {
        EXPECTED.iter().map(|what| (*what, self.0.get(what).unwrap_or(&0))).collect()
    }

    fn saw(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

#[derive(Default)]
struct Call {
    stage: &'static str,
    holder: Option<ShopperId>,
    offer: Option<(ShopperId, DateTime<Utc>)>,
    start_by: Option<DateTime<Utc>>,
    starts_at: Option<DateTime<Utc>>,
    queued_at: Option<DateTime<Utc>>,
    socket: Option<(ConnectionId, Option<DateTime<Utc>>)>,
}

#[derive(Default)]
struct Shopper {
    status: Status,
    since: DateTime<Utc>,
    active: DateTime<Utc>,
    work: Vec<Work>,
    socket: Option<(ConnectionId, Option<DateTime<Utc>>)>,
}

struct Auditor {
    seed: u64,
    policy: Policy,
    calls: BTreeMap<Uuid, Call>,
    shoppers: BTreeMap<Uuid, Shopper>,
    written: BTreeMap<Uuid, DateTime<Utc>>,
    closed: BTreeSet<Uuid>,
    /// What was promised of a chat and is due.
    due: BTreeMap<(Uuid, Target), DateTime<Utc>>,
    /// The command with which somebody last joined a chat.
    joined: BTreeMap<Uuid, CommandId>,
    /// The command of the last offer that expired: it makes its shopper away too.
    expired: Option<CommandId>,
    told: Told,
}

/// Checks every event of the log, and that nothing is left that was due by then.
pub async fn audit(log: &EventLog, seed: u64, until: DateTime<Utc>) -> Told {
    let mut auditor = Auditor {
        seed,
        policy: Policy::default(),
        calls: BTreeMap::new(),
        shoppers: BTreeMap::new(),
        written: BTreeMap::new(),
        closed: BTreeSet::new(),
        due: BTreeMap::new(),
        joined: BTreeMap::new(),
        expired: None,
        told: Told::default(),
    };
    let mut after = Position::ZERO;
    loop {
        let events = log.read(after, 1_000).await.expect("the log is read");
        let Some(last) = events.last() else {
            assert!(auditor.due.values().all(|due_at| *due_at > until), "seed {seed}: what is late is told: {:?}", auditor.due);
            return auditor.told;
        };
        after = last.position;
        for event in log.decode(events).await.expect("the events are known") {
            auditor.look(&event);
        }
    }
}

impl Auditor {
    fn look(&mut self, event: &Decoded) {
        let (id, at) = (event.recorded.stream.id, event.recorded.occurred_at);
        if let Actor::Shopper(shopper) = &event.recorded.actor
            && let Some(shopper) = self.shoppers.get_mut(&shopper.0)
        {
            shopper.active = at;
        }
        match &event.event {
            Event::Account(AccountEvent::SettingsChanged(changed)) => {
                self.policy = changed.routing.clone().unwrap_or_else(|| self.policy.clone());
            }
            Event::Call(call) => self.call(event, id, at, call),
            Event::Shopper(shopper) => self.shopper(event, id, at, shopper),
            Event::Conversation(chat) => self.chat(event, id, at, chat),
            _ => {}
        }
    }

    fn must(&self, holds: bool, event: &Decoded, rule: &str) {
        assert!(holds, "seed {}, position {}: {rule}: {:?}", self.seed, event.recorded.position, event.event);
    }

    fn call(&mut self, event: &Decoded, id: Uuid, at: DateTime<Utc>, happened: &CallEvent) {
        let mut call = self.calls.remove(&id).unwrap_or_default();
        let is_timer = event.recorded.actor == Actor::System("deadlines".into());
        match happened {
            CallEvent::Queued(_) => {
                self.must(call.stage != "over", event, "what is over does not wait");
                (call.stage, call.holder, call.offer, call.start_by) = ("waiting", None, None, None);
                // Who came and waits has kept the appointment.
                (call.queued_at, call.starts_at) = (Some(at), None);
            }
            CallEvent::Scheduled(scheduled) | CallEvent::Rescheduled(scheduled) => call.starts_at = Some(scheduled.starts_at),
            CallEvent::Offered(offered) => {
                self.must(call.stage == "waiting" && call.offer.is_none(), event, "one offer at a time, to one who waits");
                call.offer = Some((offered.shopper_id, offered.until));
                self.told.saw("offered");
            }
            CallEvent::OfferDeclined(declined) => {
                self.must(call.offer.is_some_and(|(asked, _)| asked == declined.shopper_id), event, "who was asked declines");
                call.offer = None;
                self.told.saw("offer declined");
            }
            CallEvent::OfferExpired(expired) => {
                let (asked, until) = call.offer.expect("an offer stood");
                self.must(asked == expired.shopper_id && until <= at && is_timer, event, "an offer expires at its end, once");
                (call.offer, self.expired) = (None, Some(event.recorded.command_id));
                self.told.saw("offer expired");
            }
            CallEvent::Claimed(claimed) => {
                self.must(call.holder.is_none() && call.stage != "over", event, "a claim is exclusive");
                let accepted = call.offer.is_some_and(|(asked, _)| asked == claimed.shopper_id);
                self.told.saw(if accepted { "offer accepted" } else { "claimed by hand" });
                (call.stage, call.offer, call.holder, call.start_by) = ("claimed", None, Some(claimed.shopper_id), claimed.start_by);
            }
            CallEvent::ClaimExpired(expired) => {
                let in_time = call.start_by.is_some_and(|start_by| start_by <= at);
                self.must(
                    call.stage == "claimed" && in_time && call.holder == Some(expired.shopper_id),
                    event,
                    "a claim expires at its end, once",
                );
                self.told.saw("claim expired");
            }
            CallEvent::Started(_) => {
                self.must(call.stage == "claimed", event, "what is claimed starts");
                (call.stage, call.start_by) = ("live", None);
            }
            CallEvent::Transferred(transferred) => {
                self.must(call.holder == Some(transferred.from), event, "its holder hands it on");
                call.holder = Some(transferred.to);
            }
            CallEvent::Finished(_) => {
                self.must(call.holder.is_some() && call.stage != "over", event, "what was held is finished, once");
                call.stage = "over";
            }
            CallEvent::Cancelled(cancelled) => {
                self.must(call.stage != "over", event, "what is over is not cancelled");
                if is_timer {
                    self.cancelled_by_time(event, &call, at, cancelled.reason);
                }
                call.stage = "over";
            }
            CallEvent::CustomerConnected(connected) => call.socket = Some((connected.connection_id, None)),
            CallEvent::CustomerDisconnected(lost) => {
                self.must(call.socket == Some((lost.connection_id, None)), event, "the newest connection is lost");
                call.socket = Some((lost.connection_id, lost.until));
            }
            _ => {}
        }
        self.calls.insert(id, call);
    }

    fn cancelled_by_time(&mut self, event: &Decoded, call: &Call, at: DateTime<Utc>, reason: CancelReason) {
        let gone = call.socket.is_some_and(|(_, until)| until.is_some_and(|until| until <= at));
        let no_show = TimeDelta::seconds(self.policy.no_show_s.into());
        let missed = call.starts_at.is_some_and(|starts_at| starts_at + no_show <= at);
        let patience = TimeDelta::seconds(self.policy.queue_wait_max_s.into());
        match reason {
            CancelReason::AbandonedInQueue => {
                self.must(call.stage == "waiting" && gone, event, "who is gone for the whole grace has abandoned the queue");
                self.told.saw("abandoned in queue");
            }
            CancelReason::NoShowCustomer | CancelReason::NoShowShopper => {
                self.must(missed || (call.stage == "claimed" && gone), event, "nobody came in time");
                self.told.saw("no show");
            }
            CancelReason::NoAgent => {
                let waited = call.queued_at.is_some_and(|since| since + patience <= at);
                self.must(call.stage == "waiting" && waited && self.policy.queue_wait_max_s > 0, event, "who waited too long is told");
                self.told.saw("waited too long");
            }
            other => self.must(false, event, &format!("a timer does not cancel with {other:?}")),
        }
    }

    fn shopper(&mut self, event: &Decoded, id: Uuid, at: DateTime<Utc>, happened: &ShopperEvent) {
        let mut shopper = self.shoppers.remove(&id).unwrap_or_default();
        let timer = event.recorded.actor == Actor::System("deadlines".into());
        match happened {
            ShopperEvent::StatusChanged(changed) => {
                match changed.cause {
                    StatusCause::IdleTimeout if self.expired != Some(event.recorded.command_id) => {
                        let idle = TimeDelta::seconds(self.policy.idle_after_s.into());
                        let long = shopper.active.max(shopper.since) + idle <= at;
                        self.must(timer && long && shopper.work.is_empty(), event, "who did nothing for long is away");
                        self.told.saw("idle");
                    }
                    StatusCause::Schedule => {
                        self.must(timer && shopper.work.is_empty(), event, "hours end, and never in the middle of work");
                        self.told.saw("hours ended");
                    }
                    StatusCause::Disconnect => {
                        let gone = shopper.socket.is_some_and(|(_, until)| until.is_some_and(|until| until <= at));
                        self.must(timer && gone, event, "who is gone for the whole grace is offline");
                        self.told.saw("shopper lost");
                    }
                    _ => {}
                }
                (shopper.status, shopper.since) = (changed.to, at);
            }
            ShopperEvent::Connected(connected) => shopper.socket = Some((connected.connection_id, None)),
            ShopperEvent::Disconnected(lost) => shopper.socket = Some((lost.connection_id, lost.until)),
            ShopperEvent::Assigned(assigned) => {
                self.must(!shopper.work.contains(&assigned.work), event, "nobody is given the same work twice");
                if event.recorded.actor == Actor::System("routing".into()) && self.was_given(assigned.work, event) {
                    let mut load = Load::default();
                    shopper.work.iter().for_each(|work| load.add(*work));
                    let call = if self.policy.call_takes_all { CallLoad::TakesAll } else { CallLoad::TakesOne };
                    let limits = Limits { concurrent: self.policy.max_concurrent, call };
                    self.must(load.has_room(assigned.work, limits), event, "nobody is given more than they may have");
                    self.must(shopper.status == Status::Available, event, "only who is available is given work");
                }
                shopper.work.push(assigned.work);
            }
            ShopperEvent::Freed(freed) => {
                self.must(shopper.work.contains(&freed.work), event, "what was entered is struck out, once");
                shopper.work.retain(|work| *work != freed.work);
            }
            _ => {}
        }
        self.shoppers.insert(id, shopper);
    }

    /// Whether the router gave it, and did not just put the book right after a chat was joined by hand.
    fn was_given(&self, work: Work, event: &Decoded) -> bool {
        match work {
            Work::Call(call) => self.calls.get(&call.0).is_some_and(|call| call.offer.is_some()),
            Work::Conversation(chat) => self.joined.get(&chat.0) == Some(&event.recorded.command_id),
        }
    }

    fn chat(&mut self, event: &Decoded, id: Uuid, at: DateTime<Utc>, happened: &ConversationEvent) {
        if let ConversationEvent::Closed(closed) = happened {
            assert!(self.closed.insert(id), "seed {}: a chat is closed once", self.seed);
            if closed.reason == CloseReason::Inactivity {
                let long = self.written[&id] + TimeDelta::seconds(self.policy.inactivity_close_s.into()) <= at;
                assert!(long, "seed {}: a chat is closed when nobody wrote for long", self.seed);
                self.told.saw("closed for inactivity");
            }
        }
        if let ConversationEvent::AgentJoined(_) = happened {
            self.joined.insert(id, event.recorded.command_id);
        }
        match happened {
            ConversationEvent::SlaClockStarted(started) => {
                let is_first = self.due.insert((id, started.target), started.due_at).is_none();
                self.must(is_first, event, "one clock for each thing that is due");
            }
            ConversationEvent::SlaClockStopped(stopped) => drop(self.due.remove(&(id, stopped.target))),
            ConversationEvent::SlaMet(met) => {
                let in_time = self.due.remove(&(id, met.target)).is_some_and(|due_at| at < due_at);
                self.must(in_time, event, "what is met was due and is in time");
                self.told.saw("promise kept");
            }
            ConversationEvent::SlaBreached(breached) => {
                let late = self.due.remove(&(id, breached.target)).is_some_and(|due_at| due_at <= at);
                self.must(late, event, "what is late was due, and is told once");
                self.told.saw("promise broken");
            }
            ConversationEvent::SlaSettled(_) => self.due.retain(|(chat, _), _| *chat != id),
            _ => {}
        }
        if !happened.is_of_sla() {
            self.written.insert(id, at);
        }
    }
}
