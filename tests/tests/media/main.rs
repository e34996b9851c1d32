//! A call's media from join to the seconds on the bill, with real packets: an independent WebRTC client, the real server.
//! What happened is in the record once, also when the server is killed in the middle of it.
#![allow(missing_docs)]

mod guest;
mod killed;
mod meeting;
mod nodes;
mod recorded;

use chrono::{DateTime, Utc};
use guest::Guest;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;
use vitrina_tests::{
    engine::Place,
    http::Client,
    patience,
    server::Server,
    walk::{self, Shop, Shopper, Visit},
};

/// Longest wait for something to be in the record.
const WITHIN: Duration = Duration::from_secs(60);

/// The record of the call's media, as soon as `holds` holds.
#[track_caller]
fn record(client: &mut Client, visit: &Visit, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/v1/calls/{}/media", visit.call_id);
    let mut last = Value::Null;
    let found = patience::wait_for(WITHIN, || {
        last = client.get(&path).expect(200).json();
        holds(&last).then(|| last.clone())
    });
    found.unwrap_or_else(|| panic!("never: {what}\n{last:#}"))
}

fn participants(record: &Value) -> &Vec<Value> {
    record["participants"].as_array().expect("a record has participants")
}

/// How many are connected.
fn present(record: &Value) -> usize {
    participants(record).iter().filter(|one| one["joined_at"].is_string() && one["left_at"].is_null()).count()
}

fn of<'a>(record: &'a Value, guest: &Guest) -> &'a Value {
    let id = guest.participant.to_string();
    participants(record).iter().find(|one| one["id"] == id).unwrap_or_else(|| panic!("nobody is {id}: {record:#}"))
}

/// The types of the call's events of this subject, in order, as soon as there are so many of each of these kinds: the history is
/// read from what follows the log.
#[track_caller]
fn history(client: &mut Client, visit: &Visit, subject: &str, kinds: &[(&str, usize)]) -> Vec<String> {
    let path = format!("/v1/calls/{}/history?limit=200", visit.call_id);
    let mut last = Vec::new();
    let found = patience::wait_for(WITHIN, || {
        let answer = client.get(&path).expect(200);
        let types = walk::items(&answer).into_iter().map(|item| item["type"].as_str().expect("an event has a type").to_owned());
        last = types.filter(|kind| kind.starts_with(subject)).collect();
        kinds.iter().all(|(kind, times)| count(&last, kind) == *times).then(|| last.clone())
    });
    found.unwrap_or_else(|| panic!("never: {kinds:?}\n{last:#?}"))
}

fn count(history: &[String], kind: &str) -> usize {
    history.iter().filter(|one| *one == kind).count()
}

/// Waits until both sides have been connected for so long. The seconds are those up to the position of the answer, so something
/// has to happen for them to go on.
fn talk_for(seconds: i64, client: &mut Client, visit: &Visit) -> Value {
    let customer = visit.customer.moved_to(client.address());
    record(client, visit, "they have talked for long enough", |record| {
        customer.moved_to(customer.address()).post(&visit.messages(), &serde_json::json!({ "body": "still here" })).expect(201);
        record["live_seconds"].as_i64() >= Some(seconds)
    })
}

/// Kills the server, whose guests find nobody then, and starts it again at its address, twice: the second start must find nothing more
/// to mend.
fn killed_and_back(place: &Place, server: Server, shop: &Shop, guests: Vec<Guest>) -> (Server, Shop) {
    let port = server.port();
    server.kill();
    guests.into_iter().for_each(Guest::vanish);
    Server::start_at(place, port, &[]).kill();
    let server = Server::start_at(place, port, &[]);
    let shop = shop.moved_to(&server);
    (server, shop)
}

/// Somebody comes after the talk of which `before` is the record: whatever breaks the call off then, it had lasted until now.
fn come_late(client: &Client, owner: &mut Client, visit: &Visit, before: &Value) -> Guest {
    let late = Guest::join(client, &visit.call_id);
    record(owner, visit, "one more is there", |record| present(record) == present(before) + 1);
    late
}

/// That everybody was there until the node was gone, and not a second less than `before` is known of: the last one came after that.
#[track_caller]
fn is_broken_off(mended: &Value, before: &Value, late: Uuid) {
    let last = participants(mended).iter().find(|one| one["id"] == late.to_string()).map(|one| time(&one["joined_at"]));
    let end = time(&participants(mended)[0]["left_at"]);
    assert!(last <= Some(end) && end <= time(&mended["sessions"][0]["closed_at"]), "{mended:#}");
    for one in participants(mended) {
        assert_eq!((one["reason"].as_str(), one["corrected"].as_bool()), (Some("server_shutdown"), Some(true)), "{mended:#}");
        assert!(time(&one["joined_at"]) <= end && time(&one["left_at"]) == end, "{mended:#}");
    }
    assert!(mended["live_seconds"].as_i64() >= before["live_seconds"].as_i64(), "{mended:#}");
    let ends = mended["intervals"].as_array().into_iter().flatten().map(|interval| time(&interval["to"]));
    assert!(ends.max() <= Some(end), "{mended:#}");
}

/// That the time in which nobody could be there is nobody's: who came back came after the end.
#[track_caller]
fn is_a_new_session(back: &Value) {
    let sessions = back["sessions"].as_array().expect("a record has sessions");
    assert_eq!(sessions.len(), 2, "{back:#}");
    assert!(time(&sessions[0]["closed_at"]) <= time(&sessions[1]["opened_at"]), "{back:#}");
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value} is no time"))
}

fn opened(place: &Place) -> (Server, Shop, Shopper) {
    let server = Server::start(place);
    let mut shop = Shop::open(&server);
    let shopper = shop.hire("sofia@example.com");
    (server, shop, shopper)
}
