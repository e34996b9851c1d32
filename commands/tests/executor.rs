//! The executor on every engine: once, in order, on the newest state, and never a refusal that rests on nothing.

#[path = "../../eventlog/tests/engines/mod.rs"]
mod engines;

use chrono::{DateTime, Utc};
use engines::{Place, account};
use futures_util::{FutureExt, future::join_all};
use uuid::Uuid;
use vitrina_commands::{CommandError, CommandMeta, Committed, Executor, Unit};
use vitrina_domain::{
    actor::Actor,
    aggregate::Aggregate,
    conversation::{Author, Conversation, ConversationAction, Status, Visibility},
    customer::{Customer, CustomerAction},
    ids::{CommandId, ConversationId, CustomerId, MessageId, UserId},
    refusal::Refusal,
};
use vitrina_eventlog::{Environment, EventLog, Position, StreamId, Version};

const CUSTOMER: CustomerId = CustomerId(Uuid::from_u128(77));
const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(88));

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).expect("an instant")
}

fn meta(actor: Actor) -> CommandMeta {
    CommandMeta::new(account(1), CommandId(Uuid::now_v7()), actor, now())
}

fn user() -> Actor {
    Actor::User(UserId(Uuid::from_u128(1)))
}

fn open() -> ConversationAction {
    ConversationAction::Open {
        customer_id: CUSTOMER,
        call_id: None,
        channel: "web".to_owned(),
        language: None,
        country: None,
        department: None,
        continues: None,
    }
}

fn message(text: &str) -> ConversationAction {
    ConversationAction::SendMessage {
        message_id: MessageId(Uuid::now_v7()),
        author: Author::Customer(CUSTOMER),
        body: text.to_owned(),
        visibility: Visibility::Public,
        mentions: Vec::new(),
        template: None,
    }
}

async fn run(executor: &Executor, meta: &CommandMeta, action: ConversationAction) -> Result<Committed, CommandError> {
    executor.execute(meta, |unit: &mut Unit<'_>| unit.run::<Conversation>(CONVERSATION, action.clone())).await
}

async fn opened(log: &EventLog) -> Executor {
    let executor = Executor::new(log.clone());
    run(&executor, &meta(user()), open()).await.expect("a conversation opens");
    executor
}

async fn stored(log: &EventLog) -> Vec<String> {
    let stream = StreamId::new(account(1), Conversation::CATEGORY, CONVERSATION.0);
    log.read_stream(stream, Version::ZERO, 10_000).await.expect("the stream is read").iter().map(|e| e.event_type.to_string()).collect()
}

#[tokio::test]
async fn a_command_answers_with_position_and_version() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = opened(&log).await;
        let committed = run(&executor, &meta(Actor::Customer(CUSTOMER)), message("hola")).await.unwrap();
        assert_eq!((committed.position, committed.version, committed.replayed), (Position(2), Version(2), false));
    }
}

#[tokio::test]
async fn the_same_command_again_answers_with_the_first_outcome() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = opened(&log).await;
        let once = meta(user());
        let tag = || ConversationAction::AddTag { tag: "vip".to_owned() };
        let close = |m: CommandMeta| {
            let executor = executor.clone();
            async move { run(&executor, &m, ConversationAction::Close { reason: vitrina_domain::conversation::CloseReason::ByAdmin }).await }
        };
        let first = run(&executor, &once, tag()).await.unwrap();
        // Nothing would change any more: the stored outcome is found all the same.
        let again = run(&executor, &once, tag()).await.unwrap();
        assert_eq!((again.position, again.version, again.replayed), (first.position, first.version, true));
        // It would be refused by now: the stored outcome is found all the same, also without any memory.
        let closing = meta(user());
        let closed = close(closing.clone()).await.unwrap();
        assert_eq!(close(closing.clone()).await.unwrap().position, closed.position);
        let fresh = Executor::new(log.clone());
        let elsewhere =
            run(&fresh, &closing, ConversationAction::Close { reason: vitrina_domain::conversation::CloseReason::ByAdmin }).await;
        assert_eq!(elsewhere.unwrap().position, closed.position);
        assert_eq!(stored(&log).await, ["conversation.opened", "conversation.tag_added", "conversation.closed"]);
    }
}

#[tokio::test]
async fn the_same_key_with_other_content_is_refused() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = opened(&log).await;
        let first = meta(Actor::Customer(CUSTOMER));
        run(&executor, &first, message("a")).await.unwrap();
        let other = CommandMeta { fingerprint: [9; 16], ..first };
        assert!(matches!(run(&executor, &other, message("b")).await, Err(CommandError::KeyReused)));
        assert_eq!(stored(&log).await.len(), 2);
        // What was decided in memory on the misused key has left no trace.
        run(&executor, &meta(Actor::Customer(CUSTOMER)), message("c")).await.unwrap();
        assert_eq!(stored(&log).await.len(), 3);
    }
}

