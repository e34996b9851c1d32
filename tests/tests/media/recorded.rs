//! A call that is recorded: by rule, consent and switch; one file for each presence, which is whole, can be fetched in parts, is
//! finished after a crash, and is gone when it is deleted.

use crate::{WITHIN, guest::Guest, history, killed_and_back, opened, present, record};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use vitrina_tests::{
    engine::{Engine, Place},
    http::Client,
    patience,
    server::Server,
    walk::{Shop, Shopper, Visit},
};

/// What every WebM file begins with.
const EBML: [u8; 4] = [0x1a, 0x45, 0xdf, 0xa3];

/// A live call whose customer has consented to being recorded.
fn consented(shop: &mut Shop, shopper: &mut Shopper) -> Visit {
    let mut visit = shop.live_visit(shopper);
    let consent = json!({"kind": "recording", "text_version": "2026-03", "locale": "es"});
    visit.customer.post(&format!("/v1/calls/{}/consent", visit.call_id), &consent).expect(200);
    visit
}

/// The recordings of the call, as soon as `holds` holds.
#[track_caller]
fn recordings(client: &mut Client, visit: &Visit, what: &str, holds: impl Fn(&[Value]) -> bool) -> Value {
    let path = format!("/v1/calls/{}/recordings", visit.call_id);
    let mut last = Value::Null;
    let found = patience::wait_for(WITHIN, || {
        last = client.get(&path).expect(200).json();
        holds(last["items"].as_array().expect("a list has items")).then(|| last.clone())
    });
    found.unwrap_or_else(|| panic!("never: {what}\n{last:#}"))
}

fn are(items: &[Value], count: usize, status: &str) -> bool {
    items.len() == count && items.iter().all(|one| one["status"] == status)
}

/// Files that end so, below this folder.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let inside = entries.flatten().map(|entry| entry.path());
    inside
        .flat_map(|path| if path.is_dir() { files(&path, end) } else { vec![path] })
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect()
}

fn switch(client: &mut Client, visit: &Visit, state: &str) -> vitrina_tests::http::Answer {
    client.post(&format!("/v1/calls/{}/recording", visit.call_id), &json!({ "state": state }))
}

#[test]
fn each_presence_is_a_file_that_the_house_fetches_and_deletes_on_sqlite() {
    recorded(&Engine::Sqlite.place("recorded"));
}

#[test]
fn each_presence_is_a_file_that_the_house_fetches_and_deletes_on_postgresql() {
    recorded(&Engine::Postgres.place("recorded"));
}

fn recorded(place: &Place) {
    let (server, mut shop, mut shopper) = opened(place);
    let mut visit = shop.live_visit(&mut shopper);
    assert_eq!(switch(&mut shopper.client, &visit, "on").problem(403), "not_allowed");
    shop.owner.patch("/v1/account", &json!({"recording": "on_request", "retention": {"recordings_days": 30}})).expect(200);
    assert_eq!(switch(&mut shopper.client, &visit, "on").problem(403), "not_allowed");
    let consent = json!({"kind": "recording", "text_version": "2026-03", "locale": "es"});
    visit.customer.post(&format!("/v1/calls/{}/consent", visit.call_id), &consent).expect(200);
    let (customers, shoppers) = (Guest::join(&visit.customer, &visit.call_id), Guest::join(&shopper.client, &visit.call_id));
    customers.must_see_more();
    switch(&mut shopper.client, &visit, "on").expect(200);
    recordings(&mut shop.owner, &visit, "both are recorded", |items| are(items, 2, "recording"));
    customers.must_see_more();
    assert_eq!(visit.customer.get(&format!("/v1/calls/{}/recordings", visit.call_id)).problem(403), "not_allowed");
    customers.leave();
    recordings(&mut shop.owner, &visit, "who left is kept", |items| items.iter().any(|one| one["status"] == "ready"));
    shopper.client.post(&format!("/v1/calls/{}/end", visit.call_id), &json!({})).expect(200);
    let list = recordings(&mut shop.owner, &visit, "both are kept", |items| are(items, 2, "ready"));
    drop(shoppers);

    let items = list["items"].as_array().expect("a list has items");
    let mut roles: Vec<_> = items.iter().map(|one| one["role"].as_str().expect("who was connected has a side")).collect();
    roles.sort_unstable();
    assert_eq!(roles, ["customer", "shopper"]);
    for one in items {
        assert!(one["duration_ms"].as_i64() > Some(0) && one["corrected"] == false && one["keep_until"].is_string(), "{one:#}");
        assert!(one["offset_ms"].as_i64() < list["duration_ms"].as_i64(), "{list:#}");
        let path = format!("/v1/recordings/{}", one["id"].as_str().expect("a recording has an id"));
        let whole = shop.owner.get(&path).expect(200);
        assert_eq!(Some(whole.body.len() as i64), one["bytes"].as_i64());
        assert!(whole.body.starts_with(&EBML));
        let part = shop.owner.send("GET", &path, &[("Range", "bytes=4-11")], None).expect(206);
        assert_eq!(part.body, whole.body[4..12]);
        let played = Client::new(server.address()).get(one["url"].as_str().expect("what is ready has an address")).expect(200);
        assert!(played.body == whole.body);
        assert_eq!(Client::new(server.address()).get(&format!("{path}/content?pass=r1.x.y")).problem(404), "not_found");
    }
    history(
        &mut shop.owner,
        &visit,
        "recording.",
        &["recording.started", "recording.stopped", "recording.ready", "recording.downloaded"].map(|kind| (kind, 2)),
    );
    let is_empty = || files(&place.folder().join("recordings"), ".webm").is_empty().then_some(());
    patience::wait_for(WITHIN, is_empty).expect("what is kept is not here any more");

    let first = format!("/v1/recordings/{}", items[0]["id"].as_str().expect("a recording has an id"));
    shop.owner.delete(&first).expect(200);
    let deleted = recordings(&mut shop.owner, &visit, "it is deleted", |items| items.iter().any(|one| one["status"] == "deleted"));
    assert_eq!(shop.owner.get(&first).problem(404), "not_found");
    assert_eq!(files(&place.folder().join("objects"), ".webm").len(), 1, "{deleted:#}");
    history(&mut shop.owner, &visit, "recording.", &[("recording.deleted", 1)]);
    server.stop();
}

