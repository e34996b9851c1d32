//! Webhooks: what happens is told, signed, again until it is taken, in order where that is asked for, and never into the house.

mod letters;
mod receiver;
mod trouble;

use crate::app::TestApp;
use receiver::{Delivery, Receiver, Reply};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// Receivers of tests are on loopback, and speak in clear.
const LOCAL: [(&str, &str); 2] = [("VITRINA_WEBHOOK_NETWORKS", "127.0.0.0/8"), ("VITRINA_WEBHOOK_SCHEMES", "http")];
/// Three attempts in a moment.
const QUICK: [(&str, &str); 3] = [LOCAL[0], LOCAL[1], ("VITRINA_WEBHOOK_PAUSES_S", "0, 0")];
/// Longest wait; the bound is that of a test which hangs.
const WITHIN: Duration = Duration::from_secs(90);

async fn endpoint(app: &TestApp, owner: &str, url: &str, more: Value) -> Value {
    let mut body = json!({"name": "Warehouse", "url": url});
    more.as_object().expect("members").iter().for_each(|(name, value)| body[name] = value.clone());
    app.ask("POST", "/v1/webhooks", owner, body).await.expect(201).json()
}

fn id(made: &Value) -> String {
    made["id"].as_str().expect("an id").to_owned()
}

/// What the address answers once this holds of it.
async fn until(app: &TestApp, owner: &str, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = app.get(path, owner).await.json();
        if holds(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < WITHIN, "{path}: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().unwrap_or_else(|| panic!("no list: {answer}"))
}

fn events(came: &[Delivery]) -> Vec<String> {
    came.iter().map(Delivery::event).collect()
}

fn ids(came: &[Delivery]) -> BTreeSet<String> {
    came.iter().map(Delivery::id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_signed_and_every_attempt_is_shown() {
    let app = TestApp::start_with(&LOCAL).await;
    let (owner, receiver) = (app.owner().await, Receiver::start().await);
    let more = json!({"events": ["call.*"], "signatures": ["hmac", "ed25519"]});
    let made = endpoint(&app, &owner, &receiver.url, more).await;
    let visit = app.visit().await;
    let came = receiver.until("the request is told", |came| events(came).contains(&"call.requested".to_owned())).await;
    assert!(events(&came).iter().all(|event| event.starts_with("call.")));
    let first = came.iter().find(|one| one.event() == "call.requested").unwrap();
    assert!(first.is_signed_with(made["secret"].as_str().unwrap()) && first.is_signed_by(made["public_key"].as_str().unwrap()));
    assert_eq!((&first.headers["content-type"][..], &first.path[..]), ("application/json", "/hooks"));
    let told = first.json();
    assert_eq!(told["stream"], json!({"category": "call", "id": visit.call}));
    assert_eq!((&told["stream_version"], &told["schema_version"]), (&json!(1), &json!(1)));
    let path = format!("/v1/webhooks/{}/attempts?position={}", id(&made), told["position"]);
    let attempts = until(&app, &owner, &path, |answer| items(answer).len() == 1).await;
    let attempt = &items(&attempts)[0];
    assert_eq!((&attempt["delivery_id"], &attempt["status"]), (&json!(first.id()), &json!(204)));
    assert_eq!((&attempt["is_taken"], &attempt["attempt"]), (&json!(true), &json!(1)));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thin_payload_names_nobody_and_a_condition_holds_back() {
    let app = TestApp::start_with(&LOCAL).await;
    let owner = app.owner().await;
    let (thin, some) = (Receiver::start().await, Receiver::start().await);
    endpoint(&app, &owner, &thin.url, json!({"payload": "thin"})).await;
    let condition = json!([{"field": "/stream/category", "one_of": ["customer"]}]);
    endpoint(&app, &owner, &some.url, json!({"conditions": condition})).await;
    let visit = app.visit().await;
    let is_told = |came: &[Delivery], of: &str| came.iter().any(|one| one.json()["stream"]["category"] == of);
    let came = thin.until("all is told", |came| ["customer", "call", "conversation"].iter().all(|of| is_told(came, of))).await;
    assert!(came.iter().all(|one| !String::from_utf8_lossy(&one.body).contains("Ana")));
    let call = came.iter().map(Delivery::json).find(|told| told["stream"]["category"] == "call").unwrap();
    assert_eq!(call["data"], json!({"id": visit.call, "url": format!("/v1/calls/{}", visit.call)}));
    let came = some.until("the customer is told", |came| !came.is_empty()).await;
    assert_eq!(events(&came), ["customer.created"]);
    assert!(String::from_utf8_lossy(&came[0].body).contains("Ana"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_a_resending_and_a_replay_reach_this_endpoint_under_the_same_ids() {
    let app = TestApp::start_with(&LOCAL).await;
    let (owner, receiver, other) = (app.owner().await, Receiver::start().await, Receiver::start().await);
    let made = endpoint(&app, &owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    endpoint(&app, &owner, &other.url, json!({"events": ["call.requested"]})).await;
    for _ in 0..3 {
        app.visit().await;
    }
    let first = receiver.until("three are told", |came| came.len() == 3).await;
    assert_eq!(ids(&first).len(), 3);
    let path = format!("/v1/webhooks/{}", id(&made));
    app.ask("POST", &format!("{path}/test"), &owner, json!({})).await.expect(202);
    let came = receiver.until("the test is told", |came| came.len() == 4).await;
    assert_eq!(came[3].event(), "webhook.tested");
    let body = json!({"position": first[1].json()["position"]});
    app.ask("POST", &format!("{path}/resend"), &owner, body).await.expect(202);
    let came = receiver.until("one is told again", |came| came.len() == 5).await;
    assert_eq!((came[4].id(), &came[4].body), (first[1].id(), &first[1].body));
    app.ask("POST", &format!("{path}/replay"), &owner, json!({"after": 0})).await.expect(202);
    let came = receiver.until("all is told again", |came| came.len() == 8).await;
    assert_eq!(ids(&came[5..]), ids(&first));
    until(&app, &owner, &path, |shown| shown["telling"]["replaying_upto"].is_null()).await;
    assert_eq!(other.came().len(), 3);
    assert!(ids(&other.came()).is_disjoint(&ids(&first)));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_and_the_one_before_both_sign() {
    let app = TestApp::start_with(&LOCAL).await;
    let (owner, receiver) = (app.owner().await, Receiver::start().await);
    let made = endpoint(&app, &owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    let path = format!("/v1/webhooks/{}/rotate", id(&made));
    let rotate = async || app.request("POST", &path).bearer(&owner).key("once").json(&json!({})).send().await.expect(200);
    let (rotated, again) = (rotate().await, rotate().await);
    assert_eq!(rotated.text("secret"), again.text("secret"));
    let signed_by_both =
        |one: &Delivery| one.is_signed_with(&rotated.text("secret")) && one.is_signed_with(made["secret"].as_str().unwrap());
    let begun = Instant::now();
    // What is on its way while the secret is rotated has the older one only.
    while !receiver.came().iter().any(signed_by_both) {
        assert!(begun.elapsed() < WITHIN);
        app.visit().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_leased_committed_and_leased_again_when_it_was_not() {
    let app = TestApp::start_with(&LOCAL).await;
    let owner = app.owner().await;
    let body = json!({"name": "Nightly", "events": ["call.requested"]});
    let made = app.ask("POST", "/v1/webhooks", &owner, body).await.expect(201).json();
    let path = format!("/v1/webhooks/{}", id(&made));
    let lease = async |body: Value| app.ask("POST", &format!("{path}/lease"), &owner, body).await;
    let commit = async |body: Value| app.ask("POST", &format!("{path}/commit"), &owner, body).await;
    assert_eq!(lease(json!({})).await.expect(200).json()["lease"], Value::Null);
    for _ in 0..3 {
        app.visit().await;
    }
    let first = lease(json!({"limit": 2, "seconds": 1})).await.expect(200).json();
    assert_eq!(items(&first).len(), 2);
    let begun = Instant::now();
    let second = loop {
        let answer = lease(json!({"limit": 2})).await;
        if answer.status == 200 {
            break answer.json();
        }
        assert_eq!(answer.problem(409), "feed_leased");
        assert!(begun.elapsed() < WITHIN);
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(items(&second), items(&first));
    let body = json!({"lease": first["lease"], "position": first["upto"]});
    assert_eq!(commit(body).await.problem(409), "lease_lost");
    commit(json!({"lease": second["lease"], "position": second["upto"]})).await.expect(200);
    let third = lease(json!({})).await.expect(200).json();
    assert_eq!(items(&third).len(), 1);
    commit(json!({"lease": third["lease"], "position": third["upto"]})).await.expect(200);
    app.ask("POST", &format!("{path}/replay"), &owner, json!({"after": 0})).await.expect(202);
    let again = lease(json!({})).await.expect(200).json();
    assert_eq!([&items(&again)[..2], &items(&again)[2..]], [&items(&first)[..], &items(&third)[..]]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_in_the_house_is_refused_when_it_is_made_and_when_it_is_connected_to() {
    let app = TestApp::start_with(&[LOCAL[1]]).await;
    let (owner, receiver) = (app.owner().await, Receiver::start().await);
    for url in [&receiver.url[..], "http://169.254.169.254/latest", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://2130706433/"] {
        let refused = app.ask("POST", "/v1/webhooks", &owner, json!({"name": "Mine", "url": url})).await;
        assert_eq!((refused.problem(422), refused.pointer()), ("invalid_field".to_owned(), "/url".to_owned()), "{url}");
    }
    let named = receiver.url.replace("127.0.0.1", "localhost");
    let made = endpoint(&app, &owner, &named, json!({"events": ["call.requested"]})).await;
    app.visit().await;
    let path = format!("/v1/webhooks/{}/attempts", id(&made));
    let attempts = until(&app, &owner, &path, |answer| !items(answer).is_empty()).await;
    assert!(items(&attempts)[0]["failure"].as_str().unwrap().contains("private"), "{attempts}");
    assert!(receiver.came().is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_hundred_endpoints_that_are_told_and_no_more() {
    let app = TestApp::start_with(&LOCAL).await;
    let owner = app.owner().await;
    let body = json!({"name": "Warehouse", "url": "http://127.0.0.1:9/hooks", "events": ["recording.lost"]});
    let make = async || app.ask("POST", "/v1/webhooks", &owner, body.clone()).await;
    let mut made = Vec::new();
    for _ in 0..100 {
        made.push(format!("/v1/webhooks/{}", id(&make().await.expect(201).json())));
    }
    assert_eq!(make().await.expect(403).json()["code"], "not_allowed");
    app.ask("POST", &format!("{}/disable", made[0]), &owner, json!({})).await.expect(200);
    make().await.expect(201);
    app.ask("POST", &format!("{}/enable", made[0]), &owner, json!({})).await.expect(403);
    app.ask("POST", &format!("{}/enable", made[1]), &owner, json!({})).await.expect(200);
    app.stop().await;
}
