//! What was said and what happened, told by the events of a conversation and of its call: one pure fold, in the order of the log.
//!
//! What only staff may read is left out here, and nowhere else: a new event stays inside until somebody has thought about it.

use super::{Part, What, Who};
use crate::fold::Envelope;
use chrono::{DateTime, Utc};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    call::CallEvent,
    conversation::{Audience, Author, ConversationEvent, Recipient, Visibility},
    event::Event,
    ids::{CustomerId, ShopperId},
};
use vitrina_eventlog::Decoded;

use super::Entry;

/// What the events tell those for whom this is made; nobody is named yet.
pub(super) fn entries(events: &[Decoded], audience: Audience) -> Vec<Entry> {
    let mut entries: Vec<Entry> = events.iter().flat_map(|event| told(event, audience)).collect();
    entries.sort_by_key(|entry| entry.position);
    entries
}

/// What the bots among the events are called.
pub(super) fn bots(events: &[Decoded]) -> impl Iterator<Item = (Uuid, String)> {
    events.iter().filter_map(|event| match &event.event {
        Event::Conversation(ConversationEvent::BotJoined(joined)) => Some((joined.bot_id.0, joined.bot.name.clone())),
        _ => None,
    })
}

/// When the call was live; the last end is absent while it is.
pub(super) fn live(events: &[Decoded]) -> Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> {
    let mut spans: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = Vec::new();
    for event in events {
        let Event::Call(call) = &event.event else { continue };
        match call {
            CallEvent::Started(_) => spans.push((event.at(), None)),
            CallEvent::Ended(_) | CallEvent::Finished(_) | CallEvent::Cancelled(_) | CallEvent::Queued(_) => {
                if let Some((_, end @ None)) = spans.last_mut() {
                    *end = Some(event.at());
                }
            }
            _ => {}
        }
    }
    spans
}

fn told(event: &Decoded, audience: Audience) -> Vec<Entry> {
    let told = match &event.event {
        Event::Call(call) => of_call(event, call),
        Event::Conversation(conversation) => of_conversation(event, conversation, audience),
        _ => vec![],
    };
    let (position, at) = (event.recorded.position.0, event.at());
    told.into_iter().map(|(who, what)| Entry { position, at, who, what }).collect()
}

fn of_call(event: &Decoded, call: &CallEvent) -> Vec<(Who, What)> {
    let actor = || actor(&event.recorded.actor);
    let one = |who, what| vec![(who, what)];
    match call {
        CallEvent::Requested(_) | CallEvent::Created(_) => one(actor(), What::Opened),
        CallEvent::Scheduled(to) | CallEvent::Rescheduled(to) => {
            one(actor(), What::Scheduled { starts_at: to.starts_at, ends_at: to.ends_at })
        }
        CallEvent::Queued(queued) => one(Who::system(), What::Queued { reason: queued.reason }),
        CallEvent::Claimed(claimed) => one(Who::shopper(claimed.shopper_id), What::Claimed),
        CallEvent::Started(started) => one(Who::shopper(started.shopper_id), What::Started),
        CallEvent::ParticipantInvited(invited) => one(actor(), What::Invited { to: Who::shopper(invited.shopper_id) }),
        CallEvent::Transferred(moved) => {
            one(actor(), What::Transferred { from: Some(Who::shopper(moved.from)), to: Who::shopper(moved.to) })
        }
        CallEvent::Ended(ended) => one(actor(), What::Ended { reason: ended.reason }),
        CallEvent::Cancelled(cancelled) => one(actor(), What::Cancelled { reason: cancelled.reason }),
        CallEvent::ProductShown(shown) => {
            let product = shown.product.clone();
            one(actor(), What::ProductShown { sku: product.sku, name: product.name, price: product.price })
        }
        CallEvent::CartItemAdded(added) => {
            let line = added.line.clone();
            one(actor(), What::CartAdded { sku: line.sku, name: line.name, quantity: line.quantity, unit_price: line.unit_price })
        }
        CallEvent::CartItemUpdated(changed) => {
            one(actor(), What::CartChanged { sku: changed.sku.clone(), from: changed.from, to: changed.to })
        }
        CallEvent::CartItemRemoved(removed) => one(actor(), What::CartRemoved { sku: removed.sku.clone(), quantity: removed.quantity }),
        CallEvent::SurveyAnswered(rated) => one(actor(), What::Rated { nps: rated.nps, csat: rated.csat, face: rated.face }),
        CallEvent::ConsentGiven(given) => one(actor(), What::ConsentGiven { kind: given.kind, text_version: given.text_version.clone() }),
        CallEvent::ConsentWithdrawn(withdrawn) => one(actor(), What::ConsentWithdrawn { kind: withdrawn.kind }),
        CallEvent::RecordingSwitched(switched) => one(actor(), What::Recording { state: switched.state }),
        _ => vec![],
    }
}

