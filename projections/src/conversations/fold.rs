//! From events to the rows of conversations.

use super::rows::{ConversationRow, Participant, Standing};
use crate::{
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    table::Json,
};
use vitrina_domain::{
    conversation::{ConversationEvent, Opened},
    event::Event,
    ids::{AccountId, ConversationId, ShopperId},
};
use vitrina_eventlog::Decoded;

/// Keeps the conversations.
pub struct ConversationsProjection;

impl Projection for ConversationsProjection {
    fn name(&self) -> &'static str {
        "conversations"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<ConversationRow>();
    }

    /// Everything but the hot path: messages and files.
    fn wants(&self, event: &Event) -> bool {
        let Event::Conversation(conversation) = event else { return false };
        !matches!(conversation, ConversationEvent::MessageSent(_) | ConversationEvent::FileShared(_))
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match &event.event {
            Event::Conversation(ConversationEvent::Opened(_)) => keys.create::<ConversationRow>(key(event)),
            _ => keys.load::<ConversationRow>(key(event)),
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Conversation(conversation) = &event.event else { return Ok(()) };
        if let ConversationEvent::Opened(opened) = conversation {
            return rows.put(opened_row(event, opened));
        }
        rows.change::<ConversationRow>(&key(event), |row| {
            row.version = event.version();
            change(row, event, conversation);
        })
    }
}

fn change(row: &mut ConversationRow, event: &Decoded, conversation: &ConversationEvent) {
    let at = event.at();
    match conversation {
        ConversationEvent::Opened(_) | ConversationEvent::MessageSent(_) | ConversationEvent::FileShared(_) => {}
        ConversationEvent::StatusChanged(changed) => {
            row.status = changed.to.into();
            row.status_since = at;
        }
        ConversationEvent::AgentJoined(joined) => match participant(row, joined.shopper_id) {
            Some(participant) => participant.present = true,
            None => row.participants.0.push(Participant { shopper_id: joined.shopper_id, present: true, joined_at: at }),
        },
        ConversationEvent::AgentLeft(left) => {
            if let Some(participant) = participant(row, left.shopper_id) {
                participant.present = false;
            }
        }
        ConversationEvent::NoteSet(note) => row.note = note.text.get().filter(|text| !text.is_empty()).cloned(),
        ConversationEvent::TagAdded(tagged) => {
            if !row.tags.0.contains(&tagged.tag) {
                row.tags.0.push(tagged.tag.clone());
            }
        }
        ConversationEvent::TagRemoved(tagged) => row.tags.0.retain(|tag| *tag != tagged.tag),
        ConversationEvent::ExpertiseSet(set) => row.expertise.0.clone_from(&set.expertise),
        ConversationEvent::Closed(closed) => {
            row.open = false;
            row.status = Standing::Closed;
            row.status_since = at;
            row.closed_at = Some(at);
            row.close_reason = Some(closed.reason);
            row.outcome = Some(closed.outcome);
            row.agent_replied = Some(closed.agent_replied);
        }
        ConversationEvent::SurveyAnswered(_) => row.rated = true,
        ConversationEvent::SurveySuperseded(_) => {}
    }
}

fn participant(row: &mut ConversationRow, shopper_id: ShopperId) -> Option<&mut Participant> {
    row.participants.0.iter_mut().find(|participant| participant.shopper_id == shopper_id)
}

fn key(event: &Decoded) -> (AccountId, ConversationId) {
    (event.account(), ConversationId(event.recorded.stream.id))
}

fn opened_row(event: &Decoded, opened: &Opened) -> ConversationRow {
    let (account_id, conversation_id) = key(event);
    ConversationRow {
        account_id,
        conversation_id,
        version: event.version(),
        open: true,
        status: Standing::InProgress,
        status_since: event.at(),
        customer_id: opened.customer_id,
        call_id: opened.call_id,
        channel: opened.channel.clone(),
        language: opened.language.clone(),
        country: opened.country.clone(),
        participants: Json(Vec::new()),
        tags: Json(Vec::new()),
        expertise: Json(Vec::new()),
        note: None,
        opened_at: event.at(),
        closed_at: None,
        close_reason: None,
        outcome: None,
        agent_replied: None,
        rated: false,
    }
}
