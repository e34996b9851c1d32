//! Commands: the same one twice happens once, a stale one not at all.

use crate::app::TestApp;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_command_gets_the_same_bytes_and_happens_once() {
    let app = TestApp::start().await;
    let send = |key: &'static str, body: Value| app.request("POST", "/v1/calls").key(key).json(&body).send();
    let body = json!({"customer": {"name": "Ana"}});
    let first = send("\"one\"", body.clone()).await.expect(201);
    let again = send("one", body.clone()).await.expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!((first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"].as_str()), (None, "true"));
    assert_eq!((&first.headers["etag"], &first.headers["vitrina-position"]), (&again.headers["etag"], &again.headers["vitrina-position"]));
    assert_eq!(send("one", json!({"customer": {"name": "Bea"}})).await.problem(422), "idempotency_key_reused");
    assert_ne!(send("two", body).await.expect(201).text("id"), first.text("id"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_creates_needs_a_key_and_what_changes_does_not() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(app.request("POST", "/v1/calls").json(&json!({})).send().await.problem(400), "idempotency_key_missing");
    assert_eq!(app.request("POST", "/v1/calls").key("\"\"").json(&json!({})).send().await.problem(400), "idempotency_key_invalid");
    let change = app.request("PATCH", "/v1/account").bearer(&owner).json(&json!({"store_name": "La Bota"})).send().await.expect(200);
    let read = app.get(&format!("/v1/account?at_least={}", change.number("position")), &owner).await.expect(200);
    assert_eq!(read.text("store_name"), "La Bota");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_under_one_key_make_one_call() {
    let app = TestApp::start().await;
    let send = || app.request("POST", "/v1/calls").key("same").json(&json!({"customer": {"name": "Ana"}})).send();
    let answers = futures_util::future::join_all((0..8).map(|_| send())).await;
    let mut ids: Vec<_> = answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.text("id")).collect();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.problem(409), "request_in_progress");
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_refused_with_the_current_one() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = app.shopper(&owner, "marta").await;
    let path = format!("/v1/shoppers/{id}");
    let read = app.get(&path, &owner).await.expect(200);
    let change = |name: &'static str| {
        app.request("PATCH", &path).bearer(&owner).header("If-Match", &read.headers["etag"]).json(&json!({"name": name})).send()
    };
    let changed = change("Marta S.").await.expect(200);
    let refused = change("Marta T.").await;
    assert_eq!(refused.problem(412), "version_mismatch");
    assert_eq!(changed.headers["etag"], format!("\"{}\"", refused.number("version")));
    let nobody = "/v1/shoppers/018f0000-0000-7000-8000-000000000000";
    let request = app.request("PATCH", nobody).bearer(&owner).header("If-Match", "\"3\"").json(&json!({"name": "Nobody"}));
    assert_eq!(request.send().await.problem(404), "not_found");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_opens_nothing_any_more() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    app.get("/v1/sessions/current", &owner).await.expect(200);
    app.ask("DELETE", "/v1/sessions/current", &owner, json!({})).await.expect(200);
    assert_eq!(app.get("/v1/sessions/current", &owner).await.problem(401), "unauthenticated");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_joins_the_conversation_and_ending_closes_it_and_frees_the_shopper() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, shopper) = app.shopper(&owner, "marta").await;
    app.ask("PUT", &format!("/v1/shoppers/{id}/status"), &shopper, json!({"status": "available"})).await.expect(200);
    let visit = app.visit().await;
    let step = async |name: &str| {
        app.ask("POST", &format!("/v1/calls/{}/{name}", visit.call), &shopper, json!({})).await.expect(200).number("position")
    };
    step("claim").await;
    let started = step("start").await;
    let status = async |at: i64| app.get(&format!("/v1/shoppers/{id}?at_least={at}"), &owner).await.expect(200).text("status");
    assert_eq!(status(started).await, "busy");
    app.ask("POST", &format!("/v1/conversations/{}/messages", visit.conversation), &shopper, json!({"body": "Hello"})).await.expect(201);
    let ended = step("end").await;
    assert_eq!(status(ended).await, "available");
    let conversation = app.get(&format!("/v1/conversations/{}", visit.conversation), &owner).await.expect(200);
    assert_eq!((conversation.text("status"), conversation.text("outcome")), ("closed".to_owned(), "no_answer".to_owned()));
    app.stop().await;
}
