//! The main job over HTTP, on both engines: a customer asks for a person, is served, and rates; what was said about queue,
//! pages and the past holds meanwhile.

use serde_json::{Value, json};
use vitrina_tests::{
    engine::Engine,
    http::Client,
    server::{OWNER_EMAIL, Server},
    walk::{Shop, Visit, items, position, sign_in, text},
};

/// Opens a shop on each engine and runs a look at it.
fn on_both(look: impl Fn(&mut Shop)) {
    for engine in Engine::ALL {
        let place = engine.place("job");
        let server = Server::start(&place);
        look(&mut Shop::open(&server));
        assert!(server.stop().success(), "{engine}");
    }
}

fn status(client: &mut Client, visit: &Visit, at_least: i64) -> Value {
    let call = client.get(&format!("/v1/calls/{}?at_least={at_least}", visit.call_id)).expect(200).json();
    call["status"].clone()
}

#[test]
fn a_call_goes_from_request_to_rating() {
    on_both(|shop| {
        let mut shopper = shop.hire("sofia@example.com");
        let mut visit = shop.visit();
        let call = format!("/v1/calls/{}", visit.call_id);
        let step = |client: &mut Client, path: &str, body: Value, code: u16, then: &str| {
            let answer = client.post(&format!("{call}/{path}"), &body).expect(code);
            let seen = status(client, &visit, position(&answer));
            assert_eq!(seen, then, "after {path}");
        };
        step(&mut shopper.client, "claim", json!({}), 200, "claimed");
        step(&mut shopper.client, "start", json!({}), 200, "live");
        let coat = json!({ "sku": "SKU-2", "name": "Green coat", "price": { "amount": 12990, "currency": "EUR" } });
        step(&mut shopper.client, "products", coat, 201, "live");
        let line = json!({ "cart_id": "c1", "sku": "SKU-2", "name": "Green coat", "quantity": 2,
            "unit_price": { "amount": 12990, "currency": "EUR" } });
        step(&mut shopper.client, "cart/items", line, 201, "live");
        step(&mut shopper.client, "end", json!({}), 200, "finished");
        let rated = visit.customer.post(&format!("{call}/rating"), &json!({ "nps": 9, "comment": "Lovely" })).expect(201);

        let at = position(&rated);
        let cart = shop.owner.get(&format!("{call}/cart?at_least={at}")).expect(200);
        assert!(cart.text().contains("SKU-2"), "{}", cart.text());
        let history = items(&shop.owner.get(&format!("{call}/history?at_least={at}")).expect(200));
        let types: Vec<&str> = history.iter().filter_map(|event| event["type"].as_str()).collect();
        for expected in [
            "call.requested",
            "call.queued",
            "call.claimed",
            "call.started",
            "product.shown",
            "cart.item_added",
            "call.ended",
            "survey.answered",
        ] {
            assert!(types.contains(&expected), "{expected} is not in {types:?}");
        }
        // Both ways of the chat.
        shopper.client.post(&visit.messages(), &json!({ "body": "Thank you!" })).problem(409);
    });
}

#[test]
fn the_queue_is_served_in_order_and_tells_everybody_how_many_are_ahead() {
    on_both(|shop| {
        let mut shopper = shop.hire("sofia@example.com");
        let mut visits: Vec<Visit> = (0..3).map(|_| shop.visit()).collect();
        let ahead = |visits: &mut Vec<Visit>, at_least: i64| -> Vec<Value> {
            let place = |visit: &mut Visit| {
                let path = format!("/v1/calls/{}/queue?at_least={at_least}", visit.call_id);
                visit.customer.get(&path).expect(200).json()["ahead"].clone()
            };
            visits.iter_mut().map(place).collect()
        };
        let last = visits[2].position;
        assert_eq!(ahead(&mut visits, last), [json!(0), json!(1), json!(2)]);
        let claimed = shopper.client.post(&format!("/v1/calls/{}/claim", visits[0].call_id), &json!({})).expect(200);
        let first = visits.remove(0);
        assert_eq!(ahead(&mut visits, position(&claimed)), [json!(0), json!(1)]);
        // Given back, it goes on waiting from where it was: before those who came later.
        let released = shopper.client.post(&format!("/v1/calls/{}/release", first.call_id), &json!({})).expect(200);
        let queue = items(&shop.owner.get(&format!("/v1/queue?at_least={}", position(&released))).expect(200));
        assert_eq!(queue.len(), 3);
    });
}

#[test]
fn pages_of_a_list_are_not_moved_by_what_happens_meanwhile() {
    on_both(|shop| {
        let visits: Vec<Visit> = (0..5).map(|_| shop.visit()).collect();
        let last = shop.visit();
        let first = shop.owner.get(&format!("/v1/calls?limit=2&at_least={}", last.position)).expect(200);
        assert!(first.header("link").is_some_and(|link| link.contains("rel=\"next\"")), "{:?}", first.headers);
        let (mut seen, mut next) = (items(&first), first.json()["next"].clone());
        while let Some(cursor) = next.as_str() {
            shop.visit();
            let page = shop.owner.get(&format!("/v1/calls?limit=2&cursor={cursor}")).expect(200);
            assert_eq!(position(&page), position(&first));
            seen.extend(items(&page));
            next = page.json()["next"].clone();
        }
        let mut ids: Vec<&str> = seen.iter().filter_map(|call| call["id"].as_str()).collect();
        assert_eq!(ids.len(), visits.len() + 1);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), visits.len() + 1);
    });
}

