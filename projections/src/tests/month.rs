//! What a month's reports cost within two years of calls, against the same month alone. Not part of an ordinary run:
//! `REPORT_CALLS_PER_DAY=1000 cargo test --release -p vitrina-projections --lib -- --ignored --nocapture cost_of_a_month`.

use super::engines::Place;
use crate::{
    Page, Store,
    report::{self, Figures, Selection},
    runner::builds,
    sql::{EngineName, Value},
    table::Field,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Instant;
use uuid::Uuid;
use vitrina_domain::{ids::AccountId, metrics::range::Range, report::Measure};
use vitrina_eventlog::{Environment, Position};

/// Two years.
const DAYS: i64 = 730;
/// The month that is asked for.
const MONTH_DAYS: i64 = 30;
/// How often each question is asked.
const ROUNDS: usize = 40;
/// Facts of every hundred calls, by measure.
const FACTS: [(Measure, i64); 16] = [
    (Measure::CallCreated, 100),
    (Measure::CallFinished, 85),
    (Measure::CallCancelled, 15),
    (Measure::CallSeconds, 170),
    (Measure::Cart, 50),
    (Measure::ConversationOpened, 100),
    (Measure::ConversationClosed, 100),
    (Measure::Answered, 60),
    (Measure::Nps, 60),
    (Measure::Csat, 30),
    (Measure::Face, 30),
    (Measure::WaitServed, 85),
    (Measure::AnswerSpeed, 85),
    (Measure::FirstResponse, 85),
    (Measure::Reply, 200),
    (Measure::Handle, 85),
];

/// Made by hand, as the fold leaves them: writing two years of events takes longer than asking about them.
async fn fill(store: &Store, account: AccountId, first: DateTime<Utc>, days: i64, calls_per_day: i64) {
    let writer = store.writer().await.unwrap();
    builds::prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
    let (tables, bytes) = match store.engine_name() {
        EngineName::Sqlite => {
            ("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'report_facts_v%'", "CAST(printf('%016d', {}) AS BLOB)")
        }
        EngineName::Postgres => (
            "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = 'views' AND table_type = 'BASE TABLE'
             AND table_name LIKE 'report_facts_v%'",
            "convert_to(lpad(CAST({} AS TEXT), 16, '0'), 'UTF8')",
        ),
    };
    let Value::Text(table) = writer.query(tables, Vec::new()).await.unwrap().remove(0).remove(0) else { panic!("a name is a text") };
    for (measure, per_hundred) in FACTS {
        // In order of the key, so that the table is as dense as one that grew.
        let count = days * calls_per_day * per_hundred / 100;
        let step_us = days * 86_400_000_000 / count;
        let statement = format!(
            "WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})
             INSERT INTO {table} (account_id, measure, anchor, stream_id, part, from_position, to_position, value, position, event_type,
                                  shopper_id, call_id, device, detail, environment)
             SELECT $1, $2, $3 + i * {step_us}, {}, 0, i + 1, {}, (i * 7919) % {}, i + 1, 'call.finished', {}, {}, 'mobile', 'customer',
                    'production' FROM n",
            bytes.replace("{}", "i"),
            i64::MAX,
            if measure == Measure::Nps { 11 } else { 600 },
            bytes.replace("{}", "(i % 50)"),
            bytes.replace("{}", "i"),
        );
        writer.query(&statement, vec![account.to_value(), measure.to_value(), first.to_value()]).await.unwrap();
    }
    if store.engine_name() == EngineName::Postgres {
        writer.script(format!("ANALYZE {table};")).await.unwrap();
    }
}

async fn ask(store: &Store, account: AccountId, selection: &Selection, question: &str) -> f64 {
    let begun = Instant::now();
    match question {
        "overview" => drop(Figures::of(store, account, selection, &sums(), &[Measure::Nps, Measure::Csat, Measure::Face]).await.unwrap()),
        "times" => {
            let told = [Measure::WaitServed, Measure::AnswerSpeed, Measure::FirstResponse, Measure::Reply, Measure::Handle];
            drop(Figures::of(store, account, selection, &[], &told).await.unwrap());
        }
        "activity" => {
            for measure in [Measure::CallCreated, Measure::CallFinished, Measure::CallSeconds, Measure::WaitServed] {
                drop(report::buckets(store, account, measure, selection).await.unwrap());
            }
        }
        "nps" => drop(report::told_apart(store, account, Measure::Nps, selection).await.unwrap()),
        _ => {
            let page = Page::first(selection.as_of, 200);
            drop(report::facts(store, account, Measure::CallCreated, selection, page).await.unwrap());
        }
    }
    begun.elapsed().as_secs_f64() * 1_000.0
}

fn sums() -> [Measure; 8] {
    FACTS.map(|(measure, _)| measure)[..8].try_into().expect("there are more than eight")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn cost_of_a_month_within_two_years_and_alone() {
    let calls_per_day: i64 = std::env::var("REPORT_CALLS_PER_DAY").map_or(100, |number| number.parse().unwrap());
    let account = AccountId(Uuid::from_u128(7));
    let to = DateTime::from_timestamp(1_774_828_800, 0).unwrap();
    let month = Range { from: to - TimeDelta::days(MONTH_DAYS), to };
    let selection =
        Selection { range: month, environment: Some(Environment::Production), shopper: None, channel: None, as_of: Position(i64::MAX - 1) };
    for (large, small) in Place::all().await.into_iter().zip(Place::all().await) {
        let (within, alone) = (large.open().await, small.open().await);
        let begun = Instant::now();
        fill(&within, account, to - TimeDelta::days(DAYS), DAYS, calls_per_day).await;
        fill(&alone, account, month.from, MONTH_DAYS, calls_per_day).await;
        println!("{}: two years of {calls_per_day} calls a day made in {:.0?}", large.name(), begun.elapsed());
        for question in ["overview", "times", "activity", "nps", "facts"] {
            let (mut ours, mut limit) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                ours.push(ask(&within, account, &selection, question).await);
                limit.push(ask(&alone, account, &selection, question).await);
            }
            let at = |times: &mut Vec<f64>, percent: usize| {
                times.sort_by(f64::total_cmp);
                times[(times.len() * percent).div_ceil(100) - 1]
            };
            let (p50, p99) = (at(&mut ours, 50), at(&mut ours, 99));
            let (alone50, alone99) = (at(&mut limit, 50), at(&mut limit, 99));
            println!("  {question}: p50 {p50:.1} ms, p99 {p99:.1} ms; alone {alone50:.1}, {alone99:.1}; ratio of p50 {:.2}", p50 / alone50);
        }
    }
}
