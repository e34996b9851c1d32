//! Exports that make a file: the same bytes as over the wire, made anew where they broke off, fetched by an address that ends, bounded.

use crate::app::{Answer, PASSWORD, TestApp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const EVER: &str = "from=2000-01-01&to=2100-01-01";
/// Longest wait for what is done beside; the bound is that of a test which hangs.
const WITHIN: Duration = Duration::from_secs(90);
/// Files that an account may wait for.
const UNDER_WAY_MAX: usize = 5;
/// Requests that are sent to come to that bound: while the storage is away, files fail two at a time and after seconds.
const REQUESTS_MAX: usize = 100;

async fn request(app: &TestApp, token: &str, body: Value) -> Answer {
    app.ask("POST", "/v1/exports", token, body).await
}

/// The export once it stands there.
async fn until(app: &TestApp, token: &str, id: &str, status: &str) -> Value {
    let begun = Instant::now();
    loop {
        let export = app.get(&format!("/v1/exports/{id}"), token).await.json();
        if export["status"] == status {
            return export;
        }
        assert!(begun.elapsed() < WITHIN, "{export}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn member<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_the_table_of_its_position_is_fetched_by_its_address_and_gone_when_deleted() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let position = app.visit().await.position;
    app.get(&format!("/v1/calls?at_least={position}"), &owner).await.expect(200);
    let body =
        json!({"definition": "calls", "format": "csv", "profile": "excel", "locale": "pt", "from": "2000-01-01", "to": "2100-01-01"});
    let send = async || app.request("POST", "/v1/exports").bearer(&owner).key("once").json(&body).send().await.expect(202);
    let (asked, again) = (send().await, send().await);
    let id = asked.text("id");
    assert_eq!(again.text("id"), id);
    app.visit().await;
    let at = asked.number("position");
    app.get(&format!("/v1/exports/{id}?at_least={at}"), &owner).await.expect(200);
    let ready = until(&app, &owner, &id, "ready").await;
    let (url, manifest) = (member(&ready, "url"), &ready["manifest"]);
    let file = app.get(url, "").await.expect(200);
    let direct = format!("{EVER}&profile=excel&locale=pt&as_of={}", manifest["position"]);
    assert_eq!(file.body, app.get(&format!("/v1/exports/calls?{direct}"), &owner).await.expect(200).body);
    let counted = app.get(&format!("/v1/exports/calls/manifest?{direct}"), &owner).await.expect(200).json();
    for name in ["rows", "bytes", "sha256", "columns", "position", "version"] {
        assert_eq!(manifest[name], counted[name], "{name}");
    }
    assert_eq!((&manifest["rows"], &file.headers["content-type"][..]), (&json!(1), "text/csv; charset=utf-8; header=present"));
    assert!(file.headers["content-disposition"].contains(member(&ready, "file_name")));
    let part = app.request("GET", url).header("Range", "bytes=3-8").send().await.expect(206);
    assert_eq!(part.body, "Criada");
    assert_eq!(app.get("/v1/exports", &owner).await.expect(200).json()["items"][0]["id"], id);

    // Who took what away is in the audit; the one over the wire too.
    let position = app.visit().await.position;
    let audit = app.get(&format!("/v1/audit?at_least={position}&limit=200"), &owner).await.expect(200).json();
    let told: Vec<_> = audit["items"].as_array().unwrap().iter().filter(|item| item["subject"]["kind"] == "export").collect();
    let kinds: Vec<_> = told.iter().rev().map(|item| member(item, "type")).collect();
    assert_eq!(kinds, ["export.requested", "export.completed", "export.downloaded", "export.streamed"], "{audit}");
    assert_eq!(told[3]["data"]["question"]["definition"], "calls");
    assert!(
        ["export.requested", "export.downloaded", "export.streamed"]
            .iter()
            .all(|kind| { told.iter().any(|item| item["type"] == *kind && item["actor"]["kind"] == "user") })
    );

    let forged = app.get(&format!("{url}x"), "").await;
    assert_eq!(forged.problem(404), "not_found");
    assert_eq!(app.get(&format!("/v1/exports/{id}/file"), &owner).await.problem(404), "not_found");
    assert_eq!(app.stored(), 1);
    app.ask("DELETE", &format!("/v1/exports/{id}"), &owner, json!({})).await.expect(200);
    assert_eq!(app.get(url, "").await.problem(404), "not_found");
    assert_eq!(app.get(&format!("/v1/exports/{id}"), &owner).await.expect(200).text("status"), "deleted");
    assert_eq!(app.stored(), 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_asked_for_by_who_may_see_its_table_and_what_is_wrong_is_named() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, shopper) = app.shopper(&owner, "marta").await;
    let user = json!({"email": "a@example.com", "name": "Ada", "password": PASSWORD, "modules": ["analytics"]});
    app.ask("POST", "/v1/users", &owner, user).await.expect(201);
    let analyst = app.sign_in("a@example.com", PASSWORD).await;
    let ratings = request(&app, &analyst, json!({"definition": "ratings"})).await.expect(202).text("id");
    until(&app, &analyst, &ratings, "ready").await;
    assert_eq!(request(&app, &shopper, json!({"definition": "ratings"})).await.problem(403), "module_missing");
    assert_eq!(request(&app, &analyst, json!({"definition": "calls"})).await.problem(403), "module_missing");
    assert_eq!(app.get(&format!("/v1/exports/{ratings}"), &shopper).await.problem(403), "module_missing");
    assert_eq!(app.get("/v1/exports", &shopper).await.expect(200).json()["items"], json!([]));
    for (body, pointer) in [
        (json!({}), "/definition"),
        (json!({"definition": "secrets"}), "/definition"),
        (json!({"definition": "calls", "tag": "vip"}), "/tag"),
        (json!({"definition": "calls", "format": "pdf"}), "/format"),
        (json!({"definition": "calls", "from": "2026-03-02", "to": "2026-02-27"}), "/to"),
        (json!({"definition": "conversations", "outcome": "bliss"}), "/outcome"),
    ] {
        let answer = request(&app, &owner, body.clone()).await;
        assert_eq!((answer.problem(422).as_str(), answer.pointer().as_str()), ("invalid_field", pointer), "{body}");
    }
    app.stop().await;
}

/// In the place where objects are kept is something else, until it is taken away.
fn block(app: &TestApp) -> std::path::PathBuf {
    let place = app.folder().join("objects/accounts");
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(place.parent().expect("it is in a folder")).expect("the folder is made");
    std::fs::write(&place, b"").expect("the file is written");
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_is_away_fails_a_file_with_the_reason_leaves_nothing_and_only_so_many_are_waited_for() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let blocked = block(&app);
    let mut ids = Vec::new();
    let refused = loop {
        let answer = request(&app, &owner, json!({"definition": "calls", "format": "xlsx"})).await;
        if answer.status != 202 {
            break answer;
        }
        ids.push(answer.text("id"));
        assert!(ids.len() < REQUESTS_MAX);
    };
    assert_eq!(refused.problem(429), "exports_under_way");
    assert!(ids.len() >= UNDER_WAY_MAX);
    // One that is not waited for any more makes room.
    app.ask("DELETE", &format!("/v1/exports/{}", ids.pop().unwrap()), &owner, json!({})).await.expect(200);
    let failed = until(&app, &owner, &ids[0], "failed").await;
    assert_eq!((&failed["failure"], &failed["url"], &failed["manifest"]), (&json!("storage"), &Value::Null, &Value::Null));
    std::fs::remove_file(blocked).unwrap();
    assert_eq!(app.stored(), 0);
    app.stop().await;
}

/// A file system of its own under the objects, of this size, while the test lasts; `None` where it may not be mounted.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn over(app: &TestApp, size: &str) -> Option<Self> {
        let place = app.folder().join("objects");
        let mounted =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&place).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(place))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_under_a_file_leaves_no_half_of_it_and_no_job_and_the_next_one_is_made() {
    const SIZE: usize = 64 * 1024;
    const LEFT: usize = 4 * 1024;
    const ROWS: usize = 12;
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let mut position = 0;
    for _ in 0..ROWS {
        position = app.visit().await.position;
    }
    app.get(&format!("/v1/calls?at_least={position}"), &owner).await.expect(200);
    let Some(mounted) = Mounted::over(&app, &SIZE.to_string()) else {
        return println!("left out: only root can mount a small file system");
    };
    let filler = mounted.0.join("filler");
    std::fs::write(&filler, vec![0; SIZE - LEFT]).expect("there is room for it");
    let asked = json!({"definition": "calls", "format": "jsonl", "from": "2000-01-01", "to": "2100-01-01"});
    let id = request(&app, &owner, asked.clone()).await.expect(202).text("id");
    let failed = until(&app, &owner, &id, "failed").await;
    assert_eq!((&failed["failure"], &failed["url"], &failed["manifest"]), (&json!("storage"), &Value::Null, &Value::Null));
    assert_eq!(app.stored(), 1, "the filler alone");
    std::fs::remove_file(filler).expect("it is there");
    let id = request(&app, &owner, asked).await.expect(202).text("id");
    let ready = until(&app, &owner, &id, "ready").await;
    let bytes = ready["manifest"]["bytes"].as_u64().expect("a file has a length");
    assert!(bytes > LEFT as u64, "half of it had room: {bytes}");
    assert_eq!((app.stored(), &ready["manifest"]["rows"]), (1, &json!(ROWS)));
    drop(mounted);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_broke_off_with_the_server_is_made_by_its_next_life() {
    let mut app = TestApp::start().await;
    let owner = app.owner().await;
    app.visit().await;
    let blocked = block(&app);
    let asked = request(&app, &owner, json!({"definition": "calls", "format": "jsonl", "from": "2000-01-01"})).await.expect(202);
    let (id, position) = (asked.text("id"), asked.number("position"));
    app.get(&format!("/v1/exports/{id}?at_least={position}"), &owner).await.expect(200);
    app.halt().await;
    std::fs::remove_file(blocked).unwrap();
    let app = app.restart().await;
    let ready = until(&app, &owner, &id, "ready").await;
    let file = app.get(member(&ready, "url"), "").await.expect(200);
    assert_eq!((file.body.lines().count(), &ready["manifest"]["rows"]), (1, &json!(1)));
    app.stop().await;
}
