//! Who takes part: taking a conversation that waits, coming to help, and handing it on. Exclusive where two could come.

use super::{AgentJoined, AgentLeft, BotJoined, Conversation, ConversationEvent, DepartmentSet, HandedOff, Recipient, Status, StatusCause};
use crate::{
    actor::Actor,
    aggregate::Aggregate,
    bot::Bot,
    ids::{ApiKeyId, ShopperId},
    refusal::Refusal,
    routing::Decided,
    text,
};

/// Shoppers who ever took part in one conversation, at most.
pub const AGENTS_MAX: usize = 50;
/// The state that a refused claim is told: the status alone would not say why.
const TAKEN: &str = "taken";

impl Conversation {
    /// Takes it while nobody is present.
    pub(super) fn claim(&self, shopper_id: ShopperId) -> Result<Vec<ConversationEvent>, Refusal> {
        if self.is_attended() && !self.has_joined(shopper_id) {
            return Err(Refusal::IllegalTransition { state: TAKEN, action: "claim" });
        }
        self.join(shopper_id)
    }

    /// Records the router's choice while nobody is present.
    pub(super) fn decided(&self, decided: &Decided) -> Result<Vec<ConversationEvent>, Refusal> {
        if self.is_attended() {
            return Err(Refusal::IllegalTransition { state: TAKEN, action: "decide" });
        }
        Ok(vec![ConversationEvent::RoutingDecided(decided.clone())])
    }

    /// Comes in where that is wanted. A shopper whom nobody asked does not walk into another's conversation: this is what
    /// the second of two helpers is told (I07, I09).
    pub(super) fn step_in(&self, actor: &Actor, shopper_id: ShopperId) -> Result<Vec<ConversationEvent>, Refusal> {
        let unasked = *actor == Actor::Shopper(shopper_id) && self.is_attended() && !self.has_joined(shopper_id);
        if unasked && self.status != Status::NeedHelp {
            return Err(Refusal::IllegalTransition { state: self.state_name(), action: "join" });
        }
        self.join(shopper_id)
    }

    /// Takes part; whoever comes to help ends the need for it (I09).
    pub(super) fn join(&self, shopper_id: ShopperId) -> Result<Vec<ConversationEvent>, Refusal> {
        if self.has_joined(shopper_id) {
            return Ok(vec![]);
        }
        self.must_have_room("/shopper_id", shopper_id)?;
        let helps = if self.status == Status::NeedHelp { self.status_changed(Status::InProgress, StatusCause::Joined) } else { None };
        Ok(std::iter::once(ConversationEvent::AgentJoined(AgentJoined { shopper_id })).chain(helps).collect())
    }

    /// The bot takes part; there is one at most.
    pub(super) fn bring_bot(&self, bot_id: ApiKeyId, bot: &Bot) -> Result<Vec<ConversationEvent>, Refusal> {
        match self.bot {
            Some(known) if known == bot_id => Ok(vec![]),
            Some(_) => Err(Refusal::NotAllowed("another bot takes part in this conversation")),
            None => Ok(vec![ConversationEvent::BotJoined(BotJoined { bot_id, bot: bot.clone() })]),
        }
    }

    /// To a colleague: who comes, and the one who hands over leaves. To a department: all leave, and the customer waits
    /// again. Either way the customer expects an answer now.
    pub(super) fn hand_over(
        &self,
        actor: &Actor,
        from: Option<ShopperId>,
        to: &Recipient,
        note: &Option<String>,
    ) -> Result<Vec<ConversationEvent>, Refusal> {
        let bot_id = self.bot.filter(|bot_id| *actor == Actor::ApiKey(*bot_id));
        let from = from.filter(|from| self.has_joined(*from));
        let note = text::optional(note, |t| text::block("/note", t, text::NOTE_CHARS_MAX))?.map(|note| self.personal(note));
        let left = |shopper_id| ConversationEvent::AgentLeft(AgentLeft { shopper_id });
        let mut events = Vec::new();
        match to {
            Recipient::Shopper(to) => {
                if from == Some(*to) {
                    return Err(Refusal::invalid("/to/shopper_id", "same", "somebody else than the one who hands over"));
                }
                self.must_have_room("/to/shopper_id", *to)?;
                events.push(ConversationEvent::HandedOff(HandedOff { from, bot_id, to: Recipient::Shopper(*to), note }));
                if !self.has_joined(*to) {
                    events.push(ConversationEvent::AgentJoined(AgentJoined { shopper_id: *to }));
                }
                events.extend(from.map(left));
            }
            Recipient::Department(name) => {
                let name = text::label("/to/department", name)?;
                events.push(ConversationEvent::HandedOff(HandedOff { from, bot_id, to: Recipient::Department(name.clone()), note }));
                if self.department.as_ref() != Some(&name) {
                    events.push(ConversationEvent::DepartmentSet(DepartmentSet { department: Some(name) }));
                }
                events.extend(self.agents.iter().filter(|agent| agent.present).map(|agent| left(agent.shopper_id)));
            }
        }
        events.extend(self.status_changed(Status::InProgress, StatusCause::HandedOff));
        Ok(events)
    }

    fn must_have_room(&self, field: &'static str, shopper_id: ShopperId) -> Result<(), Refusal> {
        let is_new = self.agents.iter().all(|agent| agent.shopper_id != shopper_id);
        if is_new && self.agents.len() >= AGENTS_MAX {
            return Err(Refusal::invalid(field, "too_many", format!("at most {AGENTS_MAX} shoppers in one conversation")));
        }
        Ok(())
    }
}
