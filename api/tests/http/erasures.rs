//! Somebody is forgotten: what they said and shared is nowhere, what they did still counts, and the log still holds.

use crate::{
    app::{PASSWORD, TestApp},
    database,
};
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use vitrina_eventlog::trail::{note::PublicKey, verify::verify};

/// Longest wait for what is done beside; the bound is that of a test which hangs.
const WITHIN: Duration = Duration::from_secs(90);
/// Nobody else says these.
const WORDS: [&str; 8] = ["quetzalli", "xochitl", "600987654", "zarzamora", "cempasuchil", "ahuehuete", "jacaranda", "papel-picado"];
const EVER: &str = "from=2000-01-01&to=2100-01-01";

/// Everything in the server's folder, in small letters; deleted and free places of the databases too.
fn everything(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            text += &everything(&path);
        } else {
            text += &path.display().to_string();
            match std::fs::read(&path) {
                Ok(bytes) => text += &String::from_utf8_lossy(&bytes).to_ascii_lowercase(),
                // The server has deleted it meanwhile.
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{}", path.display()),
            }
        }
    }
    text
}

async fn connected(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the database answers");
    tokio::spawn(connection);
    client
}

/// Everything in a database's files, in small letters; its own vacuum has been at work, as it is from time to time.
async fn everything_of(url: &str) -> String {
    let client = connected(url).await;
    for statement in ["VACUUM FULL", "CHECKPOINT"] {
        client.batch_execute(statement).await.expect("the test's user may do so");
    }
    let files = "SELECT lower(encode(pg_read_binary_file(pg_relation_filepath(c.oid)), 'escape')) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'i', 't') AND n.nspname IN ('log', 'keys', 'views', 'deliveries', 'pg_toast')";
    let rows = client.query(files, &[]).await.expect("the test's user may read files");
    rows.iter().map(|row| row.get::<_, String>(0)).collect()
}

/// Everything that a server keeps.
async fn kept(app: &TestApp, url: Option<&str>) -> String {
    let files = everything(app.folder());
    match url {
        Some(url) => files + &everything_of(url).await,
        None => files,
    }
}

fn said(text: &str) -> Vec<&'static str> {
    WORDS.into_iter().filter(|word| text.contains(word)).collect()
}

