//! `replay`: events/s of `vitrina replay`, every read model at once with the comparison row by row, through a server at rest. Limit:
//! reading the same events out of the log's tables. And `replay_p99`: what 200 commands a second feel of a replay beside them, the 99th
//! percentile with it against without it, in turn.

use crate::{
    bench::{
        Scene, Size,
        measure::{Figure, in_turn},
        served::Served,
        store,
    },
    engine::{Engine, Place},
    load::{self, Repeated, Until},
    server::run_to_the_end,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use vitrina_eventlog::{
    Position,
    engine::{postgres, sqlite},
    trail::live::Tables,
};

/// Customers who write at once.
const CUSTOMERS: usize = 16;
/// Between two messages of one of them: 200 a second in all.
const EVERY: Duration = Duration::from_millis(80);
/// Events of one read.
const PAGE: usize = 1_000;

/// Runs it and prints two lines.
pub fn run(engine: Engine, size: Size) {
    let (rounds, messages, length) = size.pick((5, 10_000, Duration::from_secs(6)), (0, 40, Duration::from_millis(500)));
    let scene = Scene::new(engine);
    let place = scene.place("replay");
    let served = Served::start(&place);
    let requests = served.messages(CUSTOMERS);
    load::run(served.address(), requests.clone(), Until::Count(messages)).all_good();

    let (ours, limit) = in_turn(rounds, || replay(&place, &served), || read(&place));
    Figure::new("replay", engine, ours, limit, "events/s").print();

    let (ours, limit) = in_turn(rounds, || beside_replays(&place, &served, &requests, length), || p99_ms(&served, &requests, length));
    Figure::new("replay_p99", engine, ours, limit, "ms").print();
}

/// Events/s of a replay that finds every row as it must be.
fn replay(place: &Place, served: &Served) -> f64 {
    let begun = Instant::now();
    let ended = run_to_the_end(place, &["replay", "--json"], &options(served));
    let took = begun.elapsed().as_secs_f64();
    assert!(ended.status.success(), "{}", ended.printed);
    let position = ended.printed.lines().find_map(|line| line.strip_prefix("  \"position\": ")?.trim_end_matches(',').parse::<f64>().ok());
    position.expect("the report has a position") / took
}

fn options(served: &Served) -> [(&'static str, &str); 2] {
    [("VITRINA_LISTEN", served.address()), ("VITRINA_MASTER_KEY", store::MASTER_KEY_HEX)]
}

/// Events/s of reading the log.
fn read(place: &Place) -> f64 {
    store::runtime().block_on(async {
        let tables: Arc<dyn Tables> = match place.database_url() {
            Some(url) => postgres::source(url).expect("it is an address"),
            None => sqlite::source(place.folder()).expect("the files of a place of ours open"),
        };
        let (begun, head) = (Instant::now(), tables.head().await.expect("the log is there"));
        let mut at = Position::ZERO;
        while at < head {
            at = tables.read(at, PAGE).await.expect("the log is read").last().expect("there are more events").position;
        }
        at.0 as f64 / begun.elapsed().as_secs_f64()
    })
}

/// What one in a hundred commands takes longer than, in milliseconds.
fn p99_ms(served: &Served, requests: &[Repeated], length: Duration) -> f64 {
    let mut micros = load::run(served.address(), requests.to_vec(), Until::Paced { length, every: EVERY }).all_good().micros;
    micros.sort_unstable();
    f64::from(micros[micros.len() * 99 / 100]) / 1_000.0
}

/// The same while one replay follows the other.
fn beside_replays(place: &Place, served: &Served, requests: &[Repeated], length: Duration) -> f64 {
    let (is_over, options) = (AtomicBool::new(false), options(served));
    std::thread::scope(|scope| {
        let (is_still, options) = (&is_over, &options);
        scope.spawn(move || {
            while !is_still.load(Ordering::Relaxed) {
                let ended = run_to_the_end(place, &["replay"], options);
                assert!(ended.status.success(), "{}", ended.printed);
            }
        });
        let p99 = p99_ms(served, requests, length);
        is_over.store(true, Ordering::Relaxed);
        p99
    })
}
