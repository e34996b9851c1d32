//! What a page of the history costs within two years of calls. Not part of an ordinary run:
//! `HISTORY_CALLS_PER_DAY=1000 cargo test -p vitrina-projections --lib -- --ignored --nocapture cost_of_a_search`.

use super::engines::Place;
use crate::{
    Needle, Page, Store,
    asked::Listed,
    calls::{self, CallFilter},
    runner::builds,
    sql::{EngineName, Value},
    table::Field,
};
use std::time::Instant;
use uuid::Uuid;
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::{Environment, Position};

/// Two years.
const DAYS: i64 = 730;
/// How often each question is asked.
const ROUNDS: usize = 20;
/// Customers of a hundred calls.
const CUSTOMERS_PER_HUNDRED: i64 = 14;
const PRODUCTS: i64 = 2_000;
const SHOPPERS: i64 = 50;

/// Made by hand, as the fold leaves the newest versions: writing two years of events takes longer than asking about them.
async fn fill(store: &Store, account: AccountId, count: i64) {
    let writer = store.writer().await.unwrap();
    builds::prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
    let is_sqlite = store.engine_name() == EngineName::Sqlite;
    let id = |number: &str| {
        if is_sqlite {
            format!("CAST(printf('%016d', {number}) AS BLOB)")
        } else {
            format!("convert_to(lpad(CAST({number} AS TEXT), 16, '0'), 'UTF8')")
        }
    };
    let customers = count * CUSTOMERS_PER_HUNDRED / 100;
    let name = "'name' || (i % 500) || ' family' || (i * 7919 % 3000)";
    let product = "'ref-' || (i * 31 % 2000)";
    let numbers =
        |count: i64| format!("WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})");
    let customer = id(&format!("((i * 6700417) % {customers})"));
    let shopper = id(&format!("(1000000000 + i % {SHOPPERS})"));
    let open = i64::MAX;
    let statements = [
        ("customers", format!("{} INSERT INTO TABLE (account_id, customer_id, from_position, to_position, version, name, email, created_at, search, past_words)
            SELECT $1, {}, 1, {open}, 1, {name}, 'c' || i || '@example.com', i, ' ' || {name} || ' c' || i || '@example.com c' || i || ' example com', '' FROM n", numbers(customers), id("i"))),
        ("customer_words", format!("{} INSERT INTO TABLE (account_id, word, customer_id) SELECT $1, 'name' || (i % 500), {} FROM n", numbers(customers), id("i"))),
        ("customer_words", format!("{} INSERT INTO TABLE (account_id, word, customer_id) SELECT $1, 'family' || (i * 7919 % 3000), {} FROM n", numbers(customers), id("i"))),
        ("customer_words", format!("{} INSERT INTO TABLE (account_id, word, customer_id) SELECT $1, 'c' || i || '@example.com', {} FROM n", numbers(customers), id("i"))),
        ("customer_words", format!("{} INSERT INTO TABLE (account_id, word, customer_id) SELECT $1, 'example', {} FROM n", numbers(customers), id("i"))),
        ("product_words", format!("{} INSERT INTO TABLE (account_id, word, sku) SELECT $1, 'ref-' || i, 'ref-' || i FROM n", numbers(PRODUCTS))),
        ("product_words", format!("{} INSERT INTO TABLE (account_id, word, sku) SELECT $1, 'colour' || (i % 40), 'ref-' || i FROM n", numbers(PRODUCTS))),
        ("call_shoppers", format!("{} INSERT INTO TABLE (account_id, shopper_id, created_at, call_id) SELECT $1, {shopper}, i * 86400000, {} FROM n", numbers(count), id("i"))),
        ("shoppers", format!("{} INSERT INTO TABLE (account_id, shopper_id, from_position, to_position, version, name, languages, expertise, collections, departments,
              status, status_since, created_at, deleted, sort_name, search)
            SELECT $1, {}, 1, {open}, 1, 'seller' || i, '[]', '[]', '[]', '[]', 'offline', 0, 0, 0, 'seller' || i, ' seller' || i FROM n", numbers(SHOPPERS), id("(1000000000 + i)"))),
        ("calls", format!("{} INSERT INTO TABLE (account_id, call_id, from_position, to_position, version, status, active, outcome, origin, customer_id,
              conversation_id, shopper_id, participants, product_id, product_search, platform, device, collections, priority, created_at, waited_us,
              products_shown, cart_ids, rated, nps, environment)
            SELECT $1, {}, i + 1, {open}, 9, 'finished', 0, 'finished', 'customer', {customer}, {}, {shopper}, '[]', {product},
              ' ' || {product} || ' colour' || (i * 31 % 2000 % 40), 'web', 'mobile', '[]', 0, i * 86400000, 0, 0, '[]', i % 2, i % 11, 'production' FROM n",
            numbers(count), id("i"), id("i"))),
    ];
    for (table, statement) in statements {
        let tables = if is_sqlite {
            format!("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '{table}_v%'")
        } else {
            format!(
                "SELECT table_name::TEXT FROM information_schema.tables WHERE table_schema = 'views' AND table_type = 'BASE TABLE' AND table_name LIKE '{table}_v%'"
            )
        };
        let Value::Text(build) = writer.query(&tables, Vec::new()).await.unwrap().remove(0).remove(0) else { panic!("a name is a text") };
        let statement = statement.replace("TABLE", &build);
        writer.query(&statement, vec![account.to_value()]).await.unwrap_or_else(|e| panic!("{} {statement}", e.chain()));
        if !is_sqlite {
            writer.script(format!("ANALYZE {build};")).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn cost_of_a_search_within_two_years() {
    let calls_per_day: i64 = std::env::var("HISTORY_CALLS_PER_DAY").map_or(20, |number| number.parse().unwrap());
    let account = AccountId(Uuid::from_u128(7));
    for place in Place::all().await {
        let store = place.open().await;
        let begun = Instant::now();
        fill(&store, account, DAYS * calls_per_day).await;
        println!("{}: {} calls made in {:.0?}", place.name(), DAYS * calls_per_day, begun.elapsed());
        let queries = [
            "",
            "c77@example.com",
            "family77",
            "name7 family7",
            "seller7",
            "seller7 family77",
            "ref-77",
            "colour7 name77",
            "name",
            "example colour7",
            "seller7 ref-78",
            "nobody",
        ];
        for query in queries {
            let filter = CallFilter { search: Needle::new(query), environment: Some(Environment::Production), ..CallFilter::default() };
            let (mut times, mut found) = (Vec::new(), Listed { rows: Vec::new(), goes_on: None });
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                found = calls::list(&store, account, &filter, Page::first(Position(i64::MAX - 1), 51)).await.unwrap();
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
            times.sort_by(f64::total_cmp);
            let more = if found.goes_on.is_some() { ", and more to look at" } else { "" };
            let found = found.rows.len();
            println!("  {query:?}: {found} rows{more}; p50 {:.1} ms, most {:.1} ms", times[ROUNDS / 2], times[ROUNDS - 1]);
        }
    }
}
