//! What a conversation answers to its commands. Writing is the hot path: it clones the message and nothing else.

use super::{
    AgentLeft, Author, Closed, Content, Continued, Conversation, ConversationAction, ConversationEvent, DepartmentSet, ExpertiseSet, File,
    FileShared, MessageSent, NoteSet, Opened, Phase, PrioritySet, Status, StatusCause, StatusChanged, Tagged, TranscriptDownloaded,
    Visibility,
};
use crate::{
    aggregate::Aggregate,
    ids::ShopperId,
    metrics::outcome::{Facts, outcome},
    order::Order,
    personal::Personal,
    refusal::Refusal,
    sla::Applied,
    stream::Category,
    survey::{Incoming, Publicity},
    text,
};

/// Colleagues called upon in one note, at most.
pub const MENTIONS_MAX: usize = 20;
/// How far a priority may be from 0: beyond it, the figure is a typing error.
pub const PRIORITY_MAX: i32 = 100;
/// Tags on one conversation, at most.
pub const TAGS_MAX: usize = 50;
/// Size of a shared file in bytes, at most: 100 MiB, what common channels take.
pub const FILE_BYTES_MAX: u64 = 100 * 1024 * 1024;

impl Aggregate for Conversation {
    const CATEGORY: Category = Category::Conversation;
    type Action = ConversationAction;

    /// What the action leads to, and what that means for what was promised.
    fn decide(&self, order: &Order<ConversationAction>) -> Result<Vec<ConversationEvent>, Refusal> {
        let events = self.answer(order)?;
        let is_idle = events.is_empty() && !matches!(order.command, ConversationAction::MarkOverdue);
        Ok(if is_idle { events } else { self.promise.follow(order.at, events) })
    }

    fn state_name(&self) -> &'static str {
        match (self.phase, self.status) {
            (Phase::Absent, _) => "absent",
            (Phase::Closed, _) => "closed",
            (Phase::Open, Status::InProgress) => "in_progress",
            (Phase::Open, Status::WaitingCustomer) => "waiting_customer",
            (Phase::Open, Status::NeedHelp) => "need_help",
        }
    }
}

impl Conversation {
    fn answer(&self, order: &Order<ConversationAction>) -> Result<Vec<ConversationEvent>, Refusal> {
        let action = &order.command;
        self.must_allow(action)?;
        self.must_permit(&order.actor, action)?;
        match action {
            ConversationAction::Open { customer_id, call_id, channel, language, country, department, continues } => {
                // Of one that goes on it is what was written of the one before: whatever lists say by now, nobody is kept from writing on.
                let country = match continues {
                    None => text::optional(country, |t| text::country("/country", t))?,
                    Some(_) => country.clone(),
                };
                Ok(vec![ConversationEvent::Opened(Opened {
                    customer_id: *customer_id,
                    call_id: *call_id,
                    channel: text::label("/channel", channel)?,
                    language: text::optional(language, |t| text::language("/language", t))?,
                    country,
                    department: text::optional(department, |t| text::label("/department", t))?,
                    continues: *continues,
                })])
            }
            ConversationAction::Promise { .. } if self.promise.is_made() => Ok(vec![]),
            ConversationAction::Promise { terms } => Ok(vec![ConversationEvent::SlaApplied(Applied::clone(terms))]),
            ConversationAction::MarkOverdue => Ok(vec![]),
            ConversationAction::SendMessage { message_id, author, body, visibility, mentions, template } => {
                let body = self.personal(text::block("/body", body, text::MESSAGE_CHARS_MAX)?);
                let mentions = mentioned(mentions, *visibility)?;
                let template = templated(template, *author, *visibility)?;
                let sent = MessageSent { message_id: *message_id, author: *author, body, visibility: *visibility, mentions, template };
                Ok(self.written(*author, *visibility, ConversationEvent::MessageSent(sent)))
            }
            ConversationAction::Announce { message_id, body } => {
                let body = self.personal(text::block("/body", body, text::MESSAGE_CHARS_MAX)?);
                let (author, visibility) = (Author::System, Visibility::Public);
                let sent = MessageSent { message_id: *message_id, author, body, visibility, mentions: Vec::new(), template: None };
                Ok(vec![ConversationEvent::MessageSent(sent)])
            }
            ConversationAction::ShareFile { author, file } => {
                let shared = self.shared(*author, file)?;
                Ok(self.written(*author, Visibility::Public, ConversationEvent::FileShared(shared)))
            }
            ConversationAction::SetStatus { status } => Ok(self.status_changed(*status, StatusCause::Manual).into_iter().collect()),
            ConversationAction::Claim { shopper_id } => self.claim(*shopper_id),
            ConversationAction::Decide { decided } => self.decided(decided),
            ConversationAction::StepIn { shopper_id } => self.step_in(&order.actor, *shopper_id),
            ConversationAction::Join { shopper_id } => self.join(*shopper_id),
            ConversationAction::BringBot { bot_id, bot } => self.bring_bot(*bot_id, bot),
            ConversationAction::HandOver { from, to, note } => self.hand_over(&order.actor, *from, to, note),
            ConversationAction::Continue { conversation_id } => {
                Ok(vec![ConversationEvent::Continued(Continued { conversation_id: *conversation_id })])
            }
            ConversationAction::DownloadTranscript { form, audience } => {
                let (form, audience) = (*form, *audience);
                Ok(vec![ConversationEvent::TranscriptDownloaded(TranscriptDownloaded { form, audience })])
            }
            ConversationAction::Leave { shopper_id } if !self.has_joined(*shopper_id) => Ok(vec![]),
            ConversationAction::Leave { shopper_id } => Ok(vec![ConversationEvent::AgentLeft(AgentLeft { shopper_id: *shopper_id })]),
            ConversationAction::SetDepartment { .. }
            | ConversationAction::SetPriority { .. }
            | ConversationAction::SetNote { .. }
            | ConversationAction::AddTag { .. }
            | ConversationAction::RemoveTag { .. }
            | ConversationAction::SetExpertise { .. } => self.described(action),
            ConversationAction::Close { reason } => Ok(vec![ConversationEvent::Closed(Closed {
                reason: *reason,
                outcome: outcome(Facts { agents: self.agents.len(), customer_answered: self.milestones.customer_answered }),
                agent_replied: self.milestones.agent_replied,
            })]),
            ConversationAction::Rate { answer_id, ballot } => {
                let (customer_id, shoppers) = (self.customer_id, self.credited());
                let incoming = Incoming { answer_id: *answer_id, ballot, at: order.at, customer_id, shoppers };
                let rated = self.survey.rate(incoming)?;
                let superseded = rated.superseded.map(ConversationEvent::SurveySuperseded);
                Ok(std::iter::once(ConversationEvent::SurveyAnswered(rated.answered)).chain(superseded).collect())
            }
            ConversationAction::SendSurvey => {
                Ok(self.survey.send(self.credited()).map(ConversationEvent::SurveySent).into_iter().collect())
            }
            ConversationAction::ShowRating { answer_id, publicity } => {
                let shown = self.survey.show(*answer_id, *publicity)?;
                let told =
                    if *publicity == Publicity::Public { ConversationEvent::SurveyPublished } else { ConversationEvent::SurveyHidden };
                Ok(shown.map(told).into_iter().collect())
            }
        }
    }

