//! What bad input gets: a problem document (RFC 9457) that names the field or the state, over HTTP, on both engines.

use serde_json::{Value, json};
use vitrina_tests::{
    engine::Engine,
    http::{Answer, Client},
    server::{OWNER_EMAIL, Server},
    walk::{SHOPPER_PASSWORD, Shop, Shopper, Visit, request_of_a_call, text},
};

/// A running shop with one shopper and one live call.
struct Scene {
    shop: Shop,
    shopper: Shopper,
    visit: Visit,
    // Last, so that they outlive what talks to them.
    _server: Server,
    _place: vitrina_tests::engine::Place,
}

impl Scene {
    fn on(engine: Engine) -> Self {
        let place = engine.place("bad");
        let server = Server::start(&place);
        let mut shop = Shop::open(&server);
        let mut shopper = shop.hire("sofia@example.com");
        let visit = shop.live_visit(&mut shopper);
        Self { shop, shopper, visit, _server: server, _place: place }
    }
}

/// Runs a look on a scene on each engine.
fn on_both(look: impl Fn(&mut Scene)) {
    for engine in Engine::ALL {
        look(&mut Scene::on(engine));
    }
}

/// The pointers that a problem names.
fn pointers(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect()
}

fn raw(client: &mut Client, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let key = client.fresh_key();
    let headers: Vec<_> = headers.iter().copied().chain([("Idempotency-Key", key.as_str())]).collect();
    client.send(method, path, &headers, Some(body.as_bytes()))
}

/// [`request_of_a_call`] with one member changed.
fn request_with(pointer: &str, value: Value) -> Value {
    let mut body = request_of_a_call();
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    let parent = if parent.is_empty() { &mut body } else { body.pointer_mut(parent).expect("the member is in the request") };
    parent[member] = value;
    body
}

#[test]
fn a_body_that_is_no_json_or_of_another_shape_is_told_where() {
    on_both(|scene| {
        let nobody = &mut scene.shop.nobody;
        assert_eq!(raw(nobody, "POST", "/v1/calls", &[], "{\"customer\": ").problem(400), "malformed_json");
        for (pointer, value) in [("/customer/nonsense", json!(1)), ("/customer/name", json!(7))] {
            let answer = nobody.post("/v1/calls", &request_with(pointer, value));
            assert_eq!(answer.problem(422), "invalid_body");
            assert_eq!(pointers(&answer), [pointer]);
        }
        let answer = raw(nobody, "POST", "/v1/calls", &[("Content-Type", "text/plain")], "hello");
        assert_eq!(answer.problem(415), "unsupported_media_type");
        let large = format!("\"{}\"", "x".repeat(300 * 1024));
        assert_eq!(raw(nobody, "POST", "/v1/calls", &[], &large).problem(413), "body_too_large");
    });
}

#[test]
fn a_value_that_is_not_acceptable_is_told_which_field() {
    on_both(|scene| {
        let nobody = &mut scene.shop.nobody;
        for (pointer, value) in
            [("/customer/email", json!("not an address")), ("/customer/name", json!("n".repeat(10_000))), ("/country", json!("Spain"))]
        {
            let answer = nobody.post("/v1/calls", &request_with(pointer, value));
            assert_eq!(answer.problem(422), "invalid_field", "{pointer}");
            assert_eq!(pointers(&answer), [pointer]);
        }
        let (path, customer) = (scene.visit.messages(), &mut scene.visit.customer);
        for body in ["", "   ", &"x".repeat(100_000), "a bell \u{7}"] {
            let answer = customer.post(&path, &json!({ "body": body }));
            assert_eq!(answer.problem(422), "invalid_field");
            assert_eq!(pointers(&answer), ["/body"]);
        }
        let rating = format!("/v1/calls/{}/rating", scene.visit.call_id);
        for (ballot, pointer) in [(json!({ "nps": 11 }), "/nps"), (json!({ "csat": 0 }), "/csat"), (json!({}), "")] {
            let answer = customer.post(&rating, &ballot);
            assert_eq!(answer.problem(422), "invalid_field");
            assert_eq!(pointers(&answer), [pointer]);
        }
    });
}

#[test]
fn an_unknown_id_and_somebody_elses_look_the_same() {
    on_both(|scene| {
        let mut other = scene.shop.visit();
        let unknown = "018f0000-0000-7000-8000-000000000000";
        let see = |client: &mut Client, id: &str| {
            let answer = client.get(&format!("/v1/calls/{id}"));
            assert_eq!(answer.problem(404), "not_found");
            let mut problem = answer.json();
            problem["request_id"] = Value::Null;
            problem.to_string().replace(id, "ID")
        };
        let customer = &mut scene.visit.customer;
        assert_eq!(see(customer, &other.call_id), see(customer, unknown));
        let answer = customer.post(&other.messages(), &json!({ "body": "let me in" }));
        assert_eq!(answer.problem(404), "not_found");
        assert_eq!(see(&mut scene.shop.owner, unknown), see(customer, unknown));
        other.customer.get(&format!("/v1/calls/{}?at_least={}", other.call_id, other.position)).expect(200);
    });
}

#[test]
fn who_has_no_right_is_told_which_module_is_missing() {
    on_both(|scene| {
        let call = format!("/v1/calls/{}", scene.visit.call_id);
        assert_eq!(scene.shop.nobody.get(&call).problem(401), "unauthenticated");
        assert_eq!(scene.shop.nobody.with_token("nonsense").get(&call).problem(401), "unauthenticated");
        let answer = scene.shopper.client.patch("/v1/account", &json!({ "store_name": "Mine now" }));
        assert_eq!(answer.problem(403), "module_missing");
        assert_eq!(text(&answer, "module"), "settings");
        let answer = scene.shopper.client.get("/v1/ratings");
        assert_eq!(answer.problem(403), "module_missing");
        assert_eq!(text(&answer, "module"), "analytics");
    });
}

