//! Roles, API keys, sessions and the audit of them.

use crate::app::{PASSWORD, TestApp};
use serde_json::{Value, json};

/// A user without any module, and a token of theirs.
async fn hire(app: &TestApp, owner: &str, email: &str) -> (String, String) {
    let body = json!({"email": email, "name": "Pau", "password": PASSWORD});
    let id = app.ask("POST", "/v1/users", owner, body).await.expect(201).text("id");
    (id, app.sign_in(email, PASSWORD).await)
}

async fn role(app: &TestApp, owner: &str, name: &str, modules: &[&str]) -> String {
    app.ask("POST", "/v1/roles", owner, json!({"name": name, "modules": modules})).await.expect(201).text("id")
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_add_up_and_count_at_once_for_open_sessions() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (pau, token) = hire(&app, &owner, "pau@example.com").await;
    let (floor, desk) = (role(&app, &owner, "Floor", &["calls"]).await, role(&app, &owner, "Desk", &["analytics"]).await);
    assert_eq!(app.get("/v1/queue", &token).await.problem(403), "module_missing");
    app.ask("PUT", &format!("/v1/users/{pau}/roles"), &owner, json!({"roles": [floor, desk]})).await.expect(200);
    app.get("/v1/queue", &token).await.expect(200);
    app.get("/v1/ratings", &token).await.expect(200);
    assert_eq!(app.get("/v1/audit", &token).await.text("module"), "settings");

    app.ask("PATCH", &format!("/v1/roles/{floor}"), &owner, json!({"modules": ["settings"]})).await.expect(200);
    assert_eq!(app.get("/v1/queue", &token).await.problem(403), "module_missing");
    app.get("/v1/roles", &token).await.expect(200);
    let seen = app.get(&format!("/v1/users/{pau}"), &token).await.expect(200).json();
    assert_eq!((&seen["modules"], &seen["direct_modules"]), (&json!(["analytics", "settings"]), &json!([])));
    let listed = app.get("/v1/users", &token).await.expect(200).json();
    let names = |user: &Value| user["roles"].as_array().unwrap().iter().map(|role| role["name"].clone()).collect::<Vec<_>>();
    assert!(listed["items"].as_array().unwrap().iter().any(|user| user["id"] == *pau && names(user) == ["Floor", "Desk"]), "{listed}");

    app.ask("DELETE", &format!("/v1/roles/{floor}"), &owner, json!({})).await.expect(200);
    assert_eq!(app.get("/v1/roles", &token).await.problem(403), "module_missing");
    app.ask("PUT", &format!("/v1/users/{pau}/roles"), &owner, json!({"roles": []})).await.expect(200);
    assert_eq!(app.get("/v1/ratings", &token).await.problem(403), "module_missing");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roles_name_is_unique_and_free_again_after_it() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let floor = role(&app, &owner, "Floor", &["calls"]).await;
    let again = json!({"name": " floor ", "modules": []});
    let answer = app.ask("POST", "/v1/roles", &owner, again.clone()).await;
    assert_eq!((answer.problem(409), answer.pointer()), ("already_taken".into(), "/name".into()));
    app.ask("PATCH", &format!("/v1/roles/{floor}"), &owner, json!({"name": "Shop floor"})).await.expect(200);
    let second = app.ask("POST", "/v1/roles", &owner, again.clone()).await.expect(201).text("id");
    let answer = app.ask("PATCH", &format!("/v1/roles/{floor}"), &owner, json!({"name": "FLOOR"})).await;
    assert_eq!(answer.problem(409), "already_taken");
    app.ask("DELETE", &format!("/v1/roles/{second}"), &owner, json!({})).await.expect(200);
    app.ask("POST", "/v1/roles", &owner, again).await.expect(201);

    let (pau, _) = hire(&app, &owner, "pau@example.com").await;
    let answer = app.ask("PUT", &format!("/v1/users/{pau}/roles"), &owner, json!({"roles": [second]})).await;
    assert_eq!((answer.problem(422), answer.pointer()), ("invalid_field".into(), "/roles/0".into()));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_does_what_its_scopes_say_until_it_is_revoked() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let make = |scopes: Value| json!({"name": "Till", "scopes": scopes});
    let request = || app.request("POST", "/v1/api-keys").bearer(&owner).key("till").json(&make(json!(["calls:read"])));
    let made = request().send().await.expect(201);
    assert_eq!(request().send().await.expect(201).body, made.body, "a repetition shows the same secret");
    let (id, secret) = (made.text("id"), made.text("secret"));
    assert!(secret.starts_with("vk_"));
    app.get("/v1/queue", &secret).await.expect(200);
    let refused = app.ask("POST", "/v1/calls", &secret, json!({})).await;
    assert_eq!((refused.problem(403), refused.text("scope")), ("scope_missing".into(), "calls:write".into()));
    assert_eq!(app.get("/v1/ratings", &secret).await.text("scope"), "analytics:read");
    assert_eq!(app.get("/v1/sessions/current", &secret).await.problem(403), "not_allowed");
    assert_eq!(app.ask("POST", "/v1/api-keys", &secret, make(json!(["calls:write"]))).await.problem(403), "not_allowed");
    let shown = app.get(&format!("/v1/api-keys/{id}"), &owner).await.expect(200);
    assert!(!shown.body.contains(&secret) && secret.starts_with(&shown.text("hint")), "{}", shown.body);

    app.ask("DELETE", &format!("/v1/api-keys/{id}"), &owner, json!({})).await.expect(200);
    assert_eq!(app.get("/v1/queue", &secret).await.problem(401), "unauthenticated");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_does_is_done_in_its_name() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let made = app.ask("POST", "/v1/api-keys", &owner, json!({"name": "Shop", "scopes": ["settings:write"]})).await.expect(201);
    let changed = app.ask("PATCH", "/v1/account", &made.text("secret"), json!({"store_name": "Botiga"})).await.expect(200);
    let audit = app.get(&format!("/v1/audit?at_least={}", changed.number("position")), &owner).await.expect(200).json();
    assert_eq!(audit["items"][0]["actor"], json!({"kind": "api_key", "id": made.text("id")}));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_one_by_one_or_all_but_this() {
    let app = TestApp::start().await;
    let (one, two, three) = (app.owner().await, app.owner().await, app.owner().await);
    let listed = app.get("/v1/sessions", &one).await.expect(200).json();
    let sessions = listed["items"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|session| session["is_current"] == true).count(), 1);
    let second = app.get("/v1/sessions/current", &two).await.expect(200).text("id");
    app.ask("DELETE", &format!("/v1/sessions/{second}"), &one, json!({})).await.expect(200);
    assert_eq!(app.get("/v1/sessions", &two).await.problem(401), "unauthenticated");
    app.ask("DELETE", "/v1/sessions", &one, json!({})).await.expect(200);
    assert_eq!(app.get("/v1/sessions", &three).await.problem(401), "unauthenticated");

    let (pau, token) = hire(&app, &one, "pau@example.com").await;
    let first = app.get("/v1/sessions/current", &one).await.expect(200).text("id");
    let answer = app.ask("DELETE", &format!("/v1/sessions/{first}"), &token, json!({})).await;
    assert_eq!(answer.problem(404), "not_found", "somebody else's session does not exist for staff");
    app.get(&format!("/v1/users/{pau}/sessions"), &token).await.expect(200);
    app.ask("DELETE", &format!("/v1/users/{pau}/sessions"), &one, json!({})).await.expect(200);
    assert_eq!(app.get("/v1/sessions", &token).await.problem(401), "unauthenticated");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_tells_all_of_it_newest_first_and_no_secret() {
    let app = TestApp::start_with(&[("VITRINA_SIGN_IN_FAILURES_MAX", "3")]).await;
    let owner = app.owner().await;
    let (pau, _) = hire(&app, &owner, "pau@example.com").await;
    let floor = role(&app, &owner, "Floor", &["calls"]).await;
    app.ask("PUT", &format!("/v1/users/{pau}/roles"), &owner, json!({"roles": [floor]})).await.expect(200);
    for _ in 0..5 {
        app.ask("POST", "/v1/sessions", "", json!({"email": "pau@example.com", "password": "wrong"})).await;
    }
    let seen = async || {
        let audit = app.get("/v1/audit?limit=100", &owner).await.expect(200);
        let kinds =
            |audit: &Value| audit["items"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        (kinds(&audit.json()), audit.body)
    };
    // Failures are written down beside the answer, so they come a moment later.
    let mut audit = seen().await;
    for _ in 0..200 {
        if audit.0.contains(&"user.locked_out".to_owned()) {
            break;
        }
        tokio::task::yield_now().await;
        audit = seen().await;
    }
    let (kinds, body) = audit;
    let expected = [
        "user.locked_out",
        "user.sign_in_failed",
        "role.assigned",
        "role.created",
        "session.opened",
        "user.password_set",
        "user.created",
        "session.opened",
        "user.password_set",
        "user.created",
        "account.created",
    ];
    assert_eq!(kinds, expected, "five failures are two events, and there is nothing else");
    assert!(!body.contains("hash") && !body.contains("pau@example.com"), "{body}");
    let answer = app.ask("POST", "/v1/sessions", "", json!({"email": "pau@example.com", "password": PASSWORD})).await;
    assert_eq!(answer.problem(429), "too_many_attempts");
    assert!(app.get(&format!("/v1/users/{pau}"), &owner).await.expect(200).json()["locked_until"].is_string());

    let first = app.get("/v1/audit?limit=4", &owner).await.expect(200).json();
    let next = format!("/v1/audit?limit=4&cursor={}", first["next"].as_str().unwrap());
    assert_eq!(app.get(&next, &owner).await.expect(200).json()["items"][0]["type"], expected[4]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_address_is_in_the_audit_without_the_address() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (ana, _) = app.shopper(&owner, "ana").await;
    let changed = app.ask("PATCH", &format!("/v1/shoppers/{ana}"), &owner, json!({"email": "ana.ruiz@example.com"})).await;
    let position = changed.expect(200).number("position");
    let audit = app.get(&format!("/v1/audit?limit=1&at_least={position}"), &owner).await.expect(200);
    let newest = &audit.json()["items"][0];
    assert_eq!((&newest["type"], &newest["subject"]), (&json!("user.email_changed"), &json!({"kind": "user", "id": ana})));
    assert_eq!(newest["actor"]["kind"], "user");
    assert!(!audit.body.contains("ana.ruiz"), "{}", audit.body);
    app.stop().await;
}
