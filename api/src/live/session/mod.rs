//! One connection's side of the protocol, whatever carries it: what it follows, what it is sent, whether it may go on.
//!
//! It owns no buffer while nothing happens: thousands of idle ones cost a few kilobytes each.

mod admission;
mod errands;

use super::{
    catch_up::{CatchUp, Page, Reached},
    media::{self, About, Asked},
    outbox::{Item, SLOTS_MAX, Slot, Slots, Stay},
    presence::{self, There},
    protocol::{Out, Said, Says},
    registry::{Connection, Entry, Joined},
    signals::{Allowance, Verdict},
    topic::{Audience, Interest, Topic},
};
use crate::{
    auth::{caller::Caller, customer_token::Claims},
    error::{ApiError, Code, RETRY_SOON_S, Result},
    limits::Payer,
    wiring::State,
};
use actix_web::web;
pub(crate) use admission::Words;
pub(super) use admission::caller_of;
use admission::{expiry, must_be_admitted};
use chrono::{DateTime, Utc};
use errands::{Finished, Work};
use std::{collections::VecDeque, sync::Arc, time::Instant};
use uuid::Uuid;
use vitrina_domain::{actor::Actor, stream::Category};
use vitrina_eventlog::{Position, Signal};

/// Conversations remembered as following the customer's own: who comes back to an earlier one is looked at again.
const CONTINUED_MAX: usize = 8;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The credential holds no more.
    Revoked,
    /// The server goes down.
    GoingAway,
    /// It did not take in time what is said once.
    TooSlow,
}

struct Subscription {
    id: Box<str>,
    topic: Topic,
    key: Option<Uuid>,
    /// Where it begins, until the client has been told that it follows this.
    untold: Option<Position>,
    phase: Phase,
}

enum Phase {
    /// A page is to be read.
    CatchingUp(Box<CatchUp>),
    /// A page is being read.
    Reading,
    /// Events come through the registry.
    Live,
}

/// A connection whose caller is known.
pub(crate) struct Session {
    state: web::Data<State>,
    words: Words,
    caller: Caller,
    token: Box<str>,
    /// When the credential ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    connection: Arc<Connection>,
    subscriptions: Vec<Option<Subscription>>,
    /// Read or looked up beside the connection, one thing at a time.
    work: Option<Work>,
    finished: Option<Box<Finished>>,
    recheck: Option<Position>,
    /// What was asked about a call's media and is not answered yet.
    asked: VecDeque<Asked>,
    allowance: Allowance,
    /// Conversations that were seen to follow the customer's own.
    continued: Vec<Uuid>,
    /// The person whom this connection shows to be there.
    there: Option<There>,
}

impl Session {
    /// Opens a connection for whoever has this token.
    pub(crate) async fn open(state: web::Data<State>, words: Words, token: &str) -> Result<Self> {
        let caller = caller_of(&state, token).await?;
        must_be_admitted(&state, &words, &caller)?;
        let (account, audience, user) = match &caller {
            Caller::Customer(claims) => (claims.account, Audience::Customer, None),
            _ => {
                let staff = caller.any_staff()?;
                (staff.account, Audience::Staff, Some(staff.user))
            }
        };
        let expires_at = expiry(&state, &caller, token).await?;
        let id = state.live.presence.connection().0;
        let credential = Payer::of(&caller);
        let connection = Arc::new(Connection { id, account, audience, user, credential, outbox: Default::default() });
        let of_caller_max = state.config.live_sockets_caller_max;
        if state.live.registry.connect(&connection, of_caller_max) == Entry::Full {
            let detail = format!("{of_caller_max} live connections of one user, API key or customer at most; close another one first");
            return Err(ApiError::new(Code::QuotaExceeded, detail).violating("live_sockets").retry_after_s(RETRY_SOON_S));
        }
        if state.live.is_closing() {
            connection.outbox.go_away();
        }
        metrics::gauge!("vitrina_live_sockets").increment(1.0);
        Ok(Self {
            state,
            words,
            caller,
            token: token.into(),
            expires_at,
            connection,
            subscriptions: Vec::new(),
            work: None,
            finished: None,
            recheck: None,
            asked: VecDeque::new(),
            allowance: Allowance::new(Instant::now()),
            continued: Vec::new(),
            there: None,
        })
    }

