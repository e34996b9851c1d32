//! Bots: programs that write to customers under a name of their own, and hand over to people.

use crate::app::TestApp;
use serde_json::{Value, json};

/// A key of a bot, and its id.
async fn bot(app: &TestApp, owner: &str, name: &str) -> (String, String) {
    let scopes = json!(["calls:read", "calls:write"]);
    let body = json!({"name": "Chatbot", "scopes": scopes, "bot": {"name": name, "image": "https://shop.example/lumi.png"}});
    let made = app.ask("POST", "/v1/api-keys", owner, body).await.expect(201);
    (made.text("id"), made.text("secret"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bot_says_is_said_by_the_bot_and_is_nobodys_answer_until_it_hands_over_and_a_person_answers() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (shopper, token) = app.shopper(&owner, "Nuria").await;
    let (id, lumi) = bot(&app, &owner, "Lumi").await;
    let key = app.get(&format!("/v1/api-keys/{id}"), &owner).await.expect(200).json();
    assert_eq!(key["bot"], json!({"name": "Lumi", "image": "https://shop.example/lumi.png"}));

    let chat = app.ask("POST", "/v1/conversations", "", json!({"customer": {"name": "Ana"}})).await.expect(201);
    let (path, ana) = (format!("/v1/conversations/{}", chat.text("id")), chat.text("customer_token"));
    let messages = format!("{path}/messages");
    app.ask("POST", &messages, &ana, json!({"body": "Hello?"})).await.expect(201);
    let answer = app.ask("POST", &messages, &lumi, json!({"body": "I am Lumi."})).await.expect(201).number("position");
    let told = app.get(&format!("{messages}?at_least={answer}"), &ana).await.expect(200).json();
    let said: Vec<_> = told["items"].as_array().expect("messages are a list").iter().map(|one| one["author_kind"].clone()).collect();
    assert_eq!(said, [json!("customer"), json!("bot")], "{told}");
    let seen = app.get(&path, &ana).await.expect(200).json();
    assert_eq!((&seen["bot"]["name"], &seen["bot"]["id"], &seen["agent_messages"]), (&json!("Lumi"), &json!(id), &json!(0)), "{seen}");
    // It writes as itself alone, and no other bot joins in.
    let other = app.ask("POST", &messages, &lumi, json!({"body": "I am Nuria.", "shopper_id": shopper})).await;
    assert_eq!((other.problem(422), other.pointer()), ("invalid_field".into(), "/shopper_id".into()));
    let (_, second) = bot(&app, &owner, "Sparky").await;
    assert_eq!(app.ask("POST", &messages, &second, json!({"body": "And I am Sparky."})).await.problem(403), "not_allowed");

    let times = |position| format!("/v1/reports/times?kind=chat&at_least={position}");
    let before = app.get(&times(answer), &owner).await.expect(200).json();
    assert_eq!(before["first_response"]["n"].as_i64().unwrap_or_default(), 0, "{before}");
    let handed = app.ask("POST", &format!("{path}/handover"), &lumi, json!({"to": {"shopper_id": shopper}, "note": "wants boots"})).await;
    handed.expect(200);
    let answered = app.ask("POST", &messages, &token, json!({"body": "Hello Ana."})).await.expect(201).number("position");
    let after = app.get(&times(answered), &owner).await.expect(200).json();
    assert_eq!(after["first_response"]["n"].as_i64(), Some(1), "{after}");
    let facts = app.get("/v1/reports/facts?measure=first_response", &owner).await.expect(200).json();
    let staff = app.get(&path, &owner).await.expect(200).json();
    assert_eq!((&staff["hand_overs"][0]["from_bot_id"], &facts["items"][0]["shopper_id"]), (&json!(id), &json!(shopper)), "{staff}");
    let closed = app.ask("POST", &format!("{path}/close"), &token, json!({})).await.expect(200).number("position");
    // One person and one bot are no two people.
    let staff = app.get(&format!("{path}?at_least={closed}"), &owner).await.expect(200).json();
    assert_eq!((&staff["outcome"], &staff["agent_replied"]), (&json!("no_answer"), &json!(true)), "{staff}");

    // Found by it, in the list and in the file, and told in the transcript.
    app.ask("POST", "/v1/conversations", "", json!({})).await.expect(201);
    for (wanted, count) in [(id.as_str(), 1), (shopper.as_str(), 0)] {
        let found = app.get(&format!("/v1/conversations?bot={wanted}"), &owner).await.expect(200).json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(count), "{found}");
        let file = app.get(&format!("/v1/exports/conversations?bot={wanted}"), &owner).await.expect(200).body;
        assert_eq!(file.lines().count(), 1 + count, "{file}");
        assert_eq!(file.contains("Lumi"), count == 1, "{file}");
    }
    app.get("/v1/conversations?bot=Lumi", &owner).await.problem(400);
    for (wanted, count) in [(&id, 1), (&shopper, 0)] {
        let times = app.get(&format!("/v1/reports/times?bot={wanted}"), &owner).await.expect(200).json();
        assert_eq!(times["first_response"]["n"].as_i64().unwrap_or_default(), count, "{times}");
    }
    let transcript = app.get(&format!("{path}/transcript"), &owner).await.expect(200).json();
    let is_lumi = |who: &Value| (&who["part"], &who["name"]) == (&json!("bot"), &json!("Lumi"));
    let all = |list: &str| transcript[list].as_array().expect("a list").clone();
    assert!(all("entries").iter().any(|entry| entry["type"] == "message" && is_lumi(&entry["who"])), "{transcript}");
    assert!(all("people").iter().any(is_lumi), "{transcript}");
    assert!(app.get(&format!("{path}/transcript?format=html"), &ana).await.expect(200).body.contains("Lumi"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_needs_a_name_and_its_picture_an_address() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for (bot, pointer) in [(json!({"name": " "}), "/bot/name"), (json!({"name": "Lumi", "image": "lumi.png"}), "/bot/image")] {
        let body = json!({"name": "Chatbot", "scopes": ["calls:write"], "bot": bot});
        let refused = app.ask("POST", "/v1/api-keys", &owner, body).await;
        assert_eq!((refused.problem(422), refused.pointer()), ("invalid_field".into(), pointer.into()), "{}", refused.body);
    }
    app.stop().await;
}
