//! `report_…`: each report of one month over HTTP, within two years of a thousand calls a day. Limit: the same month alone, in turn
//! with it. A line for the median, and one for the 99th percentile.

use crate::{
    bench::{
        Scene, Size,
        filled::{Filled, OPEN, SINCE},
        measure::Figure,
        served::{self, Served},
    },
    engine::{Engine, Place},
    load::{self, Repeated, Until},
    server::Server,
};
use std::time::Instant;

/// Two years.
const DAYS: i64 = 730;
/// The month that is asked for: the last one.
const MONTH_DAYS: i64 = 31;
/// Its begin and end; the end in seconds since 1970.
const MONTH: &str = "from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z";
const END_S: i64 = 1_775_001_600;
/// Who serves the calls.
const SHOPPERS: i64 = 20;

/// Facts of every hundred calls: measure, how many, values below, detail. Each cart is one of its own.
const FACTS: [(&str, i64, i64, &str); 20] = [
    ("call_created", 100, 1, "customer"),
    ("call_finished", 85, 1, "customer_hangup"),
    ("call_cancelled", 15, 1, "abandoned_in_queue"),
    ("call_duration", 85, 900, ""),
    ("call_seconds", 130, 600, ""),
    ("cart", 50, 1, "cart"),
    ("conversation_opened", 100, 1, "call"),
    ("conversation_closed", 100, 1, "success"),
    ("answered", 60, 1, ""),
    ("nps", 60, 11, ""),
    ("csat", 30, 6, ""),
    ("face", 30, 6, ""),
    ("wait_served", 85, 600, ""),
    ("wait_abandoned", 15, 600, "abandoned_in_queue"),
    ("answer_speed", 85, 600, ""),
    ("first_response", 85, 600, ""),
    ("reply", 400, 600, ""),
    ("handle", 85, 1_200, ""),
    ("handle_seconds", 130, 900, ""),
    ("presence", 100, 900, "available"),
];

/// Each report: its names in the lines, and its address.
const REPORTS: [(&str, &str, &str); 8] = [
    ("report_overview", "report_overview_p99", "overview?"),
    ("report_compared", "report_compared_p99", "overview?compare=previous&"),
    ("report_shoppers", "report_shoppers_p99", "shoppers?"),
    ("report_times", "report_times_p99", "times?"),
    ("report_activity", "report_activity_p99", "activity?by=day&"),
    ("report_occupancy", "report_occupancy_p99", "occupancy?"),
    ("report_nps", "report_nps_p99", "nps?by=day&"),
    ("report_facts", "report_facts_p99", "facts?measure=call_created&limit=200&"),
];

/// Runs it and prints two lines for each report.
pub fn run(engine: Engine, size: Size) {
    let calls_per_day = size.pick(1_000, 5);
    let (rounds, requests) = size.pick((10, 20), (1, 2));
    let scene = Scene::new(engine);
    let (within, alone) = (scene.place("within"), scene.place("alone"));
    // What it is compared with is there in both: the month alone has the one before.
    let tokens = [fill(&within, DAYS, calls_per_day), fill(&alone, 2 * MONTH_DAYS, calls_per_day)];
    let servers = [served::start_again(&within), served::start_again(&alone)];
    for (name, name_p99, path) in REPORTS {
        let mut micros = [Vec::new(), Vec::new()];
        // The first round is not counted: what is asked for comes from the disk.
        for round in 0..=rounds {
            for of in [1, 0] {
                let asked = ask(&servers[of], &tokens[of], path, requests);
                if round > 0 {
                    micros[of].extend(asked);
                }
            }
        }
        let [ours, limit] = micros.map(|mut micros| {
            micros.sort_unstable();
            [50, 99].map(|percent| f64::from(micros[(micros.len() * percent).div_ceil(100) - 1]) / 1_000.0)
        });
        Figure::new(name, engine, ours[0], limit[0], "ms").print();
        Figure::new(name_p99, engine, ours[1], limit[1], "ms").print();
    }
}

fn ask(server: &Server, token: &str, path: &str, requests: u32) -> Vec<u32> {
    let request = Repeated::get(&format!("/v1/reports/{path}{MONTH}&tz=UTC"), token);
    load::run(server.address(), vec![request], Until::Count(requests)).all_good().micros
}

fn text(text: &str) -> String {
    format!("'{text}'")
}

fn detail_of(measure: &str, detail: &str) -> String {
    match detail {
        "" => "NULL".to_owned(),
        _ if measure == "cart" => format!("{} || CAST(i AS TEXT)", text("cart-")),
        _ => text(detail),
    }
}

/// Fills the last `days` days before the end of the month with facts; the owner's token.
fn fill(place: &Place, days: i64, calls_per_day: i64) -> String {
    let served = Served::start(place);
    let (token, (account, _)) = (served.owner_token(), served.ids());
    served.stop();
    let (begun, filled) = (Instant::now(), Filled::new(place));
    let first_us = (END_S - days * 86_400) * 1_000_000;
    for (measure, per_hundred, values, detail) in FACTS {
        let count = days * calls_per_day * per_hundred / 100;
        let step_us = days * 86_400_000_000 / count;
        filled.insert(
            "report_facts",
            count,
            &[
                ("account_id", filled.uuid(&account)),
                ("measure", text(measure)),
                // In order of the key, so that the table is as dense as one that grew.
                ("anchor", format!("{first_us} + i * {step_us}")),
                ("stream_id", filled.id("i")),
                ("part", "0".to_owned()),
                ("from_position", SINCE.to_string()),
                ("to_position", OPEN.to_string()),
                ("value", if values == 1 { "1".to_owned() } else { format!("(i * 7919) % {values}") }),
                ("position", SINCE.to_string()),
                ("event_type", text("call.finished")),
                ("shopper_id", filled.id(&format!("(i % {SHOPPERS})"))),
                ("call_id", filled.id("i")),
                ("customer_id", filled.id("i")),
                ("device", text("mobile")),
                ("channel", text("web")),
                ("detail", detail_of(measure, detail)),
                ("environment", text("production")),
            ],
        );
    }
    filled.done();
    eprintln!("  {days} days of {calls_per_day} calls made in {:.0?}", begun.elapsed());
    token
}