    /// Takes the connection from the caller's quota, where the handshake did not say who calls.
    pub(crate) fn pay(&self) -> Result<()> {
        let standing = self.connection.credential.and_then(|payer| self.state.limits.take(payer));
        standing.map_or(Ok(()), |standing| standing.must_hold())
    }

    /// The greeting.
    pub(crate) fn welcome(&self, out: &mut Out) {
        out.say(&Says::Welcome { position: self.state.log.head().0, connection_id: self.connection.id });
    }

    /// Everything up to here has been handed out to the connections.
    pub(crate) fn handed_out(&self) -> Position {
        self.state.live.registry.handed_out()
    }

    /// Whether nothing is followed any more: every subscription was refused or dropped.
    pub(crate) fn is_over(&self) -> bool {
        self.subscriptions.iter().all(Option::is_none)
    }

    /// Whether everything that was followed is live: nothing older is still to come.
    pub(crate) fn is_live(&self) -> bool {
        self.subscriptions.iter().flatten().all(|subscription| matches!(subscription.phase, Phase::Live))
    }

    /// Does what the client says.
    pub(crate) fn receive(&mut self, said: Result<Said>, out: &mut Out) {
        match said {
            Ok(Said::Subscribe { id, topic, key, after }) => {
                if let Err(error) = self.subscribe(&id, topic, key, after.map(Position), out) {
                    self.refuse(Some(&id), &error, out);
                }
            }
            Ok(Said::Unsubscribe { id }) => match self.slot_of(&id) {
                Some(slot) => {
                    self.end(slot);
                    out.say(&Says::Unsubscribed { id: &id });
                }
                None => self.refuse(Some(&id), &ApiError::field("/id", "unknown", "there is no subscription of this id"), out),
            },
            Ok(Said::Signal { topic, key, signal, data }) => {
                if let Err(error) = self.signal(topic, key, signal.as_str(), data) {
                    self.refuse(None, &error, out);
                }
            }
            Ok(Said::Offer { call, participant, sdp, device }) => match media::device(device.as_deref()) {
                Ok(device) => self.ask(Asked { call, participant, what: media::What::Offer { sdp, device } }, out),
                Err(error) => self.refuse_media(About { participant, asked: media::OFFER }, &error, out),
            },
            Ok(Said::Media { call, participant, track, state }) => {
                self.ask(Asked { call, participant, what: media::What::Turn(track, state) }, out);
            }
            Ok(Said::Show { call, participant, of, track, size }) => {
                self.ask(Asked { call, participant, what: media::What::Show { of, track, size } }, out);
            }
            Ok(Said::Lines { call, participant }) => {
                self.ask(Asked { call, participant, what: media::What::Lines }, out);
            }
            Ok(Said::Leave { call, participant }) => {
                self.ask(Asked { call, participant, what: media::What::Leave }, out);
            }
            Ok(Said::Ping {}) => out.say(&Says::Pong {}),
            Ok(Said::Authenticate { .. }) => {
                self.refuse(
                    None,
                    &ApiError::new(Code::InvalidBody, "the caller of this connection is known already; open another one"),
                    out,
                );
            }
            Err(error) => self.refuse(None, &error, out),
        }
    }

    /// Follows something under the client's own id for it.
    pub(crate) fn subscribe(&mut self, id: &str, topic: Topic, key: Option<Uuid>, after: Option<Position>, out: &mut Out) -> Result<()> {
        let (interest, unproven) = self.interest(topic, key)?;
        if self.slot_of(id).is_some() {
            return Err(ApiError::field("/id", "taken", "there is a subscription of this id; unsubscribe it, or take another id"));
        }
        let catch_up = CatchUp::new(&self.state, self.connection.account, self.connection.audience, interest, after)?;
        let position = catch_up.position();
        let (catch_up, untold) = match unproven {
            Some(claims) => (catch_up.proving(claims), Some(position)),
            None => (catch_up, None),
        };
        let free = self.subscriptions.iter().position(Option::is_none).unwrap_or(self.subscriptions.len());
        if free >= SLOTS_MAX {
            return Err(ApiError::field("/id", "too_many", format!("{SLOTS_MAX} subscriptions at most; open another connection")));
        }
        if free == self.subscriptions.len() {
            self.subscriptions.push(None);
        }
        self.subscriptions[free] = Some(Subscription { id: id.into(), topic, key, untold, phase: Phase::CatchingUp(Box::new(catch_up)) });
        if untold.is_none() {
            out.say(&Says::Subscribed { id, position: position.0 });
        }
        Ok(())
    }

