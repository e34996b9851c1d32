//! A chat of which something was promised: in time, late, and stopped.

use super::{
    Chapter, Story,
    chats::{opened, said},
};
use chrono::{DateTime, TimeDelta};
use uuid::Uuid;
use vitrina_domain::{
    conversation::{self, ConversationEvent},
    event::Event,
    ids::*,
    personal::Personal,
    sla::{Applied, Breached, ClockStarted, ClockStopped, Met, Settled, Target, Targets, Verdict},
    stream::Category,
};
use vitrina_eventlog::{Position, StreamId};

impl Story {
    /// One that ends so.
    pub(super) fn a_chat_with_promises(&self, head: Position, result: Verdict) -> Chapter {
        let (account, customer_id) = self.customers[0];
        let id = |number: u128| Uuid::from_u128(((number + 100 * (result as u128 + 1)) << 64) | head.0 as u128);
        let shopper_id = self.shoppers.iter().find(|(of, ..)| *of == account).map_or(ShopperId(customer_id.0), |(_, id, _)| *id);
        let colleague = ShopperId(id(1));
        let at = |minutes: i64| DateTime::from_timestamp_millis(1_774_733_400_500).unwrap_or_default() + TimeDelta::minutes(minutes);
        let due = |target, minutes| ConversationEvent::SlaClockStarted(ClockStarted { target, due_at: at(minutes) });
        let met = |target, minutes| ConversationEvent::SlaMet(Met { target, due_at: at(minutes) });
        let late = |target, minutes| ConversationEvent::SlaBreached(Breached { target, due_at: at(minutes) });
        let joined = |shopper_id| ConversationEvent::AgentJoined(conversation::AgentJoined { shopper_id });
        let left = |shopper_id| ConversationEvent::AgentLeft(conversation::AgentLeft { shopper_id });
        let says = |number, author| said(MessageId(id(number)), author, customer_id);
        let by_customer = conversation::Author::Customer(customer_id);
        let targets = Targets { answer_s: Some(60), next_reply_s: Some(60), resolution_s: Some(3_600) };
        let mut events = vec![
            ConversationEvent::Opened(opened(customer_id)),
            ConversationEvent::SlaApplied(Applied { targets, schedule: None }),
            due(Target::Resolution, 60),
            says(2, by_customer),
            due(Target::Answer, 1),
            joined(shopper_id),
            joined(colleague),
            says(3, conversation::Author::Shopper(shopper_id)),
            met(Target::Answer, 1),
            says(4, by_customer),
            due(Target::NextReply, 5),
            ConversationEvent::SlaClockStopped(ClockStopped { target: Target::Resolution, left_ms: Some(60_000) }),
        ];
        let missed = if result == Verdict::Missed {
            events.extend([late(Target::NextReply, 5), left(colleague), due(Target::Resolution, 90)]);
            events.push(late(Target::Resolution, 90));
            vec![Target::NextReply, Target::Resolution]
        } else {
            events.extend([shared(FileId(id(5)), colleague, customer_id), met(Target::NextReply, 5), due(Target::Resolution, 90)]);
            events.push(met(Target::Resolution, 90));
            vec![]
        };
        events.push(ConversationEvent::SlaSettled(Settled { result, missed }));
        events.push(ConversationEvent::Closed(conversation::Closed {
            reason: conversation::CloseReason::ByShopper,
            outcome: conversation::Outcome::Success,
            agent_replied: true,
        }));
        (StreamId::new(account, Category::Conversation, id(9)), events.into_iter().map(Event::from).collect())
    }
}

/// What somebody of the shop answers with a file.
fn shared(file_id: FileId, shopper: ShopperId, customer_id: CustomerId) -> ConversationEvent {
    ConversationEvent::FileShared(conversation::FileShared {
        file_id,
        author: conversation::Author::Shopper(shopper),
        name: Personal::known(customer_id, "a.png".into()),
        media_type: "image/png".into(),
        bytes: 42,
        sha256: "0".repeat(64),
        url: Personal::known(customer_id, "https://example.com/a.png".into()),
    })
}
