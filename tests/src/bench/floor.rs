//! `floor`: a simulated day at maximum speed. `floor_open`: CPU of server and database for one session that is opened, a
//! customer who asks for a call, against a fiftieth of what Odoo 19 takes to open a chat (55 ms). `floor_session`: complete
//! visits/s, from the request to the rating; limit: the 31/s at which Odoo 19 opens sessions and does nothing else.
//! `floor_session_cpu`: CPU for one complete visit, sockets included, against opening one there.

use crate::{
    bench::{
        Scene, Size, cpu,
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
/// What opening a chat session costs Odoo 19.
const ODOO_OPEN_MS: f64 = 55.0;
/// How many of them it opens a second.
const ODOO_OPEN_PER_S: f64 = 31.0;
/// How much less it shall cost here.
const TIMES_LESS: f64 = 50.0;

/// Runs it and prints three lines.
pub fn run(engine: Engine, size: Size) {
    let (rounds, length, calls) = size.pick((3, Duration::from_secs(4), 1_000), (1, Duration::from_millis(300), 40));
    open(engine, rounds, length);
    session(engine, rounds, calls);
}

fn open(engine: Engine, rounds: u32, length: Duration) {
    let scene = Scene::new(engine);
    let place = scene.place("floor-open");
    let served = Served::start(&place);
    let request = Repeated::post("/v1/calls", "", &request_of_a_call().to_string()).without_token();
    let mut costs = Vec::new();
    // One more, not counted: the caches are cold.
    for round in 0..=rounds {
        let before = cpu::seconds_of_tree(served.pid()) + scene.database_cpu_s();
        let answers = load::run(served.address(), vec![request.clone(); CONNECTIONS], Until::Elapsed(length)).all_good();
        let cpu_s = cpu::seconds_of_tree(served.pid()) + scene.database_cpu_s() - before;
        let cost = cpu_s * 1_000.0 / answers.good as f64;
        eprintln!("  round {round}: {:.0} sessions opened/s at {cost:.3} ms CPU", answers.per_second());
        if round > 0 {
            costs.push(cost);
        }
    }
    Figure::new("floor_open", engine, median(costs), ODOO_OPEN_MS / TIMES_LESS, "ms").print();
}

fn session(engine: Engine, rounds: u32, calls: u32) {
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let scene = Scene::new(engine);
        let place = scene.place("floor-session");
        let served = Served::start(&place);
        let file = place.folder().join("report.json");
        let url = format!("http://{}", served.address());
        let (calls, seed) = (calls.to_string(), (round + 1).to_string());
        let report_file = file.display().to_string();
        let arguments =
            ["simulate", "--url", &url, "--password", OWNER_PASSWORD, "--calls", &calls, "--seed", &seed, "--report", &report_file];
        let ended = server::run_to_the_end(&place, &arguments, &[]);
        assert!(ended.status.success(), "{}", ended.printed);
        let report = std::fs::read(&file).expect("a day that ends well leaves a report");
        let report: Value = serde_json::from_slice(&report).expect("the report is JSON");
        let rate = report["visits_per_s"].as_f64().expect("the report has a rate");
        let cost = report["server_cpu_ms_per_visit"].as_f64();
        eprintln!("  round {round}: {rate:.0} complete visits/s; {cost:?}");
        rates.push(rate);
        costs.extend(cost);
    }
    Figure::new("floor_session", engine, median(rates), ODOO_OPEN_PER_S, "visits/s").print();
}