/// What is asked for, once it is so.
pub(super) async fn until(app: &TestApp, token: &str, path: &str, member: &str, value: &str) -> Value {
    let begun = Instant::now();
    loop {
        let found = app.get(path, token).await.json();
        if found[member] == value {
            return found;
        }
        assert!(begun.elapsed() < WITHIN, "{found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Figures of all that was done: they name nobody.
async fn figures(app: &TestApp, owner: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for report in ["/v1/reports/overview", "/v1/reports/shoppers", "/v1/ratings/summary"] {
        all.push(app.get(&format!("{report}?{EVER}"), owner).await.expect(200).timeless());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_said_is_nowhere_once_they_are_forgotten_and_what_they_did_still_counts() {
    let url = database::fresh("forgotten").await;
    forgotten(None).await;
    if let Some(url) = url {
        forgotten(Some(&url)).await;
        database::dropped(&url);
    }
}

async fn forgotten(url: Option<&str>) {
    let options: Vec<_> = url.map(|url| ("VITRINA_DATABASE_URL", url)).into_iter().collect();
    let mut app = TestApp::start_with(&options).await;
    let owner = app.owner().await;
    let body = json!({"customer": {"name": "Quetzalli", "email": "xochitl@example.com", "phone": "+34600987654"}});
    let visit = app.ask("POST", "/v1/calls", "", body).await.expect(201);
    let (customer, conversation, token) = (visit.text("customer_id"), visit.text("conversation_id"), visit.text("customer_token"));
    let chat = format!("/v1/conversations/{conversation}");
    app.ask("POST", &format!("{chat}/messages"), &token, json!({"body": "una zarzamora"})).await.expect(201);
    app.ask("PUT", &format!("{chat}/note"), &owner, json!({"text": "le gusta el cempasuchil"})).await.expect(200);
    let file = format!("{chat}/files?name=papel-picado.txt");
    app.request("POST", &file).bearer(&token).key("file").body("jacaranda en flor, vista desde la ventana").send().await.expect(201);
    let (marta, call) = (app.shopper(&owner, "marta").await.1, format!("/v1/calls/{}", visit.text("id")));
    for step in ["claim", "start", "end"] {
        app.ask("POST", &format!("{call}/{step}"), &marta, json!({})).await.expect(200);
    }
    app.ask("POST", &format!("{call}/rating"), &token, json!({"nps": 9, "comment": "ahuehuete"})).await.expect(201);
    let endpoint = json!({"name": "Shop"});
    let endpoint = app.ask("POST", "/v1/webhooks", &owner, endpoint).await.expect(201).text("id");
    let streamed = app.get(&format!("/v1/exports/calls?format=csv&q=quetzalli&{EVER}"), &owner).await.expect(200).body;
    assert!(streamed.contains("Quetzalli"), "{streamed}");
    let asked = json!({"definition": "calls", "format": "csv", "from": "2000-01-01", "to": "2100-01-01", "q": "quetzalli"});
    let export = app.ask("POST", "/v1/exports", &owner, asked).await.expect(202).text("id");
    let ready = until(&app, &owner, &format!("/v1/exports/{export}"), "status", "ready").await;
    let taken = app.get(ready["url"].as_str().expect("an address"), "").await.expect(200).body;
    assert!(taken.contains("Quetzalli"), "{taken}");
    let position = app.visit().await.position;
    let found = app.get(&format!("/v1/calls?at_least={position}&q=xochitl"), &owner).await.expect(200).json();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    let (before, objects) = (figures(&app, &owner).await, app.stored());
    assert_eq!((objects, said(&kept(&app, url).await)), (2, WORDS.to_vec()), "it is all there");

    let erasure = format!("/v1/customers/{customer}/erasure");
    assert_eq!(app.get(&erasure, &owner).await.problem(404), "not_found");
    assert_eq!(app.ask("POST", &erasure, &token, json!({"reason": "objected"})).await.status, 403);
    assert_eq!(app.ask("POST", &erasure, &owner, json!({"reason": "because"})).await.status, 422);
    app.ask("POST", &erasure, &owner, json!({"reason": "objected"})).await.expect(202);
    let done = until(&app, &owner, &erasure, "stage", "erased").await;
    assert_eq!(done["purged"], json!({"conversations": 1, "calls": 1, "files": 1, "recordings": 0, "exports": 1}), "{done}");
    assert_eq!((&done["told"], &done["taken"][0]["export_id"]), (&json!([endpoint]), &json!(export)), "{done}");
    let keys = app.get("/v1/audit/keys", &owner).await.expect(200).json();
    let key: PublicKey = keys["items"][0]["key"].as_str().expect("a key").parse().expect("a public key");
    let receipt = done["receipt"].as_str().expect("a receipt");
    assert!(key.has_signed(receipt) && receipt.contains(&customer) && !key.has_signed(&receipt.replace("files 1", "files 0")));
    app.ask("POST", &erasure, &owner, json!({"reason": "unlawful"})).await.expect(202);
    assert_eq!(figures(&app, &owner).await, before);

    // What comes later is forgotten as it is written.
    let more = app.ask("POST", &format!("{chat}/messages"), &token, json!({"body": "otra zarzamora"})).await.expect(201);
    let file = format!("{chat}/files?name=otra-jacaranda.txt");
    app.request("POST", &file).bearer(&token).key("later").body("otra jacaranda").send().await.expect(201);
    let lists = ["/v1/calls", "/v1/conversations", "/v1/ratings", "/v1/audit", "/v1/audit/events", "/v1/exports"];
    for path in lists.into_iter().map(str::to_owned).chain([format!("{chat}/messages"), format!("{chat}/transcript")]) {
        let answer = app.get(&format!("{path}?at_least={}", more.number("position")), &owner).await;
        assert_eq!(said(&answer.body.to_lowercase()), [""; 0], "{path}");
    }
    let found = app.get("/v1/calls?q=xochitl", &owner).await.expect(200).json();
    assert_eq!((&found["items"], app.stored()), (&json!([]), 0));
    let log = app.get("/v1/audit/log", &owner).await.expect(200).body;
    assert!(verify(log.as_bytes(), |_, _, _| {}).expect("it can be read").holds());

    // Who still works here is deleted first.
    let (shopper, _) = app.shopper(&owner, "papel-picado").await;
    let theirs = format!("/v1/shoppers/{shopper}/erasure");
    assert_eq!(app.ask("POST", &theirs, &owner, json!({"reason": "objected"})).await.problem(409), "illegal_transition");
    app.ask("DELETE", &format!("/v1/shoppers/{shopper}"), &owner, json!({})).await.expect(200);
    app.ask("POST", &theirs, &owner, json!({"reason": "objected"})).await.expect(202);
    until(&app, &owner, &theirs, "stage", "erased").await;
    let left = app.ask("POST", "/v1/sessions", "", json!({"email": "papel-picado@example.com", "password": PASSWORD})).await;
    assert_eq!(left.status, 401);

    app.halt().await;
    assert_eq!(said(&kept(&app, url).await), [""; 0]);

    // What is folded anew from the first event has nobody either.
    for file in ["views.sqlite", "views.sqlite-wal", "views.sqlite-shm"] {
        let _ = std::fs::remove_file(app.folder().join(file));
    }
    if let Some(url) = url {
        connected(url).await.batch_execute("DROP SCHEMA views CASCADE").await.expect("nobody is at work");
    }
    let app = app.restart_with(&options).await;
    assert_eq!(until(&app, &owner, &erasure, "stage", "erased").await["receipt"], done["receipt"]);
    assert_eq!(said(&everything(app.folder())), [""; 0]);
    app.stop().await;
}