#[test]
fn where_every_call_is_recorded_a_consent_begins_it_and_its_withdrawal_ends_it() {
    let place = Engine::Sqlite.place("recorded-always");
    let (server, mut shop, mut shopper) = opened(&place);
    shop.owner.patch("/v1/account", &json!({"recording": "always"})).expect(200);
    let mut visit = shop.live_visit(&mut shopper);
    let (customers, shoppers) = (Guest::join(&visit.customer, &visit.call_id), Guest::join(&shopper.client, &visit.call_id));
    customers.must_see_more();
    assert_eq!(history(&mut shop.owner, &visit, "recording.", &[]), Vec::<String>::new());
    let consent = json!({"kind": "recording", "text_version": "2026-03", "locale": "es"});
    visit.customer.post(&format!("/v1/calls/{}/consent", visit.call_id), &consent).expect(200);
    recordings(&mut shop.owner, &visit, "both are recorded", |items| are(items, 2, "recording"));
    let withdraw = json!({"kind": "recording"}).to_string();
    let path = format!("/v1/calls/{}/consent", visit.call_id);
    visit.customer.send("DELETE", &path, &[("Content-Type", "application/json")], Some(withdraw.as_bytes())).expect(200);
    recordings(&mut shop.owner, &visit, "what was recorded is kept", |items| are(items, 2, "ready"));
    customers.must_see_more();
    history(&mut shop.owner, &visit, "recording.", &[("recording.started", 2)]);
    drop(shoppers);
    server.stop();
}

#[test]
fn a_recording_that_kill_9_broke_off_is_finished_at_the_next_start_on_sqlite() {
    killed(&Engine::Sqlite.place("recorded-kill"));
}

#[test]
fn a_recording_that_kill_9_broke_off_is_finished_at_the_next_start_on_postgresql() {
    killed(&Engine::Postgres.place("recorded-kill"));
}

fn killed(place: &Place) {
    let (server, mut shop, mut shopper) = opened(place);
    shop.owner.patch("/v1/account", &json!({"recording": "always"})).expect(200);
    let visit = consented(&mut shop, &mut shopper);
    let (customers, shoppers) = (Guest::join(&visit.customer, &visit.call_id), Guest::join(&shopper.client, &visit.call_id));
    record(&mut shop.owner, &visit, "both are there", |record| present(record) == 2);
    recordings(&mut shop.owner, &visit, "both are recorded", |items| are(items, 2, "recording"));
    let folder = place.folder().join("recordings");
    let written = patience::wait_for(WITHIN, || {
        let sizes = files(&folder, ".webm").iter().filter_map(|path| path.metadata().ok()).filter(|data| data.len() > 20_000).count();
        (sizes == 2).then_some(())
    });
    assert!(written.is_some(), "nothing is written: {:?}", files(&folder, ".webm"));
    let (server, mut shop) = killed_and_back(place, server, &shop, vec![customers, shoppers]);
    let list = recordings(&mut shop.owner, &visit, "both are kept", |items| are(items, 2, "ready"));
    for one in list["items"].as_array().expect("a list has items") {
        assert!(one["corrected"] == true && one["duration_ms"].as_i64() > Some(0), "{one:#}");
        let path = format!("/v1/recordings/{}", one["id"].as_str().expect("a recording has an id"));
        let whole = shop.owner.get(&path).expect(200);
        assert!(whole.body.starts_with(&EBML) && Some(whole.body.len() as i64) == one["bytes"].as_i64());
    }
    history(&mut shop.owner, &visit, "recording.", &["recording.started", "recording.stopped", "recording.ready"].map(|kind| (kind, 2)));
    patience::wait_for(WITHIN, || files(&folder, ".webm").is_empty().then_some(())).expect("what is kept is not here any more");
    server.stop();
}

#[test]
fn a_recording_whose_file_is_gone_is_told_lost() {
    let place = Engine::Sqlite.place("recorded-lost");
    let (server, mut shop, mut shopper) = opened(&place);
    shop.owner.patch("/v1/account", &json!({"recording": "always"})).expect(200);
    let visit = consented(&mut shop, &mut shopper);
    let port = server.port();
    let customers = Guest::join(&visit.customer, &visit.call_id);
    recordings(&mut shop.owner, &visit, "it is recorded", |items| are(items, 1, "recording"));
    server.kill();
    customers.vanish();
    std::fs::remove_dir_all(place.folder().join("recordings")).expect("the folder is there");
    let server = Server::start_at(&place, port, &[]);
    let mut shop = shop.moved_to(&server);
    recordings(&mut shop.owner, &visit, "it is lost", |items| are(items, 1, "lost"));
    let told = history(&mut shop.owner, &visit, "recording.", &[("recording.lost", 1)]);
    assert_eq!(told, ["recording.switched", "recording.started", "recording.lost"]);
    server.stop();
}
