//! Orders over the API: told, attributed to the call that they go back to, given back, and counted.

use crate::app::{Answer, TestApp, Visit};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Longest wait for what happens soon after an order.
const SOON: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A call of Núria's in which two boots were put into a cart and a sock was shown.
struct Served {
    owner: String,
    shopper: String,
    visit: Visit,
}

async fn served(app: &TestApp) -> Served {
    let owner = app.owner().await;
    let (shopper, token) = app.shopper(&owner, "Núria").await;
    app.ask("PUT", &format!("/v1/shoppers/{shopper}/collections"), &owner, json!({"collections": ["outdoor"]})).await.expect(200);
    let visit = app.visit().await;
    let call = format!("/v1/calls/{}", visit.call);
    app.ask("POST", &format!("{call}/claim"), &token, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/start"), &token, json!({})).await.expect(200);
    let price = json!({"amount": 12900, "currency": "EUR"});
    let line =
        json!({"cart_id": "cart-1", "sku": "boot-41", "name": "Boots", "quantity": 1, "unit_price": price, "collections": ["outdoor"]});
    app.ask("POST", &format!("{call}/cart/items"), &token, line).await.expect(201);
    app.ask("POST", &format!("{call}/products"), &token, json!({"sku": "sock-1", "name": "Socks"})).await.expect(201);
    app.ask("POST", &format!("{call}/end"), &token, json!({})).await.expect(200);
    Served { owner, shopper, visit }
}

/// Two boots, of which one was put into the cart, socks, and something that nobody spoke of: 273.00 with shipping.
fn order(id: &str) -> Value {
    json!({
        "order_id": id, "cart_id": "cart-1", "currency": "EUR", "device": "mobile", "shipping": 500, "discounts": 100, "total": 27_300,
        "lines": [
            {"sku": "boot-41", "quantity": 2, "unit_price": 12_900},
            {"sku": "sock-1", "quantity": 1, "unit_price": 1_000},
            {"sku": "wax", "quantity": 1, "unit_price": 100},
        ],
    })
}

/// The order, once a call was looked for.
async fn attributed(app: &TestApp, owner: &str, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let order = app.get(&format!("/v1/orders/{id}"), owner).await;
        if order.status == 200 && !order.json()["attributed_at"].is_null() {
            return order.json();
        }
        assert!(begun.elapsed() < SOON, "{}", order.body);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn place(app: &TestApp, owner: &str, order: Value) -> Answer {
    app.ask("POST", "/v1/orders", owner, order).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_back_to_its_call_and_is_counted_with_all_that_becomes_of_it() {
    let app = TestApp::start().await;
    let Served { owner, shopper, visit } = served(&app).await;
    place(&app, &owner, order("1001")).await.expect(201);
    let found = attributed(&app, &owner, "1001").await;
    assert_eq!(found["attribution"]["call_id"], visit.call, "{found}");
    assert_eq!(found["attribution"]["rule"], "cart");
    assert_eq!(found["attribution"]["credits"], json!([{"shopper_id": shopper, "total": 27_300}]));
    let split = |line: &Value| ["added", "shown", "other"].map(|from| line["credit"][from].as_i64().expect("pieces are a number"));
    let lines: Vec<_> = found["lines"].as_array().expect("lines are a list").iter().map(split).collect();
    assert_eq!(lines, [[1, 0, 1], [0, 1, 0], [0, 0, 1]]);

    let placed_at = found["position"].as_i64().expect("a position is a number");
    let overview = app.get(&format!("/v1/reports/overview?as_of={placed_at}"), &owner).await.expect(200).json();
    let sales = &overview["sales"][0];
    assert_eq!((&sales["currency"], &sales["sales"]["total"], &sales["sales"]["placed"]), (&json!("EUR"), &json!(27_300), &json!(27_300)));
    let parts = ["lines_added", "lines_shown", "other_lines", "shipping", "tax", "discounts"].map(|part| sales[part]["total"].clone());
    assert_eq!(parts, [12_900, 1_000, 13_000, 500, 0, 100].map(|amount| json!(amount)));
    assert_eq!((&sales["collection_sales"]["total"], &overview["collection_units"]["total"]), (&json!(25_800), &json!(2)));
    assert_eq!((&sales["devices"]["mobile_percent"], &overview["orders"]["mobile"]), (&json!(100.0), &json!(1)));
    assert_eq!(overview["conversion_percent"], json!(100.0));

    let refunds = "/v1/orders/1001/refunds";
    app.ask("POST", refunds, &owner, json!({"lines": [{"sku": "boot-41", "quantity": 1}], "reason": "Too small"})).await.expect(201);
    let refunded = app.ask("POST", refunds, &owner, json!({"amount": 400})).await.expect(201).number("position");
    let overview = app.get(&format!("/v1/reports/overview?at_least={refunded}"), &owner).await.expect(200).json();
    let sales = &overview["sales"][0];
    assert_eq!((&sales["sales"]["total"], &sales["sales"]["refunded"]), (&json!(14_000), &json!(-13_300)));
    assert_eq!((&sales["collection_sales"]["total"], &overview["collection_units"]["total"]), (&json!(12_900), &json!(1)));
    let cancelled = app.ask("POST", "/v1/orders/1001/cancel", &owner, json!({"reason": "Lost"})).await.expect(200).number("position");
    let report = app.get(&format!("/v1/reports/shoppers?at_least={cancelled}"), &owner).await.expect(200).json();
    let own = &report["items"][0];
    assert_eq!(
        (&own["shopper_id"], &own["sales"][0]["sales"]["total"], &own["orders_cancelled"]["count"]),
        (&json!(shopper), &json!(0), &json!(1))
    );
    assert_eq!((&own["sales"][0]["collection_sales"]["total"], &own["collection_units"]["total"]), (&json!(0), &json!(0)));
    // Every cell is what its facts come to.
    for (measure, sum) in [("sales", 0), ("collection_sales", 0), ("order", 1), ("sales_lines_added", 12_900)] {
        let facts = app.get(&format!("/v1/reports/facts?measure={measure}&at_least={cancelled}"), &owner).await.expect(200).json();
        let facts = facts["items"].as_array().expect("facts are a list");
        assert_eq!(facts.iter().map(|fact| fact["value"].as_i64().expect("a value is a number")).sum::<i64>(), sum, "{measure}");
        assert!(facts.iter().all(|fact| fact["call_id"] == json!(visit.call) && fact["order_id"] == found["id"]), "{facts:?}");
    }
    // As it was before, the report is as it was.
    let before = app.get(&format!("/v1/reports/overview?as_of={placed_at}"), &owner).await.expect(200).json();
    assert_eq!(before["sales"][0]["sales"]["total"], 27_300);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_bought_is_shown_with_the_call_and_an_order_is_found_by_either_id() {
    let app = TestApp::start().await;
    let Served { owner, visit, .. } = served(&app).await;
    let placed = place(&app, &owner, order("shop/7 ñ")).await.expect(201);
    let found = attributed(&app, &owner, "shop%2F7%20%C3%B1").await;
    assert_eq!((&found["id"], &found["order_id"]), (&json!(placed.text("id")), &json!("shop/7 ñ")));
    assert_eq!(attributed(&app, &owner, &placed.text("id")).await["order_id"], "shop/7 ñ");
    // By its customer within a week, and by nobody's.
    let lines = json!([{"sku": "sock-1", "quantity": 1, "unit_price": 1_000}]);
    let later = json!({"order_id": "2", "customer_id": visit.customer, "currency": "EUR", "lines": lines, "total": 1_000});
    place(&app, &owner, later.clone()).await.expect(201);
    assert_eq!(attributed(&app, &owner, "2").await["attribution"]["rule"], "customer");
    let mut nobodys = later;
    nobodys["order_id"] = json!("3");
    nobodys["customer_external_id"] = json!("a customer whom nobody knows here");
    nobodys.as_object_mut().expect("an order is an object").remove("customer_id");
    let position = place(&app, &owner, nobodys).await.expect(201).number("position");
    assert_eq!(attributed(&app, &owner, "3").await["attribution"], Value::Null);
    let of_call = app.get(&format!("/v1/calls/{}/orders?at_least={position}", visit.call), &owner).await.expect(200).json();
    assert_eq!(of_call["items"].as_array().map(Vec::len), Some(2), "{of_call}");
    assert_eq!((&of_call["totals"][0]["sales"], &of_call["totals"][0]["units"]), (&json!(28_300), &json!(5)));
    let calls = app.get("/v1/calls", &owner).await.expect(200).json();
    assert_eq!(calls["items"][0]["sold"], of_call["totals"]);
    // And taken away with it, and with whom it is credited to.
    let ever = "from=2000-01-01&to=2100-01-01&environment=all";
    let file = app.get(&format!("/v1/exports/calls?{ever}&q=&format=jsonl&at_least={position}"), &owner).await.expect(200);
    let line: Value = serde_json::from_str(file.body.lines().next().expect("a call")).expect("a line is JSON");
    assert_eq!((&line["currency"], &line["sales"], &line["units"]), (&json!(["EUR"]), &json!([28_300]), &json!(5)));
    let csv = app.get(&format!("/v1/exports/calls?{ever}"), &owner).await.expect(200);
    assert!(csv.body.contains(",2,5,EUR,283.00,"), "{}", csv.body);
    let shoppers = app.get(&format!("/v1/exports/shoppers?{ever}&format=jsonl"), &owner).await.expect(200).body;
    let line: Value = serde_json::from_str(shoppers.lines().find(|line| line.contains("EUR")).expect("a seller")).expect("a line is JSON");
    assert_eq!((&line["orders"], &line["sales"]), (&json!(2), &json!([28_300])), "{line}");
    let own = app.get(&format!("/v1/calls/{}", visit.call), &visit.token).await.expect(200).json();
    assert!(own.get("sold").is_none(), "customers are not told what they are worth");
    let listed = app.get("/v1/orders?limit=2", &owner).await.expect(200).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    let next = listed["next"].as_str().expect("there is another page").to_owned();
    let rest = app.get(&format!("/v1/orders?limit=2&cursor={next}"), &owner).await.expect(200).json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    let of_call = app.get(&format!("/v1/orders?call_id={}&status=placed", visit.call), &owner).await.expect(200).json();
    assert_eq!(of_call["items"].as_array().map(Vec::len), Some(2));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_told_late_counts_when_it_was_placed() {
    let app = TestApp::start().await;
    let Served { owner, .. } = served(&app).await;
    let mut late = order("1");
    late["placed_at"] = json!("2024-01-31T23:30:00Z");
    let placed = place(&app, &owner, late).await.expect(201);
    let found = attributed(&app, &owner, "1").await;
    // The call was not yet when the order was placed.
    assert_eq!((&found["attribution"], &found["placed_at"]), (&Value::Null, &json!("2024-01-31T23:30:00Z")));
    let listed = async |day: &str| {
        let path = format!("/v1/orders?from={day}&to={day}&tz=Europe/Madrid&at_least={}", placed.number("position"));
        app.get(&path, &owner).await.expect(200).json()["items"].as_array().map(Vec::len)
    };
    assert_eq!((listed("2024-01-31").await, listed("2024-02-01").await), (Some(0), Some(1)));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_cannot_be_is_refused_by_its_field() {
    let app = TestApp::start().await;
    let Served { owner, .. } = served(&app).await;
    for path in ["/v1/orders/1001/refunds", "/v1/orders/1001/cancel"] {
        let early = app.ask("POST", path, &owner, json!({})).await;
        assert_eq!(early.problem(404), "not_found");
        assert!(early.text("detail").contains("POST /v1/orders"), "{}", early.body);
    }
    let with = |field: &str, value: Value| {
        let mut wrong = order("1001");
        wrong[field] = value;
        wrong
    };
    for (wrong, pointer) in [
        (with("total", json!(27_301)), "/total"),
        (with("currency", json!("euros")), "/currency"),
        (with("currency", json!("XXZ")), "/currency"),
        (with("lines", json!([])), "/lines"),
        (with("shipping", json!(-1)), "/shipping"),
        (with("order_id", json!("")), "/order_id"),
        (with("placed_at", json!("2126-01-01T00:00:00Z")), "/placed_at"),
        (with("customer_id", json!("018f0000-0000-7000-8000-000000000000")), "/customer_id"),
    ] {
        let answer = place(&app, &owner, wrong).await;
        assert_eq!((answer.problem(422), answer.pointer()), ("invalid_field".into(), pointer.into()), "{}", answer.body);
    }
    let once = || app.request("POST", "/v1/orders").bearer(&owner).key("once").json(&order("1001"));
    let (first, again) = (once().send().await.expect(201), once().send().await.expect(201));
    assert_eq!(first.body, again.body);
    let twice = place(&app, &owner, order("1001")).await;
    assert_eq!((twice.problem(409), twice.pointer()), ("already_taken".into(), "/order_id".into()));
    let too_much = app.ask("POST", "/v1/orders/1001/refunds", &owner, json!({"amount": 27_301})).await;
    assert_eq!((too_much.problem(422), too_much.pointer()), ("invalid_field".into(), "/amount".into()));
    app.ask("POST", "/v1/orders/1001/cancel", &owner, json!({})).await.expect(200);
    assert_eq!(app.ask("POST", "/v1/orders/1001/cancel", &owner, json!({})).await.problem(409), "illegal_transition");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waited_when_the_server_stopped_finds_its_call_after_the_start() {
    let app = TestApp::start().await;
    let Served { owner, visit, .. } = served(&app).await;
    for n in 0..5 {
        place(&app, &owner, order(&format!("{n}"))).await.expect(201);
    }
    let app = app.restart().await;
    for n in 0..5 {
        let found = attributed(&app, &owner, &format!("{n}")).await;
        assert_eq!(found["attribution"]["call_id"], visit.call, "{found}");
        assert_eq!(found["version"], 2, "attributed once");
    }
    app.stop().await;
}
