//! The history over HTTP: lists of calls and conversations by their filters, and what the search box finds.

use crate::app::TestApp;
use serde_json::{Value, json};

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().expect("a list").iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_box_finds_calls_by_product_customer_and_shopper_and_filters_narrow_them() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (shopper, token) = app.shopper(&owner, "Béla").await;
    let product = |sku: &str, name: &str| json!({"sku": sku, "name": name});
    let asked = [
        json!({"customer": {"name": "José García", "email": "jose@example.com", "phone": "+34600112233"}, "product": product("V-100", "Vestido rojo"), "device": "mobile"}),
        json!({"customer": {"name": "Núria Puig", "company": "Garcia & Fills"}, "product": product("S-200", "Sandalias"), "device": "desktop"}),
        json!({"customer": {"name": "Ana"}, "product": product("V-101", "Vestido azul"), "device": "desktop"}),
    ];
    let mut calls = Vec::new();
    for body in asked {
        calls.push(app.ask("POST", "/v1/calls", "", body).await.expect(201));
    }
    let call = calls[2].text("id");
    app.ask("PUT", &format!("/v1/shoppers/{shopper}/status"), &token, json!({"status": "available"})).await.expect(200);
    app.ask("POST", &format!("/v1/calls/{call}/claim"), &token, json!({})).await.expect(200);
    app.ask("POST", &format!("/v1/calls/{call}/start"), &token, json!({})).await.expect(200);
    app.ask("POST", &format!("/v1/calls/{call}/end"), &token, json!({})).await.expect(200);
    let customer = calls[2].text("customer_token");
    let rated = app.ask("POST", &format!("/v1/calls/{call}/rating"), &customer, json!({"nps": 3, "face": "neutral"})).await;
    let position = rated.expect(201).number("position");
    for (query, found) in [
        ("q=garcia", vec![1, 0]),
        ("q=GARC%C3%8DA+vest", vec![0]),
        ("q=vestido", vec![2, 0]),
        ("q=v-100", vec![0]),
        ("q=600+11+22", vec![0]),
        ("q=jose@example.com", vec![0]),
        ("q=bela", vec![2]),
        ("q=estido", vec![]),
        ("product=S-200", vec![1]),
        ("device=desktop&q=vestido", vec![2]),
        ("outcome=finished", vec![2]),
        ("rated=true", vec![2]),
        ("rated=false", vec![1, 0]),
        ("nps_class=detractor", vec![2]),
        ("nps_class=promoter", vec![]),
        ("face=neutral&environment=all", vec![2]),
        ("environment=test", vec![]),
    ] {
        let list = app.get(&format!("/v1/calls?{query}&at_least={position}"), &owner).await.expect(200).json();
        let wanted: Vec<_> = found.iter().map(|n| calls[*n].text("id")).collect();
        assert_eq!(ids(&list), wanted, "{query}");
        let file = app.get(&format!("/v1/exports/calls?{query}&format=jsonl&at_least={position}"), &owner).await.expect(200);
        let rows = file.body.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON")["call_id"].clone());
        assert_eq!(rows.rev().collect::<Vec<_>>(), wanted, "the file of {query}");
    }
    let list = app.get(&format!("/v1/conversations?q=garcia&at_least={position}"), &owner).await.expect(200).json();
    assert_eq!(ids(&list), [calls[1].text("conversation_id"), calls[0].text("conversation_id")]);
    let list = app.get(&format!("/v1/ratings?nps_class=detractor&shopper_id={shopper}&at_least={position}"), &owner).await.expect(200);
    assert_eq!(list.json()["items"].as_array().expect("a list").len(), 1, "of the last seven days");
    assert_eq!(app.get("/v1/ratings?face=neutral&csat=5", &owner).await.expect(200).json()["items"], json!([]));
    for wrong in ["nps_class=9", "csat=6", "face=smile", "environment=moon", "device=phone", "outcome=live"] {
        assert_eq!(app.get(&format!("/v1/calls?{wrong}"), &owner).await.problem(400), "invalid_parameter", "{wrong}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_address_and_the_question_asked_stand_with_the_conversation() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, token) = app.shopper(&owner, "Nuria").await;
    let address = "Carrer de Mallorca 401\n08013 Barcelona";
    let chat = app.ask("POST", "/v1/conversations", "", json!({"customer": {"name": "Ana", "address": address}})).await.expect(201);
    let (path, ana) = (format!("/v1/conversations/{}", chat.text("id")), chat.text("customer_token"));
    app.ask("POST", &format!("{path}/join"), &token, json!({})).await.expect(200);
    let rating = json!({"nps": 9, "question": "Would you recommend us?"});
    let position = app.ask("POST", &format!("{path}/rating"), &ana, rating).await.expect(201).number("position");
    let seen = app.get(&format!("{path}?at_least={position}"), &owner).await.expect(200).json();
    let customer = format!("/v1/customers/{}", seen["customer_id"].as_str().expect("a conversation is with somebody"));
    assert_eq!(app.get(&customer, &owner).await.expect(200).json()["address"], address);
    let asked = async || app.get("/v1/ratings", &owner).await.expect(200).json()["items"][0]["question"].clone();
    assert_eq!(asked().await, "Would you recommend us?");
    let transcript = app.get(&format!("{path}/transcript?format=json"), &owner).await.expect(200).json();
    assert_eq!(transcript["rating"]["question"], "Would you recommend us?", "{transcript}");
    assert_eq!(transcript["people"][0]["address"], address, "{transcript}");

    let long = app.ask("PATCH", &customer, &owner, json!({"address": "x".repeat(501)})).await;
    assert_eq!((long.problem(422), long.pointer()), ("invalid_field".into(), "/address".into()));
    let cleared = app.ask("PATCH", &customer, &owner, json!({"address": null})).await.expect(200).number("position");
    assert_eq!(app.get(&format!("{customer}?at_least={cleared}"), &owner).await.expect(200).json()["address"], Value::Null);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calls_rating_is_its_conversations_and_both_stand_with_whom_it_was_handed_to() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let ((_, jose), (marta_id, marta)) = (app.shopper(&owner, "Jose").await, app.shopper(&owner, "Marta").await);
    app.ask("PUT", &format!("/v1/shoppers/{marta_id}/status"), &marta, json!({"status": "available"})).await.expect(200);
    let visit = app.visit().await;
    let call = format!("/v1/calls/{}", visit.call);
    app.ask("POST", &format!("{call}/claim"), &jose, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/start"), &jose, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/transfer"), &jose, json!({"shopper_id": marta_id})).await.expect(200);
    let before = app.ask("POST", &format!("{call}/end"), &marta, json!({})).await.expect(200).number("position");
    let listed = async |filter: &str, at: i64| {
        let list = app.get(&format!("/v1/conversations?{filter}&as_of={at}"), &owner).await.expect(200).json();
        let file = app.get(&format!("/v1/exports/conversations?{filter}&format=jsonl&as_of={at}"), &owner).await.expect(200).body;
        let rows: Vec<Value> = file.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
        let items = list["items"].as_array().expect("a list").clone();
        assert_eq!(items.iter().map(|item| item["row"].clone()).collect::<Vec<_>>(), rows, "{filter}");
        items
    };
    app.get(&format!("/v1/calls?at_least={before}"), &owner).await.expect(200);
    assert_eq!((listed("rated=true", before).await.len(), listed("rated=false", before).await.len()), (0, 1));
    let rating = json!({"nps": 9, "face": "neutral", "csat": 4});
    let rated = app.ask("POST", &format!("{call}/rating"), &visit.token, rating).await.expect(201).number("position");
    app.get(&format!("/v1/calls?at_least={rated}"), &owner).await.expect(200);
    for filter in ["rated=true", "nps_class=promoter", "face=neutral", "csat=4", "rated=true&kind=call"] {
        let found = listed(filter, rated).await;
        assert_eq!(found.len(), 1, "{filter}");
        assert_eq!((&found[0]["is_rated"], &found[0]["row"]["nps"]), (&json!(true), &json!(9)), "{filter}");
        let shopper = [&found[0]["row"]["shopper"], &found[0]["row"]["shopper_id"]];
        assert_eq!(shopper, [&json!("Marta"), &json!(marta_id)], "as reports credit it");
    }
    for filter in ["rated=false", "nps_class=detractor", "face=satisfied", "csat=5"] {
        assert_eq!(listed(filter, rated).await.len(), 0, "{filter}");
    }
    assert_eq!(listed("rated=false", before).await.len(), 1, "as it was then");
    let file = app.get(&format!("/v1/exports/calls?format=jsonl&as_of={rated}"), &owner).await.expect(200).json();
    assert_eq!(file["shopper_id"], json!(marta_id), "{file}");
    assert_eq!(file["shopper_ids"].as_array().map(Vec::len), Some(2), "{file}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_of_the_country_and_the_language_of_who_comes_unless_it_says_another() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let customer = json!({"name": "Solo", "country": "PE", "language": "es"});
    let chat = app.ask("POST", "/v1/conversations", "", json!({"customer": customer})).await.expect(201);
    let token = chat.text("customer_token");
    let call = app.ask("POST", "/v1/calls", &token, json!({"language": "pt"})).await.expect(201);
    let at = call.number("position");
    let seen = |answer: Value| (answer["country"].clone(), answer["language"].clone());
    let first = app.get(&format!("/v1/conversations/{}?at_least={at}", chat.text("id")), &owner).await.expect(200).json();
    assert_eq!(seen(first), (json!("PE"), json!("es")));
    let second = app.get(&format!("/v1/calls/{}", call.text("id")), &owner).await.expect(200).json();
    assert_eq!(seen(second), (json!("PE"), json!("pt")));
    let list = app.get("/v1/conversations?country=PE", &owner).await.expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2), "{list}");
    app.stop().await;
}