    /// What is meant; with the claims of a customer of whom it is still to be seen whether this conversation follows their own.
    fn interest(&self, topic: Topic, key: Option<Uuid>) -> Result<(Interest, Option<Claims>)> {
        match (topic.interest(&self.caller, key), &self.caller, key) {
            (Err(_), Caller::Customer(claims), Some(key)) if topic == Topic::Conversation => {
                let unproven = (!self.continued.contains(&key)).then(|| claims.clone());
                Ok((Interest::Stream(Category::Conversation, key), unproven))
            }
            (interest, ..) => Ok((interest?, None)),
        }
    }

    /// Waits until there is something to send. Cancel-safe.
    pub(crate) async fn ready(&mut self) {
        if self.finished.is_some() {
            return;
        }
        if self.work.is_none() {
            self.work = self.next_work();
        }
        let Some(work) = &mut self.work else { return self.connection.outbox.filled().await };
        tokio::select! {
            () = self.connection.outbox.filled() => {}
            finished = &mut work.future => {
                self.work = None;
                self.finished = Some(Box::new(finished));
            }
        }
    }

    /// Writes what there is to send; says when it was the last.
    pub(crate) fn fill(&mut self, out: &mut Out) -> Option<End> {
        let (items, orders) = self.connection.outbox.take();
        self.recheck = orders.recheck.or(self.recheck);
        for item in items {
            self.write(item, out);
        }
        match orders.stay {
            Stay::Open => {}
            Stay::GoingAway => return Some(End::GoingAway),
            Stay::TooSlow => return Some(End::TooSlow),
        }
        match self.finished.take().map(|finished| *finished) {
            Some(Finished::Page(slot, page)) => self.turn(slot, page, out),
            Some(Finished::Answered(_, Ok(None))) => {}
            Some(Finished::Answered(_, Ok(Some(text)))) => out.text(&text),
            Some(Finished::Answered(about, Err(error))) => self.refuse_media(about, &error, out),
            Some(Finished::Checked(caller)) => return self.checked(caller, out),
            None => {}
        }
        None
    }

    /// Says that the credential holds no more.
    pub(crate) fn revoke(&self, out: &mut Out) -> End {
        out.say(&Says::Revoked {});
        End::Revoked
    }

    fn write(&mut self, item: Item, out: &mut Out) {
        match item {
            Item::Event(slots, shown) => out.event(self.ids(slots), &shown),
            Item::Signal(slots, body) => out.signal(self.ids(slots), &body),
            Item::Text(text) => out.text(&text),
            Item::Dropped(slot, after) => {
                if let Some(subscription) = self.subscriptions.get_mut(usize::from(slot.0)).and_then(Option::take) {
                    out.say(&Says::Resume { id: &subscription.id, after: after.0, reason: "slow" });
                }
            }
        }
    }

    fn ids(&self, slots: Slots) -> impl Iterator<Item = &str> {
        let named = self.subscriptions.iter().zip(0..).filter(move |(_, slot)| slots.has(Slot(*slot)));
        named.filter_map(|(subscription, _)| subscription.as_ref()).map(|subscription| &*subscription.id)
    }

    /// Sends a page that was read, and goes live when it was the last.
    fn turn(&mut self, slot: Slot, page: Result<Box<Page>>, out: &mut Out) {
        let Some(Some(subscription)) = self.subscriptions.get_mut(usize::from(slot.0)) else { return };
        match page {
            Ok(page) => {
                let Page { catch_up, events, reached } = *page;
                if let Some(position) = subscription.untold.take() {
                    out.say(&Says::Subscribed { id: &subscription.id, position: position.0 });
                    if let Some(key) = subscription.key.filter(|key| !self.continued.contains(key)) {
                        self.continued.truncate(CONTINUED_MAX - 1);
                        self.continued.insert(0, key);
                    }
                }
                events.iter().for_each(|shown| out.event(std::iter::once(&*subscription.id), shown));
                let (interest, position) = (catch_up.interest(), catch_up.position());
                let join = || self.state.live.registry.join(&self.connection, slot, interest, position, catch_up.held().clone());
                subscription.phase = if reached == Reached::Head && join() == Joined::Live {
                    out.say(&Says::CaughtUp { id: &subscription.id, position: position.0 });
                    if self.there.is_none() {
                        self.there = presence::begins(&self.state, &self.caller, &self.connection, interest);
                    }
                    Phase::Live
                } else {
                    Phase::CatchingUp(Box::new(catch_up))
                };
            }
            Err(error) => {
                let id = std::mem::take(&mut subscription.id);
                self.subscriptions[usize::from(slot.0)] = None;
                self.refuse(Some(&id), &error, out);
            }
        }
    }

