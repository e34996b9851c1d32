//! Trials: served like real customers, and counted by nothing that was not asked for them.

use crate::app::{TestApp, Visit};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Longest wait for what happens soon after an order.
const SOON: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What is asked when nothing is said of environments.
const DEFAULTS: &[&str] = &[
    "/v1/reports/overview",
    "/v1/reports/shoppers",
    "/v1/reports/times",
    "/v1/reports/activity?by=day",
    "/v1/reports/nps",
    "/v1/reports/plan",
    "/v1/ratings",
    "/v1/ratings/summary",
    "/v1/calls",
    "/v1/conversations",
    "/v1/orders",
    "/v1/exports/calls",
    "/v1/exports/conversations",
    "/v1/exports/ratings",
    "/v1/exports/shoppers",
];

/// A call and a chat, each answered, over and rated, and an order after the call; everything that is opened is opened by `key`.
async fn served(app: &TestApp, key: &str, shopper: (&str, &str), order: &str) -> (Visit, String) {
    let (_, token) = shopper;
    let made = app.ask("POST", "/v1/calls", key, json!({"shopper_id": shopper.0, "start": "now"})).await.expect(201);
    let visit = Visit {
        call: made.text("id"),
        conversation: made.text("conversation_id"),
        customer: made.text("customer_id"),
        token: made.text("customer_token"),
        position: made.number("position"),
    };
    let call = format!("/v1/calls/{}", visit.call);
    let price = json!({"amount": 12900, "currency": "EUR"});
    let line = json!({"cart_id": "cart-1", "sku": "boot-41", "name": "Boots", "quantity": 1, "unit_price": price});
    app.ask("POST", &format!("{call}/cart/items"), token, line).await.expect(201);
    app.ask("POST", &format!("{call}/end"), token, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/rating"), &visit.token, json!({"nps": 9, "face": "satisfied"})).await.expect(201);
    let body = json!({"order_id": order, "cart_id": "cart-1", "currency": "EUR", "total": 12_900,
        "lines": [{"sku": "boot-41", "quantity": 1, "unit_price": 12_900}]});
    app.ask("POST", "/v1/orders", key, body).await.expect(201);
    let chat = app.ask("POST", "/v1/conversations", key, json!({})).await.expect(201);
    let (path, customer) = (format!("/v1/conversations/{}", chat.text("id")), chat.text("customer_token"));
    app.ask("POST", &format!("{path}/messages"), &customer, json!({"body": "Hello?"})).await.expect(201);
    app.ask("POST", &format!("{path}/join"), token, json!({})).await.expect(200);
    app.ask("POST", &format!("{path}/messages"), token, json!({"body": "Hello."})).await.expect(201);
    app.ask("POST", &format!("{path}/close"), token, json!({})).await.expect(200);
    app.ask("POST", &format!("{path}/rating"), &customer, json!({"csat": 4})).await.expect(201);
    let goes_on = app.ask("POST", &format!("{path}/messages"), &customer, json!({"body": "One more thing"})).await.expect(201);
    (visit, goes_on.text("conversation_id"))
}

/// The call that the order goes back to, once one was looked for.
async fn attributed(app: &TestApp, owner: &str, order: &str) -> Value {
    let begun = Instant::now();
    loop {
        let answer = app.get(&format!("/v1/orders/{order}"), owner).await;
        // It was told just now: the read models may not have it yet.
        let told = answer.json();
        if answer.status == 200 && !told["attributed_at"].is_null() {
            return told["attribution"]["call_id"].clone();
        }
        assert!(begun.elapsed() < SOON, "{told}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn asked(app: &TestApp, owner: &str, position: i64) -> Vec<String> {
    let mut told = Vec::new();
    for path in DEFAULTS {
        let and = if path.contains('?') { '&' } else { '?' };
        let answer = app.get(&format!("{path}{and}at_least={position}"), owner).await.expect(200);
        told.push(if answer.body.starts_with('{') { answer.timeless().to_string() } else { answer.body });
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_served_like_a_real_customer_and_counted_by_nothing_that_does_not_ask_for_it_or_for_its_kind() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, token) = app.shopper(&owner, "Nuria").await;
    let scopes = json!(["calls:read", "calls:write"]);
    let body = json!({"name": "Trials", "scopes": scopes, "environment": "test"});
    let trials = app.ask("POST", "/v1/api-keys", &owner, body).await.expect(201);
    let key = app.get(&format!("/v1/api-keys/{}", trials.text("id")), &owner).await.expect(200);
    assert_eq!(key.text("environment"), "test");
    let trials = trials.text("secret");

    let (real, _) = served(&app, &owner, (&id, &token), "A-1").await;
    assert_eq!(attributed(&app, &owner, "A-1").await, json!(real.call));
    let before = asked(&app, &owner, app.visit().await.position).await;

    let (trial, goes_on) = served(&app, &trials, (&id, &token), "A-1").await;
    assert_eq!(attributed(&app, &owner, "A-1?environment=test").await, json!(trial.call), "to the call of its own environment");
    // Made by a customer alone, also where the call before was a trial.
    let own = app.ask("POST", "/v1/calls", &trial.token, json!({})).await.expect(201);
    let chosen = app.ask("POST", "/v1/calls", &owner, json!({"environment": "test", "shopper_id": id})).await.expect(201);
    let last = chosen.number("position");
    for (path, environment) in [
        (format!("/v1/calls/{}", real.call), "production"),
        (format!("/v1/calls/{}", trial.call), "test"),
        (format!("/v1/calls/{}", own.text("id")), "test"),
        (format!("/v1/calls/{}", chosen.text("id")), "test"),
        (format!("/v1/conversations/{}", trial.conversation), "test"),
        (format!("/v1/conversations/{goes_on}"), "test"),
        ("/v1/orders/A-1".to_owned(), "production"),
        ("/v1/orders/A-1?environment=test".to_owned(), "test"),
    ] {
        let and = if path.contains('?') { '&' } else { '?' };
        let told = app.get(&format!("{path}{and}at_least={last}"), &owner).await.expect(200);
        assert_eq!(told.text("environment"), environment, "{path}");
    }
    for ((now, before), path) in asked(&app, &owner, last).await.iter().zip(&before).zip(DEFAULTS) {
        assert_eq!(now, before, "{path}");
    }
    for (path, trials, all) in [("/v1/calls", 3, 5), ("/v1/conversations", 5, 9), ("/v1/orders", 1, 2), ("/v1/ratings", 2, 4)] {
        for (environment, expected) in [("test", trials), ("all", all)] {
            let told = app.get(&format!("{path}?environment={environment}"), &owner).await.expect(200).json();
            assert_eq!(told["items"].as_array().map(Vec::len), Some(expected), "{path} {environment}: {told}");
        }
    }
    for (path, calls, chats) in [("/v1/conversations", 3, 2), ("/v1/ratings", 1, 1)] {
        for (kind, expected) in [("call", calls), ("chat", chats)] {
            let told = app.get(&format!("{path}?environment=test&kind={kind}"), &owner).await.expect(200).json();
            assert_eq!(told["items"].as_array().map(Vec::len), Some(expected), "{path} {kind}: {told}");
        }
    }
    for (kind, replies, answers) in [("call", 0, 1), ("chat", 1, 0)] {
        let times = app.get(&format!("/v1/reports/times?environment=test&kind={kind}"), &owner).await.expect(200).json();
        assert_eq!(times["reply"]["n"].as_i64().unwrap_or_default(), replies, "{kind}: {times}");
        let summary = app.get(&format!("/v1/ratings/summary?environment=test&kind={kind}"), &owner).await.expect(200).json();
        assert_eq!(summary["nps"]["answers"], json!(answers), "{kind}: {summary}");
        let file = app.get(&format!("/v1/exports/conversations?environment=test&kind={kind}"), &owner).await.expect(200).body;
        assert_eq!(file.lines().count(), if kind == "call" { 4 } else { 3 }, "{kind}: {file}");
    }
    // Whom somebody must serve is in the lists of work, and told apart there.
    for path in ["/v1/conversations?waiting=true&kind=chat", "/v1/queue?"] {
        let told = app.get(&format!("{path}&at_least={last}"), &owner).await.expect(200).json();
        let trials: Vec<_> = told["items"].as_array().expect("items").iter().filter(|item| item["environment"] == "test").collect();
        assert!(!trials.is_empty(), "{path}: {told}");
        assert!(trials.iter().all(|item| item["row"].is_null() || item["row"]["environment"] == "test"), "{path}: {told}");
    }
    assert_eq!(app.get(&format!("/v1/calls/{}/queue", own.text("id")), &owner).await.expect(200).text("environment"), "test");
    app.ask("POST", &format!("/v1/conversations/{goes_on}/join"), &token, json!({})).await.expect(200);
    let help = app.ask("PUT", &format!("/v1/conversations/{goes_on}/status"), &token, json!({"status": "need_help"})).await.expect(200);
    for list in ["mine=true", "status=need_help"] {
        let told =
            app.get(&format!("/v1/conversations?{list}&kind=chat&at_least={}", help.number("position")), &token).await.expect(200).json();
        assert_eq!((&told["items"][0]["id"], &told["items"][0]["environment"]), (&json!(goes_on), &json!("test")), "{list}: {told}");
    }
    for (path, key) in [("/v1/ratings", "environment"), ("/v1/orders", "environment")] {
        let told = app.get(&format!("{path}?environment=test"), &owner).await.expect(200).json();
        assert_eq!((&told["items"][0][key], &told["items"][0]["row"][key]), (&json!("test"), &json!("test")), "{path}: {told}");
    }
    app.get("/v1/reports/overview?kind=letter", &owner).await.problem(400);
    let trial_nps = app.get("/v1/reports/nps?environment=test", &owner).await.expect(200).json();
    assert_eq!(trial_nps["total"]["answers"], json!(1), "{trial_nps}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_trials_opens_nothing_in_production() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = app.shopper(&owner, "Nuria").await;
    let body = json!({"name": "Trials", "scopes": ["calls:read", "calls:write"], "environment": "test"});
    let key = app.ask("POST", "/v1/api-keys", &owner, body).await.expect(201).text("secret");
    let order = json!({"order_id": "1", "currency": "EUR", "total": 1, "lines": [{"sku": "a", "quantity": 1, "unit_price": 1}]});
    for (path, mut body) in [("/v1/calls", json!({"shopper_id": id})), ("/v1/conversations", json!({})), ("/v1/orders", order)] {
        body["environment"] = json!("production");
        app.ask("POST", path, &key, body.clone()).await.expect(422);
        body["environment"] = json!("staging");
        app.ask("POST", path, &key, body).await.expect(422);
    }
    // What is there in production stays as it is.
    let real = app.ask("POST", "/v1/conversations", "", json!({"customer": {"name": "Ana"}})).await.expect(201);
    let path = format!("/v1/conversations/{}/close", real.text("id"));
    assert_eq!(app.ask("POST", &path, &key, json!({})).await.problem(403), "not_allowed");
    app.ask("POST", &path, &owner, json!({})).await.expect(200);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_and_a_real_order_may_have_the_same_number_and_what_becomes_of_one_does_not_touch_the_other() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let body = json!({"name": "Trials", "scopes": ["calls:read", "calls:write"], "environment": "test"});
    let trials = app.ask("POST", "/v1/api-keys", &owner, body).await.expect(201).text("secret");
    let order = json!({"order_id": "A-1", "currency": "EUR", "total": 2, "lines": [{"sku": "a", "quantity": 2, "unit_price": 1}]});
    let trial = app.ask("POST", "/v1/orders", &trials, order.clone()).await.expect(201).text("id");
    app.get("/v1/orders/A-1", &owner).await.expect(404);
    let real = app.ask("POST", "/v1/orders", &owner, order.clone()).await.expect(201).text("id");
    let again = app.ask("POST", "/v1/orders", &trials, order).await;
    assert_eq!((again.problem(409), again.pointer()), ("already_taken".into(), "/order_id".into()));
    // A key for trials means the trial; whoever works in both says so.
    let refunds = "/v1/orders/A-1/refunds";
    assert_eq!(app.ask("POST", refunds, &trials, json!({"amount": 1})).await.expect(201).text("id"), trial);
    assert_eq!(app.ask("POST", refunds, &owner, json!({"amount": 1})).await.expect(201).text("id"), real);
    let cancelled = app.ask("POST", "/v1/orders/A-1/cancel", &owner, json!({"environment": "test"})).await.expect(200);
    assert_eq!(cancelled.text("id"), trial);
    let at = format!("at_least={}", cancelled.number("position"));
    for (path, id, status) in [
        (format!("/v1/orders/A-1?{at}"), &real, "placed"),
        (format!("/v1/orders/A-1?environment=test&{at}"), &trial, "cancelled"),
        (format!("/v1/orders/{trial}?{at}"), &trial, "cancelled"),
    ] {
        let told = app.get(&path, &owner).await.expect(200);
        assert_eq!((&told.text("id"), told.text("status").as_str()), (id, status), "{path}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_declares_a_trial_only_where_the_account_says_that_anyone_may() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let trial = json!({"environment": "test"});
    let real = app.ask("POST", "/v1/conversations", "", json!({})).await.expect(201).text("customer_token");
    let own = app.ask("POST", "/v1/conversations", &owner, trial.clone()).await.expect(201).text("customer_token");
    for path in ["/v1/calls", "/v1/conversations"] {
        for token in ["", &real] {
            let refused = app.ask("POST", path, token, trial.clone()).await;
            assert_eq!(
                (refused.problem(422), refused.pointer()),
                ("invalid_field".into(), "/environment".into()),
                "{path}: {}",
                refused.body
            );
        }
        // Who is in a trial by the word of staff stays in it, and says so or not.
        app.ask("POST", path, &own, trial.clone()).await.expect(201);
        app.ask("POST", path, "", json!({"environment": "production"})).await.expect(201);
    }
    app.ask("PATCH", "/v1/account", &owner, json!({"trials": "everybody"})).await.expect(422);
    let set = app.ask("PATCH", "/v1/account", &owner, json!({"trials": "anyone"})).await.expect(200).number("position");
    assert_eq!(app.get(&format!("/v1/account?at_least={set}"), &owner).await.expect(200).text("trials"), "anyone");
    for path in ["/v1/calls", "/v1/conversations"] {
        for token in ["", &real] {
            let made = app.ask("POST", path, token, trial.clone()).await.expect(201);
            let told = app.get(&format!("{path}/{}?at_least={}", made.text("id"), made.number("position")), &owner).await;
            assert_eq!(told.expect(200).text("environment"), "test", "{path}");
        }
    }
    app.stop().await;
}
