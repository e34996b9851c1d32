//! The floor under what goes wrong and what goes on, on both engines: a shopper who is lost in the middle of a call, a talk that
//! continues, work that is handed out, and connections that are too many.

use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Error, Message};
use vitrina_tests::{
    engine::Engine,
    http::Client,
    patience::wait_for,
    server::Server,
    socket::{Came, Socket},
    walk::{SHOPPER_PASSWORD, Shop, Shopper, items, position, sign_in, text},
};

/// Longest wait for what must happen within seconds.
const WITHIN: Duration = Duration::from_secs(60);

fn on_both(options: &[(&str, &str)], look: impl Fn(&Server, &mut Shop)) {
    for engine in Engine::ALL {
        let place = engine.place("floor");
        let server = Server::start_with(&place, options);
        look(&server, &mut Shop::open(&server));
        assert!(server.stop().success(), "{engine}");
    }
}

/// The shopper at work: their socket.
fn at_work(server: &Server, shop: &mut Shop, email: &str) -> Socket {
    let token = sign_in(&mut shop.nobody, email, SHOPPER_PASSWORD);
    let mut socket = Socket::open(server.address(), &token);
    // Who follows is there once they are live.
    socket.follow_live("work", "work", None);
    socket
}

/// What the shop's customers read when the shopper of their call is lost.
const LOST_IN_SPANISH: &str =
    "Se ha perdido la conexión de la persona que le atendía. Conserva usted su turno y otra persona continuará enseguida.";

fn next_event(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let event = socket.next_of("event");
        if event["event"] == kind {
            return event;
        }
    }
}

/// The next words of the system in a conversation.
fn told_by_the_system(socket: &mut Socket) -> String {
    loop {
        let said = next_event(socket, "conversation.message_sent");
        if said["data"]["author"]["kind"] == "system" {
            return said["data"]["body"].as_str().expect("a notice has words").to_owned();
        }
    }
}

fn chat(shop: &mut Shop, more: Value) -> (String, Client, String) {
    let mut body = json!({ "customer": { "name": "Ana Prado" }, "language": "es" });
    body.as_object_mut().expect("a body is an object").extend(more.as_object().expect("members are an object").clone());
    let opened = shop.nobody.post("/v1/conversations", &body).expect(201);
    let token = text(&opened, "customer_token");
    (text(&opened, "id"), shop.nobody.with_token(&token), token)
}

fn next(shopper: &mut Shopper, body: &Value) -> Option<Value> {
    let answer = shopper.client.post("/v1/queue/next", body);
    (answer.status != 204).then(|| answer.expect(200).json())
}

