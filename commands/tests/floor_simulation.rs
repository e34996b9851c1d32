//! Seeded days of a shop floor on the memory engine, with a clock of its own: crashes, two processes, commands that come
//! twice, two shoppers who want the same call, sockets that are lost. After each day the log is gone through event by event
//! by somebody who knows only the rules (`floor/auditor`).
//!
//! `VITRINA_SIMULATED_DAYS` says how many days; `VITRINA_SIMULATED_SEED` repeats one.

#[path = "floor/auditor.rs"]
mod auditor;
#[path = "floor/chance.rs"]
mod chance;
#[path = "floor/day.rs"]
mod day;
#[path = "../../eventlog/tests/engines/mod.rs"]
mod engines;

use day::Day;
use engines::Place;
use vitrina_eventlog::engine::memory;

/// Days in a plain run: a few seconds.
const DAYS: u64 = 40;
/// Days of two processes on one database: each takes a second or two.
const SHARED_DAYS: u64 = 3;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test]
async fn whatever_happens_on_the_floor_nobody_is_lost_and_nobody_is_served_twice() {
    let seeds: Vec<u64> = match number("VITRINA_SIMULATED_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("VITRINA_SIMULATED_DAYS").unwrap_or(DAYS)).collect(),
    };
    let mut told = auditor::Told::default();
    for seed in &seeds {
        let mut day = Day::begin(*seed, Place::Memory(memory::open())).await;
        day.live().await;
        told.add(&day.end().await);
    }
    println!("{} days: {told:?}", seeds.len());
    if seeds.len() as u64 >= DAYS {
        // A simulation in which nothing happens proves nothing.
        for (what, count) in told.counts() {
            assert!(*count > 0, "never seen in {} days: {what}; {told:?}", seeds.len());
        }
    }
}

#[tokio::test]
async fn two_processes_on_one_database_lose_nobody_and_serve_nobody_twice() {
    for seed in 0..number("VITRINA_SIMULATED_SHARED_DAYS").unwrap_or(SHARED_DAYS) {
        let Some(place) = Place::postgres().await else { return };
        let mut day = Day::begin(seed, place).await;
        day.live().await;
        day.end().await;
    }
}
