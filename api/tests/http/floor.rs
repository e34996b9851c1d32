//! The floor over HTTP: calls that are offered, taken next, timed out by the server itself, and explained.

use crate::app::{Answer, TestApp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long something that the server does by itself may take here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads until it is as wanted.
async fn until(app: &TestApp, path: &str, token: &str, is_so: impl Fn(&Value) -> bool) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = app.get(path, token).await;
        // What was made just now may not be in the read models yet.
        if answer.status == 200 && is_so(&answer.json()) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{path} stays {}", answer.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn available(app: &TestApp, id: &str, token: &str) {
    app.ask("PUT", &format!("/v1/shoppers/{id}/status"), token, json!({"status": "available"})).await.expect(200);
}

async fn rules(app: &TestApp, owner: &str, rules: Value) {
    app.ask("PATCH", "/v1/account", owner, json!({"routing": rules})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_offered_declined_offered_to_the_next_and_accepted() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    rules(&app, &owner, json!({"mode": "push"})).await;
    let (ana, bea) = (app.shopper(&owner, "ana").await, app.shopper(&owner, "bea").await);
    for (id, token) in [&ana, &bea] {
        available(&app, id, token).await;
    }
    let visit = app.visit().await;
    let call = format!("/v1/calls/{}", visit.call);
    let asked = until(&app, &call, &owner, |call| call["offer"].is_object()).await.json();
    let of = |id: &Value| if *id == ana.0 { (&ana, &bea) } else { (&bea, &ana) };
    let (first, second) = of(&asked["offer"]["shopper_id"]);
    // Who is not asked can neither accept nor decline.
    assert_eq!(app.ask("POST", &format!("{call}/accept"), &second.1, json!({})).await.problem(409), "illegal_transition");
    app.ask("POST", &format!("{call}/decline"), &first.1, json!({})).await.expect(200);
    until(&app, &call, &owner, |call| call["offer"]["shopper_id"] == second.0).await;
    app.ask("POST", &format!("{call}/accept"), &second.1, json!({})).await.expect(200);
    let claimed = until(&app, &call, &owner, |call| call["status"] == "claimed").await.json();
    assert_eq!((&claimed["shopper_id"], claimed["start_by"].is_string()), (&json!(second.0), true));
    let told = app.get(&format!("{call}/routing"), &owner).await.expect(200).json();
    let types: Vec<_> = told["items"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["routing.decided", "call.offered", "call.offer_declined", "routing.decided", "call.offered"]);
    assert_eq!(told["items"][3]["data"]["candidates"][0], json!({"shopper_id": first.0, "lost": "declined"}));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_nobody_answers_ends_by_itself_and_who_was_silent_is_away() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    rules(&app, &owner, json!({"mode": "push", "offer_timeout_s": 1})).await;
    let (id, token) = app.shopper(&owner, "ana").await;
    available(&app, &id, &token).await;
    let visit = app.visit().await;
    until(&app, &format!("/v1/shoppers/{id}"), &owner, |shopper| shopper["status"] == "away").await;
    let place = until(&app, &format!("/v1/calls/{}/queue", visit.call), &visit.token, |place| place["nobody_available"].is_object()).await;
    assert_eq!(place.json()["place"], 1);
    // Whoever comes back is asked again.
    available(&app, &id, &token).await;
    until(&app, &format!("/v1/calls/{}", visit.call), &owner, |call| call["offer"]["shopper_id"] == id).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_not_started_ends_by_itself_also_after_a_restart() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    rules(&app, &owner, json!({"claim_timeout_s": 2})).await;
    let (_, token) = app.shopper(&owner, "ana").await;
    let visit = app.visit().await;
    app.ask("POST", &format!("/v1/calls/{}/claim", visit.call), &token, json!({})).await.expect(200);
    let app = app.restart().await;
    until(&app, &format!("/v1/calls/{}", visit.call), &owner, |call| call["status"] == "waiting").await;
    let history = app.get(&format!("/v1/calls/{}/history", visit.call), &owner).await.expect(200).json();
    let expired = history["items"].as_array().unwrap().iter().filter(|event| event["type"] == "call.claim_expired").count();
    assert_eq!(expired, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_call_is_the_oldest_one_and_a_repetition_takes_no_other() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, token) = app.shopper(&owner, "ana").await;
    assert_eq!(app.ask("POST", "/v1/queue/next", &token, json!({})).await.status, 204);
    let (first, second) = (app.visit().await, app.visit().await);
    let next = |key: &'static str| app.request("POST", "/v1/queue/next").bearer(&token).key(key).json(&json!({})).send();
    let taken = next("one").await.expect(200);
    assert_eq!((taken.text("id"), taken.text("conversation_id")), (first.call.clone(), first.conversation.clone()));
    assert_eq!(next("one").await.expect(200).body, taken.body);
    // A call takes all the room there is.
    assert_eq!(next("two").await.problem(409), "illegal_transition");
    for step in ["start", "end"] {
        app.ask("POST", &format!("/v1/calls/{}/{step}", first.call), &token, json!({})).await.expect(200);
    }
    assert_eq!(next("three").await.expect(200).text("id"), second.call);
    assert_eq!(next("one").await.expect(200).body, taken.body);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_told_place_estimate_and_its_basis() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, token) = app.shopper(&owner, "ana").await;
    let waits = app.visit().await;
    let (server, who) = (&app, &waits);
    let place = |at_least: i64| {
        let path = format!("/v1/calls/{}/queue?at_least={at_least}", who.call);
        async move { server.get(&path, &who.token).await }
    };
    let alone = place(waits.position).await.expect(200).json();
    assert_eq!((&alone["ahead"], &alone["estimate"]), (&json!(0), &Value::Null));
    assert!(alone["nobody_available"]["message"].is_string());
    available(&app, &id, &token).await;
    let mut last = 0;
    for _ in 0..3 {
        let visit = app.visit().await;
        let claimed = app.ask("POST", &format!("/v1/calls/{}/claim", visit.call), &token, json!({})).await.expect(200);
        last = claimed.number("position");
    }
    let answer = place(last).await.expect(200).json();
    assert_eq!((&answer["estimate"]["basis"], &answer["nobody_available"]), (&json!(3), &Value::Null));
    assert!(answer["estimate"]["low_s"].as_i64() <= answer["estimate"]["high_s"].as_i64());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_the_floor_are_kept_within_their_bounds() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let refused = app.ask("PATCH", "/v1/account", &owner, json!({"routing": {"offer_timeout_s": 0}})).await;
    assert_eq!((refused.problem(422), refused.pointer().as_str()), ("invalid_field".to_owned(), "/routing/offer_timeout_s"));
    let changed = app.ask("PATCH", "/v1/account", &owner, json!({"routing": {"mode": "push", "idle_after_s": 0}})).await.expect(200);
    let read = app.get(&format!("/v1/account?at_least={}", changed.number("position")), &owner).await.expect(200).json();
    assert_eq!(
        (&read["routing"]["mode"], &read["routing"]["idle_after_s"], &read["routing"]["claim_timeout_s"]),
        (&json!("push"), &json!(0), &json!(120))
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_joined_by_its_department_with_the_reasons_for_staff_and_the_next_one_by_the_same_shopper() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    rules(&app, &owner, json!({"mode": "push"})).await;
    let (ana, bea) = (app.shopper(&owner, "ana").await, app.shopper(&owner, "bea").await);
    let bea_path = format!("/v1/shoppers/{}", bea.0);
    let skilled = app.ask("PATCH", &bea_path, &owner, json!({"departments": ["returns"], "country": "PE"})).await;
    skilled.expect(200);
    for (id, token) in [&ana, &bea] {
        available(&app, id, token).await;
    }
    until(&app, &bea_path, &owner, |shopper| shopper["country"] == "PE").await;
    let opened = app.ask("POST", "/v1/conversations", "", json!({"customer": {"name": "Ada"}, "department": "returns"})).await.expect(201);
    let (first, token) = (format!("/v1/conversations/{}", opened.text("id")), opened.text("customer_token"));
    let joined = |history: &Value| history["items"].as_array().unwrap().iter().any(|event| event["type"] == "conversation.agent_joined");
    let told = until(&app, &format!("{first}/history"), &owner, joined).await.json();
    let types: Vec<_> = told["items"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["conversation.opened", "routing.decided", "conversation.agent_joined"]);
    let decided = &told["items"][1]["data"];
    assert_eq!(decided["shopper_id"], bea.0);
    assert_eq!(decided["candidates"], json!([{"shopper_id": ana.0, "lost": "lacks_department"}]));
    assert_eq!(app.get(&format!("{first}/history"), &token).await.status, 403, "the reasons are not for customers");

    let at_work = until(&app, &bea_path, &owner, |shopper| shopper["conversations"] == 1).await.json()["version"].as_i64().unwrap();
    app.ask("POST", &format!("{first}/close"), &bea.1, json!({})).await.expect(200);
    until(&app, &bea_path, &owner, |shopper| shopper["version"].as_i64().unwrap() > at_work).await;
    let again = app.ask("POST", "/v1/conversations", &token, json!({})).await.expect(201).text("id");
    let told = until(&app, &format!("/v1/conversations/{again}/history"), &owner, joined).await.json();
    let decided = &told["items"][1]["data"];
    assert_eq!(decided["shopper_id"], bea.0, "Ana was never given work, and yet Bea knows the customer");
    assert_eq!(decided["candidates"], json!([{"shopper_id": ana.0, "lost": "fits_less"}]));
    app.stop().await;
}