#[test]
fn a_shopper_who_is_lost_in_a_live_call_leaves_it_to_the_next_and_the_customer_hears_of_it() {
    on_both(&[], |server, shop| {
        shop.owner.patch("/v1/account", &json!({ "routing": { "reconnect_grace_s": 1 } })).expect(200);
        let (mut sofia, mut bruno) = (shop.hire("sofia@example.com"), shop.hire("bruno@example.com"));
        let socket = at_work(server, shop, "sofia@example.com");
        let mut visit = shop.live_visit(&mut sofia);
        let later = shop.visit();
        let line = json!({
            "cart_id": "c", "sku": "SKU-1", "name": "Blue coat", "quantity": 1, "unit_price": { "amount": 100, "currency": "EUR" }
        });
        sofia.client.post(&format!("/v1/calls/{}/cart/items", visit.call_id), &line).expect(201);
        let call = format!("/v1/calls/{}", visit.call_id);
        // Followed over a connection of the server's own kind, so that nobody takes the customer for gone.
        let mut customer = Socket::open(server.address(), &visit.token);
        customer.follow_live("call", "call", Some(&visit.call_id));
        let mut chat = Socket::open(server.address(), &visit.token);
        chat.follow_live("chat", "conversation", Some(&visit.conversation_id));
        drop(socket);
        let queued = next_event(&mut customer, "call.queued");
        assert_eq!(queued["data"]["reason"], "shopper_lost");
        assert_eq!(told_by_the_system(&mut chat), LOST_IN_SPANISH);
        let lost = shop.owner.get(&format!("/v1/shoppers/{}?at_least={}", sofia.id, queued["position"])).expect(200).json();
        assert_eq!(lost["status"], "offline");
        // In the old place: before those who came later.
        let place = visit.customer.get(&format!("{call}/queue?at_least={}", queued["position"])).expect(200).json();
        assert_eq!(place["ahead"], 0, "{place}");
        assert_eq!(next(&mut bruno, &json!({})).expect("somebody waits")["id"], json!(visit.call_id));
        bruno.client.post(&format!("{call}/start"), &json!({})).expect(200);
        let ended = bruno.client.post(&format!("{call}/end"), &json!({})).expect(200);
        let cart = visit.customer.get(&format!("{call}/cart?at_least={}", position(&ended))).expect(200);
        assert!(cart.text().contains("SKU-1"), "the cart stays: {}", cart.text());
        let answer = visit.customer.post(&format!("{call}/rating"), &json!({ "nps": 9 })).expect(201);
        let history = shop.owner.get(&format!("{call}/history?limit=200&at_least={}", position(&answer))).expect(200);
        let rated = items(&history).into_iter().find(|event| event["type"] == "survey.answered").expect("the rating");
        let mut credited: Vec<String> = serde_json::from_value(rated["data"]["shoppers"].clone()).unwrap_or_default();
        credited.sort();
        let mut both = [sofia.id.clone(), bruno.id.clone()];
        both.sort();
        assert_eq!(credited, both, "both took part: {rated}");
        assert_eq!(next(&mut bruno, &json!({})).expect("the other one waits")["id"], json!(later.call_id));
    });
}

#[test]
fn where_calls_are_offered_the_call_of_a_lost_shopper_is_offered_to_a_colleague_who_takes_over() {
    on_both(&[], |server, shop| {
        let rules = json!({ "routing": { "mode": "push", "reconnect_grace_s": 1, "offer_timeout_s": 120 } });
        shop.owner.patch("/v1/account", &rules).expect(200);
        let mut sofia = shop.hire("sofia@example.com");
        let mut socket = at_work(server, shop, "sofia@example.com");
        let mut visit = shop.visit();
        let call = format!("/v1/calls/{}", visit.call_id);
        next_event(&mut socket, "call.offered");
        sofia.client.post(&format!("{call}/accept"), &json!({})).expect(200);
        sofia.client.post(&format!("{call}/start"), &json!({})).expect(200);
        let mut bruno = shop.hire("bruno@example.com");
        let mut colleague = at_work(server, shop, "bruno@example.com");
        let mut chat = Socket::open(server.address(), &visit.token);
        chat.follow_live("chat", "conversation", Some(&visit.conversation_id));
        drop(socket);
        let offered = next_event(&mut colleague, "call.offered");
        assert_eq!((&offered["stream"]["id"], &offered["data"]["shopper_id"]), (&json!(visit.call_id), &json!(bruno.id)));
        assert_eq!(told_by_the_system(&mut chat), LOST_IN_SPANISH);
        bruno.client.post(&format!("{call}/accept"), &json!({})).expect(200);
        let started = bruno.client.post(&format!("{call}/start"), &json!({})).expect(200);
        let seen = visit.customer.get(&format!("{call}?at_least={}", position(&started))).expect(200).json();
        assert_eq!((&seen["status"], &seen["shopper_id"]), (&json!("live"), &json!(bruno.id)));
        bruno.client.post(&format!("{call}/end"), &json!({})).expect(200);
    });
}

