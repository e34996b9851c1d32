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
