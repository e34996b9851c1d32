//! What a shop promises of its chats, over the API: kept or not, it is told when it is due, counted, and found by.

use crate::{app::TestApp, database};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long something that the server does by itself may take here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A chat of a customer: its path and the customer's token.
async fn chat(app: &TestApp) -> (String, String) {
    let made = app.ask("POST", "/v1/conversations", "", json!({"customer": {"name": "Carla"}})).await.expect(201).json();
    let text = |name: &str| made[name].as_str().expect("it is a text").to_owned();
    (format!("/v1/conversations/{}", text("id")), text("customer_token"))
}

async fn says(app: &TestApp, chat: &str, token: &str) -> i64 {
    app.ask("POST", &format!("{chat}/messages"), token, json!({"body": "Hola"})).await.expect(201).number("position")
}

/// The types and targets of what is told of promises.
async fn told(app: &TestApp, chat: &str, owner: &str) -> Vec<String> {
    let history = app.get(&format!("{chat}/history?limit=200"), owner).await.expect(200).json();
    let events =
        history["items"].as_array().expect("a list").iter().filter(|event| event["type"].as_str().expect("a type").starts_with("sla."));
    events
        .map(|event| {
            format!("{} {}", event["type"].as_str().unwrap_or_default(), event["data"]["target"].as_str().unwrap_or_default())
                .trim()
                .to_owned()
        })
        .collect()
}

async fn a_day_of_promises(app: TestApp) {
    let owner = app.owner().await;
    let promise = json!({"sla": {"answer_s": 1, "next_reply_s": 600, "resolution_s": 3600}});
    let set = app.ask("PATCH", "/v1/account", &owner, promise).await.expect(200).number("position");
    let account = app.get(&format!("/v1/account?at_least={set}"), &owner).await.expect(200).json();
    assert_eq!(account["sla"], json!({"answer_s": 1, "next_reply_s": 600, "resolution_s": 3600, "counting": "always"}));
    let (shopper, token) = app.shopper(&owner, "ana").await;

    // One that is answered at once, twice, and closed.
    let (kept, customer) = chat(&app).await;
    app.ask("POST", &format!("{kept}/claim"), &token, json!({})).await.expect(200);
    says(&app, &kept, &customer).await;
    says(&app, &kept, &token).await;
    let position = says(&app, &kept, &customer).await;
    let seen = app.get(&format!("{kept}?at_least={position}"), &owner).await.expect(200);
    let view = seen.json();
    assert_eq!((&view["sla"]["standing"], &view["sla"]["due"][0]["target"]), (&json!("active"), &json!("next_reply")), "{view}");
    // Clocks are events of the conversation: what is read has the version that is changed.
    let version = view["version"].as_i64().expect("a number");
    let tagged = app.request("POST", &format!("{kept}/tags")).bearer(&token).json(&json!({"tag": "vip"}));
    tagged.header("if-match", &format!("\"{version}\"")).send().await.expect(200);
    let to_customer = app.get(&kept, &customer).await.expect(200).json();
    assert_eq!(to_customer["sla"], Value::Null, "a customer is told nothing of it");
    says(&app, &kept, &token).await;
    app.ask("POST", &format!("{kept}/close"), &token, json!({})).await.expect(200);

    // One in which nobody answers in time, though somebody does later.
    let (late, customer) = chat(&app).await;
    app.ask("POST", &format!("{late}/claim"), &token, json!({})).await.expect(200);
    says(&app, &late, &customer).await;
    let begun = Instant::now();
    while app.get("/v1/conversations?sla=active_with_misses", &owner).await.expect(200).json()["items"].as_array().map(Vec::len) != Some(1)
    {
        assert!(begun.elapsed() < PATIENCE, "{:?}", told(&app, &late, &owner).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    says(&app, &late, &token).await;
    let closed = app.ask("POST", &format!("{late}/close"), &token, json!({})).await.expect(200).number("position");

    let get = async |path: &str| app.get(&format!("{path}at_least={closed}"), &owner).await.expect(200).json();
    for (standing, path) in [("hit", &kept), ("missed", &late)] {
        let found = get(&format!("/v1/conversations?sla={standing}&")).await;
        let ids: Vec<_> = found["items"].as_array().expect("a list").iter().map(|item| item["id"].clone()).collect();
        assert_eq!(ids, [json!(path.rsplit('/').next())], "{standing}");
    }
    assert_eq!(
        told(&app, &late, &owner).await,
        [
            "sla.applied",
            "sla.clock_started resolution",
            "sla.clock_started answer",
            "sla.breached answer",
            "sla.met resolution",
            "sla.settled",
        ]
    );
    let overview = get("/v1/reports/overview?").await;
    let counted = |name: &str| overview[name]["count"].clone();
    assert_eq!((counted("sla_hit"), counted("sla_missed"), &overview["sla_hit_percent"]), (json!(1), json!(1), &json!(50.0)), "{overview}");
    assert_eq!(overview["sla_met"]["by"], json!({"answer": 1, "next_reply": 1, "resolution": 2}));
    assert_eq!(overview["sla_breached"]["by"], json!({"answer": 1}));
    let facts = app.get(overview["sla_breached"]["facts"].as_str().expect("an address"), &owner).await.expect(200).json();
    assert_eq!((&facts["items"][0]["event_type"], &facts["items"][0]["shopper_id"]), (&json!("sla.breached"), &json!(shopper)));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promised_is_kept_or_told_to_be_late_on_sqlite() {
    a_day_of_promises(TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promised_is_kept_or_told_to_be_late_on_postgresql() {
    if let Some(url) = database::fresh("promised").await {
        a_day_of_promises(TestApp::start_with(&[("VITRINA_DATABASE_URL", &url)]).await).await;
        database::dropped(&url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_cannot_be_kept_track_of_is_refused_with_its_field() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let patch = async |sla: Value| app.ask("PATCH", "/v1/account", &owner, json!({"sla": sla})).await;
    for (sla, field) in [
        (json!({"answer_s": 0}), "/sla/answer_s"),
        (json!({"resolution_s": 2_592_001}), "/sla/resolution_s"),
        (json!({"answer_s": 60, "counting": "business_hours"}), "/sla/counting"),
    ] {
        let refused = patch(sla).await;
        assert_eq!((refused.problem(422).as_str(), refused.pointer().as_str()), ("invalid_field", field));
    }
    let hours = json!({"schedule": {"zone": "Europe/Madrid", "windows": [{"weekday": 1, "from": "09:00", "to": "18:00"}]}});
    app.ask("PUT", "/v1/account/business-hours", &owner, hours).await.expect(200);
    patch(json!({"answer_s": 60, "counting": "business_hours"})).await.expect(200);
    let taken = app.ask("PUT", "/v1/account/business-hours", &owner, json!({"schedule": null})).await;
    assert_eq!((taken.problem(422).as_str(), taken.pointer().as_str()), ("invalid_field", "/schedule"));
    assert_eq!(app.get("/v1/conversations?sla=late", &owner).await.problem(400), "invalid_parameter");
    app.stop().await;
}
