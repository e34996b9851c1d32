//! What everybody may see of ratings, and what of it the shop hides.

use crate::app::{TestApp, Visit};
use serde_json::{Value, json};

const PUBLIC: &str = "/v1/public/channels/web/ratings";

/// A call that was served and is over.
async fn served(app: &TestApp, token: &str) -> Visit {
    let visit = app.visit().await;
    for deed in ["claim", "start", "end"] {
        app.ask("POST", &format!("/v1/calls/{}/{deed}", visit.call), token, json!({})).await.expect(200);
    }
    visit
}

/// Its customer answers; the position of that.
async fn rate(app: &TestApp, visit: &Visit, face: &str) -> i64 {
    let ballot = json!({"face": face, "comment": "between us"});
    app.ask("POST", &format!("/v1/calls/{}/rating", visit.call), &visit.token, ballot).await.expect(201).number("position")
}

async fn read_to(app: &TestApp, owner: &str, position: i64) {
    app.get(&format!("/v1/account?at_least={position}"), owner).await.expect(200);
}

async fn faces(app: &TestApp) -> Value {
    app.get(PUBLIC, "").await.expect(200).json()["faces"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_seen_when_it_is_published_and_a_hidden_rating_counts_for_the_shop_alone() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, token) = app.shopper(&owner, "Berta").await;
    let (one, other) = (served(&app, &token).await, served(&app, &token).await);
    rate(&app, &one, "satisfied").await;
    let rated = rate(&app, &other, "dissatisfied").await;
    read_to(&app, &owner, rated).await;
    assert_eq!(app.get(PUBLIC, "").await.problem(404), "not_found");
    assert_eq!(app.get("/v1/public/channels", "").await.expect(200).json()["items"], json!([]));

    let publish = async |public: bool| app.ask("PUT", "/v1/channels/web/ratings", &owner, json!({"public": public})).await.expect(200);
    read_to(&app, &owner, publish(true).await.number("position")).await;
    assert_eq!(app.get("/v1/account", &owner).await.expect(200).json()["public_channels"], json!(["web"]));
    let answer = app.get(PUBLIC, "").await.expect(200);
    let told = answer.json();
    assert_eq!(answer.headers["cache-control"], "public, max-age=60");
    assert_eq!((&told["faces"]["satisfied_percent"], &told["faces"]["answers"]), (&json!(50.0), &json!(2)));
    assert_eq!((&told["shoppers"][0]["name"], &told["shoppers"][0]["faces"]["dissatisfied"]), (&json!("Berta"), &json!(1)));
    assert_eq!((&told["latest"][0]["face"], &told["latest"][1]["face"]), (&json!("dissatisfied"), &json!("satisfied")));
    for secret in ["between us", "Ana", one.customer.as_str(), one.call.as_str()] {
        assert!(!answer.body.contains(secret), "{secret}: {}", answer.body);
    }
    assert_eq!(app.get("/v1/public/channels", "").await.expect(200).json()["items"][0]["faces"]["answers"], 2);

    let ratings = app.get("/v1/ratings", &owner).await.expect(200);
    let item = ratings.json()["items"][0].clone();
    let id = item["id"].as_str().expect("an answer has an id").to_owned();
    assert_eq!((&item["face"], &item["is_hidden"]), (&json!("dissatisfied"), &json!(false)));
    let deed = async |deed: &str| app.ask("POST", &format!("/v1/ratings/{id}/{deed}"), &owner, json!({})).await.expect(200);
    let hidden = deed("hide").await.number("position");
    assert_eq!(deed("hide").await.number("position"), hidden, "it is hidden already");
    read_to(&app, &owner, hidden).await;
    assert_eq!(faces(&app).await["satisfied_percent"], 100.0);
    assert_eq!(app.get("/v1/ratings", &owner).await.json()["items"][0]["is_hidden"], true);
    let before = app.get(&format!("/v1/ratings?as_of={}", ratings.number("position")), &owner).await;
    assert_eq!(before.body, ratings.body, "as it was then");
    let summary = app.get("/v1/ratings/summary", &owner).await.expect(200).json();
    assert_eq!((&summary["faces"]["answers"], &summary["faces"]["dissatisfied"]), (&json!(2), &json!(1)), "the shop counts it");
    let facts = summary["faces"]["facts"].as_str().expect("a figure says where its facts are");
    let facts = app.get(facts, &owner).await.expect(200).json();
    let values: Vec<_> = facts["items"].as_array().expect("facts are a list").iter().map(|fact| fact["value"].as_i64()).collect();
    assert_eq!(values, [Some(5), Some(1)], "a satisfied face and a dissatisfied one: {facts}");
    read_to(&app, &owner, deed("show").await.number("position")).await;
    assert_eq!(faces(&app).await["answers"], 2);

    // A newer answer takes the place of the hidden one, and is seen.
    deed("hide").await;
    read_to(&app, &owner, rate(&app, &other, "neutral").await).await;
    assert_eq!((&faces(&app).await["neutral"], &faces(&app).await["answers"]), (&json!(1), &json!(2)));
    assert_eq!(app.ask("POST", &format!("/v1/ratings/{id}/show"), &owner, json!({})).await.problem(403), "not_allowed");

    read_to(&app, &owner, publish(false).await.number("position")).await;
    assert_eq!(app.get(PUBLIC, "").await.problem(404), "not_found");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn surveys_that_come_back_are_held_against_those_that_were_sent() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, token) = app.shopper(&owner, "Berta").await;
    let (mut visits, mut position) = (Vec::new(), 0);
    for _ in 0..3 {
        let visit = served(&app, &token).await;
        let survey = format!("/v1/calls/{}/survey", visit.call);
        let sent = app.ask("POST", &survey, &visit.token, json!({})).await.expect(200).number("position");
        assert_eq!(app.ask("POST", &survey, &token, json!({})).await.expect(200).number("position"), sent, "told once");
        position = sent;
        visits.push(visit);
    }
    let asked = async |position: i64| app.get(&format!("/v1/reports/overview?at_least={position}"), &owner).await.expect(200).json();
    let told = asked(position).await;
    assert_eq!((&told["surveys_sent"]["count"], &told["response_rate_percent"]), (&json!(3), &json!(0.0)));
    rate(&app, &visits[0], "neutral").await;
    let told = asked(rate(&app, &visits[0], "satisfied").await).await;
    assert_eq!((&told["surveys_returned"]["count"], &told["response_rate_percent"]), (&json!(1), &json!(33.3)));
    // Who answers unasked counts in the answers and in no share.
    let unasked = served(&app, &token).await;
    let told = asked(rate(&app, &unasked, "satisfied").await).await;
    assert_eq!((&told["answers"]["count"], &told["response_rate_percent"]), (&json!(2), &json!(33.3)));
    app.stop().await;
}
