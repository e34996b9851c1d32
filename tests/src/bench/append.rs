//! `append`: events/s through the batcher with 256 callers, each with a conversation of its own. Limit: bare inserts of the
//! very same rows, in batches of the same size ([`crate::bench::raw`]).

use crate::{
    bench::{
        Scene, Size,
        history::{Shop, Visit},
        measure::{Figure, median},
        raw::{Bare, Range, average_batch},
        store,
    },
    engine::Engine,
};
use std::time::Instant;
use vitrina_eventlog::{AppendRequest, EventLog};

/// Callers that wait for their event at the same time.
const CALLERS: u64 = 256;

/// Runs it and prints one line.
pub fn run(engine: Engine, size: Size) {
    let rounds = size.pick(5, 1);
    let scene = Scene::new(engine);
    let place = scene.place("append");
    store::runtime().block_on(async {
        let log = store::open(&place).await;
        let bare = Bare::new(scene.place("bare")).await;
        let (mut ours, mut limit) = (Vec::new(), Vec::new());
        // One more, not counted: the caches are cold.
        for round in 0..=rounds {
            let first = log.head().0 + 1;
            let rate = events_per_s(&log, size).await;
            let range = Range { first, last: log.head().0 };
            let batch = average_batch(&place, range);
            let bare_rate = bare.copy(&place, range, batch).await;
            eprintln!("  round {round}: ours {rate:.0}, limit {bare_rate:.0} events/s in batches of {batch}");
            if round > 0 {
                ours.push(rate);
                limit.push(bare_rate);
            }
        }
        log.close().await;
        Figure::new("append", engine, median(ours), median(limit), "events/s").print();
    });
}

/// Appends everything and gives events a second. The requests, sealed, are made before.
pub(super) async fn events_per_s(log: &EventLog, size: Size) -> f64 {
    let events_per_caller = size.pick(200, 10);
    let shop = Shop::invented();
    let mut prepared = Vec::new();
    for number in 0..CALLERS {
        let visit = Visit::new(shop, number);
        log.keyring().ensure(&visit.keys()).await.expect("a key can be made");
        let messages = (0..events_per_caller).map(|_| visit.message(log, "Does it come in green, and would you ship it to Lisbon?"));
        prepared.push(messages.collect::<Vec<AppendRequest>>());
    }
    let begun = Instant::now();
    let callers: Vec<_> = prepared
        .into_iter()
        .map(|requests| {
            let log = log.clone();
            tokio::spawn(async move {
                for request in requests {
                    log.append(request).await.expect("the log takes a message");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("a caller does not panic");
    }
    (CALLERS * events_per_caller) as f64 / begun.elapsed().as_secs_f64()
}