    /// A closed conversation still takes the note, tags and the rating, which belong to the report on it, and learns where
    /// it goes on.
    fn must_allow(&self, action: &ConversationAction) -> Result<(), Refusal> {
        let opens = matches!(action, ConversationAction::Open { .. });
        let continues = matches!(action, ConversationAction::Continue { .. });
        let reports = matches!(
            action,
            ConversationAction::SetNote { .. }
                | ConversationAction::AddTag { .. }
                | ConversationAction::RemoveTag { .. }
                | ConversationAction::DownloadTranscript { .. }
                | ConversationAction::Rate { .. }
                | ConversationAction::SendSurvey
                | ConversationAction::ShowRating { .. }
        );
        match self.phase {
            Phase::Absent if opens => Ok(()),
            Phase::Absent => Err(Refusal::NotFound),
            Phase::Open | Phase::Closed if opens => Err(Refusal::AlreadyExists),
            Phase::Closed if continues => Ok(()),
            Phase::Open if continues => Err(Refusal::IllegalTransition { state: self.state_name(), action: action.name() }),
            Phase::Closed if !reports => Err(Refusal::IllegalTransition { state: self.state_name(), action: action.name() }),
            Phase::Open | Phase::Closed => Ok(()),
        }
    }

    /// What is set down about it: no event where that is so already.
    fn described(&self, action: &ConversationAction) -> Result<Vec<ConversationEvent>, Refusal> {
        match action {
            ConversationAction::SetDepartment { department } => {
                let department = text::optional(department, |t| text::label("/department", t))?;
                let same = department == self.department;
                Ok(if same { vec![] } else { vec![ConversationEvent::DepartmentSet(DepartmentSet { department })] })
            }
            ConversationAction::SetPriority { priority } => self.set_priority(*priority),
            ConversationAction::SetNote { text } => {
                let cleared = text.trim().is_empty();
                let note = if cleared { String::new() } else { text::block("/text", text, text::NOTE_CHARS_MAX)? };
                Ok(vec![ConversationEvent::NoteSet(NoteSet { text: self.personal(note) })])
            }
            ConversationAction::AddTag { tag } => self.add_tag(tag),
            ConversationAction::RemoveTag { tag } => {
                let tag = text::label("/tag", tag)?;
                Ok(if self.tags.contains(&tag) { vec![ConversationEvent::TagRemoved(Tagged { tag })] } else { vec![] })
            }
            ConversationAction::SetExpertise { expertise } => {
                let expertise = text::set("/expertise", expertise, text::label)?;
                let same = expertise == self.expertise;
                Ok(if same { vec![] } else { vec![ConversationEvent::ExpertiseSet(ExpertiseSet { expertise })] })
            }
            _ => Ok(vec![]),
        }
    }

