//! From events to the rows of conversations.

use super::rows::{ConversationRow, ConversationShopperRow, HandOver, Participant, Sla, SlaStanding, Standing};
use crate::{
    fold::{Envelope, FoldError, Keys, Projection, Rows, Scrubs, Tables},
    table::{Field, Json, Table},
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    conversation::{AgentJoined, AgentLeft, ConversationEvent, HandedOff, Opened, Recipient},
    event::Event,
    ids::{AccountId, ConversationId, ShopperId, SubjectId},
    retention::{ContentExpired, ContentKind},
    sla::Clocks,
    subject::Forgotten,
};
use vitrina_eventlog::Decoded;

/// Hand-overs that a row keeps: the history has all of them.
const HAND_OVERS_KEPT: usize = 20;

/// Keeps the conversations.
pub struct ConversationsProjection;

impl Projection for ConversationsProjection {
    fn name(&self) -> &'static str {
        "conversations"
    }

    fn version(&self) -> u32 {
        6
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<ConversationRow>();
        tables.add::<ConversationShopperRow>();
    }

    /// Everything but messages and files, which are the most; what is promised and hangs on one is an event of its own.
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
        })?;
        let ConversationEvent::AgentJoined(joined) = conversation else { return Ok(()) };
        let Some(opened_at) = rows.get::<ConversationRow>(&key(event))?.map(|row| row.opened_at) else { return Ok(()) };
        let (account_id, conversation_id) = key(event);
        let listed = ConversationShopperRow { account_id, shopper_id: joined.shopper_id, opened_at, conversation_id };
        rows.stands::<ConversationShopperRow>(listed.key(), None)?;
        rows.put(listed)
    }

    fn forgets(&self, account: AccountId, _: SubjectId, forgotten: &Forgotten, scrubs: &mut Scrubs) {
        without_notes(account, &forgotten.conversations, scrubs);
    }

    fn expires(&self, account: AccountId, expired: &ContentExpired, scrubs: &mut Scrubs) {
        if expired.content == ContentKind::Messages {
            without_notes(account, &expired.conversations, scrubs);
        }
    }
}

fn without_notes(account: AccountId, conversations: &[ConversationId], scrubs: &mut Scrubs) {
    for conversation in conversations {
        let values = vec![account.to_value(), conversation.to_value()];
        scrubs.rows::<ConversationRow>((&["account_id", "conversation_id"], "from_position"), values, |rows, _| {
            for row in rows {
                row.note = None;
                row.hand_overs.0.iter_mut().for_each(|hand_over| hand_over.note = None);
            }
        });
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
        ConversationEvent::AgentJoined(joined) => {
            comes(row, joined, at);
            attended(row, event);
        }
        ConversationEvent::AgentLeft(left) => {
            goes(row, left, at);
            attended(row, event);
        }
        ConversationEvent::BotJoined(joined) => (row.bot_id, row.bot) = (Some(joined.bot_id), Some(Json(joined.bot.clone()))),
        ConversationEvent::HandedOff(handed) => handed_off(row, handed, at),
        ConversationEvent::DepartmentSet(set) => row.department.clone_from(&set.department),
        ConversationEvent::PrioritySet(set) => row.priority = set.priority,
        ConversationEvent::Continued(continued) => row.continued_in = Some(continued.conversation_id),
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
            (row.waiting_since, row.waiting_position) = (None, None);
        }
        ConversationEvent::SlaApplied(applied) => promised(row, Sla { targets: applied.targets, clocks: Clocks::default() }),
        ConversationEvent::SlaClockStarted(_)
        | ConversationEvent::SlaClockStopped(_)
        | ConversationEvent::SlaMet(_)
        | ConversationEvent::SlaBreached(_)
        | ConversationEvent::SlaSettled(_) => {
            if let Some(Json(mut sla)) = row.sla.take() {
                sla.clocks.fold(conversation);
                promised(row, sla);
            }
        }
        ConversationEvent::SurveyAnswered(answered) => {
            row.rated = true;
            (row.nps, row.csat, row.face) = (answered.nps, answered.csat, answered.face);
        }
        ConversationEvent::SurveySuperseded(_)
        | ConversationEvent::SurveySent(_)
        | ConversationEvent::SurveyHidden(_)
        | ConversationEvent::SurveyPublished(_)
        | ConversationEvent::RoutingDecided(_)
        | ConversationEvent::TranscriptDownloaded(_) => {}
    }
}

fn promised(row: &mut ConversationRow, sla: Sla) {
    row.sla_standing = Some(SlaStanding::of(&sla.clocks));
    row.sla = Some(Json(sla));
}

fn comes(row: &mut ConversationRow, joined: &AgentJoined, at: DateTime<Utc>) {
    let shopper_id = joined.shopper_id;
    match participant(row, shopper_id) {
        Some(participant) => (participant.present, participant.since, participant.left_at) = (true, at, None),
        None => row.participants.0.push(Participant { shopper_id, present: true, joined_at: at, since: at, left_at: None }),
    }
}

fn goes(row: &mut ConversationRow, left: &AgentLeft, at: DateTime<Utc>) {
    if let Some(participant) = participant(row, left.shopper_id) {
        (participant.present, participant.left_at) = (false, Some(at));
    }
}

/// Who is called after a hand-over comes by an event of their own; from here on they answer for it.
fn handed_off(row: &mut ConversationRow, handed: &HandedOff, at: DateTime<Utc>) {
    if let Recipient::Shopper(to) = handed.to {
        row.assigned_to = Some(to);
    }
    if row.hand_overs.0.len() >= HAND_OVERS_KEPT {
        row.hand_overs.0.remove(0);
    }
    let note = handed.note.as_ref().and_then(|note| note.get()).cloned();
    row.hand_overs.0.push(HandOver { from: handed.from, bot_id: handed.bot_id, to: handed.to.clone(), note, at });
}

/// After somebody came or went: whether the customer waits, and who answers.
fn attended(row: &mut ConversationRow, event: &Decoded) {
    let present = || row.participants.0.iter().filter(|participant| participant.present);
    let keeps = row.assigned_to.is_some_and(|id| present().any(|participant| participant.shopper_id == id));
    if !keeps {
        row.assigned_to = present().min_by_key(|participant| participant.since).map(|participant| participant.shopper_id);
    }
    let waits = row.call_id.is_none() && present().next().is_none();
    match (waits, row.waiting_since) {
        (true, None) => (row.waiting_since, row.waiting_position) = (Some(event.at()), Some(event.recorded.position.0)),
        (false, Some(_)) => (row.waiting_since, row.waiting_position) = (None, None),
        _ => {}
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
        department: opened.department.clone(),
        priority: 0,
        waiting_since: opened.call_id.is_none().then(|| event.at()),
        waiting_position: opened.call_id.is_none().then_some(event.recorded.position.0),
        assigned_to: None,
        bot_id: None,
        bot: None,
        previous_id: opened.continues.map(|continues| continues.previous_id),
        origin_id: opened.continues.map(|continues| continues.origin_id),
        continued_in: None,
        hand_overs: Json(Vec::new()),
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
        nps: None,
        csat: None,
        face: None,
        sla: None,
        sla_standing: None,
        environment: event.recorded.environment,
    }
}
