//! `export-csv`: rows/s of the call history as CSV over HTTP, from the first byte asked for to the last. Limit: the same rows by the
//! engine's own means, `COPY (query) TO STDOUT` of PostgreSQL and the CSV mode of SQLite's shell, in turn with it.
//!
//! `export-csv_memory`: the most memory that the server had while it wrote all rows, against the most for ten thousand.

use crate::{
    bench::{
        Scene, Size,
        filled::{Filled, OPEN, SINCE},
        measure::{Figure, in_turn},
        served::{self, Served},
        store,
    },
    engine::{Engine, Place},
    server::Server,
};
use futures_util::TryStreamExt;
use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    time::Instant,
};

/// The rows of the first thing that memory is compared with.
const FEW: i64 = 10_000;
/// When the calls begin, in microseconds since 1970, and how far they are apart: two million are two years.
const FIRST_US: i64 = 1_704_067_200_000_000;
const STEP_US: i64 = 31_536_000;
/// What the export reads, asked at once and as it is now, as the engine can tell it: its instants are numbers.
const QUERY: &str = "SELECT calls.created_at, calls.call_id, calls.status, calls.outcome, calls.cancel_reason, calls.end_reason, calls.origin,
       calls.product, calls.customer_id, calls.shopper_id, calls.participants, calls.device, calls.language, calls.country, calls.collections,
       calls.first_queued_at, calls.waited_us, calls.started_at, calls.ended_at, calls.products_shown, calls.environment,
       (SELECT COUNT(DISTINCT l.cart_id) FROM cart_lines l
          JOIN report_facts c ON c.account_id = l.account_id AND c.measure = 'cart' AND c.detail = l.cart_id AND c.stream_id = l.call_id
            AND c.to_position = 9223372036854775807
          WHERE l.account_id = calls.account_id AND l.call_id = calls.call_id AND l.to_position = 9223372036854775807 AND l.quantity > 0
            AND NOT EXISTS (SELECT 1 FROM report_facts e WHERE e.account_id = c.account_id AND e.measure = 'cart' AND e.detail = c.detail
              AND (e.anchor, e.stream_id) > (c.anchor, c.stream_id) AND e.to_position = 9223372036854775807
              AND e.environment = c.environment)),
       calls.conversation_id, customers.name, customers.email, customers.phone, facts.value,
       ratings.nps, ratings.csat, ratings.face, ratings.comment,
       (SELECT m.seq FROM messages m WHERE m.account_id = calls.account_id AND m.conversation_id = calls.conversation_id
          ORDER BY m.position DESC LIMIT 1),
       recordings.recording_id, orders.order_id, orders.currency, orders.units, orders.total - orders.given_back,
       orders.collection_units, orders.collection_sales
     FROM calls
     LEFT JOIN customers ON customers.account_id = calls.account_id AND customers.customer_id = calls.customer_id
       AND customers.to_position = 9223372036854775807
     LEFT JOIN report_facts facts ON facts.account_id = calls.account_id AND facts.measure = 'call_duration'
       AND facts.anchor = calls.closed_at AND facts.stream_id = calls.call_id AND facts.to_position = 9223372036854775807
     LEFT JOIN ratings ON ratings.account_id = calls.account_id AND ratings.call_id = calls.call_id
       AND ratings.superseded_position = 9223372036854775807
     LEFT JOIN recordings ON recordings.account_id = calls.account_id AND recordings.call_id = calls.call_id
       AND recordings.stage = 'ready' AND recordings.to_position = 9223372036854775807
     LEFT JOIN orders ON orders.account_id = calls.account_id AND orders.call_id = calls.call_id AND orders.to_position = 9223372036854775807
     WHERE calls.to_position = 9223372036854775807
     ORDER BY calls.created_at, calls.call_id";

