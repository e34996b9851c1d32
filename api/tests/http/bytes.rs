//! Whatever bytes come in from outside, the answer is a refusal that says what is wrong, never a fault of ours.

use crate::app::TestApp;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

/// Requests of each kind. Each costs a connection.
const REQUESTS: usize = 150;

/// Addresses that read a body, a query or an id.
const PATHS: [(&str, &str); 15] = [
    ("POST", "/v1/calls"),
    ("POST", "/v1/conversations"),
    ("POST", "/v1/sessions"),
    ("POST", "/v1/shoppers"),
    ("PATCH", "/v1/account"),
    ("POST", "/v1/queue/next"),
    ("GET", "/v1/calls"),
    ("GET", "/v1/conversations"),
    ("GET", "/v1/ratings"),
    ("GET", "/v1/ratings/summary"),
    ("GET", "/v1/reports/overview"),
    ("GET", "/v1/reports/activity"),
    ("GET", "/v1/reports/facts"),
    ("GET", "/v1/events"),
    ("GET", "/v1/queue"),
];

/// One request whose parts are anything that HTTP lets through.
#[derive(Debug, Clone)]
struct Wild {
    path: usize,
    query: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

fn wild() -> impl Strategy<Value = Wild> {
    let name = prop_oneof![
        Just("Idempotency-Key"),
        Just("If-Match"),
        Just("Accept-Language"),
        Just("Last-Event-ID"),
        Just("Range"),
        Just("Origin"),
        Just("X-Request-Id"),
        Just("Accept-Encoding"),
    ];
    let value = prop_oneof!["[ -~]{0,60}", "\"[ -~]{0,20}\"", "[0-9]{1,25}"];
    let query = prop_oneof![
        "[!-~&&[^#]]{0,40}".prop_map(|text| text.replace(' ', "+")),
        "(limit|cursor|at_least|as_of|from|to|tz|status|topic|key|after|measure|by|compare|environment|detail|device|currency|value|nobody)=[A-Za-z0-9%:.+-]{0,30}",
    ];
    let members = prop_oneof!["customer|product|email|password|name|routing|language|priority|schedule", "[a-z_]{1,10}"];
    let json = (members, any::<Option<i64>>(), "[^\\x00-\\x1f]{0,20}").prop_map(|(name, number, text)| match number {
        Some(number) => serde_json::json!({ name: number }).to_string(),
        None => serde_json::json!({ name: { "name": text, "zone": text }, "email": text, "password": text }).to_string(),
    });
    let body = prop_oneof![json, "[ -~]{0,80}", Just("{".repeat(200)), Just("[".repeat(5_000)), Just("null".to_owned())];
    (0..PATHS.len(), query, proptest::collection::vec((name, value), 0..3), body).prop_map(|(path, query, headers, body)| Wild {
        path,
        query,
        headers,
        body,
    })
}

#[actix_web::test]
async fn no_bytes_from_outside_are_a_fault_of_ours() {
    let app = TestApp::start_with(&[("VITRINA_READ_WAIT_MS_MAX", "1000")]).await;
    let owner = app.owner().await;
    let mut runner = TestRunner::deterministic();
    for number in 0..REQUESTS {
        let wild = wild().new_tree(&mut runner).expect("nothing is filtered out").current();
        let (method, path) = PATHS[wild.path];
        // An event stream that is accepted has no end.
        let token = if path == "/v1/events" || number % 3 == 0 { "" } else { &*owner };
        let mut request = app.request(method, &format!("{path}?{}", wild.query)).bearer(token).body(&wild.body);
        if number % 5 != 0 {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in &wild.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await;
        // A read may wait in vain for a position that is still to come: that is told apart from a fault by its code.
        let is_ours = answer.status >= 500 && !answer.body.contains("position_not_reached");
        assert!(!is_ours, "{wild:?}: {} {}", answer.status, answer.body);
    }
    app.stop().await;
}
