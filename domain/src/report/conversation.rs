//! The book of a conversation: who owes whom an answer since when.

use super::{
    About, Change, Fact, Measure, Told,
    answers::Answers,
    fact::{Mark, name_of, seconds},
    standing::Standing,
};
use crate::{
    conversation::{Author, Closed, ConversationEvent, Visibility},
    ids::{ConversationId, ShopperId},
    sla::{Target, Verdict},
};
use serde::{Deserialize, Serialize};

/// What of a conversation later facts need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationBook {
    about: About,
    standing: Standing,
    opened: Mark,
    /// Those who are present, in the order of coming.
    present: Vec<ShopperId>,
    /// Who answers for it: who came last of those present, or was the last one.
    holder: Option<ShopperId>,
    /// The first message of the customer that nobody has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unanswered: Option<Mark>,
    /// Since when the first human word is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    awaited: Option<Mark>,
    /// A bot has handed over: they are awaited since then, however often it does so again.
    #[serde(default)]
    handed_over: bool,
    responded: bool,
    /// Those who joined and have not written since.
    silent: Vec<(ShopperId, Mark)>,
    replies: u32,
    reactions: u32,
    speechless: u32,
    #[serde(default)]
    promised: Promised,
    answers: Answers,
}

/// What was promised: how often something was told of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Promised {
    told: u32,
    /// Who of the shop wrote last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrote: Option<ShopperId>,
}

impl ConversationBook {
    pub(super) fn concerns(event: &ConversationEvent) -> bool {
        matches!(
            event,
            ConversationEvent::Opened(_)
                | ConversationEvent::MessageSent(_)
                | ConversationEvent::FileShared(_)
                | ConversationEvent::AgentJoined(_)
                | ConversationEvent::HandedOff(_)
                | ConversationEvent::AgentLeft(_)
                | ConversationEvent::SlaMet(_)
                | ConversationEvent::SlaBreached(_)
                | ConversationEvent::SlaSettled(_)
                | ConversationEvent::Closed(_)
                | ConversationEvent::SurveyAnswered(_)
                | ConversationEvent::SurveySuperseded(_)
                | ConversationEvent::SurveySent(_)
                | ConversationEvent::SurveyHidden(_)
                | ConversationEvent::SurveyPublished(_)
        )
    }

    pub(super) fn about(&self) -> &About {
        &self.about
    }

    pub(super) fn open(told: &Told<'_>, event: &ConversationEvent, changes: &mut Vec<Change>) -> Option<Self> {
        let ConversationEvent::Opened(opened) = event else { return None };
        let about = About {
            call: opened.call_id,
            conversation: Some(ConversationId(told.stream)),
            customer: Some(opened.customer_id),
            channel: Some(opened.channel.clone()),
        };
        let mut book = Self {
            about,
            standing: Standing::default(),
            opened: told.mark(),
            present: Vec::new(),
            holder: None,
            unanswered: None,
            awaited: None,
            handed_over: false,
            responded: false,
            silent: Vec::new(),
            replies: 0,
            reactions: 0,
            speechless: 0,
            promised: Promised::default(),
            answers: Answers::default(),
        };
        book.credit(told, changes);
        Some(book)
    }

    pub(super) fn apply(&mut self, told: &Told<'_>, event: &ConversationEvent, changes: &mut Vec<Change>) {
        match event {
            ConversationEvent::MessageSent(sent) if sent.visibility == Visibility::Public => self.written(told, sent.author, changes),
            ConversationEvent::FileShared(shared) => self.written(told, shared.author, changes),
            ConversationEvent::AgentJoined(joined) => {
                let shopper = joined.shopper_id;
                self.present.retain(|one| *one != shopper);
                self.present.push(shopper);
                self.silent.retain(|(one, _)| *one != shopper);
                self.silent.push((shopper, told.mark()));
                self.holder = Some(shopper);
                self.credit(told, changes);
            }
            ConversationEvent::AgentLeft(left) => {
                self.present.retain(|one| *one != left.shopper_id);
                self.holder = self.present.last().copied().or(self.holder);
                self.credit(told, changes);
                if let Some(index) = self.silent.iter().position(|(one, _)| *one == left.shopper_id) {
                    let silent = self.silent.remove(index);
                    self.said_nothing(told, silent, changes);
                }
            }
            // Who was served by a bot waits for a person from here on (PRODUCT.md 5.7).
            ConversationEvent::HandedOff(handed) if handed.bot_id.is_some() && !self.responded && !self.handed_over => {
                self.handed_over = true;
                self.awaited = Some(told.mark());
            }
            event if event.is_of_sla() => self.promised(told, event, changes),
            ConversationEvent::Closed(closed) => self.closed(told, closed, changes),
            ConversationEvent::SurveyAnswered(answered) => {
                self.answers.answered(told, answered, self.opened.at, &mut self.standing, changes)
            }
            ConversationEvent::SurveySuperseded(superseded) => self.answers.superseded(superseded, &mut self.standing, changes),
            ConversationEvent::SurveySent(sent) => self.answers.sent(told, sent, changes),
            ConversationEvent::SurveyHidden(shown) => self.answers.hidden(*shown, &mut self.standing, changes),
            ConversationEvent::SurveyPublished(shown) => self.answers.published(told, *shown, &mut self.standing, changes),
            _ => {}
        }
    }

