//! The hand-over from what was written to what is being written, against writers that do not wait for it.
//!
//! A log in memory, the tail that feeds the registry, and followers that come in the middle of a burst of appends: each must
//! get every event after its position exactly once and in order, whatever it follows.

use super::{
    Live,
    catch_up::{CatchUp, Reached},
    feed,
    outbox::{Item, Slot},
    registry::{Connection, Joined},
    topic::{Audience, Interest},
};
use crate::{
    Commands, Config, House,
    directory::Directory,
    media::Media,
    openapi,
    webhooks::Webhooks,
    wiring::{Sides, State},
};
use actix_web::web;
use chrono::Utc;
use proptest::prelude::*;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    call::{CallEvent, Claimed},
    connection::ProcessId,
    ids::{AccountId, CommandId, EventId, ShopperId},
    stream::Category,
};
use vitrina_eventlog::{
    AppendRequest, Environment, EventLog, Expected, Position, StreamId, Write, engine::memory, keyring::MasterKey, log::Options,
};
use vitrina_projections::{Runner, Store, sql::notebook::Notebook};

/// Longest wait for what must come.
const WITHIN: Duration = Duration::from_secs(20);
/// Time between two events after the burst.
const TICK: Duration = Duration::from_millis(50);

fn options() -> Options {
    Options::new(MasterKey::new([7; 32]))
}

/// A server's state over a log in memory. Its read models stand still over another log: what they lack is folded.
async fn state(folder: &Path) -> web::Data<State> {
    let log = EventLog::open(memory::open(), options()).await.expect("works in a test");
    let empty = EventLog::open(memory::open(), options()).await.expect("works in a test");
    let store = Store::sqlite(folder).await.expect("works in a test");
    let runner = Arc::new(Runner::start(store.clone(), empty, vitrina_projections::all()).expect("works in a test"));
    let house = House { log, commands: Commands::Null, store, runner };
    let without_media = [("VITRINA_MEDIA_LISTEN".to_owned(), String::new())];
    let config = Config::load(None, without_media).expect("works in a test");
    let storage = crate::storage::Storage::open(&config).unwrap();
    let process = watch::channel(ProcessId::new(1)).1;
    let (media, _) = Media::start(&config, config.listen, "http://test", process.clone()).expect("works in a test");
    let (recording, _) = crate::recording::Recording::start(&config, media.node.id).expect("works in a test");
    let directory = Directory::of(&openapi::document());
    let notes = Notebook::sqlite(folder).await.expect("works in a test");
    let webhooks = Webhooks::new(&config, &MasterKey::new([7; 32]), notes, process.clone()).expect("works in a test");
    let sides = Sides { storage, media, recording, webhooks };
    let state = State::new(config, "http://test".to_owned(), house, sides, directory, process);
    web::Data::new(state)
}

async fn append(log: &EventLog, account: AccountId, call: Uuid, event: CallEvent) -> Position {
    let command_id = CommandId(Uuid::now_v7());
    let stream = StreamId::new(account, Category::Call, call);
    let sealed = log.seal(stream, EventId(Uuid::now_v7()), Utc::now(), &event).expect("works in a test");
    let write = Write { stream, expected: Expected::Any, environment: Environment::Test, events: vec![sealed] };
    let request = AppendRequest {
        account,
        command_id,
        fingerprint: [0; 16],
        writes: vec![write],
        guards: Vec::new(),
        claims: Vec::new(),
        releases: Vec::new(),
        correlation_id: command_id.0.into(),
        causation_id: None,
        actor: Actor::System("test".to_owned()),
        reason: None,
        result: Vec::new(),
    };
    log.append(request).await.expect("works in a test").position
}

/// What is about the queue, and keeps the call the shopper's work.
fn claimed(shopper_id: ShopperId) -> CallEvent {
    CallEvent::Claimed(Claimed { shopper_id, start_by: None })
}