#[tokio::test]
async fn many_at_once_on_one_conversation_are_all_written_in_order() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = opened(&log).await;
        let send = |n: usize| {
            let executor = executor.clone();
            async move { run(&executor, &meta(Actor::Customer(CUSTOMER)), message(&n.to_string())).await.unwrap().version.0 }
        };
        let mut versions = join_all((0..300).map(send)).await;
        versions.sort_unstable();
        assert_eq!(versions, (2..=301).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn the_same_command_at_the_same_time_is_told_that_it_is_under_way() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = opened(&log).await;
        let once = meta(Actor::Customer(CUSTOMER));
        let meanwhile = || run(&executor, &once, message("a")).now_or_never();
        let first = executor.execute(&once, |unit: &mut Unit<'_>| {
            assert!(matches!(meanwhile(), Some(Err(CommandError::InFlight))));
            unit.run::<Conversation>(CONVERSATION, message("a"))
        });
        first.await.unwrap();
        assert!(run(&executor, &once, message("a")).await.unwrap().replayed);
    }
}

#[tokio::test]
async fn a_refusal_names_state_and_version_and_writes_nothing() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = opened(&log).await;
        let refused = run(&executor, &meta(user()), open()).await;
        assert!(
            matches!(
                refused,
                Err(CommandError::Refused { refusal: Refusal::AlreadyExists, version: Version(1), state: "open" | "in_progress", .. })
            ),
            "{refused:?}"
        );
        assert_eq!(stored(&log).await.len(), 1);
        let missing = executor.execute(&meta(user()), |u| u.run::<Conversation>(Uuid::from_u128(1234), message("x"))).await;
        assert!(matches!(missing, Err(CommandError::Refused { refusal: Refusal::NotFound, .. })));
    }
}

#[tokio::test]
async fn a_wrong_version_is_refused_and_the_right_one_is_not() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = opened(&log).await;
        let at = |version| CommandMeta { if_match: Some(Version(version)), ..meta(Actor::Customer(CUSTOMER)) };
        let wrong = run(&executor, &at(7), message("a")).await;
        assert!(matches!(wrong, Err(CommandError::VersionMismatch { actual: Version(1) })));
        assert_eq!(run(&executor, &at(1), message("a")).await.unwrap().version, Version(2));
    }
}

#[tokio::test]
async fn a_command_over_several_aggregates_is_all_or_nothing() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = Executor::new(log.clone());
        let both = |customer: CustomerId, conversation: Uuid| {
            let executor = executor.clone();
            async move {
                executor
                    .execute(&meta(user()), move |unit| {
                        unit.open::<Customer>(customer, CustomerAction::Create { customer_id: customer, details: Default::default() })?;
                        unit.run::<Conversation>(conversation, open())?;
                        unit.claim("customer", b"one".to_vec(), customer.0);
                        unit.result(b"{}".to_vec());
                        Ok(())
                    })
                    .await
            }
        };
        let done = both(CUSTOMER, CONVERSATION.0).await.unwrap();
        assert_eq!((done.position, done.result.as_slice()), (Position(2), &b"{}"[..]));
        let taken = both(CustomerId(Uuid::now_v7()), Uuid::now_v7()).await;
        assert!(matches!(taken, Err(CommandError::ClaimTaken { holder, .. }) if holder == CUSTOMER.0));
        assert_eq!(log.ping().await.unwrap(), Position(2));
    }
}

#[tokio::test]
async fn two_processes_on_one_conversation_both_get_through() {
    let Some(place) = Place::postgres().await else { return };
    let (one, other) = (place.open().await, place.open().await);
    let executors = [opened(&one).await, Executor::new(other.clone())];
    let send = |n: usize| {
        let executor = executors[n % 2].clone();
        async move { run(&executor, &meta(Actor::Customer(CUSTOMER)), message(&n.to_string())).await }
    };
    let results = join_all((0..60).map(send)).await;
    let written = results.iter().filter(|r| r.is_ok()).count();
    let contended = results.iter().filter(|r| matches!(r, Err(CommandError::Contended))).count();
    assert_eq!(written + contended, 60);
    assert_eq!(stored(&one).await.len(), 1 + written);
    assert!(written >= 50, "{written}");
}

#[tokio::test]
async fn a_refusal_never_rests_on_what_another_process_has_changed() {
    let Some(place) = Place::postgres().await else { return };
    let (one, other) = (place.open().await, place.open().await);
    let (here, there) = (opened(&one).await, Executor::new(other.clone()));
    let set = |status| ConversationAction::SetStatus { status };
    run(&here, &meta(user()), set(Status::NeedHelp)).await.unwrap();
    run(&there, &meta(user()), set(Status::InProgress)).await.unwrap();
    // `here` remembers need_help and would change nothing; the log says otherwise.
    let changed = run(&here, &meta(user()), set(Status::NeedHelp)).await.unwrap();
    assert_eq!(changed.version, Version(4));
    let closing = ConversationAction::Close { reason: vitrina_domain::conversation::CloseReason::ByAdmin };
    run(&there, &meta(user()), closing).await.unwrap();
    let late = run(&here, &meta(Actor::Customer(CUSTOMER)), message("late")).await;
    assert!(matches!(late, Err(CommandError::Refused { state: "closed", version: Version(5), .. })), "{late:?}");
}

