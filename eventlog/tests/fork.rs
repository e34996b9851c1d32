//! The log of a sandbox: whole by itself, imported on every engine, and nothing in it leads back to the account that it was made of.

mod engines;

use chrono::{DateTime, TimeDelta, Utc};
use engines::{Place, account, request, write};
use std::{
    collections::BTreeSet,
    fs,
    io::BufReader,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use uuid::Uuid;
use vitrina_domain::{actor::Actor, event::Event, ids::UserId, stream::Category};
use vitrina_eventlog::{
    EventLog, Expected, NewEvent, Position, Recorded, StreamId, Write,
    trail::{
        Source,
        fork::{FORKED, Fork},
        import::import,
        kept::Fit,
        live::check,
        verify::verify,
        witness::Witness,
    },
};

/// Texts of the samples that are of somebody, or give power.
const OF_SOMEBODY: [&str; 13] = [
    "olga",
    "Ana Ruiz",
    "luz@",
    "$argon2id",
    "muy amable",
    "Hotel Sol",
    "warehouse",
    "Accepto",
    "https://shop",
    "vk_abcd",
    "room.png",
    "Mozilla",
    "because of Olga",
];

/// One sample of every event there is, as it was first stored.
fn samples() -> Vec<(Category, &'static str, u16, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../domain/tests/golden");
    let of = |(category, kind, version): (Category, &'static str, u16)| {
        let path = folder.join(format!("{}/{kind}.v{version}.json", category.as_str()));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let payload: serde_json::Value = serde_json::from_str(&text).expect("it works in a test");
        (category, kind, version, payload.to_string())
    };
    Event::catalogue().into_iter().filter(|(_, kind, _)| *kind != FORKED).map(of).collect()
}

/// Every sample in account 1, with something of account 2 between each and the next.
async fn fill(log: &EventLog) {
    for (nth, (category, event_type, schema_version, payload)) in samples().into_iter().enumerate() {
        let occurred_at = DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("now is an instant");
        let event = NewEvent { event_type, schema_version, event_id: Uuid::now_v7().into(), occurred_at, payload };
        let stream = StreamId::new(account(1), category, Uuid::from_u128(0xabc_0000 + nth as u128 % 3));
        let sample = Write { stream, expected: Expected::Any, environment: vitrina_eventlog::Environment::Production, events: vec![event] };
        let mut asked = request(vec![sample]);
        (asked.actor, asked.reason) = (Actor::User(UserId(Uuid::now_v7())), Some("because of Olga".to_owned()));
        log.append(asked).await.expect("it works in a test");
        let other = StreamId::new(account(2), Category::Conversation, Uuid::from_u128(7));
        log.append(request(vec![write(other, Expected::Any, 1 + nth % 2)])).await.expect("it works in a test");
    }
}

async fn forked(source: Arc<dyn Source>, upto: Position) -> Vec<u8> {
    let mut fork = Fork::new(source, account(1), upto, Utc::now()).expect("it works in a test");
    let mut file = Vec::new();
    while let Some(chunk) = fork.next().await.expect("it works in a test") {
        file.extend(chunk);
    }
    file
}

/// Every id in a text.
fn ids(text: &str) -> BTreeSet<Uuid> {
    let bytes = text.as_bytes();
    bytes.windows(36).filter_map(|window| Uuid::try_parse_ascii(window).ok()).collect()
}

fn ids_of(events: &[Recorded]) -> BTreeSet<Uuid> {
    let of = |event: &Recorded| {
        let envelope = [event.stream.account.0, event.stream.id, event.event_id.0, event.command_id.0, event.correlation_id.0];
        envelope.into_iter().chain(ids(&format!("{} {}", event.payload, event.actor.id())))
    };
    events.iter().flat_map(of).collect()
}

#[tokio::test]
async fn a_fork_is_whole_by_itself_and_nothing_in_it_leads_back() {
    for origin in Place::all().await {
        let log = origin.open().await;
        fill(&log).await;
        let events: Vec<Recorded> =
            log.read(Position::ZERO, 10_000).await.expect("it works in a test").iter().map(|event| (**event).clone()).collect();
        let file = forked(Arc::new(log.clone()), log.head()).await;
        let mut fit = Fit::default();
        let verdict = verify(&*file, |event, _, _| fit.see(event)).expect("it works in a test");
        assert!(verdict.holds(), "{:?}", verdict.chains.faults);
        fit.end().expect("positions are dense");

        let text = String::from_utf8(file.clone()).expect("it is JSON");
        let (before, after) = (ids_of(&events), ids(&text));
        assert!(before.len() > 400 && after.len() > 300, "{} {}", before.len(), after.len());
        assert_eq!(before.intersection(&after).collect::<Vec<_>>(), Vec::<&Uuid>::new());
        let small = text.to_lowercase();
        for of_somebody in OF_SOMEBODY {
            assert!(!small.contains(&of_somebody.to_lowercase()), "the file says {of_somebody}");
        }
        assert!(!small.contains("\"data\":") && small.contains("$sealed"), "what is personal is sealed without a key or a value");

        let again = forked(Arc::new(log.clone()), log.head()).await;
        let again = ids(&String::from_utf8(again).expect("it is JSON"));
        assert!(after.is_disjoint(&again), "two forks have ids in common");
        log.close().await;
    }
}

#[tokio::test]
async fn a_fork_is_imported_on_every_engine_and_goes_on_there() {
    let origin = Place::sqlite();
    let log = origin.open().await;
    fill(&log).await;
    let file = forked(Arc::new(log.clone()), log.head()).await;
    let verdict = verify(&*file, |_, _, _| {}).expect("it works in a test");
    let events = log.read(Position::ZERO, 10_000).await.expect("it works in a test");
    for place in Place::all().await {
        let stores = place.stores().await;
        let end = import(BufReader::new(&*file), verdict.chains.end, &*stores.engine, |_| {}).await.expect("it works in a test");
        drop(stores);
        let sandbox = place.open().await;
        let copied = sandbox.read(Position::ZERO, 10_000).await.expect("it works in a test");
        assert_eq!(sandbox.head(), end);
        assert_eq!(copied.last().map(|event| &*event.event_type), Some(FORKED));
        assert_eq!(copied.last().map(|event| event.recorded_at), events.last().map(|event| event.recorded_at));
        // What happened then happens at the same time here, in the same order.
        let kinds: BTreeSet<_> = copied.iter().map(|event| event.event_type.clone()).collect();
        let told = |event: &&Arc<Recorded>| event.stream.account == account(1) && kinds.contains(&event.event_type);
        let when = |event: &Arc<Recorded>| (event.event_type.clone(), event.occurred_at, event.recorded_at, event.environment);
        assert_eq!(
            events.iter().filter(told).map(when).collect::<Vec<_>>(),
            copied[..copied.len() - 1].iter().map(when).collect::<Vec<_>>()
        );
        sandbox.decode(copied.clone()).await.expect("all of it is read");
        let (account, on) = (copied[0].stream.account, Uuid::from_u128(1));
        let next = write(StreamId::new(account, Category::Conversation, on), Expected::Any, 2);
        sandbox.append(request(vec![next])).await.expect("it goes on");
        sandbox.close().await;
        let tables: Option<Arc<dyn vitrina_eventlog::trail::live::Tables>> = match &place {
            Place::Sqlite(folder) => Some(vitrina_eventlog::engine::sqlite::source(folder).expect("it works in a test")),
            Place::Postgres(url) => Some(vitrina_eventlog::engine::postgres::source(url).expect("it works in a test")),
            Place::Memory(_) => None,
        };
        if let Some(tables) = tables {
            let found = check(&*tables, &mut Witness::default(), |_, _| {}).await.expect("it works in a test");
            assert_eq!(found.faults.count, 0, "{:?}", found.faults);
        }
    }
}

#[tokio::test]
async fn what_was_going_on_at_the_end_ends_where_the_whole_log_did() {
    let place = Place::sqlite();
    let now = Arc::new(Mutex::new(DateTime::from_timestamp(1_700_000_000, 0).expect("an instant")));
    let clock = Arc::clone(&now);
    let log = place.open_at(move || *clock.lock().expect("nobody panicked")).await;
    fill(&log).await;
    *now.lock().expect("nobody panicked") += TimeDelta::hours(1);
    let other = StreamId::new(account(2), Category::Conversation, Uuid::from_u128(7));
    log.append(request(vec![write(other, Expected::Any, 1)])).await.expect("it works in a test");
    let mut file = forked(Arc::new(log.clone()), log.head()).await;
    file.truncate(file.len() - 1);
    let text = String::from_utf8(file).expect("it is JSON");
    let last = text.lines().rev().nth(1).expect("it has events");
    assert!(last.contains(FORKED) && last.contains("2023-11-14T23:13:20.000000Z"), "{last}");
}

#[tokio::test]
async fn of_an_account_that_is_not_there_nothing_is_forked() {
    let log = Place::sqlite().open().await;
    log.append(request(vec![write(engines::stream(1), Expected::Any, 3)])).await.expect("it works in a test");
    let mut fork = Fork::new(Arc::new(log.clone()), account(3), log.head(), Utc::now()).expect("it works in a test");
    while fork.next().await.expect("it works in a test").is_some() {}
    assert_eq!(fork.so_far().1, 0);
}
