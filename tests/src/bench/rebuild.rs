//! `rebuild`: events/s of `vitrina rebuild all`, every read model at once, over a past as the product writes it, start of the
//! process included. Limit: the rate of appending in the same run, as `append` takes it.

use crate::{
    bench::{
        Scene, Size, append,
        history::Shop,
        measure::{Figure, in_turn},
        store,
    },
    engine::{Engine, Place},
    server::run_to_the_end,
};
use std::time::Instant;

/// Runs it and prints one line.
pub fn run(engine: Engine, size: Size) {
    let (rounds, events) = size.pick((3, 200_000), (0, 2_000));
    let scene = Scene::new(engine);
    let (place, appended) = (scene.place("rebuild"), scene.place("append"));
    let runtime = store::runtime();
    let events = runtime.block_on(async {
        let log = store::open(&place).await;
        Shop::invented().write(&log, events).await;
        let head = log.head();
        log.close().await;
        head.0
    });
    let log = runtime.block_on(store::open(&appended));
    let (ours, limit) = in_turn(rounds, || rebuild(&place, events), || runtime.block_on(append::events_per_s(&log, size)));
    runtime.block_on(log.close());
    Figure::new("rebuild", engine, ours, limit, "events/s").print();
}

fn rebuild(place: &Place, events: i64) -> f64 {
    let begun = Instant::now();
    let ended = run_to_the_end(place, &["rebuild", "all"], &[("VITRINA_MASTER_KEY", store::MASTER_KEY_HEX)]);
    assert!(ended.status.success(), "{}", ended.printed);
    events as f64 / begun.elapsed().as_secs_f64()
}
