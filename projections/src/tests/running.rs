//! The runner as a server has it: following, coming back, taking over, stopping loudly.

use super::{
    batches::fold,
    engines::{Place, assert_same, contents},
    story::{self, Story},
};
use crate::{
    Error, Runner, Store,
    fold::{FoldError, Keys, Projection, Rows, Tables},
    runner::State,
    sql::pool,
};
use std::{sync::Arc, time::Duration};
use vitrina_domain::event::Event;
use vitrina_eventlog::{Decoded, EventLog, Position};

const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn reference(log: &EventLog) -> Vec<(&'static str, Vec<crate::sql::Row>)> {
    let place = Place::sqlite();
    let store = place.open().await;
    fold(&store, &story::decoded(log).await, &[1_000]).await;
    contents(&store).await
}

pub(super) async fn caught_up(runner: &Runner, log: &EventLog) {
    runner.at_least(log.head(), PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_and_what_comes_is_folded_and_a_restart_goes_on() {
    for place in Place::all().await {
        let log = story::log().await;
        let mut story = Story::new(31);
        story.tell(&log, 1_500).await;
        let store = place.open().await;
        let runner = Runner::start(store, log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        assert!(runner.status().is_ready());
        story.tell(&log, 500).await;
        caught_up(&runner, &log).await;
        runner.close().await;
        story.tell(&log, 300).await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        assert_same(&reference(&log).await, &contents(&store).await);
        runner.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_ever() {
    let (place, log) = (Place::sqlite(), story::log().await);
    let runner = Runner::start(place.open().await, log, crate::all()).unwrap();
    let answer = runner.at_least(Position(5), Duration::from_millis(20)).await;
    assert!(matches!(answer, Err(Error::Behind { wanted: Position(5), reached: Position(0) })));
    runner.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_one_writes_and_the_other_takes_over() {
    let Some(place) = Place::postgres().await else { return };
    let log = story::log().await;
    let mut story = Story::new(32);
    story.tell(&log, 600).await;
    let one = Runner::start(place.open().await, log.clone(), crate::all()).unwrap();
    caught_up(&one, &log).await;
    let store = place.open().await;
    let other = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
    caught_up(&other, &log).await;
    other.watch_status().wait_for(|status| status.state == State::Following).await.unwrap();
    assert!(other.status().is_ready());
    story.tell(&log, 600).await;
    caught_up(&other, &log).await;
    caught_up(&one, &log).await;
    one.close().await;
    story.tell(&log, 600).await;
    caught_up(&other, &log).await;
    assert_eq!(other.status().state, State::Running);
    assert_same(&reference(&log).await, &contents(&store).await);
    other.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_stands_still_is_put_aside() {
    let Some(place) = Place::postgres().await else { return };
    let log = story::log().await;
    let mut story = Story::new(36);
    story.tell(&log, 200).await;
    let one = Runner::start(place.open().await, log.clone(), crate::all()).unwrap();
    caught_up(&one, &log).await;
    one.close().await;
    // A process that was frozen: it has the lock, and its connection lives.
    let frozen = place.open().await.writer().await.unwrap();
    // The server takes its time to notice that the other one's connection is closed.
    let leads = async {
        while !frozen.lead().await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, leads).await.expect("the lock is free");
    let other = Runner::start(place.open().await, log.clone(), crate::all()).unwrap();
    other.watch_status().wait_for(|status| status.state == State::Following).await.unwrap();
    story.tell(&log, 200).await;
    caught_up(&other, &log).await;
    other.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_are_made_again_and_nothing_is_lost_or_doubled() {
    let Some(place) = Place::postgres().await else { return };
    let Place::Postgres(url) = &place else { return };
    let log = story::log().await;
    let mut story = Story::new(33);
    let store = place.open().await;
    let runner = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
    for _ in 0..5 {
        story.tell(&log, 400).await;
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await
            .unwrap();
    }
    story.tell(&log, 400).await;
    caught_up(&runner, &log).await;
    assert_same(&reference(&log).await, &contents(&place.open().await).await);
    runner.close().await;
}

/// Cannot take the tenth event.
struct Faulty;

impl Projection for Faulty {
    fn name(&self) -> &'static str {
        "queue"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<crate::queue::QueueRow>();
    }

    fn wants(&self, _: &Event) -> bool {
        true
    }

    fn keys(&self, _: &Decoded, _: &mut Keys<'_>) {}

    fn apply(&self, event: &Decoded, _: &mut Rows) -> Result<(), FoldError> {
        if event.recorded.position == Position(10) { Err(FoldError("it does not fit".to_owned())) } else { Ok(()) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_does_not_fit_stops_the_projections_and_says_so() {
    let (place, log) = (Place::sqlite(), story::log().await);
    Story::new(34).tell(&log, 100).await;
    let mut projections = crate::all();
    projections.retain(|projection| projection.name() != "queue");
    projections.push(Arc::new(Faulty));
    let runner = Runner::start(place.open().await, log.clone(), projections).unwrap();
    let waiting = runner.at_least(log.head(), PATIENCE).await;
    assert!(matches!(waiting, Err(Error::Behind { .. })));
    let State::Failed(reason) = runner.status().state else { panic!("{:?}", runner.status()) };
    assert!(reason.contains("queue") && reason.contains("position 10") && reason.contains("it does not fit"), "{reason}");
    assert!(!runner.status().is_ready());
    runner.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_models_that_are_ahead_of_the_log_are_made_again() {
    for place in Place::all().await {
        let (longer, shorter) = (story::log().await, story::log().await);
        Story::new(35).tell(&longer, 900).await;
        Story::new(36).tell(&shorter, 300).await;
        let runner = Runner::start(place.open().await, longer.clone(), crate::all()).unwrap();
        caught_up(&runner, &longer).await;
        runner.close().await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), shorter.clone(), crate::all()).unwrap();
        runner.watch_status().wait_for(|status| status.is_ready()).await.unwrap();
        caught_up(&runner, &shorter).await;
        assert_same(&reference(&shorter).await, &contents(&store).await);
        runner.close().await;
    }
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_is_told_so() {
    let place = Place::sqlite();
    let Place::Sqlite(folder) = &place else { return };
    let first = Store::sqlite(folder).await.unwrap();
    let Err(Error::Open(reason)) = Store::sqlite(folder).await else { panic!("it opened twice") };
    assert!(reason.contains("another process"), "{reason}");
    drop(first);
    Store::sqlite(folder).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_so() {
    let missing = std::env::temp_dir().join("vitrina-no-such-folder/inside");
    let Err(Error::Open(reason)) = Store::sqlite(&missing).await else { panic!("it opened") };
    assert!(reason.contains("vitrina-no-such-folder"), "{reason}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_newer_build_wrote_is_refused() {
    for place in Place::all().await {
        let store = place.open().await;
        store.writer().await.unwrap().script("UPDATE house SET value = 99 WHERE name = 'schema'".to_owned()).await.unwrap();
        drop(store);
        let opened = match &place {
            Place::Sqlite(folder) => Store::sqlite(folder).await,
            Place::Postgres(url) => Store::postgres(pool(url, 2).unwrap()).await,
        };
        let Err(Error::Open(reason)) = opened else { panic!("it opened") };
        assert!(reason.contains("newer"), "{reason}");
    }
}
