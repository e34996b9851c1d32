//! Live updates over WebSocket and as server-sent events, with the real binary: everything once, in order, to whom it may
//! concern, and to nobody else.

mod ending;
mod following;
mod frames;
mod presence;
mod resuming;
mod stream;

use serde_json::json;
use vitrina_tests::{
    engine::{Engine, Place},
    http::Client,
    server::Server,
    walk::{self, Shop, position},
};

fn shop() -> (Place, Server, Shop) {
    let place = Engine::Sqlite.place("live");
    let server = Server::start(&place);
    let shop = Shop::open(&server);
    (place, server, shop)
}

fn write(client: &mut Client, messages: &str, body: &str) -> i64 {
    position(&client.post(messages, &json!({ "body": body })).expect(201))
}

fn all_history(client: &mut Client, path: &str, at_least: i64) -> Vec<i64> {
    let (mut positions, mut next) = (Vec::new(), format!("{path}/history?limit=200&at_least={at_least}"));
    loop {
        let page = client.get(&next).expect(200);
        positions.extend(walk::items(&page).iter().map(|event| event["position"].as_i64().expect("a position")));
        match page.json()["next"].as_str() {
            Some(cursor) => next = format!("{path}/history?limit=200&cursor={cursor}"),
            None => return positions,
        }
    }
}