    /// Goes on with the rights of now, or ends when one that is made use of is gone.
    fn checked(&mut self, caller: Option<Caller>, out: &mut Out) -> Option<End> {
        let Some(caller) = caller else { return Some(self.revoke(out)) };
        // Only staff are asked again: a customer's token says itself what it opens.
        let may = |subscription: &Subscription| subscription.topic.interest(&caller, subscription.key).is_ok();
        if !self.subscriptions.iter().flatten().all(may) || must_be_admitted(&self.state, &self.words, &caller).is_err() {
            return Some(self.revoke(out));
        }
        self.caller = caller;
        None
    }

    /// Has something about a call's media done beside the connection, in turn.
    fn ask(&mut self, asked: Asked, out: &mut Out) {
        if self.asked.len() < media::ASKED_MAX {
            self.asked.push_back(asked);
        } else {
            let busy = ApiError::new(Code::Busy, "wait for the answers to what was asked before").retry_after_s(RETRY_SOON_S);
            self.refuse_media(asked.about(), &busy, out);
        }
    }

    fn signal(&mut self, topic: Topic, key: Uuid, kind: &str, data: serde_json::Value) -> Result<()> {
        if self.interest(topic, Some(key))?.1.is_some() {
            return Err(ApiError::not_found("conversation"));
        }
        if self.allowance.take(Instant::now()) == Verdict::TooMany {
            metrics::counter!("vitrina_signals_lost_total").increment(1);
            return Ok(());
        }
        let from = match &self.caller {
            Caller::Customer(claims) => Actor::Customer(claims.customer),
            caller => caller.any_staff()?.giver().actor,
        };
        self.state.log.signals().send(Signal {
            account: self.connection.account,
            topic: topic.as_str().to_owned(),
            key,
            kind: kind.to_owned(),
            from,
            connection: self.connection.id,
            data: if data.is_null() { serde_json::json!({}) } else { data },
        });
        Ok(())
    }

    fn slot_of(&self, id: &str) -> Option<Slot> {
        let mut named = self.subscriptions.iter().zip(0..);
        named.find(|(subscription, _)| subscription.as_ref().is_some_and(|one| &*one.id == id)).map(|(_, slot)| Slot(slot))
    }

    fn end(&mut self, slot: Slot) {
        self.state.live.registry.leave(&self.connection, slot);
        self.connection.outbox.forget(slot);
        self.subscriptions[usize::from(slot.0)] = None;
        // A page that is read for it must not come to the next one in its slot.
        if self.work.as_ref().is_some_and(|work| work.slot == Some(slot)) {
            self.work = None;
        }
        if matches!(self.finished.as_deref(), Some(Finished::Page(of, _)) if *of == slot) {
            self.finished = None;
        }
    }

    /// Says why something is refused.
    pub(crate) fn refuse(&self, id: Option<&str>, error: &ApiError, out: &mut Out) {
        let problem = Box::new(self.words.problem(&self.state, error));
        out.say(&Says::Error { id, participant: None, asked: None, problem });
    }

    /// Refuses what was asked about a call's media.
    fn refuse_media(&self, about: About, error: &ApiError, out: &mut Out) {
        let problem = Box::new(self.words.problem(&self.state, error));
        out.say(&Says::Error { id: None, participant: Some(about.participant), asked: Some(about.asked), problem });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let slots = (0..).take(self.subscriptions.len()).map(Slot);
        self.state.live.registry.disconnect(&self.connection, slots);
        metrics::gauge!("vitrina_live_sockets").decrement(1.0);
    }
}