    /// What both say is about the customer, so it is the customer's to have erased; and it may be kept for a time only.
    pub(super) fn personal(&self, text: String) -> Personal<String> {
        Personal::known(self.customer_id, text).with_stream()
    }

    /// What was written, and what follows from it: the customer's word ends the waiting for it (I05).
    fn written(&self, author: Author, visibility: Visibility, event: ConversationEvent) -> Vec<ConversationEvent> {
        let answers = matches!(author, Author::Customer(_)) && visibility == Visibility::Public && self.status == Status::WaitingCustomer;
        let changed = if answers { self.status_changed(Status::InProgress, StatusCause::CustomerMessage) } else { None };
        match changed {
            None => vec![event],
            Some(changed) => vec![event, changed],
        }
    }

    pub(super) fn status_changed(&self, to: Status, cause: StatusCause) -> Option<ConversationEvent> {
        (to != self.status).then_some(ConversationEvent::StatusChanged(StatusChanged { from: self.status, to, cause }))
    }

    fn shared(&self, author: Author, file: &File) -> Result<FileShared, Refusal> {
        let media_type = text::line("/media_type", &file.media_type, text::FOREIGN_ID_CHARS_MAX)?.to_ascii_lowercase();
        if !media_type.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty()) {
            return Err(Refusal::invalid("/media_type", "media_type", "a media type such as image/png"));
        }
        if file.bytes > FILE_BYTES_MAX {
            return Err(Refusal::invalid("/bytes", "too_long", format!("at most {FILE_BYTES_MAX} bytes")));
        }
        let sha256 = file.sha256.trim().to_ascii_lowercase();
        if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Refusal::invalid("/sha256", "sha256", "64 hexadecimal digits"));
        }
        Ok(FileShared {
            file_id: file.file_id,
            author,
            name: self.personal(text::name("/name", &file.name)?),
            media_type,
            bytes: file.bytes,
            sha256,
            url: self.personal(match &file.content {
                Content::Elsewhere(url) => text::url("/url", url)?,
                Content::Here(path) => path.clone(),
            }),
        })
    }

    fn set_priority(&self, priority: i32) -> Result<Vec<ConversationEvent>, Refusal> {
        if !(-PRIORITY_MAX..=PRIORITY_MAX).contains(&priority) {
            return Err(Refusal::invalid("/priority", "out_of_range", format!("-{PRIORITY_MAX} to {PRIORITY_MAX}")));
        }
        Ok(if priority == self.priority { vec![] } else { vec![ConversationEvent::PrioritySet(PrioritySet { priority })] })
    }

    fn add_tag(&self, tag: &str) -> Result<Vec<ConversationEvent>, Refusal> {
        let tag = text::label("/tag", tag)?;
        if self.tags.contains(&tag) {
            return Ok(vec![]);
        }
        if self.tags.len() >= TAGS_MAX {
            return Err(Refusal::invalid("/tag", "too_many", format!("at most {TAGS_MAX} tags on one conversation")));
        }
        Ok(vec![ConversationEvent::TagAdded(Tagged { tag })])
    }

    /// Those to whom a rating is credited: who answers for it first, or did last.
    fn credited(&self) -> Vec<ShopperId> {
        self.agents.iter().rev().map(|agent| agent.shopper_id).collect()
    }
}

/// Templates are what a shop says on a channel that lets it speak first only in words that were approved.
fn templated(template: &Option<String>, author: Author, visibility: Visibility) -> Result<Option<String>, Refusal> {
    if template.is_some() && (matches!(author, Author::Customer(_)) || visibility != Visibility::Public) {
        return Err(Refusal::invalid(
            "/template",
            "shop_only",
            "none, or the public words of a shopper or a bot: customers and notes have no template",
        ));
    }
    text::optional(template, |t| text::foreign_id("/template", t))
}

/// Those called upon, once each: only staff reads of them.
fn mentioned(shoppers: &[ShopperId], visibility: Visibility) -> Result<Vec<ShopperId>, Refusal> {
    if !shoppers.is_empty() && visibility == Visibility::Public {
        return Err(Refusal::invalid("/mentions", "internal_only", "none, or the visibility internal: customers read of no colleagues"));
    }
    if shoppers.len() > MENTIONS_MAX {
        return Err(Refusal::invalid("/mentions", "too_many", format!("at most {MENTIONS_MAX} colleagues")));
    }
    let mut once = Vec::with_capacity(shoppers.len());
    for shopper in shoppers {
        if !once.contains(shopper) {
            once.push(*shopper);
        }
    }
    Ok(once)
}
