//! `kill -9` under load. After every restart: what was acknowledged is there exactly once and answered again byte by byte,
//! the log is whole, and every read model equals a fold of the log.
//!
//! `VITRINA_CRASH_ROUNDS` says how many rounds on each engine.

mod webhooks;

use serde_json::json;
use vitrina_tests::{
    engine::{Engine, Place},
    ledger::{self, Acknowledged},
    server::Server,
    traffic,
    walk::{Shop, Shopper, Visit},
};

/// Rounds when nobody says another number: enough to see that the suite works.
const ROUNDS_DEFAULT: usize = 2;
/// Callers that write at once.
const CALLERS: usize = 8;

#[test]
fn kill_9_under_load_loses_and_repeats_nothing_on_sqlite() {
    rounds(&Engine::Sqlite.place("crash"));
}

#[test]
fn kill_9_under_load_loses_and_repeats_nothing_on_postgresql() {
    rounds(&Engine::Postgres.place("crash"));
}

fn rounds(place: &Place) {
    let rounds = std::env::var("VITRINA_CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds: usize = rounds.unwrap_or(ROUNDS_DEFAULT);
    let server = Server::start(place);
    let mut shop = Shop::open(&server);
    let mut shopper = shop.hire("sofia@example.com");
    let visits: Vec<Visit> = (0..CALLERS).map(|_| shop.live_visit(&mut shopper)).collect();
    server.stop();

    let mut acknowledged: Vec<Acknowledged> = Vec::new();
    for round in 0..rounds {
        let server = Server::start(place);
        let address = server.address().to_owned();
        // Another moment each time: after 20 to 139 commands.
        let known = traffic::until_broken(&address, &visits, 20 + round * 37 % 120, || server.kill());
        let server = Server::start(place);
        acknowledged.extend(traffic::settle(&server, &visits, &known));
        let status = server.stop();
        assert!(status.success(), "round {round}: a graceful stop ends well, not with {status}");
        let head = ledger::assert_log_is_whole(place);
        ledger::assert_written_once(place, &acknowledged);
        ledger::assert_read_models_equal_a_fold(place);
        println!("{} round {}: {} acknowledged so far, head {head}", place.engine(), round + 1, acknowledged.len());
    }
    carries_on(place, &shop, &shopper);
}

/// After all of it the shop goes on as if nothing had been: the sessions hold, a call comes to its rating.
fn carries_on(place: &Place, shop: &Shop, shopper: &Shopper) {
    let server = Server::start(place);
    let mut shop = shop.moved_to(&server);
    let mut shopper = Shopper { id: shopper.id.clone(), client: shopper.client.moved_to(server.address()) };
    let mut visit = shop.live_visit(&mut shopper);
    let call = format!("/v1/calls/{}", visit.call_id);
    shopper.client.post(&format!("{call}/end"), &json!({})).expect(200);
    visit.customer.post(&format!("{call}/rating"), &json!({ "nps": 10 })).expect(201);
}