    /// Several messages of the customer count once; what a bot or the system says is nobody's reply.
    fn written(&mut self, told: &Told<'_>, author: Author, changes: &mut Vec<Change>) {
        let shopper = match author {
            Author::Bot(_) | Author::System => return,
            Author::Customer(_) => {
                self.unanswered.get_or_insert(told.mark());
                if !self.responded {
                    self.awaited.get_or_insert(told.mark());
                }
                return;
            }
            Author::Shopper(shopper) => shopper,
        };
        self.promised.wrote = Some(shopper);
        let mut took = |measure, mark: Mark, part: u32| {
            let fact = Fact::now(told, measure, seconds(mark.until(told.at))).part(part);
            changes.push(Change::Put(fact.by(Some(shopper)).since(Some(mark))));
        };
        if let Some(mark) = self.unanswered.take() {
            took(Measure::Reply, mark, self.replies);
            self.replies += 1;
        }
        if let Some(mark) = self.awaited.take() {
            took(Measure::FirstResponse, mark, 0);
            self.responded = true;
        }
        if let Some(index) = self.silent.iter().position(|(one, _)| *one == shopper) {
            let (_, mark) = self.silent.remove(index);
            took(Measure::Reaction, mark, self.reactions);
            self.reactions += 1;
        }
    }

    fn promised(&mut self, told: &Told<'_>, event: &ConversationEvent, changes: &mut Vec<Change>) {
        let (fact, shopper) = match event {
            ConversationEvent::SlaMet(met) => {
                let sender = self.promised.wrote.filter(|_| met.target != Target::Resolution);
                (Fact::now(told, Measure::SlaMet, 1).detail(met.target.as_str()), sender.or(self.holder))
            }
            ConversationEvent::SlaBreached(breached) => {
                (Fact::new(told, Measure::SlaBreached, breached.due_at, 1).detail(breached.target.as_str()), self.holder)
            }
            ConversationEvent::SlaSettled(settled) => {
                let measure = if settled.result == Verdict::Hit { Measure::SlaHit } else { Measure::SlaMissed };
                (Fact::now(told, measure, 1), self.holder)
            }
            _ => return,
        };
        changes.push(Change::Put(fact.part(self.promised.told).by(shopper)));
        self.promised.told += 1;
    }

    fn closed(&mut self, told: &Told<'_>, closed: &Closed, changes: &mut Vec<Change>) {
        let (outcome, opened, holder) = (name_of(&closed.outcome), Some(self.opened), self.holder);
        let mut put = |fact: Fact| changes.push(Change::Put(fact.by(holder)));
        put(Fact::now(told, Measure::ConversationClosed, 1).detail(outcome.clone()));
        put(Fact::now(told, Measure::Resolution, seconds(self.opened.until(told.at))).since(opened).detail(outcome.clone()));
        if !closed.agent_replied {
            put(Fact::now(told, Measure::UnansweredByAgent, 1).detail(outcome));
        }
        if let Some(mark) = self.unanswered.take() {
            put(Fact::now(told, Measure::ReplyMissing, 1).since(Some(mark)));
        }
        if let Some(mark) = self.awaited.take() {
            put(Fact::now(told, Measure::FirstResponseMissing, 1).since(Some(mark)));
        }
        for silent in std::mem::take(&mut self.silent) {
            self.said_nothing(told, silent, changes);
        }
        self.present.clear();
    }

    fn said_nothing(&mut self, told: &Told<'_>, (shopper, mark): (ShopperId, Mark), changes: &mut Vec<Change>) {
        let fact = Fact::now(told, Measure::ReactionMissing, 1).part(self.speechless);
        changes.push(Change::Put(fact.by(Some(shopper)).since(Some(mark))));
        self.speechless += 1;
    }

    /// The conversation is the one's who answers for it.
    fn credit(&mut self, told: &Told<'_>, changes: &mut Vec<Change>) {
        let mut fact = Fact::new(told, Measure::ConversationOpened, self.opened.at, 1).by(self.holder);
        (fact.position, fact.event_type) = (self.opened.position, "conversation.opened");
        let kind = if self.about.call.is_some() { "call" } else { "chat" };
        self.standing.keep(fact.detail(kind), told.position, changes);
    }
}
