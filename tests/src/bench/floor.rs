//! `floor`: a simulated day at maximum speed, against Odoo 19, which opens 31 chat sessions a second at 55 ms CPU each and
//! does nothing else in that time.
//!
//! `floor_open`: CPU of server and database for a session that is opened, a customer who asks for a call, against a fiftieth
//! of Odoo's. `floor_session`: complete visits a second, from the request to the rating, sockets included, against the
//! rate at which Odoo opens them. `floor_session_cpu`: CPU of such a visit, against what Odoo takes to open one.

use crate::{
    bench::{
        Scene, Size,
        cpu::{self, Sampler},
        measure::{Figure, median},
        served::Served,
    },
    engine::Engine,
    load::{self, Repeated, Until},
    server::{self, OWNER_PASSWORD},
    walk::request_of_a_call,
};
use serde_json::Value;
use std::time::Duration;

/// Connections that open sessions at once.
const CONNECTIONS: usize = 64;
/// What opening a session costs Odoo 19.
const ODOO_OPEN_MS: f64 = 55.0;
/// How many of them it opens a second.
const ODOO_OPEN_PER_S: f64 = 31.0;
/// How much less it has to cost here.
const TIMES_LESS: f64 = 50.0;

/// Runs it and prints three lines.
pub fn run(engine: Engine, size: Size) {
    let (rounds, length, visits) = size.pick((3, Duration::from_secs(4), 1_000), (1, Duration::from_millis(300), 40));
    let costs = open(engine, rounds, length);
    Figure::new("floor_open", engine, median(costs), ODOO_OPEN_MS / TIMES_LESS, "ms").print();
    let (rates, costs): (Vec<f64>, Vec<f64>) = (1..=rounds).map(|seed| day(engine, seed, visits)).unzip();
    Figure::new("floor_session", engine, median(rates), ODOO_OPEN_PER_S, "visits/s").print();
    Figure::new("floor_session_cpu", engine, median(costs), ODOO_OPEN_MS, "ms").print();
}

/// Milliseconds of CPU for each session that is opened, round by round.
fn open(engine: Engine, rounds: u32, length: Duration) -> Vec<f64> {
    let scene = Scene::new(engine);
    let place = scene.place("floor-open");
    let served = Served::start(&place);
    let request = Repeated::post_by_nobody("/v1/calls", &request_of_a_call().to_string());
    let round = |round: u32| {
        let before = cpu::seconds_of_tree(served.pid()) + scene.database_cpu_s();
        let answers = load::run(served.address(), vec![request.clone(); CONNECTIONS], Until::Elapsed(length)).all_good();
        let cpu_s = cpu::seconds_of_tree(served.pid()) + scene.database_cpu_s() - before;
        let cost = cpu_s * 1_000.0 / answers.good as f64;
        eprintln!("  round {round}: {:.0} sessions opened/s at {cost:.3} ms CPU", answers.per_second());
        cost
    };
    // One more, not counted: the caches are cold.
    (0..=rounds).map(round).skip(1).collect()
}

/// Visits a second and milliseconds of CPU for each, on a day of this seed.
fn day(engine: Engine, seed: u32, visits: u32) -> (f64, f64) {
    let scene = Scene::new(engine);
    let place = scene.place("floor-day");
    let served = Served::start(&place);
    let file = place.folder().join("report.json").display().to_string();
    let url = format!("http://{}", served.address());
    let (visits_text, seed_text) = (visits.to_string(), seed.to_string());
    let arguments = [
        "simulate",
        "--url",
        &url,
        "--password",
        OWNER_PASSWORD,
        "--calls",
        &visits_text,
        "--seed",
        &seed_text,
        "--report",
        &file,
        // Their time goes by idly, whatever the speed.
        "--appointments",
        "0",
    ];
    let pid = served.pid();
    let (ended, samples) =
        Sampler::beside(|| cpu::seconds_of_tree(pid) + scene.database_cpu_s(), || server::run_to_the_end(&place, &arguments, &[]));
    assert!(ended.status.success(), "{}", ended.printed);
    let report = std::fs::read(&file).expect("a day that ends well leaves a report");
    let report: Value = serde_json::from_slice(&report).expect("the report is JSON");
    let rate = report["visits_per_s"].as_f64().expect("the report has a rate");
    // Hiring before and comparing after are not the day's.
    let at = |member: &str| samples.at(report[member].as_f64().expect("the report has its times"));
    let cost = (at("closed_at_unix_s") - at("opened_at_unix_s")) * 1_000.0 / f64::from(visits);
    eprintln!("  seed {seed}: {rate:.0} complete visits/s at {cost:.2} ms CPU; {}", ended.printed.lines().nth(1).unwrap_or_default());
    (rate, cost)
}