#[test]
fn an_answer_as_of_a_position_is_the_same_for_ever() {
    on_both(|shop| {
        let mut shopper = shop.hire("sofia@example.com");
        let mut visit = shop.live_visit(&mut shopper);
        visit.customer.post(&visit.messages(), &json!({ "body": "Hello" })).expect(201);
        let queued = shop.visit();
        let then = queued.position;
        shop.owner.get(&format!("/v1/queue?at_least={then}")).expect(200);
        let paths = ["/v1/queue", "/v1/calls", "/v1/shoppers", "/v1/conversations", &visit.messages()];
        let look = |shop: &mut Shop| -> Vec<String> {
            paths.iter().map(|path| shop.owner.get(&format!("{path}?as_of={then}")).expect(200).text()).collect()
        };
        let before = look(shop);
        visit.customer.post(&visit.messages(), &json!({ "body": "Still there?" })).expect(201);
        shopper.client.put(&format!("/v1/shoppers/{}/status", shopper.id), &json!({ "status": "away" })).expect(200);
        let claimed = shopper.client.post(&format!("/v1/calls/{}/claim", queued.call_id), &json!({})).expect(200);
        shop.owner.get(&format!("/v1/queue?at_least={}", position(&claimed))).expect(200);
        assert_eq!(look(shop), before);
    });
}

#[test]
fn what_was_acknowledged_is_in_the_next_answer_that_asks_for_it() {
    on_both(|shop| {
        let mut shopper = shop.hire("sofia@example.com");
        let mut visit = shop.live_visit(&mut shopper);
        for number in 1..=20 {
            let sent = visit.customer.post(&visit.messages(), &json!({ "body": format!("{number}") })).expect(201);
            let path = format!("{}?limit=200&at_least={}", visit.messages(), position(&sent));
            assert_eq!(items(&shopper.client.get(&path).expect(200)).len(), number);
        }
    });
}

#[test]
fn ratings_add_up_to_the_published_score() {
    on_both(|shop| {
        let mut shopper = shop.hire("sofia@example.com");
        let mut last = 0;
        // PRODUCT.md 5.2: promoters 9 and 10, detractors 0 to 6.
        for nps in [10, 9, 9, 7, 3] {
            let mut visit = shop.live_visit(&mut shopper);
            let call = format!("/v1/calls/{}", visit.call_id);
            shopper.client.post(&format!("{call}/end"), &json!({})).expect(200);
            last = position(&visit.customer.post(&format!("{call}/rating"), &json!({ "nps": nps })).expect(201));
        }
        let summary = shop.owner.get(&format!("/v1/ratings/summary?at_least={last}")).expect(200).json();
        let text = summary.to_string();
        assert!(text.contains("40.0") || text.contains(":40"), "3 promoters and 1 detractor of 5 are 40: {text}");
        assert_eq!(items(&shop.owner.get("/v1/ratings").expect(200)).len(), 5);
    });
}

#[test]
fn a_conversation_that_needs_help_is_found_apart() {
    on_both(|shop| {
        let mut shopper = shop.hire("sofia@example.com");
        let visit = shop.live_visit(&mut shopper);
        let path = format!("/v1/conversations/{}/status", visit.conversation_id);
        let changed = shopper.client.put(&path, &json!({ "status": "need_help" })).expect(200);
        let list = format!("/v1/conversations?status=need_help&at_least={}", position(&changed));
        let found = items(&shop.owner.get(&list).expect(200));
        assert_eq!(found.iter().map(|c| c["id"].as_str()).collect::<Vec<_>>(), [Some(visit.conversation_id.as_str())]);
    });
}

#[test]
fn the_first_start_prints_the_owners_password_once() {
    for engine in Engine::ALL {
        let place = engine.place("first");
        let server = Server::start_with(&place, &[("VITRINA_FIRST_PASSWORD", "")]);
        let printed = server.printed();
        assert!(printed.contains(OWNER_EMAIL), "{printed}");
        let mut client = server.client();
        let line = printed.lines().map(str::trim).find(|line| line.starts_with("password")).unwrap();
        let password = line.split_whitespace().nth(1).unwrap();
        let token = sign_in(&mut client, OWNER_EMAIL, password);
        let mut owner = client.with_token(&token);
        assert!(printed.contains(&text(&owner.get("/v1/account").expect(200), "id")));
        server.stop();
        let again = Server::start_with(&place, &[("VITRINA_FIRST_PASSWORD", "")]);
        assert!(!again.printed().contains(password));
    }
}

#[test]
fn the_operators_pages_are_there_without_a_token() {
    let place = Engine::Sqlite.place("pages");
    let server = Server::start(&place);
    let mut client = server.client();
    client.get("/health/live").expect(200);
    client.get("/health/ready").expect(200);
    let metrics = client.get("/metrics").expect(200).text();
    let ours = metrics.lines().filter(|line| !line.starts_with('#')).all(|line| line.starts_with("vitrina_") || line.is_empty());
    assert!(ours, "{metrics}");
    assert_eq!(client.get("/openapi.json").expect(200).json()["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    assert!(matches!(client.get("/docs").status, 200 | 301..=308));
}