/// Runs it and prints two lines.
pub fn run(engine: Engine, size: Size) {
    let (rounds, rows) = size.pick((3, 2_000_000), (0, 20_000));
    let scene = Scene::new(engine);
    let place = scene.place("export");
    let begun = Instant::now();
    let token = fill(&place, rows);
    eprintln!("  {rows} calls made in {:.0?}", begun.elapsed());
    let server = served::start_again(&place);
    let peak = |rows| {
        forget_peak(&server);
        let _ = export(&server, &token, rows);
        peak_mib(&server)
    };
    // What the server needs for itself is there after the first one.
    let (_, few, all) = (peak(FEW), peak(FEW), peak(rows));
    let rate = |took: f64| rows as f64 / took;
    let (ours, limit) = in_turn(rounds, || rate(export(&server, &token, rows)), || rate(by_the_engine(&place, rows)));
    Figure::new("export-csv", engine, ours, limit, "rows/s").print();
    Figure::new("export-csv_memory", engine, all, few, "MiB").print();
}

/// Takes the first `rows` calls away, and tells in how many seconds.
fn export(server: &Server, token: &str, rows: i64) -> f64 {
    let instant = |n: i64| chrono::DateTime::from_timestamp_micros(FIRST_US + n * STEP_US).expect("a year of ours").format("%FT%T%.6fZ");
    let begun = Instant::now();
    let mut stream = TcpStream::connect(server.address()).expect("the server runs");
    let path = format!("/v1/exports/calls?from={}&to={}&tz=Europe/Madrid", instant(0), instant(rows));
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n")
        .expect("the server listens");
    let (mut buffer, mut lines, mut bytes) = (vec![0; 1 << 16], 0, 0);
    loop {
        let read = stream.read(&mut buffer).expect("the server goes on");
        if read == 0 {
            break;
        }
        bytes += read;
        lines += buffer[..read].iter().filter(|byte| **byte == b'\n').count();
    }
    let took = begun.elapsed().as_secs_f64();
    // Heads and borders of chunks are lines too; no cell has one.
    assert!(lines as i64 > rows, "{lines} lines and {bytes} bytes of {rows} rows");
    took
}

/// The same rows without the server, in seconds.
fn by_the_engine(place: &Place, rows: i64) -> f64 {
    let begun = Instant::now();
    let lines = match place.database_url() {
        None => {
            let mut shell = Command::new("sqlite3")
                .arg("-csv")
                .arg(place.folder().join("views.sqlite"))
                .arg(QUERY)
                .stdout(Stdio::piped())
                .spawn()
                .expect("SQLite's shell is installed (Debian's `sqlite3`)");
            let (mut out, mut buffer, mut lines) = (shell.stdout.take().expect("it was asked for"), vec![0; 1 << 16], 0);
            loop {
                let read = out.read(&mut buffer).expect("the shell goes on");
                if read == 0 {
                    break;
                }
                lines += buffer[..read].iter().filter(|byte| **byte == b'\n').count();
            }
            assert!(shell.wait().is_ok_and(|status| status.success()), "SQLite's shell has failed");
            lines
        }
        Some(url) => store::runtime().block_on(copied(url)),
    };
    let took = begun.elapsed().as_secs_f64();
    assert_eq!(lines as i64, rows);
    took
}

async fn copied(url: &str) -> usize {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the server runs");
    tokio::spawn(connection);
    client.batch_execute("SET search_path TO views; SET jit = off").await.expect("they are settings");
    let rows = client.copy_out(&format!("COPY ({QUERY}) TO STDOUT (FORMAT csv)")).await.expect("it is a query");
    let lines = rows.try_fold(0, async |lines, chunk| Ok(lines + chunk.iter().filter(|byte| **byte == b'\n').count())).await;
    lines.expect("the server goes on")
}

/// From here on the peak of memory is counted anew.
fn forget_peak(server: &Server) {
    std::fs::write(format!("/proc/{}/clear_refs", server.pid()), "5").expect("the server is ours");
}

fn peak_mib(server: &Server) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().expect("a number") / 1024.0
}

