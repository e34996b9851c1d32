//! What a conversation remembers in order to decide: who takes part, where it stands, and milestones. Never a text.

use super::{Author, ConversationAction, ConversationEvent, Status, Visibility};
use crate::{
    aggregate::impl_cqrs,
    ids::{ApiKeyId, CallId, ConversationId, CustomerId, ShopperId},
    sla::Promise,
    stream::Category,
    survey::{Publicity, Survey},
};
use serde::{Deserialize, Serialize};

/// A conversation's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conversation {
    pub(super) phase: Phase,
    pub(super) status: Status,
    pub(super) customer_id: CustomerId,
    pub(super) call_id: Option<CallId>,
    pub(super) channel: String,
    pub(super) language: Option<String>,
    pub(super) country: Option<String>,
    pub(super) department: Option<String>,
    pub(super) priority: i32,
    /// The first conversation of the row that this one continues.
    pub(super) origin: Option<ConversationId>,
    /// Of the first one of a row: the last one.
    pub(super) continued_in: Option<ConversationId>,
    /// Every shopper who ever took part, in the order of coming.
    pub(super) agents: Vec<Agent>,
    /// The bot that takes part.
    #[serde(default)]
    pub(super) bot: Option<ApiKeyId>,
    pub(super) milestones: Milestones,
    pub(super) tags: Vec<String>,
    pub(super) expertise: Vec<String>,
    pub(super) survey: Survey,
    /// What was promised, and what came of it.
    #[serde(default)]
    pub(super) promise: Promise,
}

/// Whether it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    #[default]
    Absent,
    Open,
    Closed,
}

/// A shopper who takes part, or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agent {
    pub(super) shopper_id: ShopperId,
    pub(super) present: bool,
}

/// What the outcome follows from (PRODUCT.md 5.4). A file counts as a message; a private note does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Milestones {
    /// An agent wrote to the customer.
    pub(super) agent_replied: bool,
    /// The customer wrote after that.
    pub(super) customer_answered: bool,
}

impl_cqrs!(Conversation, Category::Conversation, ConversationAction, ConversationEvent);

impl Conversation {
    /// Whether it can be written in.
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Where it stands while it is open.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Who it is with.
    pub fn customer_id(&self) -> CustomerId {
        self.customer_id
    }

    /// The call that owns it.
    pub fn call_id(&self) -> Option<CallId> {
        self.call_id
    }

    /// How the customer writes.
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// BCP 47 tag of the customer's language.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// ISO 3166-1 alpha-2 of where the customer is.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// The department that answers; any when absent.
    pub fn department(&self) -> Option<&str> {
        self.department.as_deref()
    }

    /// The first conversation of the row that this one continues, if it continues any.
    pub fn origin(&self) -> Option<ConversationId> {
        self.origin
    }

    /// Where the talk goes on: known by the first conversation of the row.
    pub fn continued_in(&self) -> Option<ConversationId> {
        self.continued_in
    }

    /// Whether it is over.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// The shoppers who take part while it is open, in the order of coming.
    pub fn attending(&self) -> impl Iterator<Item = ShopperId> {
        let open = self.is_open();
        self.agents.iter().filter(move |agent| open && agent.present).map(|agent| agent.shopper_id)
    }

    /// Whether any shopper takes part now.
    pub fn is_attended(&self) -> bool {
        self.agents.iter().any(|agent| agent.present)
    }

    /// Whether the shopper takes part now.
    pub fn has_joined(&self, shopper_id: ShopperId) -> bool {
        self.agents.iter().any(|agent| agent.present && agent.shopper_id == shopper_id)
    }

    /// Whether the shopper takes part, or did.
    pub fn took_part(&self, shopper_id: ShopperId) -> bool {
        self.agents.iter().any(|agent| agent.shopper_id == shopper_id)
    }

    pub(super) fn fold(&mut self, event: ConversationEvent) {
        self.promise.fold(&event);
        match event {
            ConversationEvent::Opened(opened) => {
                self.phase = Phase::Open;
                self.customer_id = opened.customer_id;
                self.call_id = opened.call_id;
                self.channel = opened.channel;
                self.language = opened.language;
                self.country = opened.country;
                self.department = opened.department;
                self.origin = opened.continues.map(|continues| continues.origin_id);
            }
            ConversationEvent::MessageSent(sent) => {
                if sent.visibility == Visibility::Public {
                    self.milestones.wrote(sent.author);
                }
            }
            ConversationEvent::FileShared(shared) => self.milestones.wrote(shared.author),
            ConversationEvent::StatusChanged(changed) => self.status = changed.to,
            ConversationEvent::AgentJoined(joined) => self.set_present(joined.shopper_id, Presence::Here),
            ConversationEvent::AgentLeft(left) => self.set_present(left.shopper_id, Presence::Gone),
            ConversationEvent::BotJoined(joined) => self.bot = Some(joined.bot_id),
            ConversationEvent::NoteSet(_) | ConversationEvent::HandedOff(_) | ConversationEvent::RoutingDecided(_) => {}
            ConversationEvent::DepartmentSet(set) => self.department = set.department,
            ConversationEvent::PrioritySet(set) => self.priority = set.priority,
            ConversationEvent::Continued(continued) => self.continued_in = Some(continued.conversation_id),
            ConversationEvent::TagAdded(tagged) => self.tags.push(tagged.tag),
            ConversationEvent::TagRemoved(tagged) => self.tags.retain(|tag| *tag != tagged.tag),
            ConversationEvent::ExpertiseSet(set) => self.expertise = set.expertise,
            ConversationEvent::Closed(_) => self.phase = Phase::Closed,
            ConversationEvent::SurveyAnswered(answered) => self.survey.answered(&answered),
            ConversationEvent::SurveySent(_) => self.survey.sent(),
            ConversationEvent::SurveyHidden(shown) => self.survey.shown(shown, Publicity::Internal),
            ConversationEvent::SurveyPublished(shown) => self.survey.shown(shown, Publicity::Public),
            ConversationEvent::SurveySuperseded(_)
            | ConversationEvent::TranscriptDownloaded(_)
            | ConversationEvent::SlaApplied(_)
            | ConversationEvent::SlaClockStarted(_)
            | ConversationEvent::SlaClockStopped(_)
            | ConversationEvent::SlaMet(_)
            | ConversationEvent::SlaBreached(_)
            | ConversationEvent::SlaSettled(_) => {}
        }
    }

    fn set_present(&mut self, shopper_id: ShopperId, presence: Presence) {
        self.agents.retain(|agent| agent.shopper_id != shopper_id);
        // Those who left stand before those who are present, in the order of leaving; these in the order of coming.
        match presence {
            Presence::Here => self.agents.push(Agent { shopper_id, present: true }),
            Presence::Gone => {
                let at = self.agents.iter().position(|agent| agent.present).unwrap_or(self.agents.len());
                self.agents.insert(at, Agent { shopper_id, present: false });
            }
        }
    }
}

#[derive(PartialEq)]
enum Presence {
    Here,
    Gone,
}

impl Milestones {
    fn wrote(&mut self, author: Author) {
        match author {
            Author::Shopper(_) => self.agent_replied = true,
            Author::Customer(_) => self.customer_answered |= self.agent_replied,
            Author::Bot(_) | Author::System => {}
        }
    }
}