#[test]
fn who_follows_a_talk_is_told_where_it_goes_on_and_follows_it_there_with_the_same_token() {
    on_both(&[], |server, shop| {
        let (id, mut customer, token) = chat(shop, json!({}));
        let (_, _, stranger) = chat(shop, json!({}));
        let mut socket = Socket::open(server.address(), &token);
        socket.follow_live("first", "conversation", Some(&id));
        let mut before = id.clone();
        for name in ["second", "third"] {
            customer.post(&format!("/v1/conversations/{before}/close"), &json!({})).expect(200);
            let said = customer.post(&format!("/v1/conversations/{id}/messages"), &json!({ "body": "One more thing" })).expect(201);
            let told = loop {
                let event = socket.next_of("event");
                if event["event"] == "conversation.continued" && event["stream"]["id"] == json!(before) {
                    break event["data"]["conversation_id"].as_str().expect("an id").to_owned();
                }
            };
            assert_eq!(told, text(&said, "conversation_id"));
            socket.follow(name, "conversation", Some(&told), Some(0));
            let mut seen = Vec::new();
            while seen.last() != Some(&position(&said)) {
                let event = socket.receive();
                if let Came::Said(event) = event
                    && event["type"] == "event"
                {
                    seen.push(event["position"].as_i64().expect("a position"));
                }
            }
            loop {
                if let Came::Said(said) = socket.receive()
                    && said["type"] == "caught_up"
                {
                    break;
                }
            }
            // Nobody else's token follows it.
            let mut other = Socket::open(server.address(), &stranger);
            other.say(&json!({"type": "subscribe", "id": "x", "topic": "conversation", "key": told}));
            assert_eq!(other.next_of("error")["problem"]["code"], "not_found");
            let path = format!("/v1/events?topic=conversation&key={told}");
            assert_eq!(shop.nobody.with_token(&stranger).get(&path).problem(404), "not_found");
            before = told;
        }
    });
}

#[test]
fn the_next_one_may_be_a_chat_in_one_order_with_the_calls() {
    on_both(&[], |_, shop| {
        let (mut sofia, mut bruno) = (shop.hire("sofia@example.com"), shop.hire("bruno@example.com"));
        shop.owner.patch(&format!("/v1/shoppers/{}", bruno.id), &json!({ "departments": ["Repairs"] })).expect(200);
        let (first, ..) = chat(shop, json!({}));
        let call = shop.visit();
        let (repairs, ..) = chat(shop, json!({ "department": "Repairs" }));
        let (last, ..) = chat(shop, json!({}));
        let took = next(&mut sofia, &json!({})).expect("a chat waits");
        assert_eq!((&took["kind"], &took["id"], &took["conversation_id"]), (&json!("conversation"), &json!(first), &json!(first)));
        let seen = shop.owner.get(&format!("/v1/conversations/{first}?at_least={}", took["position"])).expect(200).text();
        assert!(seen.contains(&sofia.id), "{seen}");
        // A department is for those who answer for it; calls can be left out.
        let took = next(&mut sofia, &json!({ "only": "conversation" })).expect("another chat waits");
        assert_eq!(took["id"], json!(last));
        assert_eq!(next(&mut sofia, &json!({ "only": "conversation" })), None);
        let took = next(&mut bruno, &json!({ "only": "conversation" })).expect("the department's chat waits");
        assert_eq!(took["id"], json!(repairs));
        let mut clara = shop.hire("clara@example.com");
        let took = next(&mut clara, &json!({ "only": "call" })).expect("the call waits");
        assert_eq!(
            (&took["kind"], &took["id"], &took["conversation_id"]),
            (&json!("call"), &json!(call.call_id), &json!(call.conversation_id))
        );
        assert_eq!(next(&mut clara, &json!({ "only": "conversation" })), None);
    });
}

#[test]
fn what_the_router_decided_for_a_chat_can_be_read_with_its_reasons() {
    on_both(&[], |_, shop| {
        let sofia = shop.hire("sofia@example.com");
        let mut bruno = shop.hire("bruno@example.com");
        bruno.client.put(&format!("/v1/shoppers/{}/status", bruno.id), &json!({ "status": "away" })).expect(200);
        shop.owner.patch("/v1/account", &json!({ "routing": { "mode": "push" } })).expect(200);
        let (id, mut customer, _) = chat(shop, json!({}));
        let path = format!("/v1/conversations/{id}/routing");
        let decided = wait_for(WITHIN, || items(&shop.owner.get(&path).expect(200)).into_iter().next()).expect("a decision");
        assert_eq!(decided["type"], "routing.decided");
        assert_eq!(decided["data"]["shopper_id"], json!(sofia.id));
        assert_eq!(decided["data"]["candidates"], json!([{ "shopper_id": bruno.id, "lost": "not_available" }]));
        assert_eq!(items(&shop.owner.get(&path).expect(200)).len(), 1, "the decision and nothing else");
        assert_eq!(customer.get(&path).problem(403), "not_allowed");
    });
}

