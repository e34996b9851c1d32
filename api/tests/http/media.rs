//! A call's media, as far as no packet is needed: consent, links, tokens, the node that a call is pinned to, who could not join.

use crate::app::{Answer, PASSWORD, TestApp, Visit};
use serde_json::{Value, json};

/// No offer that could be answered: what is asked here is settled before.
const OFFER: &str = "v=0\r\n";

async fn join(app: &TestApp, call: &str, token: &str, offer: &str) -> Answer {
    let request = app.request("POST", &format!("/v1/calls/{call}/media")).bearer(token);
    request.header("Content-Type", "application/sdp").body(offer).send().await
}

/// A call that a shopper has claimed: the visit, and the shopper's token.
async fn claimed(app: &TestApp) -> (Visit, String) {
    let owner = app.owner().await;
    let (visit, (_, shopper)) = (app.visit().await, app.shopper(&owner, "marta").await);
    app.ask("POST", &format!("/v1/calls/{}/claim", visit.call), &shopper, json!({})).await.expect(200);
    (visit, shopper)
}

async fn media(app: &TestApp, visit: &Visit, token: &str, position: i64) -> Value {
    app.get(&format!("/v1/calls/{}/media?at_least={position}", visit.call), token).await.expect(200).json()
}

async fn history(app: &TestApp, visit: &Visit) -> Vec<String> {
    let owner = app.owner().await;
    let head = app.get("/health/ready", "").await.expect(200).number("head");
    let answer = app.get(&format!("/v1/calls/{}/history?at_least={head}&limit=200", visit.call), &owner).await.expect(200).json();
    let items = answer["items"].as_array().expect("a history has items").clone();
    items.iter().map(|item| item["type"].as_str().expect("an event has a type").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_connected_before_the_consent_that_the_shop_asks_for() {
    let app = TestApp::start().await;
    let (visit, shopper) = claimed(&app).await;
    let owner = app.owner().await;
    let terms = json!({"consent": {"mode": "required", "text_version": "7", "privacy_url": "https://shop.example/privacy", "texts": {"ca": "D'acord."}}});
    app.ask("PATCH", "/v1/account", &owner, terms).await.expect(200);
    let refused = join(&app, &visit.call, &visit.token, OFFER).await;
    assert_eq!(refused.problem(403), "consent_required");
    assert_ne!(join(&app, &visit.call, &shopper, OFFER).await.status, 403, "the house consents to nothing");

    let consent = format!("/v1/calls/{}/consent", visit.call);
    let head = app.get("/health/ready", "").await.expect(200).number("head");
    let asked = app.request("GET", &format!("{consent}?at_least={head}")).bearer(&visit.token).header("Accept-Language", "ca");
    let asked = asked.send().await.expect(200).json();
    assert_eq!((asked["is_required"].as_bool(), asked["text"].as_str()), (Some(true), Some("D'acord.")));
    let own_words = app.request("GET", &consent).bearer(&visit.token).header("Accept-Language", "es").send().await.expect(200).text("text");
    assert!(own_words.contains("Acepto"), "{own_words}");

    let given = |version: &str| json!({"text_version": version, "locale": "ca"});
    assert_eq!(app.ask("POST", &consent, &shopper, given("7")).await.problem(403), "not_allowed");
    app.ask("POST", &consent, &visit.token, given("6")).await.expect(200);
    assert_eq!(join(&app, &visit.call, &visit.token, OFFER).await.problem(403), "consent_required", "an older text");
    app.ask("POST", &consent, &visit.token, given("7")).await.expect(200);
    assert_ne!(join(&app, &visit.call, &visit.token, OFFER).await.status, 403);
    assert_eq!(history(&app, &visit).await.iter().filter(|event| *event == "consent.given").count(), 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_its_call_until_the_call_is_over_and_then_the_rating_only() {
    let app = TestApp::start().await;
    let (visit, shopper) = claimed(&app).await;
    let link = app.get(&format!("/v1/calls/{}/link?at_least={}", visit.call, visit.position), &visit.token).await.expect(200).text("url");
    let (page, token) = link.split_once("#token=").expect("a link has a token in its fragment");
    assert!(page.ends_with(&format!("/call/{}", visit.call)));
    let call = format!("/v1/calls/{}", visit.call);
    let messages = format!("/v1/conversations/{}/messages", visit.conversation);
    app.get(&call, token).await.expect(200);
    app.ask("POST", &messages, token, json!({"body": "It is me."})).await.expect(201);
    assert_eq!(app.get("/v1/queue", token).await.status, 403);

    app.ask("POST", &format!("{call}/start"), &shopper, json!({})).await.expect(200);
    let end = app.ask("POST", &format!("{call}/end"), &shopper, json!({})).await.expect(200).number("position");
    app.get(&format!("{call}?at_least={end}"), token).await.expect(200);
    assert_eq!(app.get(&messages, token).await.problem(401), "unauthenticated");
    assert_eq!(app.get(&format!("{call}/media/ice"), token).await.problem(401), "unauthenticated");
    assert_eq!(app.get(&format!("{call}/link"), &shopper).await.problem(409), "illegal_transition");
    app.get(&messages, &visit.token).await.expect(200);
    app.ask("POST", &format!("{call}/survey"), token, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/rating"), token, json!({"nps": 9})).await.expect(201);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_media_token_opens_the_media_of_one_call_on_one_side_and_nothing_else() {
    let app = TestApp::start().await;
    let (visit, shopper) = claimed(&app).await;
    let other = app.visit().await;
    let tokens = format!("/v1/calls/{}/media/tokens", visit.call);
    assert_eq!(app.ask("POST", &tokens, &visit.token, json!({"role": "shopper"})).await.problem(403), "not_allowed");
    let made = app.ask("POST", &tokens, &shopper, json!({"role": "shopper"})).await.expect(201);
    let (token, role) = (made.text("token"), made.text("role"));
    assert_eq!(role, "shopper");
    assert_ne!(join(&app, &visit.call, &token, OFFER).await.status, 403);
    assert_eq!(join(&app, &other.call, &token, OFFER).await.problem(404), "not_found");
    assert_eq!(app.get(&format!("/v1/calls/{}", visit.call), &token).await.problem(403), "not_allowed");
    assert_eq!(app.ask("POST", &format!("/v1/calls/{}/end", visit.call), &token, json!({})).await.problem(403), "not_allowed");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_could_not_join_is_in_the_record_with_the_reason() {
    let app = TestApp::start().await;
    let (visit, shopper) = claimed(&app).await;
    let failures = format!("/v1/calls/{}/media/failures", visit.call);
    let denied = json!({"reason": "permission_denied", "detail": "NotAllowedError: Permission denied"});
    let position = app.ask("POST", &failures, &visit.token, denied).await.expect(200).number("position");
    let told = media(&app, &visit, &shopper, position).await;
    let failed = &told["participants"][0];
    assert_eq!((failed["reason"].as_str(), failed["kind"].as_str()), (Some("permission_denied"), Some("customer")));
    assert_eq!((failed["joined_at"].as_str(), failed["detail"].as_str()), (None, Some("NotAllowedError")));
    assert_eq!(told["live_seconds"], 0);
    assert!(history(&app, &visit).await.contains(&"media.join_failed".to_owned()));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_stays_with_its_node_and_whoever_asks_another_one_is_sent_there() {
    let one = [("VITRINA_MEDIA_NODE_URL", "https://one.shop.example")];
    let app = TestApp::start_with(&one).await;
    let (visit, shopper) = claimed(&app).await;
    join(&app, &visit.call, &visit.token, OFFER).await;
    let opened = history(&app, &visit).await;
    assert_eq!(opened.iter().filter(|event| *event == "media.session_opened").count(), 1);
    // What is open when a node stops is closed by it.
    let app = app.restart_with(&[("VITRINA_MEDIA_NODE_URL", "https://two.shop.example")]).await;
    assert!(history(&app, &visit).await.contains(&"media.session_closed".to_owned()));
    join(&app, &visit.call, &shopper, OFFER).await;
    let head = app.get("/health/ready", "").await.expect(200).number("head");
    let sessions = media(&app, &visit, &shopper, head).await["sessions"].clone();
    let of = |index: usize| (sessions[index]["node_url"].clone(), sessions[index]["reason"].clone());
    assert_eq!(of(0), (json!("https://one.shop.example"), json!("server_shutdown")));
    assert_eq!(of(1).0, json!("https://two.shop.example"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_media_says_so_and_serves_all_the_rest() {
    let app = TestApp::start_with(&[("VITRINA_MEDIA_LISTEN", "")]).await;
    let (visit, _) = claimed(&app).await;
    assert_eq!(join(&app, &visit.call, &visit.token, OFFER).await.problem(503), "media_unavailable");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn turn_servers_are_told_with_credentials_that_end() {
    let options = [("VITRINA_MEDIA_TURN_URLS", "turn:turn.shop.example:3478"), ("VITRINA_MEDIA_TURN_SECRET", PASSWORD)];
    let app = TestApp::start_with(&options).await;
    let visit = app.visit().await;
    let path = format!("/v1/calls/{}/media/ice", visit.call);
    let head = app.get("/health/ready", "").await.expect(200).number("head");
    app.get(&format!("/v1/calls/{}?at_least={head}", visit.call), &visit.token).await.expect(200);
    let told = app.get(&path, &visit.token).await.expect(200).json();
    let server = &told["iceServers"][0];
    assert_eq!(server["urls"], json!(["turn:turn.shop.example:3478"]));
    assert!(server["username"].as_str().is_some_and(|name| name.contains(&visit.call)) && server["credential"].is_string());
    app.stop().await;
}

/// An offer of somebody with a microphone.
fn offer() -> String {
    let fingerprint = vec!["AB"; 32].join(":");
    let lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        &format!("a=fingerprint:sha-256 {fingerprint}"),
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "",
    ];
    lines.join("\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presence_is_looked_at_by_whose_it_is_and_a_second_offer_that_is_none_does_not_end_it() {
    let app = TestApp::start().await;
    let (visit, shopper) = claimed(&app).await;
    let made = join(&app, &visit.call, &shopper, &offer()).await.expect(201);
    let presence = made.headers["location"].clone();
    app.get(&presence, &shopper).await.expect(200);
    assert_eq!(app.get(&presence, &visit.token).await.problem(404), "not_found");
    assert_eq!(app.get(&presence, &app.owner().await).await.problem(404), "not_found");
    let again = format!("/v1/calls/{}/media?participant={}", visit.call, presence.rsplit('/').next().expect("an id"));
    let request = app.request("POST", &again).bearer(&shopper).header("Content-Type", "application/sdp");
    assert_eq!(request.body(OFFER).send().await.problem(422), "offer_unacceptable");
    app.get(&presence, &shopper).await.expect(200);
    assert!(!history(&app, &visit).await.contains(&"media.join_failed".to_owned()));
    app.stop().await;
}