#[tokio::test]
async fn what_rests_on_a_decision_that_was_not_written_is_decided_anew() {
    let Some(place) = Place::postgres().await else { return };
    let (one, other) = (place.open().await, place.open().await);
    let (here, there) = (opened(&one).await, Executor::new(other.clone()));
    let closing = ConversationAction::Close { reason: vitrina_domain::conversation::CloseReason::ByAdmin };
    run(&there, &meta(user()), closing).await.unwrap();
    // `here` still holds version 1 in memory and sends both messages in one batch. Version 2 is another event by now, so
    // the first conflicts; the second must not pass for the mere reason that it expects version 2.
    let metas = [meta(Actor::Customer(CUSTOMER)), meta(Actor::Customer(CUSTOMER))];
    let (first, second) = tokio::join!(run(&here, &metas[0], message("a")), run(&here, &metas[1], message("b")));
    for late in [first, second] {
        assert!(matches!(late, Err(CommandError::Refused { state: "closed", version: Version(2), .. })), "{late:?}");
    }
    assert_eq!(stored(&one).await, ["conversation.opened", "conversation.closed"]);
}

#[tokio::test]
async fn a_command_that_took_a_name_is_replayed_after_a_restart_and_not_told_that_the_name_is_taken() {
    for place in Place::all().await {
        let create = |log: EventLog, meta: CommandMeta| async move {
            // As a handler does it: every run of the same command makes an id anew.
            let customer = CustomerId(Uuid::now_v7());
            let unit = |unit: &mut Unit<'_>| {
                unit.open::<Customer>(customer, CustomerAction::Create { customer_id: customer, details: Default::default() })?;
                unit.claim("customer", b"one".to_vec(), customer.0);
                Ok(())
            };
            Executor::new(log).execute(&meta, unit).await
        };
        let log = place.open().await;
        let once = meta(user());
        let first = create(log.clone(), once.clone()).await.unwrap();
        log.close().await;
        drop(log);
        let log = place.open().await;
        let again = create(log, once).await.unwrap();
        assert_eq!((again.position, again.replayed), (first.position, true));
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_wrong_behind() {
    for place in Place::all().await {
        let log = place.open().await;
        let executor = opened(&log).await;
        // The first message makes the customer's key: what follows is sent when it is first polled.
        run(&executor, &meta(Actor::Customer(CUSTOMER)), message("hola")).await.unwrap();
        // One that is written, and one that is not, because it gives back a name that nobody holds.
        let (written, not_written) = (meta(Actor::Customer(CUSTOMER)), meta(Actor::Customer(CUSTOMER)));
        let _ = run(&executor, &written, message("a")).now_or_never();
        let failing = executor.execute(&not_written, |unit: &mut Unit<'_>| {
            unit.run::<Conversation>(CONVERSATION, message("b"))?;
            unit.release("customer", b"nobody's".to_vec(), CUSTOMER.0);
            Ok(())
        });
        let _ = failing.now_or_never();
        assert_eq!(run(&executor, &meta(Actor::Customer(CUSTOMER)), message("c")).await.unwrap().version, Version(4));
        let again = run(&executor, &written, message("a")).await.unwrap();
        assert_eq!((again.position, again.replayed), (Position(3), true));
        assert_eq!(stored(&log).await.len(), 4);
    }
}

#[tokio::test]
async fn a_stream_stays_in_the_environment_that_it_was_opened_in_whoever_writes_and_so_does_what_follows_it() {
    for place in Place::all().await {
        let log = place.open().await;
        let opening = CommandMeta { opens_in: Environment::Test, ..meta(user()) };
        let executor = Executor::new(log.clone());
        let open_both = |unit: &mut Unit<'_>| {
            unit.run::<Customer>(CUSTOMER, CustomerAction::Create { customer_id: CUSTOMER, details: Default::default() })?;
            unit.run::<Conversation>(CONVERSATION, open())
        };
        executor.execute(&opening, open_both).await.expect("both are made");
        // Out of memory and out of the log alike.
        for executor in [executor, Executor::new(log.clone())] {
            run(&executor, &meta(Actor::Customer(CUSTOMER)), message("hola")).await.expect("it takes a message");
        }
        let follows = |unit: &mut Unit<'_>| {
            unit.stay_with::<Conversation>(CONVERSATION)?;
            unit.open::<Conversation>(ConversationId(Uuid::from_u128(89)), open())
        };
        Executor::new(log.clone()).execute(&meta(user()), follows).await.expect("another one opens");
        let events = log.read(Position::ZERO, 10).await.expect("the log is read");
        let told: Vec<_> = events.iter().map(|event| (event.event_type.as_ref(), event.environment)).collect();
        let (production, test) = (Environment::Production, Environment::Test);
        assert_eq!(
            told,
            [
                ("customer.created", production),
                ("conversation.opened", test),
                ("conversation.message_sent", test),
                ("conversation.message_sent", test),
                ("conversation.opened", test),
            ]
        );
    }
}
