//! A manager of the floor reads events in their order, whatever of them it looks into.

#[path = "../../eventlog/tests/engines/mod.rs"]
mod engines;

use chrono::{DateTime, Utc};
use engines::{Place, account};
use uuid::Uuid;
use vitrina_commands::{CommandMeta, Executor, Unit, process::Manager};
use vitrina_domain::{
    actor::Actor,
    conversation::{Author, Conversation, ConversationAction, Visibility},
    floor::{Floor, Place as Spot},
    ids::{CommandId, ConversationId, CustomerId, MessageId, ShopperId},
    stream::Category,
};

const CUSTOMER: CustomerId = CustomerId(Uuid::from_u128(77));
const CHAT: ConversationId = ConversationId(Uuid::from_u128(88));
const ANA: ShopperId = ShopperId(Uuid::from_u128(99));

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).expect("an instant")
}

async fn run(executor: &Executor, actor: Actor, action: ConversationAction) {
    let meta = CommandMeta::new(account(1), CommandId(Uuid::now_v7()), actor, now());
    executor.execute(&meta, |unit: &mut Unit<'_>| unit.run::<Conversation>(CHAT, action.clone())).await.expect("this is possible");
}

#[tokio::test]
async fn who_joins_just_before_somebody_writes_is_known_to_have_joined() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = Executor::new(log.clone());
        let (channel, body) = ("web".to_owned(), "Hola".to_owned());
        let open = ConversationAction::Open {
            customer_id: CUSTOMER,
            call_id: None,
            channel,
            language: None,
            country: None,
            department: None,
            continues: None,
        };
        run(&executor, Actor::Customer(CUSTOMER), open).await;
        let mut manager = Manager::new(executor.clone(), Floor::default());
        manager.catch_up().await.expect("the log is read");
        run(&executor, Actor::Shopper(ANA), ConversationAction::Claim { shopper_id: ANA }).await;
        let message = ConversationAction::SendMessage {
            message_id: MessageId(Uuid::now_v7()),
            author: Author::Customer(CUSTOMER),
            body,
            visibility: Visibility::Public,
            mentions: Vec::new(),
            template: None,
        };
        run(&executor, Actor::Customer(CUSTOMER), message).await;
        // Both in one read.
        manager.catch_up().await.expect("the log is read");
        let Some(Spot::Chat(chat)) = manager.floor().place(&(account(1), Category::Conversation, CHAT.0)) else { panic!("a chat") };
        assert_eq!((chat.agents.contains(&ANA), chat.version), (true, 3));
        log.close().await;
    }
}
