//! `sfu`: CPU of the server for each packet that arrives at a subscriber, and how late packets arrive, against Debian's Janus
//! with the VideoRoom plugin and two event loops: the same load by the same clients, in turn, no packet lost. `ratio` 0.5 is
//! half of what Janus takes.
//!
//! Rows are publishers x subscribers of each at packets a second: a show for twenty and for a hundred, and twenty calls of
//! one to one. Then what a whole call of one to one costs, both with sound and pictures, 320 packets a second in all: how many such
//! calls a core holds, held against what Janus takes for as many packets in the row of twenty, and the memory of one, held against
//! what the node's largest number of rooms is reckoned with. No database is involved, so each line is printed once. Root is needed,
//! for a network of the round's own.

use crate::{
    bench::{
        Size,
        measure::{Figure, median},
    },
    engine::Engine,
};
use serde_json::Value;
use std::{path::PathBuf, process::Command};

/// Bytes of a packet's payload: what a browser's picture packets have.
const BYTES: &str = "1000";

/// Calls that are held at once.
const CALLS: &str = "20";
/// Packets a second of such a call.
const CALL_RATE: f64 = 320.0;
/// What a call may take, in MB (`rooms_max` of the node's options).
const CALL_MB: f64 = 0.8;

struct Row {
    cpu: &'static str,
    latency: &'static str,
    publishers: &'static str,
    subscribers: &'static str,
    rate: &'static str,
}

const ROWS: [Row; 3] = [
    Row { cpu: "sfu_1x20_cpu", latency: "sfu_1x20_p99", publishers: "1", subscribers: "20", rate: "500" },
    Row { cpu: "sfu_1x100_cpu", latency: "sfu_1x100_p99", publishers: "1", subscribers: "100", rate: "300" },
    Row { cpu: "sfu_20x1_cpu", latency: "sfu_20x1_p99", publishers: "20", subscribers: "1", rate: "160" },
];

/// Prints two lines for each row, and two for calls.
///
/// # Panics
/// When a server does not run, or packets are lost: such a round says nothing.
pub fn run(engine: Engine, size: Size) {
    if engine != Engine::ALL[0] {
        return;
    }
    let (rounds, seconds) = size.pick((3, "6"), (1, "1"));
    // The row of calls is the last: of one to one, as they are.
    let mut janus_per_packet = f64::NAN;
    for row in &ROWS {
        let (mut ours, mut janus) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            janus.push(round("janus", row, seconds));
            ours.push(round("ours", row, seconds));
        }
        let middle = |of: &[(f64, f64)], which: fn(&(f64, f64)) -> f64| median(of.iter().map(which).collect());
        janus_per_packet = middle(&janus, |one| one.0);
        Figure::new(row.cpu, engine, middle(&ours, |one| one.0), middle(&janus, |one| one.0), "us/packet").print();
        Figure::new(row.latency, engine, middle(&ours, |one| one.1), middle(&janus, |one| one.1), "ms").print();
    }
    let held: Vec<_> = (0..rounds).map(|_| calls(seconds)).collect();
    let per_core = median(held.iter().map(|one| one.0).collect());
    Figure::new("sfu_calls_per_core", engine, per_core, 1e6 / (CALL_RATE * janus_per_packet), "calls").print();
    Figure::new("sfu_call_memory", engine, median(held.iter().map(|one| one.1).collect()), CALL_MB, "MB").print();
}

/// Calls that a core holds, and megabytes of one.
fn calls(seconds: &str) -> (f64, f64) {
    let figures = load("ours", &[CALLS, seconds]);
    let number = |name: &str| figures[name].as_f64().expect("the load prints its figures");
    assert!(number("lost_percent") < 0.1, "packets are lost: {figures}");
    // A machine that does not keep up sends less, and then a call is none.
    assert!(number("out_per_s_of_a_call") > CALL_RATE * 0.95, "the load is too small: {figures}");
    (number("calls_per_core"), number("mb_per_call"))
}

/// Microseconds of CPU a packet, and the latency that one packet in a hundred exceeds in milliseconds.
fn round(server: &str, row: &Row, seconds: &str) -> (f64, f64) {
    let figures = load(server, &[row.publishers, row.subscribers, row.rate, BYTES, seconds]);
    let number = |value: &Value| value.as_f64().expect("the load prints its figures");
    assert!(number(&figures["lost_percent"]) < 0.1, "{server} lost packets: {figures}");
    (number(&figures["cpu_us_per_forwarded"]), number(&figures["latency_us"]["p99"]) / 1_000.0)
}

/// Puts a load on a server in a network of its own, and gives what came of it.
///
/// # Panics
/// When either does not run.
pub fn load(server: &str, arguments: &[&str]) -> Value {
    let bin = std::env::current_exe().expect("this program has a path");
    let bin = bin.parent().expect("a program is in a folder");
    let script = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/bench/sfu_round"));
    let ended = Command::new("unshare").arg("--net").arg(script).arg(server).arg(bin).args(arguments).output().expect("unshare is there");
    let printed = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{server}: {printed}{}", String::from_utf8_lossy(&ended.stderr));
    let figures = serde_json::from_str(printed.trim()).expect("the load prints one JSON object");
    eprintln!("  {server}: {figures}");
    figures
}
