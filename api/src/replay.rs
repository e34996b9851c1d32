//! `vitrina replay`: makes read models anew beside the live ones, holds old and new against each other row by row, and switches or not.

use crate::ask;
use clap::Args;
use serde_json::{Value, json};
use std::{
    io::{IsTerminal, Write},
    ops::ControlFlow,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use vitrina_api::{Config, StartError, house, rebuilding};
use vitrina_projections::runner::{self, ALL, Compare, Order, Then};

/// Exit code of rows that are not what the log says, and that stay.
const DIFFERING: u8 = 3;
/// How often a line is printed where there is no terminal.
const PRINT_EVERY: Duration = Duration::from_secs(5);
/// How often the bar moves.
const MOVE_EVERY: Duration = Duration::from_millis(100);
/// Characters of the bar.
const WIDTH: i64 = 30;

/// What `vitrina replay` is told.
#[derive(Debug, Args)]
pub struct ReplayOptions {
    /// The read model, such as `calls` or `report`; all of them when left out.
    #[arg(long, value_name = "NAME", default_value = ALL)]
    pub model: String,
    /// Puts the new tables in the place of the old ones, also where rows differ.
    #[arg(long, conflicts_with = "abort")]
    pub switch: bool,
    /// Drops the new tables once they are compared, which is also what happens when nothing is said.
    #[arg(long)]
    pub abort: bool,
    /// How many differing values are shown.
    #[arg(long, value_name = "N", default_value_t = Order::TOLD_MAX, value_parser = told_max)]
    pub first: usize,
    /// Prints what was found as JSON.
    #[arg(long)]
    pub json: bool,
}

impl ReplayOptions {
    /// What `vitrina rebuild NAME` stands for.
    pub fn switching(model: String) -> Self {
        Self { model, switch: true, abort: false, first: Order::TOLD_MAX, json: false }
    }
}

fn told_max(text: &str) -> Result<usize, String> {
    let max = rebuilding::TOLD_MAX;
    text.parse().ok().filter(|number| *number <= max).ok_or_else(|| format!("expected 0 to {max}"))
}

/// Does it: through the server that runs on this configuration, or here when none does.
pub async fn replay(config: &Config, options: &ReplayOptions) -> Result<ExitCode, StartError> {
    let then = if options.switch { Then::Switch } else { Then::Drop };
    let mut shown = Shown::new();
    let asked = json!({ "name": options.model, "then": if options.switch { "switch" } else { "drop" }, "told_max": options.first });
    let report = match ask::rebuild(config, &asked, |progress| shown.show(progress)).await? {
        Some(report) => report,
        None => {
            here(config, &options.model, Order { compare: Compare::Everything, told_max: options.first, then, ..Order::SWITCH }, &mut shown)
                .await?
        }
    };
    shown.end();
    if options.json {
        println!("{report:#}")
    } else {
        print(&report)
    }
    let is_well = report["differing"] == 0 || report["switched"] == true;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(DIFFERING) })
}

async fn here(config: &Config, name: &str, order: Order, shown: &mut Shown) -> Result<Value, StartError> {
    let log = house::open_log(config).await?;
    let store = house::open_store(config).await?;
    let told_to_stop = Arc::new(AtomicBool::new(false));
    let stopping = told_to_stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.store(true, Ordering::Relaxed);
        }
    });
    let mut listener = |progress| {
        shown.show(&rebuilding::progress(progress));
        if told_to_stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let rebuilt = runner::rebuild(store, log.clone(), vitrina_projections::all(), name, order, &mut listener).await;
    log.close().await;
    Ok(rebuilding::report(&rebuilding::names(name), &rebuilt?))
}

/// How far it is, on standard error: a bar on a terminal, else a line from time to time.
struct Shown {
    is_terminal: bool,
    begun: Instant,
    first: Option<i64>,
    last: Option<Instant>,
}

