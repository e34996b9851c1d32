//! What bad input gets: a problem document that names the field or the state and says what to do.

use crate::app::{PASSWORD, TestApp};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_body_is_told_where_it_is_bad() {
    let app = TestApp::start().await;
    let post = |body: &str| app.request("POST", "/v1/calls").key("k").header("Content-Type", "application/json").body(body).send();
    assert_eq!(post("{\"customer\":").await.problem(400), "malformed_json");
    for (body, pointer) in [
        (r#"{"customer":{"name":7}}"#, "/customer/name"),
        (r#"{"customer":{"nam":"x"}}"#, "/customer/nam"),
        (r#"{"device":"toaster"}"#, "/device"),
        (r#"{"product":{"sku":"x"}}"#, "/product/name"),
    ] {
        let answer = post(body).await;
        assert_eq!(answer.problem(422), "invalid_body", "{body}");
        assert_eq!(answer.pointer(), pointer);
    }
    for (body, pointer) in [
        (r#"{"customer":{"email":"nobody"}}"#, "/customer/email"),
        (r#"{"country":"Spain"}"#, "/country"),
        (r#"{"country":"XX"}"#, "/country"),
        (r#"{"product":{"sku":"x","name":"X","price":{"amount":1,"currency":"XXZ"}}}"#, "/product/price/currency"),
        (r#"{"priority":9}"#, "/priority"),
        (r#"{"customer":{"external_id":"1"}}"#, "/customer/external_id"),
    ] {
        let answer = post(body).await;
        assert_eq!(answer.problem(422), "invalid_field", "{body}");
        assert_eq!(answer.pointer(), pointer);
    }
    assert_eq!(post(&"x".repeat(300 * 1024)).await.problem(413), "body_too_large");
    let text = app.request("POST", "/v1/calls").key("k").header("Content-Type", "text/plain").body("hello").send().await;
    assert_eq!(text.problem(415), "unsupported_media_type");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_address_method_or_parameter_is_told_so() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(app.get("/v1/nothing", "").await.problem(404), "no_such_route");
    assert_eq!(app.get("/v1/calls/not-an-id", &owner).await.problem(404), "not_found");
    let answer = app.ask("DELETE", "/v1/queue", &owner, json!({})).await;
    assert_eq!(answer.problem(405), "method_not_allowed");
    assert_eq!(answer.headers["allow"], "GET");
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "status=asleep",
        "as_of=x",
        "as_of=-1",
        "as_of=99999",
        "at_least=x",
        "tz=Mars&from=2026-01-01",
        "tz=Mars/Olympus",
        "q=%25",
        "q=_",
        "q=%22%27;--",
        "nonsense=1",
    ] {
        let answer = app.get(&format!("/v1/calls?{query}"), &owner).await;
        assert_eq!(answer.problem(400), "invalid_parameter", "{query}");
        assert_eq!(answer.pointer(), query.split('=').next().unwrap());
    }
    for (path, name) in [
        ("/v1/conversations?tz=Mars/Olympus", "tz"),
        ("/v1/orders?tz=Mars/Olympus", "tz"),
        ("/v1/audit/events?tz=Mars/Olympus", "tz"),
        ("/v1/ratings?tz=Mars/Olympus", "tz"),
        ("/v1/exports/calls?tz=Mars/Olympus", "tz"),
        ("/v1/orders?currency=EURO", "currency"),
        ("/v1/orders?currency=XXZ", "currency"),
        ("/v1/exports/orders?currency=EURO", "currency"),
        ("/v1/reports/facts?measure=call_created&currency=XXZ", "currency"),
        ("/v1/conversations?country=Spain", "country"),
        ("/v1/exports/conversations?country=XX", "country"),
        ("/v1/conversations?q=%25", "q"),
        ("/v1/exports/calls?q=%25", "q"),
        ("/v1/shoppers?q=_", "q"),
        ("/v1/reports/shoppers?search=--", "search"),
        ("/v1/exports/shoppers?search=--", "search"),
    ] {
        let answer = app.get(path, &owner).await;
        assert_eq!((answer.problem(400), answer.pointer()), ("invalid_parameter".into(), name.into()), "{path}");
    }
    // Nothing between two spaces asks for nothing, and codes are taken in either case.
    for path in ["/v1/calls?q=", "/v1/calls?q=+", "/v1/orders?currency=eur", "/v1/conversations?country=es"] {
        app.get(path, &owner).await.expect(200);
    }
    assert_eq!(app.get("/v1/calls?cursor=nonsense", &owner).await.problem(400), "invalid_cursor");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_speak_the_callers_language_and_types_can_be_opened() {
    let app = TestApp::start().await;
    let mut titles = Vec::new();
    for language in ["en", "es-MX", "pt-BR;q=0.9, fr", "ca"] {
        let answer = app.request("GET", "/nothing").header("Accept-Language", language).send().await;
        titles.push(answer.text("title"));
        let (_, kind) = answer.text("type").split_once("/problems/").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!(app.get(&format!("/problems/{kind}"), "").await.expect(200).text("code"), kind);
    }
    titles.dedup();
    assert_eq!(titles.len(), 4, "{titles:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shops_own_id_is_one_customers_whether_they_come_by_call_or_by_chat() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (shopper, _) = app.shopper(&owner, "marta").await;
    let from_the_shop = json!({"name": "Ana", "external_id": "4711"});
    let chat = app.ask("POST", "/v1/conversations", &owner, json!({"customer": from_the_shop})).await.expect(201);
    for (path, body) in [
        ("/v1/conversations", json!({"customer": from_the_shop})),
        ("/v1/calls", json!({"customer": from_the_shop, "shopper_id": shopper})),
    ] {
        assert_eq!(app.ask("POST", path, &owner, body).await.problem(409), "already_taken", "{path}");
    }
    let both = json!({"customer": from_the_shop, "customer_id": chat.text("customer_id")});
    assert_eq!(app.ask("POST", "/v1/conversations", &owner, both).await.pointer(), "/customer");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_the_module_is_told_which_one() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, shopper) = app.shopper(&owner, "marta").await;
    let answer = app.ask("PATCH", "/v1/account", &shopper, json!({"store_name": "Mine"})).await;
    assert_eq!((answer.problem(403), answer.text("module")), ("module_missing".into(), "settings".into()));
    let answer = app.get("/v1/ratings/summary", &shopper).await;
    assert_eq!((answer.problem(403), answer.text("module")), ("module_missing".into(), "analytics".into()));
    assert_eq!(app.ask("POST", "/v1/users", &shopper, json!({"email": "x@example.com", "name": "X"})).await.problem(403), "not_allowed");
    assert_eq!(app.get("/v1/queue", "").await.problem(401), "unauthenticated");
    assert_eq!(app.get("/v1/queue", "vts_nonsense").await.problem(401), "unauthenticated");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_look_alike_and_then_have_to_wait() {
    let app = TestApp::start_with(&[("VITRINA_SIGN_IN_FAILURES_MAX", "2")]).await;
    let refused = async |email: &str| {
        let answer = app.ask("POST", "/v1/sessions", "", json!({"email": email, "password": "wrong"})).await;
        (answer.status, answer.json()["detail"].clone(), answer.json()["code"].clone())
    };
    assert_eq!(refused("owner@example.com").await, refused("nobody@example.com").await);
    assert_eq!(refused("owner@example.com").await.0, 401);
    let answer = app.ask("POST", "/v1/sessions", "", json!({"email": " OWNER@example.com", "password": PASSWORD})).await;
    assert_eq!(answer.problem(429), "too_many_attempts");
    assert!(answer.headers["retry-after"].parse::<u32>().is_ok_and(|s| s <= 60));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_illegal_transition_is_told_state_and_version() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, shopper) = app.shopper(&owner, "marta").await;
    let visit = app.visit().await;
    let answer = app.ask("POST", &format!("/v1/calls/{}/start", visit.call), &shopper, json!({})).await;
    assert_eq!(answer.problem(409), "illegal_transition");
    assert_eq!((answer.text("current_state"), answer.number("version")), ("waiting".to_owned(), 2));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_refused() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = app.shopper(&owner, "marta").await;
    let again = json!({"name": "Other", "email": "MARTA@example.com"});
    let answer = app.ask("POST", "/v1/shoppers", &owner, again.clone()).await;
    assert_eq!((answer.problem(409), answer.pointer()), ("already_taken".to_owned(), "/email".to_owned()));
    app.ask("DELETE", &format!("/v1/shoppers/{id}"), &owner, json!({})).await.expect(200);
    app.ask("POST", "/v1/shoppers", &owner, again).await.expect(201);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_what_would_have_been_taken() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, shopper) = app.shopper(&owner, "marta").await;
    let visit = app.visit().await;
    for step in ["claim", "start", "end"] {
        app.ask("POST", &format!("/v1/calls/{}/{step}", visit.call), &shopper, json!({})).await.expect(200);
    }
    for (path, told) in [
        ("/v1/calls?limit=-1", "limit: a number from 1 to 200"),
        ("/v1/calls?limit=x", "limit: expected a whole number"),
        ("/v1/reports/times?answer_within_s=-1", "answer_within_s: a number of seconds from 0 to 86400"),
        ("/v1/calls?rated=perhaps", "rated: expected true or false"),
        ("/v1/calls?status=live&status=waiting", "status: given more than once; give it once"),
        ("/v1/exports/nope", "id: no table of that name, which are calls, conversations, orders, order_lines, ratings, shoppers"),
    ] {
        let detail = app.get(path, &owner).await.text("detail");
        assert!(detail.starts_with(told), "{path}: {detail}");
    }
    let order = json!({"order_id": "1", "currency": "EUR", "lines": [{"sku": "s", "quantity": 1, "unit_price": 1}], "total": 1});
    app.ask("POST", "/v1/orders", &owner, order.clone()).await.expect(201);
    let rating = format!("/v1/calls/{}/rating", visit.call);
    let dated = json!({"order_id": "2", "currency": "EUR", "lines": [], "total": 0, "placed_at": "2026-11-20"});
    for (path, body, told) in [
        ("/v1/orders", order, "/order_id: an order of your account has this id already"),
        ("/v1/orders", dated, "/placed_at: expected an instant as in 2026-03-29T09:00:00Z"),
        (&*rating, json!({"nps": -1}), "/nps: expected 0 to 10"),
        (&rating, json!({"csat": 300}), "/csat: expected 1 to 5"),
        (&rating, json!({}), "expected at least one of nps, face and csat"),
    ] {
        let token = if path == rating { &visit.token } else { &owner };
        let detail = app.ask("POST", path, token, body).await.text("detail");
        assert!(detail.starts_with(told), "{path}: {detail}");
    }
    // Whose file it is, the token alone opens nothing: it says where the address that does is got.
    let export = app.ask("POST", "/v1/exports", &owner, json!({"definition": "calls"})).await.expect(202).text("id");
    let without = app.get(&format!("/v1/exports/{export}/file"), &owner).await;
    assert_eq!((without.problem(404), without.pointer()), ("not_found".into(), "pass".into()));
    assert!(without.text("detail").contains("GET /v1/exports/{id}"), "{}", without.body);
    app.stop().await;
}