#[test]
fn an_unknown_address_and_a_wrong_password_get_the_same_answer() {
    on_both(|scene| {
        let mut refused = |email: &str| {
            let body = json!({ "email": email, "password": SHOPPER_PASSWORD.to_uppercase() });
            let answer = scene.shop.nobody.post("/v1/sessions", &body);
            assert_eq!(answer.problem(401), "sign_in_failed");
            text(&answer, "detail")
        };
        assert_eq!(refused(OWNER_EMAIL), refused("nobody@example.com"));
    });
}

#[test]
fn an_illegal_transition_is_told_the_state_and_the_version() {
    on_both(|scene| {
        let waiting = scene.shop.visit();
        let call = format!("/v1/calls/{}", waiting.call_id);
        let answer = scene.shopper.client.post(&format!("{call}/start"), &json!({}));
        assert_eq!(answer.problem(409), "illegal_transition");
        assert_eq!(text(&answer, "current_state"), "waiting");
        assert!(answer.json()["version"].as_i64().is_some_and(|version| version > 0));
        // Two who want the same call: one gets it.
        let claim = format!("{call}/claim");
        scene.shopper.client.post(&claim, &json!({})).expect(200);
        let second = scene.shop.owner.post(&claim, &json!({ "shopper_id": scene.shopper.id }));
        assert_eq!(second.problem(409), "illegal_transition");
        assert_eq!(text(&second, "current_state"), "claimed");
    });
}

#[test]
fn a_stale_version_is_refused_and_told_the_current_one() {
    on_both(|scene| {
        let path = format!("/v1/shoppers/{}", scene.shopper.id);
        let owner = &mut scene.shop.owner;
        let etag = owner.get(&format!("{path}?at_least={}", scene.visit.position)).expect(200).header("etag").unwrap().to_owned();
        let change = |owner: &mut Client, name: &str| {
            let body = json!({ "name": name }).to_string();
            owner.send("PATCH", &path, &[("If-Match", &etag)], Some(body.as_bytes()))
        };
        let changed = change(owner, "Sofía R.").expect(200);
        let refused = change(owner, "Sofía Q.");
        assert_eq!(refused.problem(412), "version_mismatch");
        let version = refused.json()["version"].as_i64().unwrap();
        assert_eq!(changed.header("etag"), Some(format!("\"{version}\"").as_str()));
    });
}

#[test]
fn a_creating_request_needs_a_key_and_a_key_means_one_request() {
    on_both(|scene| {
        let nobody = &mut scene.shop.nobody;
        let body = request_of_a_call().to_string();
        let answer = nobody.send("POST", "/v1/calls", &[], Some(body.as_bytes()));
        assert_eq!(answer.problem(400), "idempotency_key_missing");
        let answer = nobody.send("POST", "/v1/calls", &[("Idempotency-Key", "\"\"")], Some(body.as_bytes()));
        assert_eq!(answer.problem(400), "idempotency_key_invalid");

        let mut with_key = |key: &str, body: &str| nobody.send("POST", "/v1/calls", &[("Idempotency-Key", key)], Some(body.as_bytes()));
        let first = with_key("\"one intent\"", &body).expect(201);
        let again = with_key("\"one intent\"", &body).expect(201);
        assert_eq!(first.text(), again.text());
        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
        for header in ["etag", "vitrina-position", "content-type", "location"] {
            assert_eq!(first.header(header), again.header(header), "{header}");
        }
        let other = request_with("/customer/name", json!("Bea")).to_string();
        assert_eq!(with_key("\"one intent\"", &other).problem(422), "idempotency_key_reused");
        // The bare token is taken as well.
        with_key("another-intent", &body).expect(201);
    });
}

#[test]
fn an_address_a_method_or_a_parameter_that_does_not_exist_is_told_so() {
    on_both(|scene| {
        let owner = &mut scene.shop.owner;
        assert_eq!(owner.get("/v1/nothing").problem(404), "no_such_route");
        let answer = owner.delete("/v1/queue");
        assert_eq!(answer.problem(405), "method_not_allowed");
        assert!(answer.header("allow").is_some_and(|methods| methods.contains("GET")));
        for query in ["limit=0", "limit=201", "limit=many", "status=asleep", "as_of=yesterday", "at_least=x", "nonsense=1"] {
            let answer = owner.get(&format!("/v1/calls?{query}"));
            assert_eq!(answer.problem(400), "invalid_parameter", "{query}");
            let (name, _) = query.split_once('=').unwrap();
            assert_eq!(pointers(&answer), [name], "{query}");
        }
        assert_eq!(owner.get("/v1/calls?cursor=nonsense").problem(400), "invalid_cursor");
        assert_eq!(owner.get("/v1/calls?as_of=999999999").problem(400), "invalid_parameter");
        assert_eq!(owner.get("/v1/calls?at_least=999999999").problem(503), "position_not_reached");
    });
}

#[test]
fn a_problem_speaks_the_callers_language_and_its_type_is_published() {
    let mut scene = Scene::on(Engine::Sqlite);
    let nobody = &mut scene.shop.nobody;
    let mut titles: Vec<String> = ["en", "es", "pt", "ca"]
        .iter()
        .map(|language| text(&nobody.send("GET", "/v1/nothing", &[("Accept-Language", language)], None), "title"))
        .collect();
    titles.dedup();
    assert_eq!(titles.len(), 4, "{titles:?}");
    let kind = text(&nobody.get("/v1/nothing"), "type");
    let (_, path) = kind.split_once("/problems/").unwrap();
    nobody.get(&format!("/problems/{path}")).expect(200);
}