impl Shown {
    fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), begun: Instant::now(), first: None, last: None }
    }

    fn show(&mut self, progress: &Value) {
        let every = if self.is_terminal { MOVE_EVERY } else { PRINT_EVERY };
        let first = *self.first.get_or_insert(progress["position"].as_i64().unwrap_or_default());
        if self.last.is_some_and(|last| last.elapsed() < every) {
            return;
        }
        self.last = Some(Instant::now());
        let line = line(progress, first, self.begun.elapsed());
        if self.is_terminal {
            eprint!("\r{line}\x1b[K");
            // Without a line end nothing is written by itself.
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }

    fn end(&self) {
        if self.is_terminal {
            eprint!("\r\x1b[K");
        }
    }
}

fn line(progress: &Value, first: i64, elapsed: Duration) -> String {
    let (position, head) = (progress["position"].as_i64().unwrap_or_default(), progress["head"].as_i64().unwrap_or_default());
    let seconds = elapsed.as_secs_f64().max(1e-3);
    if progress["stage"] == "comparing" {
        let rows = progress["rows"].as_u64().unwrap_or_default();
        return format!("comparing at position {position}: {} rows, table {}", rows, progress["table"].as_str().unwrap_or("?"));
    }
    let filled = (position * WIDTH / head.max(1)).clamp(0, WIDTH);
    let bar: String = (0..WIDTH).map(|at| if at < filled { '█' } else { '░' }).collect();
    let rate = (position - first) as f64 / seconds;
    let left = if rate > 0.0 { clock((head - position) as f64 / rate) } else { "?".to_owned() };
    format!("{bar} position {position} of {head}  {rate:.0} events/s  {left} left")
}

fn clock(seconds: f64) -> String {
    let seconds = seconds as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn print(report: &Value) {
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    for table in report["tables"].as_array().into_iter().flatten() {
        let (name, old, new) = (table["table"].as_str().unwrap_or("?"), &table["old_version"], &table["new_version"]);
        let versions = if old == new { format!("version {new}") } else { format!("version {old} → {new}") };
        if table["compared"] == false {
            println!("{name:24} {versions}: nothing to compare with, the table or its key is new");
            continue;
        }
        let (changed, gone, added) = (count(&table["changed"]), count(&table["gone"]), count(&table["new"]));
        let found = match (changed, gone, added) {
            (0, 0, 0) => "alike".to_owned(),
            _ => format!("{changed} changed, {gone} only in the old one, {added} only in the new one"),
        };
        println!("{name:24} {versions}, at position {}: {} rows alike; {found}", table["position"], count(&table["equal"]));
        if let Some(columns) = table["columns_apart"].as_array().filter(|columns| !columns.is_empty()) {
            let columns: Vec<_> = columns.iter().filter_map(Value::as_str).collect();
            println!("{:24} columns that only one of both has: {}", "", columns.join(", "));
        }
    }
    for difference in report["differences"].as_array().into_iter().flatten() {
        let side = |name: &str| difference[name].as_str().unwrap_or("no row").to_owned();
        let why = if difference["explained_by_version"] == true { "  (by the new version)" } else { "" };
        let column = difference["column"].as_str().map(|column| format!(", {column}")).unwrap_or_default();
        let (table, key) = (difference["table"].as_str().unwrap_or("?"), difference["key"].as_str().unwrap_or("?"));
        println!("{table}: {key}{column}\n    old {}\n    new {}{why}", side("old"), side("new"));
    }
    let (differing, by_version) = (count(&report["differing"]), count(&report["differing_by_version"]));
    println!("{} rows compared; {differing} differ, and {by_version} more by a new version.", report["rows"]);
    let names: Vec<_> = report["names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let names = names.join(", ");
    if report["switched"] == true {
        println!("Made anew up to position {}, and in the place of the old ones: {names}.", report["position"]);
    } else {
        println!("The new tables were dropped; the live ones are as they were. --switch puts new ones in their place.");
    }
}
