//! `kill -9` while endpoints are told: every acknowledged message comes, under one id, from the process that goes on.

use serde_json::json;
use std::time::{Duration, Instant};
use vitrina_tests::{
    engine::{Engine, Place},
    http::Client,
    receiver::Receiver,
    server::Server,
    walk::{self, Shop, Visit},
};

const OPTIONS: [(&str, &str); 2] = [("VITRINA_WEBHOOK_NETWORKS", "127.0.0.0/8"), ("VITRINA_WEBHOOK_SCHEMES", "http")];
/// Longest wait for what is told: a process that is dead is noticed within seconds.
const WITHIN: Duration = Duration::from_secs(120);
/// Messages before and after the kill.
const MESSAGES: usize = 150;

#[test]
fn kill_9_while_an_endpoint_is_told_loses_nothing_and_keeps_ids_on_sqlite() {
    let place = Engine::Sqlite.place("told");
    killed(&place, |first| {
        first.kill();
        Server::start_with(&place, &OPTIONS)
    });
}

#[test]
fn another_process_tells_an_endpoint_when_the_one_that_did_is_killed_on_postgresql() {
    let place = Engine::Postgres.place("told");
    killed(&place, |first| {
        let second = Server::start_with(&place, &OPTIONS);
        first.kill();
        second
    });
}

/// Says so many things; the positions that were acknowledged.
fn say(server: &Server, visit: &Visit, count: usize) -> Vec<i64> {
    let mut customer = Client::new(server.address()).with_token(&visit.token);
    let mut say = |n| walk::position(&customer.post(&visit.messages(), &json!({"body": format!("word {n}")})).expect(201));
    (0..count).map(&mut say).collect()
}

fn killed(place: &Place, next: impl FnOnce(Server) -> Server) {
    let (receiver, first) = (Receiver::start(), Server::start_with(place, &OPTIONS));
    let mut shop = Shop::open(&first);
    let mut shopper = shop.hire("sofia@example.com");
    let visit = shop.live_visit(&mut shopper);
    let body = json!({"name": "Told", "url": receiver.url(), "events": ["conversation.message_sent"]});
    let endpoint = walk::text(&shop.owner.post("/v1/webhooks", &body).expect(201), "id");
    let mut acknowledged = say(&first, &visit, MESSAGES);
    let second = next(first);
    acknowledged.extend(say(&second, &visit, MESSAGES));
    let begun = Instant::now();
    let told = loop {
        let told = receiver.came.ids();
        if acknowledged.iter().all(|position| told.contains_key(position)) {
            break told;
        }
        assert!(begun.elapsed() < WITHIN, "{} of {} were told", told.len(), acknowledged.len());
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(told.values().all(|ids| ids.len() == 1 && ids.iter().all(|id| id.ends_with(&endpoint))), "an event came under two ids");
    second.stop();
}