fn of_conversation(event: &Decoded, conversation: &ConversationEvent, audience: Audience) -> Vec<(Who, What)> {
    let actor = || actor(&event.recorded.actor);
    let one = |who, what| vec![(who, what)];
    let is_for_staff = audience == Audience::Staff;
    match conversation {
        // A call tells itself how it began.
        ConversationEvent::Opened(opened) if opened.call_id.is_some() => vec![],
        ConversationEvent::Opened(_) => one(actor(), What::Opened),
        ConversationEvent::MessageSent(sent) => {
            let private = sent.visibility == Visibility::Internal;
            if private && !is_for_staff {
                return vec![];
            }
            let (id, text, template) = (sent.message_id.0, sent.body.get().cloned(), sent.template.clone());
            one(author(sent.author), What::Message { id, text, private, template })
        }
        ConversationEvent::FileShared(shared) => {
            let file = What::File {
                id: shared.file_id.0,
                name: shared.name.get().cloned(),
                media_type: shared.media_type.clone(),
                bytes: shared.bytes,
                sha256: shared.sha256.clone(),
            };
            one(author(shared.author), file)
        }
        ConversationEvent::StatusChanged(changed) if is_for_staff => one(actor(), What::StatusChanged { status: changed.to }),
        ConversationEvent::AgentJoined(joined) => one(Who::shopper(joined.shopper_id), What::Joined),
        ConversationEvent::AgentLeft(left) => one(Who::shopper(left.shopper_id), What::Left),
        ConversationEvent::BotJoined(joined) => one(Who::one(Part::Bot, joined.bot_id.0), What::Joined),
        ConversationEvent::HandedOff(handed) => {
            let actor = || handed.bot_id.map_or_else(actor, |bot| Who::one(Part::Bot, bot.0));
            let mut told = match &handed.to {
                Recipient::Shopper(to) => one(actor(), What::Transferred { from: handed.from.map(Who::shopper), to: Who::shopper(*to) }),
                Recipient::Department(department) => one(actor(), What::HandedToDepartment { department: department.clone() }),
            };
            if let Some(note) = handed.note.as_ref().filter(|_| is_for_staff) {
                told.push((actor(), What::HandOverNote { text: note.get().cloned() }));
            }
            told
        }
        ConversationEvent::Closed(closed) => one(actor(), What::Closed { reason: closed.reason }),
        ConversationEvent::Continued(to) => one(actor(), What::Continued { conversation_id: to.conversation_id.0 }),
        ConversationEvent::SurveyAnswered(rated) => one(actor(), What::Rated { nps: rated.nps, csat: rated.csat, face: rated.face }),
        _ => vec![],
    }
}

impl Who {
    pub(super) fn system() -> Self {
        Self { part: Part::System, id: None, name: None }
    }

    pub(super) fn shopper(id: ShopperId) -> Self {
        Self::one(Part::Shopper, id.0)
    }

    pub(super) fn customer(id: CustomerId) -> Self {
        Self::one(Part::Customer, id.0)
    }

    fn one(part: Part, id: Uuid) -> Self {
        Self { part, id: Some(id), name: None }
    }
}

fn author(author: Author) -> Who {
    match author {
        Author::Customer(id) => Who::customer(id),
        Author::Shopper(id) => Who::shopper(id),
        Author::Bot(id) => Who::one(Part::Bot, id.0),
        Author::System => Who::system(),
    }
}

fn actor(actor: &Actor) -> Who {
    match actor {
        Actor::User(id) => Who::one(Part::Staff, id.0),
        Actor::Shopper(id) => Who::shopper(*id),
        Actor::Customer(id) => Who::customer(*id),
        Actor::ApiKey(id) => Who::one(Part::Program, id.0),
        Actor::System(_) => Who::system(),
    }
}
