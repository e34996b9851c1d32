//! Random commands through the executor: the state in memory, the state loaded at once, and the state loaded after every
//! command are the same.

#[path = "../../eventlog/tests/engines/mod.rs"]
mod engines;

use engines::{Place, account};
use proptest::prelude::*;
use std::cell::RefCell;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, Executor, Unit};
use vitrina_domain::{
    actor::Actor,
    conversation::{Author, CloseReason, Conversation, ConversationAction, Status, Visibility},
    ids::{CommandId, ConversationId, CustomerId, MessageId, ShopperId, UserId},
};
use vitrina_eventlog::engine::memory;

const CUSTOMER: CustomerId = CustomerId(Uuid::from_u128(77));
const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(88));

fn shopper() -> impl Strategy<Value = ShopperId> {
    (1_u128..4).prop_map(|n| ShopperId(Uuid::from_u128(n)))
}

fn action() -> impl Strategy<Value = (Actor, ConversationAction)> {
    let user = || Actor::User(UserId(Uuid::from_u128(1)));
    let message = |author| ConversationAction::SendMessage {
        message_id: MessageId(Uuid::now_v7()),
        author,
        body: "hola".to_owned(),
        visibility: Visibility::Public,
        mentions: Vec::new(),
        template: None,
    };
    prop_oneof![
        2 => Just((user(), ConversationAction::Open {
            customer_id: CUSTOMER, call_id: None, channel: "web".to_owned(), language: None, country: None, department: None, continues: None })),
        4 => Just((Actor::Customer(CUSTOMER), message(Author::Customer(CUSTOMER)))),
        4 => shopper().prop_map(move |s| (Actor::Shopper(s), message(Author::Shopper(s)))),
        3 => shopper().prop_map(|s| (Actor::Shopper(s), ConversationAction::Join { shopper_id: s })),
        2 => shopper().prop_map(|s| (Actor::Shopper(s), ConversationAction::Leave { shopper_id: s })),
        2 => prop_oneof![Just(Status::InProgress), Just(Status::WaitingCustomer), Just(Status::NeedHelp)]
            .prop_map(move |status| (user(), ConversationAction::SetStatus { status })),
        2 => "[a-c]".prop_map(move |tag| (user(), ConversationAction::AddTag { tag })),
        1 => "[a-c]".prop_map(move |tag| (user(), ConversationAction::RemoveTag { tag })),
        1 => Just((user(), ConversationAction::Close { reason: CloseReason::ByAdmin })),
    ]
}

async fn state(executor: &Executor) -> Conversation {
    let found = RefCell::new(Conversation::default());
    let meta = CommandMeta::new(account(1), CommandId(Uuid::now_v7()), Actor::System("test".to_owned()), chrono::Utc::now());
    let look = |unit: &mut Unit<'_>| {
        *found.borrow_mut() = unit.state::<Conversation>(CONVERSATION)?.clone();
        Ok(())
    };
    executor.execute(&meta, look).await.expect("looking is never refused");
    found.into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn memory_and_log_agree_after_every_command(actions in prop::collection::vec(action(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        runtime.block_on(async {
            let log = Place::Memory(memory::open()).open().await;
            let live = Executor::new(log.clone());
            for (actor, action) in actions {
                let meta = CommandMeta::new(account(1), CommandId(Uuid::now_v7()), actor, chrono::Utc::now());
                // A refusal is as good a step as any: it must leave no trace in memory.
                let _ = live.execute(&meta, |unit| unit.run::<Conversation>(CONVERSATION, action.clone())).await;
                prop_assert_eq!(state(&live).await, state(&Executor::new(log.clone())).await);
            }
            Ok(())
        })?;
    }
}
