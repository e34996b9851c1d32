//! The book of a call: its waits, its live times, who was connected, its carts.

use super::{
    About, Change, Fact, FactKey, Measure, Told,
    answers::Answers,
    fact::{Mark, name_of, seconds},
    pieces::quarters,
    standing::Standing,
};
use crate::{
    call::{CallEvent, CancelReason, Device, Opened, Side, media::ParticipantJoined},
    conversation::CALL_CHANNEL,
    ids::{CallId, ParticipantId, ShopperId},
    metrics::minutes::{self, Interval, Stay},
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What of a call later facts need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallBook {
    about: About,
    standing: Standing,
    created: Mark,
    /// Whether the customer asked for it.
    requested: bool,
    /// As it was told with the request, then that of the first join.
    device: Device,
    joined: bool,
    /// Who holds it, or held it in the end.
    holder: Option<ShopperId>,
    /// With which event it first waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_queued: Option<Mark>,
    /// With which event it began to wait, while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queued: Option<Mark>,
    /// Its waits that are over, in microseconds.
    waited_us: i64,
    /// When it was live; it may have been so several times, when its shopper was lost.
    live: Vec<Span>,
    /// When its last live part ended in wrap-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Mark>,
    /// With which event it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    over: Option<Mark>,
    /// Whether that was a cancellation.
    cancelled: bool,
    stays: BTreeMap<ParticipantId, Present>,
    carts: Vec<Cart>,
    answers: Answers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    from: DateTime<Utc>,
    to: Option<DateTime<Utc>>,
    /// Who held the call meanwhile.
    shopper: Option<ShopperId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Present {
    side: Side,
    from: DateTime<Utc>,
    to: Option<DateTime<Utc>>,
}

/// A cart and how many of each SKU came in and stayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cart {
    id: String,
    lines: BTreeMap<String, u32>,
}

impl CallBook {
    pub(super) fn concerns(event: &CallEvent) -> bool {
        matches!(
            event,
            CallEvent::Requested(_)
                | CallEvent::Created(_)
                | CallEvent::Queued(_)
                | CallEvent::Claimed(_)
                | CallEvent::ClaimExpired(_)
                | CallEvent::Started(_)
                | CallEvent::Transferred(_)
                | CallEvent::Ended(_)
                | CallEvent::Finished(_)
                | CallEvent::Cancelled(_)
                | CallEvent::CartItemAdded(_)
                | CallEvent::CartItemUpdated(_)
                | CallEvent::CartItemRemoved(_)
                | CallEvent::SurveyAnswered(_)
                | CallEvent::SurveySuperseded(_)
                | CallEvent::SurveySent(_)
                | CallEvent::SurveyHidden(_)
                | CallEvent::SurveyPublished(_)
                | CallEvent::MediaParticipantJoined(_)
                | CallEvent::MediaParticipantLeft(_)
        )
    }

    pub(super) fn about(&self) -> &About {
        &self.about
    }

    pub(super) fn open(told: &Told<'_>, event: &CallEvent, changes: &mut Vec<Change>) -> Option<Self> {
        let (CallEvent::Requested(opened) | CallEvent::Created(opened)) = event else { return None };
        let mut book = Self::new(told, opened, matches!(event, CallEvent::Requested(_)));
        book.credit(told, changes);
        Some(book)
    }

    fn new(told: &Told<'_>, opened: &Opened, requested: bool) -> Self {
        let about = About {
            call: Some(CallId(told.stream)),
            conversation: Some(opened.conversation_id),
            customer: Some(opened.customer_id),
            channel: Some(CALL_CHANNEL.to_owned()),
        };
        Self {
            about,
            standing: Standing::default(),
            created: told.mark(),
            requested,
            device: opened.device,
            joined: false,
            holder: opened.shopper_id,
            first_queued: None,
            queued: None,
            waited_us: 0,
            live: Vec::new(),
            ended: None,
            over: None,
            cancelled: false,
            stays: BTreeMap::new(),
            carts: Vec::new(),
            answers: Answers::default(),
        }
    }

    pub(super) fn apply(&mut self, told: &Told<'_>, event: &CallEvent, changes: &mut Vec<Change>) {
        match event {
            CallEvent::Queued(_) => self.queued(told, changes),
            CallEvent::Claimed(claimed) => {
                self.holder = Some(claimed.shopper_id);
                self.claimed(told, changes);
            }
            CallEvent::ClaimExpired(_) => self.holder = None,
            CallEvent::Transferred(transferred) => {
                self.holder = Some(transferred.to);
                if self.live.last().is_some_and(|span| span.to.is_none()) {
                    self.stop(told);
                    self.go_on(told);
                }
            }
            CallEvent::Started(started) => {
                self.holder = Some(started.shopper_id);
                self.ended = None;
                self.go_on(told);
            }
            CallEvent::Ended(_) => {
                self.stop(told);
                self.ended = Some(told.mark());
            }
            CallEvent::Finished(finished) => {
                self.finish(told, changes);
                self.put(Fact::now(told, Measure::CallFinished, 1).detail(name_of(&finished.reason)), changes);
            }
            CallEvent::Cancelled(cancelled) => {
                self.cancelled = true;
                self.finish(told, changes);
                self.gave_up(told, cancelled.reason, changes);
                self.put(Fact::now(told, Measure::CallCancelled, 1).detail(name_of(&cancelled.reason)), changes);
            }
            CallEvent::CartItemAdded(added) => {
                let line = self.cart(&added.cart_id).lines.entry(added.line.sku.clone()).or_default();
                *line = line.saturating_add(added.line.quantity);
                self.count_cart(told, &added.cart_id, changes);
            }
            CallEvent::CartItemUpdated(updated) => {
                self.cart(&updated.cart_id).lines.insert(updated.sku.clone(), updated.to);
                self.count_cart(told, &updated.cart_id, changes);
            }
            CallEvent::CartItemRemoved(removed) => {
                self.cart(&removed.cart_id).lines.remove(&removed.sku);
                self.count_cart(told, &removed.cart_id, changes);
            }
            CallEvent::SurveyAnswered(answered) => self.answers.answered(told, answered, self.created.at, &mut self.standing, changes),
            CallEvent::SurveySuperseded(superseded) => self.answers.superseded(superseded, &mut self.standing, changes),
            CallEvent::SurveySent(sent) => self.answers.sent(told, sent, changes),
            CallEvent::SurveyHidden(shown) => self.answers.hidden(*shown, &mut self.standing, changes),
            CallEvent::SurveyPublished(shown) => self.answers.published(told, *shown, &mut self.standing, changes),
            CallEvent::MediaParticipantJoined(joined) => self.came(told, joined, changes),
            CallEvent::MediaParticipantLeft(left) => {
                let at = left.at.unwrap_or(told.happened_at).trunc_subsecs(6);
                if let Some(present) = self.stays.get_mut(&left.participant_id) {
                    // What is concluded afterwards is no earlier than the join.
                    present.to = Some(at.max(present.from));
                }
                self.count_media(told, changes);
            }
            _ => {}
        }
        self.credit(told, changes);
    }

    /// Who is put back into the queue waits on: what was served before was not the end of it.
    fn queued(&mut self, told: &Told<'_>, changes: &mut Vec<Change>) {
        self.stop(told);
        self.first_queued.get_or_insert(told.mark());
        self.queued.get_or_insert(told.mark());
        self.holder = None;
        self.standing.retract(Measure::WaitServed, 0, changes);
    }

    fn claimed(&mut self, told: &Told<'_>, changes: &mut Vec<Change>) {
        if let Some(waited) = self.waited(told) {
            let fact = Fact::now(told, Measure::WaitServed, waited).by(self.holder).since(self.first_queued);
            self.keep(told, fact, changes);
        }
    }

    fn gave_up(&mut self, told: &Told<'_>, reason: CancelReason, changes: &mut Vec<Change>) {
        let Some(waited) = self.waited(told) else { return };
        let measure = match reason {
            CancelReason::ByCustomer | CancelReason::AbandonedInQueue => Measure::WaitAbandoned,
            _ => Measure::WaitEnded,
        };
        self.put(Fact::now(told, measure, waited).since(self.first_queued).detail(name_of(&reason)), changes);
    }

    /// All its waits, this one with them, in seconds; `None` when it does not wait.
    fn waited(&mut self, told: &Told<'_>) -> Option<i64> {
        let since = self.queued.take()?;
        self.waited_us = self.waited_us.saturating_add(since.until(told.at).num_microseconds().unwrap_or(i64::MAX));
        Some(seconds(TimeDelta::microseconds(self.waited_us)))
    }

    /// Live with whoever holds it now.
    fn go_on(&mut self, told: &Told<'_>) {
        self.live.push(Span { from: told.at.trunc_subsecs(6), to: None, shopper: self.holder });
    }

    fn stop(&mut self, told: &Told<'_>) {
        if let Some(Span { to: to @ None, .. }) = self.live.last_mut() {
            *to = Some(told.at.trunc_subsecs(6));
        }
    }

    fn finish(&mut self, told: &Told<'_>, changes: &mut Vec<Change>) {
        self.stop(told);
        self.over = Some(told.mark());
        self.count_media(told, changes);
        if self.live.is_empty() {
            return;
        }
        let span = |span: &Span| (Interval::new(span.from, span.to.unwrap_or(told.at)), span.shopper);
        let mut worked: Vec<_> = self.live.iter().map(span).collect();
        worked.extend(self.ended.map(|ended| (Interval::new(ended.at, told.at), self.holder)));
        let (intervals, _): (Vec<_>, Vec<_>) = worked.iter().copied().unzip();
        self.put(Fact::now(told, Measure::Handle, minutes::seconds(&intervals)), changes);
        // Work is each one's own, as presence is that it is compared with.
        let pieces = worked.into_iter().flat_map(|(interval, shopper)| quarters(interval).into_iter().map(move |piece| (piece, shopper)));
        for (part, (piece, shopper)) in (0..).zip(pieces) {
            let mut fact = Fact::new(told, Measure::HandleSeconds, piece.begin(), piece.seconds()).part(part).by(shopper);
            fact.device = Some(self.device);
            changes.push(Change::Put(fact));
        }
    }

    fn came(&mut self, told: &Told<'_>, joined: &ParticipantJoined, changes: &mut Vec<Change>) {
        let from = told.happened_at.trunc_subsecs(6);
        self.stays.insert(joined.participant_id, Present { side: joined.role, from, to: None });
        if let (Side::Customer, false, Some(device)) = (joined.role, self.joined, joined.device) {
            (self.device, self.joined) = (device, true);
        }
        self.count_media(told, changes);
    }

    /// The same intervals as the media record has, once the call is over; late corrections change them.
    fn count_media(&mut self, told: &Told<'_>, changes: &mut Vec<Change>) {
        let stays: Vec<_> = self.stays.values().map(|one| Stay { side: one.side, from: one.from, to: one.to }).collect();
        match (self.first_queued, minutes::first_both(&stays)) {
            (Some(queued), Some(both)) => {
                let fact = Fact::new(told, Measure::AnswerSpeed, both, seconds(queued.until(both))).by(self.holder).since(Some(queued));
                self.keep(told, fact, changes);
            }
            _ => self.standing.retract(Measure::AnswerSpeed, 0, changes),
        }
        let Some(over) = self.over else { return };
        let connected: Vec<_> = stays.iter().map(|stay| (stay.side, Interval::new(stay.from, stay.to.unwrap_or(told.at)))).collect();
        let live: Vec<_> = self.live.iter().map(|span| Interval::new(span.from, span.to.unwrap_or(told.at))).collect();
        let counted = minutes::billable(&connected, &live);
        if !live.is_empty() {
            let whole = Fact::new(told, Measure::CallDuration, over.at, minutes::seconds(&counted)).by(self.holder);
            self.keep(told, whole, changes);
        }
        let mut parts = 0;
        for piece in counted.into_iter().flat_map(quarters) {
            let fact = Fact::new(told, Measure::CallSeconds, piece.begin(), piece.seconds()).part(parts).by(self.holder);
            self.keep(told, fact, changes);
            parts += 1;
        }
        self.standing.retract_from(Measure::CallSeconds, parts, changes);
    }

    fn cart(&mut self, id: &str) -> &mut Cart {
        let index = self.carts.iter().position(|cart| cart.id == id).unwrap_or_else(|| {
            self.carts.push(Cart { id: id.to_owned(), lines: BTreeMap::new() });
            self.carts.len() - 1
        });
        &mut self.carts[index]
    }

    /// A cart counts from the moment on at which something is in it, until nothing is.
    fn count_cart(&mut self, told: &Told<'_>, id: &str, changes: &mut Vec<Change>) {
        let Some((part, cart)) = (0..).zip(&self.carts).find(|(_, cart)| cart.id == id) else { return };
        if cart.lines.values().all(|quantity| *quantity == 0) {
            self.standing.retract(Measure::Cart, part, changes);
        } else if !self.standing.has(Measure::Cart, part) {
            let fact = Fact::now(told, Measure::Cart, 1).part(part).by(self.holder).detail(id);
            self.keep(told, fact, changes);
        }
    }

    /// The call is the one's who holds it.
    fn credit(&mut self, told: &Told<'_>, changes: &mut Vec<Change>) {
        let mut fact = Fact::new(told, Measure::CallCreated, self.created.at, 1).by(self.holder);
        fact.position = self.created.position;
        (fact.event_type, fact.detail) = match self.requested {
            true => ("call.requested", Some("customer".to_owned())),
            false => ("call.created", Some("shopper".to_owned())),
        };
        let end = match (self.ended, self.over) {
            (Some(ended), _) => Some((ended, "call.ended")),
            (None, Some(over)) => Some((over, if self.cancelled { "call.cancelled" } else { "call.finished" })),
            (None, None) => None,
        };
        if let Some((end, event_type)) = end {
            let key = FactKey { measure: Measure::CallEnded, anchor: end.at, ..fact.key };
            let ended = Fact { key, position: end.position, event_type, ..fact.clone() };
            self.keep(told, ended.since(Some(self.created)), changes);
        } else {
            self.standing.retract(Measure::CallEnded, 0, changes);
        }
        self.keep(told, fact, changes);
    }

    fn keep(&mut self, told: &Told<'_>, mut fact: Fact, changes: &mut Vec<Change>) {
        fact.device = Some(self.device);
        self.standing.keep(fact, told.position, changes);
    }

    fn put(&self, mut fact: Fact, changes: &mut Vec<Change>) {
        (fact.device, fact.shopper) = (Some(self.device), self.holder);
        changes.push(Change::Put(fact));
    }
}
