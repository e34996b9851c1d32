//! cqrs-es's own framework, running on our store: on every engine it decides, conflicts and reloads as it should.

mod engines;

use cqrs_es::{AggregateError, CqrsFramework, EventStore};
use engines::{Place, account};
use std::collections::HashMap;
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    conversation::{Conversation, ConversationAction, ConversationEvent},
    ids::{CustomerId, UserId},
    order::Order,
    refusal::Refusal,
};
use vitrina_eventlog::{
    Position,
    cqrs::{ACTOR, COMMAND_ID, CqrsStore, POSITION},
};

fn order(action: ConversationAction) -> Order<ConversationAction> {
    Order::new(Actor::User(UserId(Uuid::nil())), chrono::Utc::now(), action)
}

fn open(customer: CustomerId) -> ConversationAction {
    ConversationAction::Open {
        customer_id: customer,
        call_id: None,
        channel: "web".to_owned(),
        language: None,
        country: None,
        department: None,
        continues: None,
    }
}

#[tokio::test]
async fn the_framework_runs_on_our_log() {
    for place in Place::all().await {
        let log = place.open().await;
        let store = CqrsStore::new(log.clone(), account(1));
        let framework = CqrsFramework::<Conversation, _>::new(store.clone(), vec![], ());
        let id = Uuid::now_v7().to_string();
        let command = Uuid::now_v7();
        let metadata = HashMap::from([(COMMAND_ID.to_owned(), command.to_string()), (ACTOR.to_owned(), "system:test".to_owned())]);
        framework.execute_with_metadata(&id, order(open(CustomerId(Uuid::now_v7()))), metadata).await.unwrap();
        framework.execute(&id, order(ConversationAction::AddTag { tag: "vip".to_owned() })).await.unwrap();
        let refused = framework.execute(&id, order(open(CustomerId(Uuid::now_v7())))).await;
        assert!(matches!(refused, Err(AggregateError::UserError(Refusal::AlreadyExists))), "{refused:?}");

        let events: Vec<cqrs_es::EventEnvelope<Conversation>> = store.load_events(&id).await.unwrap();
        assert_eq!(events.len(), 2);
        assert!(matches!(events[1].payload, ConversationEvent::TagAdded(_)));
        assert_eq!(events[1].metadata[POSITION], "2");
        let stored = log.read(Position::ZERO, 10).await.unwrap();
        assert_eq!((stored[0].command_id.0, &stored[0].actor), (command, &Actor::System("test".to_owned())));

        // Two loaded at the same version: the second to commit is told of the conflict.
        let tag = |tag: &str| vec![ConversationEvent::TagAdded(vitrina_domain::conversation::Tagged { tag: tag.to_owned() })];
        let first = EventStore::<Conversation>::load_aggregate(&store, &id).await.unwrap();
        let second = EventStore::<Conversation>::load_aggregate(&store, &id).await.unwrap();
        EventStore::<Conversation>::commit(&store, tag("a"), first, HashMap::new()).await.unwrap();
        let late = EventStore::<Conversation>::commit(&store, tag("b"), second, HashMap::new()).await;
        assert!(matches!(late, Err(AggregateError::AggregateConflict)));
    }
}