/// So many finished calls of as many customers, most of them rated; the owner's token.
fn fill(place: &Place, rows: i64) -> String {
    let served = Served::start(place);
    let (token, (account, shopper)) = (served.owner_token(), served.ids());
    served.stop();
    let filled = Filled::new(place);
    let text = |text: &str| format!("'{text}'");
    let at = |seconds: i64| format!("{} + i * {STEP_US}", FIRST_US + seconds * 1_000_000);
    let ours = ("account_id", filled.uuid(&account));
    let product = r#"{"sku":"SKU-1","name":"Blue coat, long","image_url":"https://shop.example/blue-coat.jpg","price":{"amount":12990,"currency":"EUR"}}"#;
    let list = |texts: &[&str]| format!("'[{}]'", texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(","));
    let since = [("from_position", SINCE.to_string()), ("to_position", OPEN.to_string()), ("version", "1".to_owned())];
    let mut call = vec![
        ours.clone(),
        ("call_id", filled.id("i")),
        ("status", text("finished")),
        ("active", "0".to_owned()),
        ("outcome", text("finished")),
        ("origin", text("customer")),
        ("customer_id", filled.id("i")),
        ("conversation_id", filled.id("i")),
        ("shopper_id", filled.uuid(&shopper)),
        ("participants", list(&[&shopper])),
        ("product", text(product)),
        ("platform", text("web")),
        ("device", text("mobile")),
        ("language", text("es")),
        ("country", text("ES")),
        ("collections", list(&["Abrigos", "Otoño"])),
        ("priority", "0".to_owned()),
        ("created_at", at(0)),
        ("first_queued_at", at(0)),
        ("waited_us", "(i % 600) * 1000000".to_owned()),
        ("claimed_at", at(20)),
        ("started_at", at(30)),
        ("ended_at", at(400)),
        ("closed_at", at(420)),
        ("end_reason", text("customer_hangup")),
        ("products_shown", "i % 7".to_owned()),
        ("cart_ids", list(&["cart-1"])),
        ("rated", "1".to_owned()),
        ("environment", text("production")),
    ];
    call.extend(since.clone());
    filled.insert("calls", rows, &call);
    let mut customer = vec![
        ours.clone(),
        ("customer_id", filled.id("i")),
        ("name", "'Customer \"' || CAST(i AS TEXT) || '\", of Sants'".to_owned()),
        ("email", "'customer' || CAST(i AS TEXT) || '@example.com'".to_owned()),
        ("phone", "'+34600' || CAST(100000 + i % 900000 AS TEXT)".to_owned()),
        ("language", text("es")),
        ("created_at", at(0)),
        ("search", text("")),
        ("past_words", text("")),
    ];
    customer.extend(since.clone());
    filled.insert("customers", rows, &customer);
    let fact = [
        ours.clone(),
        ("measure", text("call_duration")),
        ("anchor", at(420)),
        ("stream_id", filled.id("i")),
        ("part", "0".to_owned()),
        since[0].clone(),
        since[1].clone(),
        ("value", "i % 900".to_owned()),
        ("position", SINCE.to_string()),
        ("event_type", text("call.finished")),
        ("environment", text("production")),
    ];
    filled.insert("report_facts", rows, &fact);
    let rating = [
        ours,
        ("answer_id", filled.id("i")),
        ("environment", text("production")),
        ("position", SINCE.to_string()),
        ("superseded_position", OPEN.to_string()),
        ("call_id", filled.id("i")),
        ("customer_id", filled.id("i")),
        ("shopper_id", filled.uuid(&shopper)),
        ("shoppers", list(&[&shopper])),
        ("nps", "i % 11".to_owned()),
        ("csat", "1 + i % 5".to_owned()),
        ("answered_at", at(430)),
        ("hidden_and_shown", text("[]")),
    ];
    filled.insert("ratings", rows, &rating);
    filled.done();
    token
}
