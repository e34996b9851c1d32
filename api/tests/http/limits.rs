//! How often one may call, and from where.

use crate::app::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_is_left_and_one_too_many_is_refused_with_the_policy() {
    let app = TestApp::start_with(&[("VITRINA_RATE_LIMIT_CALLER_PER_MINUTE", "3")]).await;
    let owner = app.owner().await;
    let first = app.get("/v1/account", &owner).await.expect(200);
    assert_eq!(first.headers["ratelimit-policy"], "\"default\";q=3;w=60");
    assert_eq!(first.headers["ratelimit"], "\"default\";r=2;t=20");
    let refused = app.get("/v1/ratings?limit=x", &owner).await;
    assert_eq!((refused.problem(400), refused.headers["ratelimit"].as_str()), ("invalid_parameter".into(), "\"default\";r=1;t=40"));
    app.get("/v1/account", &owner).await.expect(200);
    let over = app.get("/v1/account", &owner).await;
    assert_eq!(over.problem(429), "quota_exceeded");
    assert_eq!(over.json()["violated-policies"], json!(["default"]));
    assert!(over.text("type").ends_with("#quota-exceeded"));
    let wait: u64 = over.headers["retry-after"].parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(over.headers["ratelimit"], format!("\"default\";r=0;t={wait}"));
    // Others have a quota of their own, and probes none.
    app.visit().await;
    assert!(!app.get("/health/live", "").await.expect(200).headers.contains_key("ratelimit"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_paid_for_by_the_address_they_come_from() {
    let app =
        TestApp::start_with(&[("VITRINA_RATE_LIMIT_ADDRESS_PER_MINUTE", "2"), ("VITRINA_CLIENT_ADDRESS_HEADER", "X-Forwarded-For")]).await;
    let guess = async |from: &str| app.request("GET", "/v1/account").bearer("vts_guess").header("X-Forwarded-For", from).send().await;
    for _ in 0..2 {
        assert_eq!(guess("made up, 10.0.0.1").await.problem(401), "unauthenticated");
    }
    let over = guess("another, 10.0.0.1").await;
    assert_eq!((over.problem(429), &over.json()["violated-policies"]), ("quota_exceeded".into(), &json!(["address"])));
    assert_eq!(guess("10.0.0.2").await.problem(401), "unauthenticated");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_of_named_sites_may_read_answers_and_the_headers_they_need() {
    let app = TestApp::start_with(&[("VITRINA_CORS_ORIGINS", "https://shop.example, https://other.example")]).await;
    let from = async |origin: &str| app.request("GET", "/v1/account").header("Origin", origin).send().await;
    let answer = from("https://shop.example").await;
    assert_eq!((answer.status, answer.headers["access-control-allow-origin"].as_str()), (401, "https://shop.example"));
    let exposed = answer.headers["access-control-expose-headers"].to_lowercase();
    for name in ["etag", "link", "ratelimit", "ratelimit-policy", "vitrina-position", "idempotency-replayed"] {
        assert!(exposed.split(',').any(|one| one.trim() == name), "{name}: {exposed}");
    }
    assert!(!from("https://evil.example").await.headers.contains_key("access-control-allow-origin"));
    let preflight = app
        .request("OPTIONS", "/v1/calls")
        .header("Origin", "https://shop.example")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,idempotency-key,content-type")
        .send()
        .await;
    assert_eq!(preflight.status, 200, "{}", preflight.body);
    app.stop().await;

    let closed = TestApp::start().await;
    let answer = closed.request("GET", "/v1/account").header("Origin", "https://shop.example").send().await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    closed.stop().await;
}
