//! Every route of the description, with every kind of caller: who is let in is what the route declares, nobody gets a 5xx,
//! and what belongs to others does not exist.

use crate::app::{Answer, PASSWORD, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// More than a walk sends.
const NO_LIMIT: [(&str, &str); 2] =
    [("VITRINA_RATE_LIMIT_CALLER_PER_MINUTE", "1000000000"), ("VITRINA_RATE_LIMIT_ADDRESS_PER_MINUTE", "1000000000")];

/// An id that was never given out.
const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// One operation of the description.
struct Route {
    method: &'static str,
    path: String,
    rights: BTreeSet<String>,
}

/// Somebody who calls, and what they are in the words of `x-right`.
struct Caller {
    name: String,
    token: String,
    is: BTreeSet<String>,
    /// Their own id, for `self`.
    id: String,
}

impl Caller {
    fn new(name: &str, token: &str, is: &[&str], id: &str) -> Self {
        Self { name: name.into(), token: token.into(), is: is.iter().map(|one| (*one).to_owned()).collect(), id: id.into() }
    }

    fn may(&self, route: &Route, path: &str) -> bool {
        let is_self = route.rights.contains("self") && !self.id.is_empty() && path.contains(&self.id);
        is_self || !route.rights.is_disjoint(&self.is)
    }
}

/// The ids of one shop.
struct Ids {
    call: String,
    conversation: String,
    customer: String,
    shopper: String,
    user: String,
    role: String,
    key: String,
    session: String,
}

impl Ids {
    /// The path with ids of the kind that each resource has.
    fn fill(&self, path: &str) -> String {
        let id = match path.split('/').nth(2).unwrap_or_default() {
            "calls" => &self.call,
            "conversations" => &self.conversation,
            "customers" => &self.customer,
            "shoppers" => &self.shopper,
            "users" => &self.user,
            "roles" => &self.role,
            "api-keys" => &self.key,
            "sessions" => &self.session,
            _ => UNKNOWN,
        };
        path.replace("{id}", id)
            .replace("{participant}", UNKNOWN)
            .replace("{code}", "not_found")
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    }
}

async fn routes(app: &TestApp) -> Vec<Route> {
    let document = app.get("/openapi.json", "").await.expect(200).json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("a description has paths") {
        for method in METHODS {
            let Some(operation) = item.get(method.to_lowercase()) else { continue };
            let rights = operation["x-right"]
                .as_array()
                .expect("every operation has x-right")
                .iter()
                .map(|right| right.as_str().expect("rights are names").to_owned())
                .collect();
            routes.push(Route { method, path: path.clone(), rights });
        }
    }
    routes
}

/// Asks for something that cannot be done: no version is that high. So a walk changes nothing.
async fn try_it(app: &TestApp, route: &Route, path: &str, token: &str) -> Answer {
    let request = app.request(route.method, path).bearer(token);
    if route.method == "GET" {
        return request.send().await;
    }
    request.header("If-Match", "\"999999\"").key("walk").json(&json!({})).send().await
}

async fn user(app: &TestApp, owner: &str, name: &str, modules: &[&str]) -> (String, String) {
    let email = format!("{name}@example.com");
    let body = json!({"email": email, "name": name, "password": PASSWORD, "modules": modules});
    let id = app.ask("POST", "/v1/users", owner, body).await.expect(201).text("id");
    (id, app.sign_in(&email, PASSWORD).await)
}

async fn key(app: &TestApp, owner: &str, scope: &str, expires_at: Value) -> Answer {
    app.ask("POST", "/v1/api-keys", owner, json!({"name": scope, "scopes": [scope], "expires_at": expires_at})).await.expect(201)
}

struct Shop {
    ids: Ids,
    callers: Vec<Caller>,
    other_customer: String,
    strangers: Vec<(String, String)>,
}

async fn shop(app: &TestApp) -> Shop {
    let owner = app.owner().await;
    let session = app.get("/v1/sessions/current", &owner).await.expect(200).json();
    let expires_at = chrono::Utc::now() + chrono::TimeDelta::seconds(1);
    let expired = key(app, &owner, "calls:read", json!(expires_at)).await.text("secret");
    let (shopper, shopper_token) = app.shopper(&owner, "marta").await;
    let (mine, other) = (app.visit().await, app.visit().await);
    let role = app.ask("POST", "/v1/roles", &owner, json!({"name": "Floor", "modules": ["calls"]})).await.expect(201).text("id");
    let all = ["staff", "owner", "calls", "analytics", "settings"];
    let mut callers = vec![
        Caller::new("nobody", "", &["public"], ""),
        Caller::new("the customer", &mine.token, &["customer"], ""),
        Caller::new("the shopper", &shopper_token, &["staff", "calls"], &shopper),
        Caller::new("the owner", &owner, &all, session["user_id"].as_str().expect("a session has a user")),
    ];
    let pass = app.ask("POST", &format!("/v1/calls/{}/media/tokens", mine.call), &mine.token, json!({"role": "customer"})).await;
    callers.push(Caller::new("a guest of the call", &pass.expect(201).text("token"), &["media"], ""));
    let mut of_users = String::new();
    for module in ["calls", "analytics", "settings"] {
        let (id, token) = user(app, &owner, module, &[module]).await;
        callers.push(Caller::new(&format!("staff with {module}"), &token, &["staff", module], &id));
        of_users = id;
    }
    let mut of_keys = String::new();
    for scope in ["calls:read", "calls:write", "analytics:read", "analytics:write", "settings:read", "settings:write"] {
        let made = key(app, &owner, scope, Value::Null).await;
        callers.push(Caller::new(&format!("a key with {scope}"), &made.text("secret"), &[scope], ""));
        of_keys = made.text("id");
    }
    let revoked_key = key(app, &owner, "calls:read", Value::Null).await;
    app.ask("DELETE", &format!("/v1/api-keys/{}", revoked_key.text("id")), &owner, json!({})).await.expect(200);
    let ended = app.owner().await;
    app.ask("DELETE", "/v1/sessions/current", &ended, json!({})).await.expect(200);
    // The bound is that of a test which hangs; the key ends a second after it was made.
    while app.get("/v1/queue", &expired).await.status == 200 {
        tokio::task::yield_now().await;
    }
    let ids = Ids {
        call: mine.call,
        conversation: mine.conversation,
        customer: mine.customer,
        shopper,
        user: of_users,
        role,
        key: of_keys,
        session: session["id"].as_str().expect("a session has an id").to_owned(),
    };
    let strangers = vec![
        ("an ended session".to_owned(), ended),
        ("a revoked key".to_owned(), revoked_key.text("secret")),
        ("an expired key".to_owned(), expired),
        ("nonsense".to_owned(), "vts_nonsense".to_owned()),
    ];
    Shop { ids, callers, other_customer: other.token, strangers }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_in_whom_it_declares_and_nobody_else() {
    let app = TestApp::start_with(&NO_LIMIT).await;
    let (routes, shop) = (routes(&app).await, shop(&app).await);
    assert!(routes.len() > 80, "{}", routes.len());
    let mut refused = 0;
    for route in &routes {
        let path = shop.ids.fill(&route.path);
        for caller in &shop.callers {
            let answer = try_it(&app, route, &path, &caller.token).await;
            let what = format!("{} by {}: {} {}", route.method, caller.name, path, answer.body);
            assert!(answer.status < 500, "{what}");
            let code = if answer.status >= 400 { answer.text("code") } else { String::new() };
            let is_public = route.rights.len() == 1 && route.rights.contains("public");
            if is_public || caller.may(route, &path) {
                assert!(!["unauthenticated", "module_missing", "scope_missing"].contains(&code.as_str()), "{what}");
                continue;
            }
            refused += 1;
            assert_eq!(answer.status, if caller.token.is_empty() { 401 } else { 403 }, "{what}");
            if let Some(missing) = answer.json().get("module").or(answer.json().get("scope")) {
                assert!(route.rights.contains(missing.as_str().unwrap()), "{what}");
                assert!(answer.text("detail").contains("ask the owner"), "{what}");
            }
        }
        for (name, token) in shop.strangers.iter().filter(|_| !route.rights.contains("public")) {
            let answer = try_it(&app, route, &path, token).await;
            assert_eq!(answer.problem(401), "unauthenticated", "{name} {} {path}", route.method);
        }
    }
    assert!(refused > 500, "{refused}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_others_does_not_exist() {
    let app = TestApp::start_with(&NO_LIMIT).await;
    let (routes, shop) = (routes(&app).await, shop(&app).await);
    let operator = app.operator();
    let body = json!({"store_name": "Next door", "email": "neighbour@example.com", "password": PASSWORD});
    let next_door = app.ask("POST", "/v1/accounts", &operator, body).await.expect(201).text("id");
    let sign_in = json!({"email": "neighbour@example.com", "password": PASSWORD, "account_id": next_door});
    let neighbour = app.ask("POST", "/v1/sessions", "", sign_in).await.expect(201).text("token");
    let owner = &shop.callers[3].token;
    let head = async || app.get("/health/ready", "").await.expect(200).number("head");
    let before = (app.get("/v1/audit?limit=1", owner).await.json()["items"].clone(), head().await);
    let mut hidden = 0;
    for route in routes.iter().filter(|route| route.path.contains("{id}")) {
        let path = shop.ids.fill(&route.path);
        let is_customers = route.rights.contains("customer");
        let is_staffs = route.rights.iter().any(|right| !["customer", "media"].contains(&right.as_str()));
        for (name, token, is_admitted) in
            [("the owner next door", &neighbour, is_staffs), ("another customer", &shop.other_customer, is_customers)]
        {
            if !is_admitted {
                continue;
            }
            let ask = async |path: &str| {
                let request = app.request(route.method, path).bearer(token);
                if route.method == "GET" { request.send().await } else { request.key("walk").json(&body_for(&route.path)).send().await }
            };
            let (answer, of_unknown) = (
                ask(&path).await,
                ask(&route.path.replace("{id}", UNKNOWN).replace("{participant}", UNKNOWN).replace(['{', '}'], "")).await,
            );
            let what = format!("{} by {name}: {path} {}", route.method, answer.body);
            // Theirs and one that was never given out are told apart by nothing.
            let said = |answer: &Answer| (answer.status, answer.text("code"), answer.text("detail"));
            assert_eq!(said(&answer), said(&of_unknown), "{what}");
            match answer.status {
                404 => hidden += 1,
                // Refused before anything was looked at.
                415 | 422 if route.method != "GET" => {}
                _ => panic!("{what}"),
            }
        }
    }
    assert!(hidden > 50, "{hidden}");
    let after = (app.get("/v1/audit?limit=1", owner).await.json()["items"].clone(), head().await);
    assert_eq!(before, after, "nothing has happened");
    app.stop().await;
}

/// A body that would be good for one's own.
fn body_for(path: &str) -> Value {
    match path.rsplit('/').next().unwrap_or_default() {
        "messages" => json!({"body": "let me in"}),
        "password" => json!({"password": PASSWORD}),
        "roles" => json!({"roles": []}),
        "note" => json!({"text": "x"}),
        "tags" => json!({"tag": "x"}),
        "status" if path.starts_with("/v1/shoppers") => json!({"status": "available"}),
        "status" => json!({"status": "need_help"}),
        "expertise" => json!({"expertise": []}),
        "collections" => json!({"collections": []}),
        "products" => json!({"sku": "x", "name": "x"}),
        "items" => json!({"cart_id": "x", "sku": "x", "name": "x", "quantity": 1, "unit_price": {"amount": 1, "currency": "EUR"}}),
        "{sku}" => json!({"quantity": 1}),
        "rating" => json!({"nps": 9}),
        "ratings" => json!({"public": true}),
        "consent" => json!({"text_version": "1", "locale": "es"}),
        "failures" => json!({"reason": "permission_denied"}),
        "tokens" => json!({"role": "shopper"}),
        "{track}" => json!({"state": "on"}),
        "invite" | "transfer" => json!({"shopper_id": UNKNOWN}),
        _ if path.starts_with("/v1/users/") => json!({"modules": []}),
        _ => json!({}),
    }
}