/// Follows as a connection does, until an event at or after `last` has come.
async fn follow(state: web::Data<State>, account: AccountId, interest: Interest, after: Option<Position>, last: Position) -> Vec<i64> {
    let connection = Arc::new(Connection {
        id: Uuid::now_v7(),
        account,
        audience: Audience::Staff,
        user: None,
        credential: None,
        outbox: Default::default(),
    });
    let live: &Live = &state.live;
    live.registry.connect(&connection, 1);
    let mut catch_up = CatchUp::new(&state, account, Audience::Staff, interest, after).expect("works in a test");
    let mut seen = Vec::new();
    loop {
        let page = catch_up.next(state.clone()).await.expect("works in a test");
        seen.extend(page.events.iter().map(|shown| shown.position.0));
        catch_up = page.catch_up;
        let join = || live.registry.join(&connection, Slot(0), interest, catch_up.position(), catch_up.held().clone());
        if page.reached == Reached::Head && join() == Joined::Live {
            break;
        }
    }
    while seen.last().is_none_or(|position| *position < last.0) {
        connection.outbox.filled().await;
        for item in connection.outbox.take().0 {
            match item {
                Item::Event(_, shown) => seen.push(shown.position.0),
                other => panic!("{other:?}"),
            }
        }
    }
    live.registry.disconnect(&connection, [Slot(0)].into_iter());
    seen
}

async fn race(before: usize, during: usize, after: Vec<Option<u8>>, pauses: Vec<u8>) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join(format!("vitrina-follow-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    std::fs::create_dir_all(&folder).expect("works in a test");
    let state = state(&folder).await;
    let feeding = feed(&state);
    let account = AccountId(Uuid::now_v7());
    let (call, other, shopper) = (Uuid::now_v7(), Uuid::now_v7(), ShopperId(Uuid::now_v7()));
    // Before a claim the call is nobody's work: what comes first is not wanted by who follows the work.
    let first = append(&state.log, account, call, claimed(shopper)).await;
    let mut positions = vec![first.0];
    for _ in 0..before {
        positions.push(append(&state.log, account, call, claimed(shopper)).await.0);
        append(&state.log, account, other, CallEvent::Unarchived(vitrina_domain::call::Archived {})).await;
    }
    let begun = *positions.last().expect("works in a test");
    let last = Position(begun + during as i64);
    let interests = [Interest::Stream(Category::Call, call), Interest::Queue, Interest::Work(shopper), Interest::Account];
    let log = state.log.clone();
    let writer = tokio::spawn(async move {
        let mut written = Vec::new();
        for at in 0..during {
            written.push(append(&log, account, call, claimed(shopper)).await);
            for _ in 0..pauses[at % pauses.len()] {
                tokio::task::yield_now().await;
            }
        }
        written
    });
    let mut followers = Vec::new();
    for (interest, after) in interests.into_iter().cycle().zip(after) {
        let after = after.map(|share| Position(begun * i64::from(share) / 255));
        let begins_after = after.unwrap_or(state.log.head());
        let followed = tokio::spawn(follow(state.clone(), account, interest, after, begins_after.max(last)));
        followers.push((interest, begins_after, followed));
        tokio::task::yield_now().await;
    }
    positions.extend(writer.await.expect("works in a test").iter().map(|position| position.0));
    for (interest, after, mut followed) in followers {
        let waited_since = Instant::now();
        let mut seen = loop {
            match tokio::time::timeout(TICK, &mut followed).await {
                Ok(seen) => break seen.expect("works in a test"),
                Err(_) => assert!(waited_since.elapsed() < WITHIN, "{interest:?} after {after}: something is missing"),
            }
            // One that began after the burst waits for what comes then.
            positions.push(append(&state.log, account, call, claimed(shopper)).await.0);
        };
        if interest == Interest::Account {
            seen.retain(|position| positions.contains(position));
        }
        let upto = *seen.last().expect("works in a test");
        let is_seen_from = |from: i64| positions.iter().copied().filter(|at| *at > from && *at <= upto).collect::<Vec<_>>();
        let wanted = is_seen_from(after.0);
        // One that began "now" began between two looks of ours.
        assert!(seen == wanted || (wanted.ends_with(&seen) && after.0 >= begun), "{interest:?} after {after}: {seen:?}, not {wanted:?}");
    }
    feeding.end().await;
    drop(state);
    // The read models may hold it for a moment longer; then the system's own cleaning has it.
    let _ = std::fs::remove_dir_all(&folder);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_racing_writer_leaves_no_gap_and_no_double(
        before in 0_usize..300,
        during in 1_usize..200,
        after in proptest::collection::vec(proptest::option::weighted(0.8, any::<u8>()), 8),
        pauses in proptest::collection::vec(0_u8..4, 5),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
        runtime.block_on(race(before, during, after, pauses));
    }
}
