//! What auditors get over HTTP: a log that holds, checkpoints that go through it, a proof of one event, and who did what.

use crate::app::TestApp;
use serde_json::{Value, json};
use vitrina_eventlog::trail::{note::PublicKey, proof::Proof, verify::verify, witness::Witness};

async fn key(app: &TestApp, owner: &str) -> PublicKey {
    let keys = app.get("/v1/audit/keys", owner).await.expect(200).json();
    keys["items"][0]["key"].as_str().expect("a key").parse().expect("a public key")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_that_is_taken_away_holds_and_goes_through_its_checkpoints() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    app.visit().await;
    let signed = app.ask("POST", "/v1/audit/checkpoints", &owner, json!({})).await.expect(201);
    let position = app.visit().await.position;
    let log = app.get(&format!("/v1/audit/log?at_least={position}"), &owner).await.expect(200);
    let mut witness = Witness::new(vec![key(&app, &owner).await]);
    witness.keep("checkpoint", &signed.text("note")).expect("it is signed");
    let mut verdict = verify(log.body.as_bytes(), |event, line, chains| witness.see(event, Some(line), chains)).expect("it can be read");
    witness.end(&mut verdict.chains);
    assert!(verdict.holds(), "{:?}", verdict.chains.faults);
    assert_eq!((witness.held, witness.signed, witness.met()), (1, 1, 1));
    assert!(verdict.chains.end.0.0 >= position);
    assert!(!log.body.contains("Clara") && !log.body.contains("@example.com"), "personal values stay sealed");

    // The next file goes on where this one ended; that it was taken away is the first thing in it.
    let end = verdict.chains.end.0.0;
    let more = app.get(&format!("/v1/audit/log?after={end}&at_least={}", end + 1), &owner).await.expect(200);
    assert!(verify(more.body.as_bytes(), |_, _, _| {}).expect("it can be read").holds());
    assert!(more.body.lines().nth(1).is_some_and(|line| line.contains("\"type\":\"log.exported\"")), "{}", more.body);
    assert_eq!(app.get("/v1/audit/log?after=1000000", &owner).await.expect(400).text("code"), "invalid_parameter");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_before_a_checkpoint_is_proven_by_it_and_none_after() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let position = app.visit().await.position;
    let events = app.get(&format!("/v1/audit/events?at_least={position}&limit=200"), &owner).await.expect(200).json();
    let ids: Vec<&str> = events["items"].as_array().expect("a list").iter().map(|event| event["id"].as_str().expect("an id")).collect();
    let (server, token) = (&app, &owner);
    let mut at_least = 0;
    let proof = |id: &str, at_least: i64| {
        let path = format!("/v1/audit/events/{id}/proof?at_least={at_least}");
        async move { server.get(&path, token).await }
    };
    assert_eq!(proof(ids[0], at_least).await.expect(404).text("code"), "not_found");
    let signed = app.ask("POST", "/v1/audit/checkpoints", &owner, json!({})).await.expect(201);
    at_least = at_least.max(signed.headers["vitrina-position"].parse().expect("a position"));
    let keys = [key(&app, &owner).await];
    for (index, id) in ids.iter().enumerate() {
        let body = proof(id, at_least).await.expect(200).body;
        let proof = Proof::read(body.as_bytes()).expect("a proof");
        let (event, checkpoint) = proof.check(&keys).expect("it holds");
        assert_eq!((event.event_id.to_string().as_str(), proof.index), (*id, index as u64));
        assert!(checkpoint.size >= ids.len() as u64);
        let other = Proof { index: proof.index + 1, ..proof.clone() };
        assert!(other.check(&keys).is_err());
        let changed = Proof { event: proof.event.replacen("\"actor\":\"", "\"actor\":\"x", 1), ..proof.clone() };
        assert!(changed.check(&keys).is_err());
    }
    let later = app.visit().await.position;
    let later = app.get(&format!("/v1/audit/events?at_least={later}&limit=200&type=call.requested"), &owner).await.expect(200).json();
    let last = later["items"].as_array().and_then(|items| items.last()).and_then(|item| item["id"].as_str()).expect("an event").to_owned();
    proof(&last, at_least).await.expect(404);
    proof("0192f0c0-0000-7000-8000-000000000000", at_least).await.expect(404);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_who_what_when_and_which_command_and_no_personal_value_is_among_them() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (shopper, token) = app.shopper(&owner, "Marta").await;
    let visit = app.visit().await;
    let claimed = app.ask("POST", &format!("/v1/calls/{}/claim", visit.call), &token, json!({})).await.expect(200);
    let at_least = claimed.number("position");
    let list = |filter: &str| {
        let path = format!("/v1/audit/events?at_least={at_least}&{filter}");
        let (app, owner) = (&app, &owner);
        async move { app.get(&path, owner).await.expect(200).json()["items"].as_array().expect("a list").clone() }
    };
    let types = |events: &[Value]| events.iter().map(|event| event["type"].as_str().expect("a type").to_owned()).collect::<Vec<_>>();
    let of_call = list(&format!("stream=call:{}", visit.call)).await;
    assert_eq!(types(&of_call).first().map(String::as_str), Some("call.requested"));
    let by_shopper = list(&format!("actor_kind=shopper&actor_id={shopper}&type=call.claimed")).await;
    assert_eq!(types(&by_shopper), ["call.claimed"]);
    let command = list(&format!("command_id={}", by_shopper[0]["command_id"].as_str().expect("a command"))).await;
    assert!(command.len() > 1 && command.iter().all(|event| event["actor"] == by_shopper[0]["actor"]), "{command:?}");
    assert!(list("to=2001-01-01&from=2000-01-01").await.is_empty());
    assert!(!list("from=2000-01-01").await.is_empty());

    let mut paged = Vec::new();
    let mut next = String::new();
    loop {
        let page = app.get(&format!("/v1/audit/events?limit=3{next}"), &owner).await.expect(200).json();
        paged.extend(page["items"].as_array().expect("a list").clone());
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    let all = format!("as_of={}", paged.last().expect("an event")["position"]);
    let lines = app.get(&format!("/v1/audit/events?format=jsonl&{all}"), &owner).await.expect(200);
    let whole: Vec<Value> = lines.body.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(paged, whole);
    assert!(!lines.body.contains("Marta"), "what is personal is left out");
    let csv = app.get(&format!("/v1/audit/events?format=csv&{all}"), &owner).await.expect(200);
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("every row has as many fields");
    assert_eq!(rows.len(), whole.len());
    // Who took that away is told in the audit.
    let later = app.visit().await.position;
    let audit = app.get(&format!("/v1/audit?limit=2&at_least={later}"), &owner).await.expect(200).json();
    assert_eq!((&audit["items"][0]["type"], &audit["items"][0]["data"]["form"]), (&json!("log.exported"), &json!("csv")));
    assert_eq!(app.get("/v1/audit/events?stream=chair:1", &owner).await.expect(400).text("code"), "invalid_parameter");
    app.get("/v1/audit/events", &token).await.expect(403);
    app.stop().await;
}
