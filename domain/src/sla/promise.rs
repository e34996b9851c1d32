//! What a conversation does about its promises: which clock starts, stops, is met or is late with what happens.

use super::{Applied, Breached, ClockStarted, ClockStopped, Clocks, Met, Settled, Target, Verdict};
use crate::{
    conversation::{Author, ConversationEvent, Status, Visibility},
    ids::ShopperId,
    metrics::{
        business_hours::{open_time, open_until},
        range::Range,
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is promised in a conversation, and what came of it so far; nothing where the account promised nothing when it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Promise {
    terms: Option<Applied>,
    clocks: Clocks,
    /// Who of the shop takes part.
    present: BTreeSet<ShopperId>,
    /// Somebody of the shop has answered: a greeting before the customer's first word is no answer.
    responded: bool,
    /// The customer has written since.
    unanswered: bool,
    /// And waits for longer than was promised.
    is_late: bool,
    /// A bot answers, and nobody else: what the customer says to it awaits nobody.
    bot_answers: bool,
}

impl Promise {
    /// Whether anything is promised.
    pub fn is_made(&self) -> bool {
        self.terms.is_some()
    }

    /// The events with all that follows from them at this instant; what was due before comes first, so that whoever does the next thing
    /// tells of it where nobody has yet.
    pub fn follow(&self, at: DateTime<Utc>, events: Vec<ConversationEvent>) -> Vec<ConversationEvent> {
        // What is set down about a chat that is over starts nothing.
        if self.clocks.result.is_some() || !self.is_made() && !events.iter().any(|event| matches!(event, ConversationEvent::SlaApplied(_)))
        {
            return events;
        }
        let mut after = self.clone();
        let mut all = after.overdue(at);
        all.iter().for_each(|event| after.fold(event));
        for event in events {
            let before = after.clone();
            after.fold(&event);
            let consequences = before.consequences(&after, at, &event);
            consequences.iter().for_each(|event| after.fold(event));
            // Nothing comes after the end: whoever follows the chat until then hears how it ended.
            if matches!(event, ConversationEvent::Closed(_)) {
                all.extend(consequences);
                all.push(event);
            } else {
                all.push(event);
                all.extend(consequences);
            }
        }
        all
    }

    /// The breaches of what should have come by now, in the order in which it was due.
    fn overdue(&self, at: DateTime<Utc>) -> Vec<ConversationEvent> {
        let mut late: Vec<_> = self.clocks.due.iter().filter(|(_, due_at)| **due_at <= at).collect();
        late.sort_by_key(|(target, due_at)| (*due_at, *target));
        late.into_iter().map(|(target, due_at)| ConversationEvent::SlaBreached(Breached { target: *target, due_at: *due_at })).collect()
    }

    /// What else is to be told of an event: `self` is how things stood before it, `after` how they stand with it.
    fn consequences(&self, after: &Self, at: DateTime<Utc>, event: &ConversationEvent) -> Vec<ConversationEvent> {
        match event {
            ConversationEvent::SlaApplied(_) => after.start(Target::Resolution, at).into_iter().collect(),
            ConversationEvent::StatusChanged(changed) if changed.to == Status::WaitingCustomer => self.pause(at).into_iter().collect(),
            ConversationEvent::StatusChanged(changed) if changed.from == Status::WaitingCustomer => self.resume(at).into_iter().collect(),
            // Whom a bot served waits for a person from here on, also without a word more.
            ConversationEvent::HandedOff(handed) if handed.bot_id.is_some() && !after.responded => after.await_reply(at),
            ConversationEvent::Closed(_) => after.settle(at),
            _ if after.bot_answers => self.stop(Target::Answer, None).into_iter().collect(),
            _ if after.unanswered => after.await_reply(at),
            _ if is_a_reply(event) => self.met([Target::Answer, Target::NextReply]),
            _ => Vec::new(),
        }
    }

    /// A reply is due, where that is not so yet: several messages of the customer count once (PRODUCT.md 5.7).
    fn await_reply(&self, at: DateTime<Utc>) -> Vec<ConversationEvent> {
        let target = if self.responded { Target::NextReply } else { Target::Answer };
        let is_known = self.is_late || self.clocks.due.contains_key(&target);
        if is_known { Vec::new() } else { self.start(target, at).into_iter().collect() }
    }

    fn start(&self, target: Target, at: DateTime<Utc>) -> Option<ConversationEvent> {
        let seconds = self.terms.as_ref()?.targets.of(target)?;
        self.due(target, at, TimeDelta::seconds(seconds.into()))
    }

    fn due(&self, target: Target, at: DateTime<Utc>, within: TimeDelta) -> Option<ConversationEvent> {
        let due_at = match &self.terms.as_ref()?.schedule {
            None => at + within,
            Some(schedule) => open_until(schedule, at, within)?,
        };
        Some(ConversationEvent::SlaClockStarted(ClockStarted { target, due_at }))
    }

    fn stop(&self, target: Target, left_ms: Option<i64>) -> Option<ConversationEvent> {
        let is_due = self.clocks.due.contains_key(&target);
        is_due.then_some(ConversationEvent::SlaClockStopped(ClockStopped { target, left_ms }))
    }

    fn pause(&self, at: DateTime<Utc>) -> Option<ConversationEvent> {
        let range = Range { from: at, to: *self.clocks.due.get(&Target::Resolution)? };
        let left = match &self.terms.as_ref()?.schedule {
            None => range.duration(),
            Some(schedule) => open_time(schedule, range).ok()?,
        };
        self.stop(Target::Resolution, Some(left.num_milliseconds()))
    }

    fn resume(&self, at: DateTime<Utc>) -> Option<ConversationEvent> {
        self.due(Target::Resolution, at, TimeDelta::milliseconds(self.clocks.left_ms?))
    }

    fn met(&self, targets: impl IntoIterator<Item = Target>) -> Vec<ConversationEvent> {
        let due = |target| self.clocks.due.get(&target).map(|due_at| Met { target, due_at: *due_at });
        targets.into_iter().filter_map(due).map(ConversationEvent::SlaMet).collect()
    }

    /// The end: it is resolved, and the result is fixed. What ends while the customer is waited for was in time: its clock goes on for that.
    fn settle(&self, at: DateTime<Utc>) -> Vec<ConversationEvent> {
        if let Some(resumed) = self.resume(at) {
            let mut ended = self.clone();
            ended.fold(&resumed);
            return [resumed].into_iter().chain(ended.settle(at)).collect();
        }
        let result = if self.clocks.missed.is_empty() { Verdict::Hit } else { Verdict::Missed };
        let settled = ConversationEvent::SlaSettled(Settled { result, missed: self.clocks.missed.iter().copied().collect() });
        self.met([Target::Resolution]).into_iter().chain([settled]).collect()
    }

    /// Counts an event.
    pub fn fold(&mut self, event: &ConversationEvent) {
        if let ConversationEvent::SlaApplied(applied) = event {
            self.terms = Some(applied.clone());
        }
        if !self.is_made() {
            return;
        }
        self.clocks.fold(event);
        match event {
            ConversationEvent::MessageSent(sent) if sent.visibility == Visibility::Public => self.written(sent.author),
            ConversationEvent::FileShared(shared) => self.written(shared.author),
            ConversationEvent::BotJoined(_) => self.bot_answers = !self.responded && self.present.is_empty(),
            ConversationEvent::HandedOff(handed) if handed.bot_id.is_some() => self.bot_answers = false,
            ConversationEvent::AgentJoined(joined) => {
                self.present.insert(joined.shopper_id);
                self.bot_answers = false;
            }
            ConversationEvent::AgentLeft(left) => drop(self.present.remove(&left.shopper_id)),
            ConversationEvent::SlaBreached(breached) if breached.target != Target::Resolution => self.is_late = true,
            _ => {}
        }
    }

    fn written(&mut self, author: Author) {
        match author {
            Author::Customer(_) => self.unanswered = true,
            Author::Shopper(_) => {
                self.responded |= self.unanswered || self.clocks.due.contains_key(&Target::Answer) || self.is_late;
                (self.unanswered, self.is_late, self.bot_answers) = (false, false, false);
            }
            Author::Bot(_) | Author::System => {}
        }
    }
}

/// Whether somebody of the shop says something to the customer; what a bot or the system says is nobody's reply.
fn is_a_reply(event: &ConversationEvent) -> bool {
    match event {
        ConversationEvent::MessageSent(sent) => matches!(sent.author, Author::Shopper(_)) && sent.visibility == Visibility::Public,
        ConversationEvent::FileShared(shared) => matches!(shared.author, Author::Shopper(_)),
        _ => false,
    }
}
