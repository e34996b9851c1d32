//! Runs one bench or all; see `tests/bench/run --help`.

use std::process::ExitCode;
use vitrina_tests::{
    bench::{
        Size, append, call_setup, command, export_csv, export_pdf, floor, growth, latency, live, project, rebuild, replay, report, route,
        sfu, verify, webhooks,
    },
    engine::Engine,
};

/// A bench by its name.
type Bench = (&'static str, fn(Engine, Size));

const BENCHES: [Bench; 17] = [
    ("append", append::run),
    ("command", command::run),
    ("latency", latency::run),
    ("project", project::run),
    ("rebuild", rebuild::run),
    ("replay", replay::run),
    ("growth", growth::run),
    ("live", live::run),
    ("route", route::run),
    ("report", report::run),
    ("export-csv", export_csv::run),
    ("export-pdf", export_pdf::run),
    ("verify", verify::run),
    ("floor", floor::run),
    ("webhooks", webhooks::run),
    ("sfu", sfu::run),
    ("call-setup", call_setup::run),
];

fn main() -> ExitCode {
    let (mut name, mut size, mut engines) = (None, Size::Full, Engine::ALL.to_vec());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => size = Size::Quick,
            "--engine" => {
                let wanted = arguments.next().unwrap_or_default();
                engines.retain(|engine| engine.name() == wanted);
            }
            other => name = Some(other.to_owned()),
        }
    }
    let chosen: Vec<Bench> =
        BENCHES.into_iter().filter(|(known, _)| name.as_deref().is_some_and(|name| name == *known || name == "all")).collect();
    if chosen.is_empty() || engines.is_empty() {
        eprintln!("no such bench or engine; see tests/bench/run --help");
        return ExitCode::from(2);
    }
    for (name, bench) in chosen {
        for engine in &engines {
            eprintln!("{name} on {engine}");
            bench(*engine, size);
        }
    }
    ExitCode::SUCCESS
}
