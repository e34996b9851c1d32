//! `project`: events/s of the process that follows the log, every read model and all facts of reports with it, over a shop's past as
//! the product writes it. Limit: the rate of appending in the same run, as `append` takes it.

use crate::{
    bench::{
        Scene, Size, append,
        history::Shop,
        measure::{Figure, in_turn},
        store,
    },
    engine::{Engine, Place},
};
use std::time::{Duration, Instant};
use vitrina_eventlog::{EventLog, Position};
use vitrina_projections::{Runner, Store, sql::pool};

/// Longest wait for the end of a round.
const PATIENCE: Duration = Duration::from_secs(600);
/// Connections to PostgreSQL: one writes, few look.
const CONNECTIONS: usize = 4;

/// Runs it and prints one line.
pub fn run(engine: Engine, size: Size) {
    let (rounds, events) = size.pick((3, 100_000), (0, 1_000));
    let scene = Scene::new(engine);
    let (place, appended) = (scene.place("project"), scene.place("append"));
    let runtime = store::runtime();
    let (log, limit) = runtime.block_on(async { (store::open(&place).await, store::open(&appended).await) });
    // The tables are there before the first event, as at the first start of a server.
    runtime.block_on(follow(&place, &log));
    let shop = Shop::invented();
    let project = || {
        runtime.block_on(async {
            let before = log.head();
            shop.write(&log, before.0 + events).await;
            (log.head().0 - before.0) as f64 / follow(&place, &log).await.as_secs_f64()
        })
    };
    let (ours, limit_rate) = in_turn(rounds, project, || runtime.block_on(append::events_per_s(&limit, size)));
    runtime.block_on(async { tokio::join!(log.close(), limit.close()) });
    Figure::new("project", engine, ours, limit_rate, "events/s").print();
}

/// Follows the log to its end, and tells how long it took.
async fn follow(place: &Place, log: &EventLog) -> Duration {
    let store = match place.database_url() {
        None => Store::sqlite(place.folder()).await,
        Some(url) => Store::postgres(pool(url, CONNECTIONS).expect("the address of a database of ours is one")).await,
    };
    let begun = Instant::now();
    let runner = Runner::start(store.expect("the read models of a place of ours open"), log.clone(), vitrina_projections::all());
    let runner = runner.expect("threads start");
    let reached = runner.at_least(Position(log.head().0), PATIENCE).await.expect("the read models come to the end of the log");
    assert_eq!(reached, log.head());
    let took = begun.elapsed();
    runner.close().await;
    took
}
