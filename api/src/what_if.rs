//! `vitrina what-if`: a day's calls, as the log tells them, played again with other people or other rules, beside what was.
//!
//! It reads the log alone, beside a running server or without one, and without the keys of persons.

use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use uuid::Uuid;
use vitrina_api::{Config, StartError, house};
use vitrina_domain::{
    account::{AccountEvent, Brand},
    event::Event,
    ids::AccountId,
    metrics::range::{Asked, Range},
    routing::Policy,
    whatif::{Change, Figures, Past, Span, play},
};
use vitrina_eventlog::{Environment, Position, Recorded, keyless, trail::live::Tables};
use vitrina_projections::chart::{Datum, Look, Theme, columns};

/// Events of one read.
const PAGE: usize = 1_000;
/// Shoppers that can be added: more than any floor has.
const STAFF_MAX: i32 = 1_000;

/// What `vitrina what-if` is told.
#[derive(Debug, Args)]
pub struct WhatIfOptions {
    /// The day, such as 2026-11-20, in the account's zone or --zone.
    #[arg(long, value_name = "DATE")]
    day: String,
    /// The account; it can be left out where there is one.
    #[arg(long, value_name = "ID")]
    account: Option<Uuid>,
    /// IANA zone of the day.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// So many shoppers more, such as +2, or fewer, such as -1.
    #[arg(long, value_name = "N", default_value_t = 0, allow_hyphen_values = true, value_parser = clap::value_parser!(i32).range(i64::from(-STAFF_MAX)..=i64::from(STAFF_MAX)))]
    staff: i32,
    /// So many calls at once for each shopper.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: Option<u32>,
    /// Another rule of the floor, as PATCH /v1/account names it: collections=required, queue_wait_max_s=120 … Several may be given.
    #[arg(long, value_name = "RULE=VALUE")]
    policy: Vec<String>,
    /// Decides among equals; the same seed has the same outcome.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Writes the waits as a picture to this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What was assumed, for those who read the figures.
const ASSUMED: [&str; 4] = [
    "calls that customers asked for that day, and no chats; work of other kinds keeps nobody busy",
    "from the moment who took a call could until they did, as much time goes by as did then",
    "calls take as long as they took; those that nobody took, as long as another one, by lot",
    "who gave up waits as long as then; who was served would have waited longer, by lot, as those who gave up make likely",
];

/// Plays the day and prints it beside what was.
pub async fn what_if(config: &Config, options: &WhatIfOptions) -> Result<(), StartError> {
    let tables = house::open_tables(config)?;
    let (account, zone) = whose(&*tables, options).await?;
    let zone = options.zone.clone().unwrap_or(zone);
    let asked = Asked { from: Some(&options.day), to: Some(&options.day), tz: Some(&zone) };
    let range = Range::resolve(asked, chrono_tz::UTC, chrono::Utc::now()).map_err(|why| wrong(format!("--day or --zone: {why}")))?;
    let mut past = Past::new(Span { from: range.from, to: range.to });
    each(&*tables, range.to, |event| {
        if event.stream.account == account && event.environment == Environment::Production && Past::wants(&event.event_type) {
            past.take(event.occurred_at, event.position.0, event.stream.id, &keyless::event(event)?);
        }
        Ok(())
    })
    .await?;
    let day = past.day();
    let change = Change { staff: options.staff, policy: policy(&day.policy, options)? };
    let told = Figures::told(&day);
    let again = play(&day, &day, options.seed);
    let other = play(&day.clone().changed(&change), &day, options.seed);
    let all = [("as it was", &told), ("played again", &again), ("what if", &other)];
    if let Some(path) = &options.svg {
        let failed = |source| StartError::Folder { what: "cannot write", path: path.display().to_string(), source };
        std::fs::write(path, picture(options, &all)).map_err(failed)?;
    }
    if options.json {
        let figures: serde_json::Map<_, _> = all.iter().map(|(name, figures)| (name.replace(' ', "_"), shown(figures))).collect();
        let said = json!({
            "account_id": account, "from": range.from, "to": range.to, "zone": zone, "staff": options.staff, "policy": change.policy,
            "shoppers": day.staff.len(), "figures": figures, "assumed": ASSUMED,
        });
        println!("{said:#}");
    } else {
        print(day.staff.len(), &options.day, &zone, &all);
    }
    Ok(())
}

fn wrong(detail: String) -> StartError {
    StartError::WhatIf(detail)
}

/// Hears of every event that was recorded before the instant.
async fn each(
    tables: &dyn Tables,
    before: chrono::DateTime<chrono::Utc>,
    mut hear: impl FnMut(&Recorded) -> Result<(), vitrina_eventlog::LogError>,
) -> Result<(), StartError> {
    let (mut at, head) = (Position::ZERO, tables.head().await?);
    while at < head {
        let page = tables.read(at, PAGE).await?;
        let Some(last) = page.last() else { break };
        at = last.position;
        for event in page.iter().take_while(|event| event.recorded_at < before) {
            hear(event)?;
        }
        if last.recorded_at >= before {
            break;
        }
    }
    Ok(())
}

/// The account, and its zone.
async fn whose(tables: &dyn Tables, options: &WhatIfOptions) -> Result<(AccountId, String), StartError> {
    let mut found: Vec<(AccountId, String)> = Vec::new();
    each(tables, chrono::DateTime::<chrono::Utc>::MAX_UTC, |event| {
        let wanted = options.account.is_none_or(|wanted| event.stream.account.0 == wanted);
        if wanted && ["account.created", "settings.changed"].contains(&&*event.event_type) {
            let zone = match keyless::event(event)? {
                Event::Account(AccountEvent::Created(created)) => Some(created.zone),
                Event::Account(AccountEvent::SettingsChanged(changed)) => changed.zone,
                _ => None,
            };
            match (found.iter_mut().find(|(account, _)| *account == event.stream.account), zone) {
                (Some(known), Some(zone)) => known.1 = zone,
                (None, zone) => found.push((event.stream.account, zone.unwrap_or_else(|| "UTC".to_owned()))),
                _ => {}
            }
        }
        Ok(())
    })
    .await?;
    match &found[..] {
        [one] => Ok(one.clone()),
        [] => Err(wrong("there is no such account in this log".to_owned())),
        several => Err(wrong(format!("this log has {} accounts: name one with --account", several.len()))),
    }
}

/// The rules with what was said.
fn policy(was: &Policy, options: &WhatIfOptions) -> Result<Policy, StartError> {
    let mut rules = json!(was);
    for said in &options.policy {
        let (rule, value) = said.split_once('=').ok_or_else(|| wrong(format!("--policy {said}: expected RULE=VALUE")))?;
        let known = rules.get_mut(rule).ok_or_else(|| wrong(format!("--policy {said}: there is no rule {rule}")))?;
        *known = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    }
    let rules: Policy = serde_json::from_value(rules).map_err(|error| wrong(format!("--policy: {error}")))?;
    Ok(match options.limit {
        Some(limit) => Policy { call_takes_all: limit == 1, max_concurrent: limit, ..rules },
        None => rules,
    })
}

fn shown(figures: &Figures) -> Value {
    json!({
        "offered": figures.offered, "served": figures.served, "abandoned": figures.abandoned, "waiting": figures.waiting,
        "wait_s": figures.waits_s.as_ref().map(|waits| json!({
            "mean": waits.mean(), "p50": waits.p50, "p90": waits.p90, "p95": waits.p95, "max": waits.max,
        })),
        "abandonment_percent": figures.abandonment.map(|share| share.percent()),
        "occupancy_percent": figures.occupancy.map(|share| share.percent()),
    })
}

/// A row of the table: its name, and what stands in it.
type Row = (&'static str, fn(&Figures) -> String);

fn print(shoppers: usize, day: &str, zone: &str, all: &[(&str, &Figures)]) {
    fn or_none(value: Option<impl ToString>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| value.to_string())
    }
    const ROWS: [Row; 10] = [
        ("customers who asked", |f| f.offered.to_string()),
        ("served", |f| f.served.to_string()),
        ("gave up", |f| f.abandoned.to_string()),
        ("still waiting", |f| f.waiting.to_string()),
        ("wait, mean s", |f| or_none(f.waits_s.as_ref().map(|waits| format!("{:.1}", waits.mean())))),
        ("wait, half within s", |f| or_none(f.waits_s.as_ref().map(|waits| waits.p50))),
        ("wait, 90 % within s", |f| or_none(f.waits_s.as_ref().map(|waits| waits.p90))),
        ("wait, longest s", |f| or_none(f.waits_s.as_ref().map(|waits| waits.max))),
        ("abandonment %", |f| or_none(f.abandonment.map(|share| share.percent()))),
        ("occupancy %", |f| or_none(f.occupancy.map(|share| share.percent()))),
    ];
    println!("{day} in {zone}, {shoppers} shoppers were there");
    println!("{:22} {:>14} {:>14} {:>14}", "", all[0].0, all[1].0, all[2].0);
    for (name, of) in ROWS {
        println!("{name:22} {:>14} {:>14} {:>14}", of(all[0].1), of(all[1].1), of(all[2].1));
    }
    println!("\nAssumed:");
    for assumed in ASSUMED {
        println!("  {assumed}");
    }
}

/// Half and nine in ten of the waits, side by side.
fn picture(options: &WhatIfOptions, all: &[(&str, &Figures)]) -> String {
    let waits = all.iter().flat_map(|(name, figures)| {
        let of = |percent: &str, value: Option<u64>| Datum {
            label: format!("{name}, {percent}"),
            value: value.map(|value| value as f64),
            word: format!("{name}: {percent} of those served waited {} s at most", value.unwrap_or_default()),
        };
        let waits = figures.waits_s.as_ref();
        [of("50 %", waits.map(|waits| waits.p50)), of("90 %", waits.map(|waits| waits.p90))]
    });
    let look = Look {
        title: format!("Waits on {}", options.day),
        description: "Seconds within which half and nine in ten of the customers were served: as it was, played again, and what if."
            .to_owned(),
        theme: Theme::Light,
        brand: Brand::default(),
    };
    columns(&waits.collect::<Vec<_>>(), look).svg()
}
