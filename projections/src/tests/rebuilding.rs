//! Blue/green: the new tables are what the old ones were, row by row, while everything goes on.

use super::{
    engines::{Place, assert_same, contents},
    running::{caught_up, reference},
    story::{self, Story},
};
use crate::{
    Error, Runner,
    fold::{FoldError, Keys, Projection, Rows, Tables},
    messages::MessagesProjection,
    runner::{self, builds::Survey},
    sql::commit::LIVE,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};
use vitrina_domain::event::Event;
use vitrina_eventlog::Decoded;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_projection_is_rebuilt_under_load_and_has_the_same_rows() {
    for place in Place::all().await {
        let log = story::log().await;
        let mut story = Story::new(41);
        story.tell(&log, 3_000).await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        let done = Arc::new(AtomicBool::new(false));
        let load = {
            let (log, done, mut position) = (log.clone(), done.clone(), runner.watch());
            tokio::spawn(async move {
                // Never more than one batch ahead of the read models, so that the test ends on any machine.
                while !done.load(Ordering::Relaxed) {
                    story.tell(&log, 50).await;
                    let _ = position.wait_for(|reached| *reached >= log.head()).await;
                }
            })
        };
        for projection in crate::all() {
            let last = Arc::new(AtomicI64::new(0));
            let seen = last.clone();
            let reached =
                runner.rebuild(projection.name(), move |progress| seen.store(progress.position.0, Ordering::Relaxed)).await.unwrap();
            assert_eq!(reached.0, last.load(Ordering::Relaxed));
            assert!(reached.0 >= 3_000);
        }
        done.store(true, Ordering::Relaxed);
        load.await.unwrap();
        caught_up(&runner, &log).await;
        assert_same(&reference(&log).await, &contents(&store).await);
        let survey = Survey::look(&store.writer().await.unwrap()).await.unwrap();
        assert_eq!(survey.builds.len(), crate::all().len(), "only the live builds are left");
        assert!(survey.builds.iter().all(|build| build.team == LIVE));
        runner.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_works_without_a_server_too() {
    for place in Place::all().await {
        let log = story::log().await;
        Story::new(42).tell(&log, 1_200).await;
        let runner = Runner::start(place.open().await, log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        runner.close().await;
        let store = place.open().await;
        let before = contents(&store).await;
        runner::rebuild(store.clone(), log.clone(), crate::all(), "calls", |_| {}).await.unwrap();
        assert_same(&before, &contents(&store).await);
        let unknown = runner::rebuild(store, log, crate::all(), "nothing", |_| {}).await;
        assert!(matches!(unknown, Err(Error::UnknownProjection(name)) if name == "nothing"));
    }
}

/// Messages at a later version of the code.
struct Newer;

impl Projection for Newer {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self, tables: &mut Tables) {
        MessagesProjection.tables(tables);
    }

    fn wants(&self, event: &Event) -> bool {
        MessagesProjection.wants(event)
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        MessagesProjection.keys(event, keys);
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        MessagesProjection.apply(event, rows)
    }
}

fn with_newer_messages() -> Vec<Arc<dyn Projection>> {
    let mut projections = crate::all();
    projections.retain(|projection| projection.name() != "messages");
    projections.push(Arc::new(Newer));
    projections
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_version_in_the_code_is_built_at_the_start() {
    for place in Place::all().await {
        let log = story::log().await;
        let mut story = Story::new(43);
        story.tell(&log, 1_500).await;
        let runner = Runner::start(place.open().await, log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        runner.close().await;
        story.tell(&log, 200).await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), log.clone(), with_newer_messages()).unwrap();
        runner.watch_status().wait_for(|status| status.is_ready()).await.unwrap();
        story.tell(&log, 200).await;
        caught_up(&runner, &log).await;
        assert_same(&reference(&log).await, &contents(&store).await);
        let survey = Survey::look(&store.writer().await.unwrap()).await.unwrap();
        assert!(survey.builds.iter().any(|build| build.name == "messages" && build.version == 2 && build.team == LIVE));
        assert_eq!(survey.builds.len(), crate::all().len());
        runner.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_projection_in_the_code_is_built_at_the_start() {
    for place in Place::all().await {
        let log = story::log().await;
        let mut story = Story::new(44);
        story.tell(&log, 1_500).await;
        let mut fewer = crate::all();
        fewer.retain(|projection| projection.name() != "ratings");
        let runner = Runner::start(place.open().await, log.clone(), fewer).unwrap();
        caught_up(&runner, &log).await;
        runner.close().await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
        runner.watch_status().wait_for(|status| status.is_ready()).await.unwrap();
        story.tell(&log, 200).await;
        caught_up(&runner, &log).await;
        assert_same(&reference(&log).await, &contents(&store).await);
        runner.close().await;
    }
}
