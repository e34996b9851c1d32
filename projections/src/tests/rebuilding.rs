//! Blue/green: the new tables are what the old ones were, row by row, while everything goes on.

use super::{
    engines::{Place, assert_same, contents, physical},
    running::{caught_up, reference},
    story::{self, Story},
};
use crate::{
    Error, Runner,
    fold::{FoldError, Keys, Projection, Rows, Scrubs, Tables},
    messages::MessagesProjection,
    runner::{
        self, Compare, Order, Pace, Progress, Then,
        builds::{Survey, prepare},
    },
    sql::commit::LIVE,
};
use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};
use vitrina_domain::{
    event::Event,
    ids::{AccountId, SubjectId},
    retention::ContentExpired,
    subject::Forgotten,
};
use vitrina_eventlog::Decoded;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_projection_is_rebuilt_under_load_and_has_the_same_rows() {
    for place in Place::all().await {
        let log = story::log().await;
        let mut story = Story::new(41);
        story.tell(&log, 1_500).await;
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
            let reached = runner.rebuild(projection.name(), Order { pace: Pace::Full, ..Order::SWITCH }, move |progress| {
                seen.store(progress.position.0, Ordering::Relaxed);
                ControlFlow::Continue(())
            });
            let rebuilt = reached.await.unwrap();
            assert_eq!(rebuilt.position.0, last.load(Ordering::Relaxed));
            assert!(rebuilt.position.0 >= 1_500);
            assert_eq!(rebuilt.comparison.unexplained(), 0, "{:?}", rebuilt.comparison.told);
            assert!(!rebuilt.comparison.tables.is_empty());
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

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
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
        runner::rebuild(store.clone(), log.clone(), crate::all(), "calls", Order::SWITCH, &mut go_on).await.unwrap();
        assert_same(&before, &contents(&store).await);
        let unknown = runner::rebuild(store, log, crate::all(), "nothing", Order::SWITCH, &mut go_on).await;
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
        MessagesProjection.version() + 1
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

    fn forgets(&self, account: AccountId, subject: SubjectId, forgotten: &Forgotten, scrubs: &mut Scrubs) {
        MessagesProjection.forgets(account, subject, forgotten, scrubs);
    }

    fn expires(&self, account: AccountId, expired: &ContentExpired, scrubs: &mut Scrubs) {
        MessagesProjection.expires(account, expired, scrubs);
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
        assert!(
            survey.builds.iter().any(|build| build.name == "messages" && build.version == i64::from(Newer.version()) && build.team == LIVE)
        );
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_another_hand_has_changed_are_found_and_the_live_ones_stay_until_the_switch() {
    const COMPARE: Order = Order { then: Then::Drop, ..Order::SWITCH };
    for place in Place::all().await {
        let log = story::log().await;
        Story::new(45).tell(&log, 1_500).await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        let whole = runner.rebuild(runner::ALL, COMPARE, go_on).await.unwrap().comparison;
        assert_eq!((whole.unexplained(), whole.explained(), whole.told), (0, 0, vec![]), "{}", place.name());
        let messages = physical(&store, "messages").await;
        let writer = store.writer().await.unwrap();
        let first = format!("position = (SELECT MIN(position) FROM {messages} WHERE body IS NOT NULL)");
        let last = format!("position = (SELECT MAX(position) FROM {messages})");
        let script = format!("UPDATE {messages} SET body = 'forged' WHERE {first}; DELETE FROM {messages} WHERE {last}");
        writer.script(script).await.unwrap();
        let forged = contents(&store).await;

        let found = runner.rebuild("messages", COMPARE, go_on).await.unwrap().comparison;
        assert_eq!(found.unexplained(), 2);
        let compared = found.tables.iter().find(|table| table.table == "messages").unwrap();
        assert_eq!((compared.changed, compared.gone, compared.new), (1, 0, 1));
        let changed = found.told.iter().find(|difference| difference.column.is_some()).unwrap();
        assert_eq!((changed.table, changed.column.as_deref(), changed.old.as_deref()), ("messages", Some("body"), Some("\"forged\"")));
        assert!(changed.key.starts_with("account_id="), "{}", changed.key);
        assert_same(&forged, &contents(&store).await);

        let given_up = runner.rebuild("messages", Order::SWITCH, |_| ControlFlow::Break(())).await;
        assert!(matches!(given_up, Err(Error::GivenUp)));
        assert_same(&forged, &contents(&store).await);
        let survey = Survey::look(&writer).await.unwrap();
        assert_eq!(survey.builds.len(), crate::all().len(), "nothing is left behind");

        let switched = runner.rebuild("messages", Order::SWITCH, go_on).await.unwrap();
        assert_eq!(switched.comparison.unexplained(), 2);
        assert_same(&reference(&log).await, &contents(&store).await);
        runner.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_new_version_changes_is_told_as_such() {
    const EVERYTHING: Order = Order { compare: Compare::Everything, ..Order::SWITCH };
    for place in Place::all().await {
        let log = story::log().await;
        let mut story = Story::new(46);
        story.tell(&log, 600).await;
        let runner = Runner::start(place.open().await, log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        runner.close().await;
        let store = place.open().await;
        let messages = physical(&store, "messages").await;
        store.writer().await.unwrap().script(format!("UPDATE {messages} SET body = 'as it was told before'")).await.unwrap();
        story.tell(&log, 200).await;
        let rebuilt = runner::rebuild(store, log, with_newer_messages(), "messages", EVERYTHING, &mut go_on).await.unwrap();
        assert_eq!(rebuilt.comparison.unexplained(), 0);
        assert!(rebuilt.comparison.explained() > 0);
        let versions = i64::from(MessagesProjection.version());
        assert!(rebuilt.comparison.told.iter().all(|difference| difference.by_version == Some((versions, versions + 1))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_goes_on_although_another_process_begins_to_lead() {
    for place in Place::all().await {
        let log = story::log().await;
        Story::new(53).tell(&log, 1_500).await;
        let store = place.open().await;
        let runner = Runner::start(store.clone(), log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        runner.close().await;
        let before = contents(&store).await;
        let leads = store.writer().await.unwrap();
        let mut led = 0;
        let mut listener = |_| {
            led += 1;
            if led == 1 {
                // What a new leader does first.
                let all = crate::all();
                let preparing = prepare(&leads, &all, log.head());
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(preparing)).unwrap();
            }
            ControlFlow::Continue(())
        };
        let rebuilding = runner::rebuild(store.clone(), log.clone(), crate::all(), "calls", Order::SWITCH, &mut listener);
        rebuilding.await.unwrap_or_else(|error| panic!("on {}: {}", place.name(), error.chain()));
        assert!(led > 1);
        assert_same(&before, &contents(&store).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_is_killed_half_way_leaves_nothing_once_the_next_one_begins() {
    for place in Place::all().await {
        let log = story::log().await;
        Story::new(47).tell(&log, 2_500).await;
        let runner = Runner::start(place.open().await, log.clone(), crate::all()).unwrap();
        caught_up(&runner, &log).await;
        runner.close().await;
        let store = place.open().await;
        let before = contents(&store).await;
        let (half_way, killed) = tokio::sync::oneshot::channel();
        let mut half_way = Some(half_way);
        let mut listener = |_| {
            half_way.take().map(|half_way| half_way.send(()));
            ControlFlow::Continue(())
        };
        tokio::select! {
            _ = runner::rebuild(store.clone(), log.clone(), crate::all(), "calls", Order::SWITCH, &mut listener) => panic!("it came to its end"),
            _ = killed => {}
        }
        assert_same(&before, &contents(&store).await);
        let left = Survey::look(&store.writer().await.unwrap()).await.unwrap().builds;
        assert!(left.iter().any(|build| build.team != LIVE), "it was killed in the middle");
        runner::rebuild(store.clone(), log, crate::all(), "tags", Order::SWITCH, &mut go_on).await.unwrap();
        let left = Survey::look(&store.writer().await.unwrap()).await.unwrap().builds;
        assert!(left.iter().all(|build| build.team == LIVE), "{left:?}");
        assert_same(&before, &contents(&store).await);
    }
}
