//! How an event looks to those who follow it: rendered at most once per audience, and shared by all sockets.
//!
//! What a customer sees is a list of what may be seen, not of what may not: an event that is new here stays inside until
//! somebody has thought about it.

use super::topic::Audience;
use crate::history;
use bytes::Bytes;
use serde_json::{Value, json};
use std::{cell::OnceCell, sync::Arc};
use vitrina_domain::{
    actor::Actor,
    conversation::{Author, ConversationEvent, Visibility},
    event::Event,
};
use vitrina_eventlog::{Decoded, Position};

/// An event as JSON, from `"position"` on: what comes before differs from socket to socket.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Where it stands in the log.
    pub position: Position,
    /// Its type.
    pub event_type: String,
    /// The members `position`, `environment`, `event`, `stream`, `version`, `occurred_at`, `actor` and `data`, and the closing brace.
    pub body: Bytes,
}

/// Types of events that a customer sees in their own call and conversation.
const FOR_CUSTOMERS: [&str; 42] = [
    "call.requested",
    "call.created",
    "call.scheduled",
    "call.rescheduled",
    "call.queued",
    "call.claimed",
    "call.claim_expired",
    "call.started",
    "call.participant_invited",
    "call.transferred",
    "call.ended",
    "call.finished",
    "call.cancelled",
    "product.shown",
    "cart.item_added",
    "cart.item_updated",
    "cart.item_removed",
    "survey.answered",
    "consent.given",
    "consent.withdrawn",
    "media.session_opened",
    "media.participant_joined",
    "media.participant_left",
    "media.track_published",
    "media.track_unpublished",
    "media.mic_muted",
    "media.mic_unmuted",
    "media.camera_on",
    "media.camera_off",
    "media.camera_switched",
    "media.screen_share_started",
    "media.screen_share_stopped",
    "media.session_closed",
    "recording.switched",
    "conversation.opened",
    "conversation.message_sent",
    "conversation.file_shared",
    "conversation.agent_joined",
    "conversation.agent_left",
    "conversation.bot_joined",
    "conversation.closed",
    "conversation.continued",
];
/// Members of an event's data that only the house reads: who of it, and how it ranks people.
const INTERNAL: [&str; 4] = ["shopper_id", "shopper_ids", "bot_id", "priority"];

/// One event, shown to whoever asks first and kept for the others.
pub(crate) struct Rendering<'a> {
    event: &'a Decoded,
    staff: OnceCell<Arc<Shown>>,
    customer: OnceCell<Option<Arc<Shown>>>,
}

impl<'a> Rendering<'a> {
    /// Not rendered yet.
    pub(crate) fn new(event: &'a Decoded) -> Self {
        Self { event, staff: OnceCell::new(), customer: OnceCell::new() }
    }

    /// The event.
    pub(crate) fn event(&self) -> &'a Decoded {
        self.event
    }

    /// As this audience sees it; `None` when it does not.
    pub(crate) fn to(&self, audience: Audience) -> Option<&Arc<Shown>> {
        match audience {
            Audience::Staff => Some(self.staff.get_or_init(|| Arc::new(shown(self.event, Audience::Staff)))),
            Audience::Customer => {
                let show = || is_for_customers(self.event).then(|| Arc::new(shown(self.event, Audience::Customer)));
                self.customer.get_or_init(show).as_ref()
            }
        }
    }
}

fn is_for_customers(event: &Decoded) -> bool {
    let is_internal = matches!(
        &event.event,
        Event::Conversation(ConversationEvent::MessageSent(message)) if message.visibility == Visibility::Internal
    );
    FOR_CUSTOMERS.contains(&event.recorded.event_type.as_ref()) && !is_internal
}

fn shown(Decoded { recorded, event }: &Decoded, audience: Audience) -> Shown {
    let mut data = event.payload();
    history::show(&mut data);
    let actor = match audience {
        Audience::Staff => json!({"kind": recorded.actor.kind(), "id": recorded.actor.id()}),
        Audience::Customer => {
            strip(&mut data);
            actor_for_customers(&recorded.actor, event)
        }
    };
    let members = json!({
        "position": recorded.position.0,
        "environment": recorded.environment,
        "event": recorded.event_type,
        "stream": {"category": recorded.stream.category.as_str(), "id": recorded.stream.id},
        "version": recorded.version.0,
        "occurred_at": recorded.occurred_at,
        "actor": actor,
        "data": data,
    });
    let text = serde_json::to_vec(&members).expect("an event is plain data with string keys");
    Shown {
        position: recorded.position,
        event_type: recorded.event_type.to_string(),
        // Without the opening brace, which stands before the socket's own members.
        body: Bytes::from(text).slice(1..),
    }
}

/// Others are a kind to the customer, not an id.
fn actor_for_customers(actor: &Actor, event: &Event) -> Value {
    let author = match event {
        Event::Conversation(ConversationEvent::MessageSent(sent)) => Some(sent.author),
        Event::Conversation(ConversationEvent::FileShared(shared)) => Some(shared.author),
        _ => None,
    };
    match actor {
        Actor::ApiKey(_) if matches!(author, Some(Author::Bot(_))) => json!({"kind": "bot"}),
        Actor::Customer(id) => json!({"kind": "customer", "id": id}),
        Actor::System(_) => json!({"kind": "system"}),
        _ => json!({"kind": "shopper"}),
    }
}

/// Takes out what is about others.
fn strip(data: &mut Value) {
    match data {
        Value::Object(members) => {
            let is_passed_on = |name: &str, value: &Value| matches!(name, "from" | "to") && value.is_string();
            members.retain(|name, value| !(INTERNAL.contains(&name.as_str()) || is_passed_on(name, value)));
            if members.get("kind").is_some_and(|kind| kind != "customer") {
                members.remove("id");
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrina_domain::event::Event;

    #[test]
    fn what_a_customer_reads_names_nobody_of_the_house() {
        let mut data = json!({
            "author": {"kind": "shopper", "id": "s"}, "shopper_id": "s", "from": "s", "to": "t", "body": "hello", "priority": 3,
            "line": {"from": 1, "to": 2}
        });
        strip(&mut data);
        assert_eq!(data, json!({"author": {"kind": "shopper"}, "body": "hello", "line": {"from": 1, "to": 2}}));
        let mut own = json!({"author": {"kind": "customer", "id": "c"}, "customer_id": "c"});
        strip(&mut own);
        assert_eq!(own, json!({"author": {"kind": "customer", "id": "c"}, "customer_id": "c"}));
    }

    #[test]
    fn what_customers_see_is_known_and_never_a_note_a_tag_or_a_decision_of_routing() {
        let catalogue: Vec<&str> = Event::catalogue().into_iter().map(|(_, event_type, _)| event_type).collect();
        assert!(FOR_CUSTOMERS.iter().all(|seen| catalogue.contains(seen)));
        assert!(!FOR_CUSTOMERS.iter().any(|seen| ["note", "tag", "routing", "expertise"].iter().any(|part| seen.contains(part))));
    }
}