#[test]
fn a_caller_has_so_many_live_connections_and_not_one_more() {
    on_both(&[("VITRINA_LIVE_SOCKETS_CALLER_MAX", "2")], |server, shop| {
        let mut open = [Socket::open(server.address(), &shop.token), Socket::open(server.address(), &shop.token)];
        let bearer = format!("Bearer {}", shop.token);
        let mut third = Socket::handshake(server.address(), &[("Authorization", &bearer)]).expect("the handshake is taken");
        let refused = third.next_of("error");
        assert_eq!(refused["problem"]["code"], "quota_exceeded");
        assert_eq!(refused["problem"]["violated-policies"], json!(["live_sockets"]));
        assert_eq!(shop.owner.get("/v1/events?topic=queue").problem(429), "quota_exceeded");
        // Others have connections of their own, and a closed one makes room.
        let visit = shop.visit();
        Socket::open(server.address(), &visit.token).follow_visit(&visit);
        open[0].send(Message::Close(None));
        open[0].closed();
        let again = wait_for(WITHIN, || {
            let mut socket = Socket::handshake(server.address(), &[("Authorization", &bearer)]).ok()?;
            match socket.receive() {
                Came::Said(said) if said["type"] == "welcome" => Some(socket),
                _ => None,
            }
        });
        assert!(again.is_some());
    });
}

#[test]
fn a_socket_that_has_not_said_who_it_is_takes_a_place_like_any_other() {
    // A server that is slow may have given up on the silent one meanwhile; then it proves nothing, and another one is tried.
    const TRIES_MAX: usize = 10;
    on_both(&[("VITRINA_LIVE_SOCKETS_MAX", "2"), ("VITRINA_LIVE_PING_S", "600")], |server, shop| {
        let _first = Socket::open(server.address(), &shop.token);
        let refused = (0..TRIES_MAX).any(|_| {
            let mut silent = wait_for(WITHIN, || Socket::handshake(server.address(), &[]).ok()).expect("a place is free");
            let third = Socket::handshake(server.address(), &[]);
            if !silent.is_open() {
                return false;
            }
            assert!(matches!(third, Err(Error::Http(answer)) if answer.status() == 503));
            true
        });
        assert!(refused);
        // Its place is free again once it is gone.
        let bearer = format!("Bearer {}", shop.token);
        let mut second =
            wait_for(WITHIN, || Socket::handshake(server.address(), &[("Authorization", &bearer)]).ok()).expect("a place is free");
        second.next_of("welcome");
        assert_eq!(shop.owner.get("/v1/events?topic=queue").problem(503), "busy");
    });
}

#[test]
fn handshakes_and_event_streams_are_paid_for() {
    let quotas = [("VITRINA_RATE_LIMIT_CALLER_PER_MINUTE", "4"), ("VITRINA_RATE_LIMIT_ADDRESS_PER_MINUTE", "6")];
    on_both(&quotas, |server, shop| {
        let status = |headers: &[(&str, &str)]| match Socket::handshake(server.address(), headers) {
            Ok(_) => 101,
            Err(Error::Http(answer)) => answer.status().as_u16(),
            Err(other) => panic!("{other:?}"),
        };
        let bearer = format!("Bearer {}", shop.token);
        let own = [("Authorization", bearer.as_str())];
        let of_caller: Vec<u16> = (0..5).map(|_| status(&own)).collect();
        assert_eq!(of_caller, [101, 101, 101, 101, 429]);
        assert_eq!(shop.owner.get("/v1/events?topic=queue").problem(429), "quota_exceeded");
        // Signing in has cost the address one; a wrong token and none are paid for by it.
        let of_address: Vec<u16> =
            (0..6).map(|n| if n % 2 == 0 { status(&[]) } else { status(&[("Authorization", "Bearer vts_x")]) }).collect();
        assert_eq!(of_address, [101, 101, 101, 101, 101, 429]);
    });
}
