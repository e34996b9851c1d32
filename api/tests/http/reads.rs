//! Reads: of one position, in pages of one moment, and only what is the caller's to see.

use crate::app::TestApp;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_of_one_moment_and_neither_repeat_nor_skip() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let mut calls = Vec::new();
    for _ in 0..5 {
        calls.push(app.visit().await);
    }
    let last = calls.last().unwrap().position;
    let first = app.get(&format!("/v1/calls?limit=2&status=waiting&at_least={last}"), &owner).await.expect(200);
    let mut seen: Vec<Value> = first.json()["items"].as_array().unwrap().clone();
    // What happens between two pages is not in the second.
    let late = app.visit().await;
    app.get(&format!("/v1/calls/{}?at_least={}", late.call, late.position), &owner).await.expect(200);
    let mut next = first.json()["next"].clone();
    assert!(first.headers["link"].contains("rel=\"next\""));
    while let Some(cursor) = next.as_str() {
        let page = app.get(&format!("/v1/calls?limit=2&status=waiting&cursor={cursor}"), &owner).await.expect(200);
        assert_eq!(page.number("position"), first.number("position"));
        seen.extend(page.json()["items"].as_array().unwrap().iter().cloned());
        next = page.json()["next"].clone();
    }
    let mut ids: Vec<_> = seen.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    let mut expected: Vec<_> = calls.iter().map(|visit| visit.call.clone()).collect();
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    let cursor = first.text("next");
    assert_eq!(app.get(&format!("/v1/calls?limit=2&status=live&cursor={cursor}"), &owner).await.problem(400), "invalid_cursor");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_of_answers_as_it_was_and_at_least_waits() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let visit = app.visit().await;
    let path = format!("/v1/calls/{}", visit.call);
    let cancelled = app.ask("POST", &format!("{path}/cancel"), &visit.token, json!({})).await.expect(200).number("position");
    let now = app.get(&format!("{path}?at_least={cancelled}"), &owner).await.expect(200);
    assert_eq!((now.text("status"), now.text("cancel_reason")), ("cancelled".to_owned(), "by_customer".to_owned()));
    let then = app.get(&format!("{path}?as_of={}", visit.position), &owner).await.expect(200);
    assert_eq!(then.text("status"), "waiting");
    assert_eq!(then.body, app.get(&format!("{path}?as_of={}", visit.position), &owner).await.body);
    assert_eq!(app.get(&format!("{path}?as_of={}", visit.position - 4), &owner).await.problem(404), "not_found");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_waits_in_vain_says_how_far_it_is() {
    let app = TestApp::start_with(&[("VITRINA_READ_WAIT_MS_MAX", "1000")]).await;
    let owner = app.owner().await;
    let answer = app.get("/v1/queue?at_least=9999", &owner).await;
    assert_eq!(answer.problem(503), "position_not_reached");
    assert!(answer.headers.contains_key("retry-after"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_sees_their_own_call_and_nothing_else() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, shopper) = app.shopper(&owner, "marta").await;
    let (mine, other) = (app.visit().await, app.visit().await);
    app.get(&format!("/v1/calls/{}?at_least={}", mine.call, other.position), &mine.token).await.expect(200);
    app.get(&format!("/v1/calls/{}/queue", mine.call), &mine.token).await.expect(200);
    app.get(&format!("/v1/customers/{}", mine.customer), &mine.token).await.expect(200);
    for path in [
        format!("/v1/calls/{}", other.call),
        format!("/v1/calls/{}/queue", other.call),
        format!("/v1/calls/{}/cart", other.call),
        format!("/v1/conversations/{}", other.conversation),
        format!("/v1/conversations/{}/messages", other.conversation),
        format!("/v1/customers/{}", other.customer),
    ] {
        assert_eq!(app.get(&path, &mine.token).await.problem(404), "not_found", "{path}");
    }
    for path in ["/v1/queue", "/v1/calls", "/v1/conversations", "/v1/shoppers", "/v1/users", "/v1/ratings", "/v1/account"] {
        assert_eq!(app.get(path, &mine.token).await.problem(403), "not_allowed", "{path}");
    }
    // Who was offered the call and why others lost is for staff, also of one's own call.
    assert_eq!(app.get(&format!("/v1/calls/{}/history", mine.call), &mine.token).await.problem(403), "not_allowed");
    let say = format!("/v1/conversations/{}/messages", other.conversation);
    assert_eq!(app.ask("POST", &say, &mine.token, json!({"body": "let me in"})).await.problem(404), "not_found");

    // What staff writes for itself stays with staff.
    for step in ["claim", "start"] {
        app.ask("POST", &format!("/v1/calls/{}/{step}", mine.call), &shopper, json!({})).await.expect(200);
    }
    let say = format!("/v1/conversations/{}/messages", mine.conversation);
    app.ask("POST", &say, &shopper, json!({"body": "Hello"})).await.expect(201);
    let note = app.ask("POST", &say, &shopper, json!({"body": "a difficult one", "visibility": "internal"})).await.expect(201);
    let at = note.number("position");
    let bodies =
        async |token: &str| app.get(&format!("{say}?at_least={at}"), token).await.expect(200).json()["items"].as_array().unwrap().len();
    assert_eq!((bodies(&shopper).await, bodies(&mine.token).await), (2, 1));
    assert_eq!(app.get(&format!("/v1/shoppers/{id}"), &owner).await.expect(200).json()["calls"], 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_addresses_answer() {
    let app = TestApp::start().await;
    app.get("/health/live", "").await.expect(200);
    app.get("/health/ready", "").await.expect(200);
    let metrics = app.get("/metrics", "").await.expect(200).body;
    let house = ["vitrina_http_requests_total", "vitrina_log_head_position", "vitrina_projections_lag_events", "vitrina_log_queue_depth"];
    let media = ["vitrina_media_unsent_datagrams_total", "vitrina_media_unhanded_datagrams_total"];
    for name in house.into_iter().chain(media) {
        assert!(metrics.contains(name), "{name}");
    }
    assert!(app.get("/openapi.json", "").await.expect(200).body.contains("\"3.1.0\""));
    assert!(app.get("/docs/", "").await.expect(200).body.contains("swagger-ui"));
    let marked = app.request("GET", "/health/live").header("X-Request-Id", "mine-1").send().await;
    assert_eq!(marked.headers["x-request-id"], "mine-1");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn head_answers_as_get_does_without_the_body() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for path in ["/health/live", "/openapi.json", "/v1/shoppers", "/v1/shoppers/nothing"] {
        let get = app.request("GET", path).bearer(&owner).send().await;
        let head = app.request("HEAD", path).bearer(&owner).send().await;
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.headers["content-type"], get.headers["content-type"], "{path}");
    }
    // A stream that never ends is not begun.
    let events = app.request("HEAD", "/v1/events?topic=queue").bearer(&owner).send().await;
    assert_eq!((events.status, events.body.as_str()), (200, ""));
    app.stop().await;
}
