//! Live updates over WebSocket and as server-sent events, with the real binary: everything once, in order, to whom it may
//! concern, and to nobody else.

use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};
use tokio_tungstenite::tungstenite::{self, Message};
use vitrina_tests::{
    engine::{Engine, Place},
    http::Client,
    server::{OWNER_EMAIL, OWNER_PASSWORD, Server},
    socket::{Came, Socket, positions},
    walk::{self, Shop, position, sign_in, text},
};

/// A right that was taken away must bite within this.
const CUT_WITHIN: Duration = Duration::from_secs(1);

fn shop() -> (Place, Server, Shop) {
    let place = Engine::Sqlite.place("live");
    let server = Server::start(&place);
    let shop = Shop::open(&server);
    (place, server, shop)
}

fn write(client: &mut Client, messages: &str, body: &str) -> i64 {
    position(&client.post(messages, &json!({ "body": body })).expect(201))
}

#[test]
fn what_happens_reaches_those_who_follow_it_once_and_in_order() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let visit = shop.visit();
    let mut socket = Socket::open(server.address(), &shop.token);
    socket.follow_visit(&visit);
    socket.follow_live("all", "account", None);
    socket.follow_live("queue", "queue", None);

    let claimed = position(&shopper.client.post(&format!("/v1/calls/{}/claim", visit.call_id), &json!({})).expect(200));
    let events = socket.events_upto(claimed);
    let claim = events.iter().find(|event| event["event"] == "call.claimed").expect("the claim");
    let mut ids: Vec<_> = claim["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    ids.sort();
    assert_eq!(ids, ["all", "call", "queue"], "one frame for all subscriptions");
    assert_eq!(claim["stream"], json!({"category": "call", "id": visit.call_id}));
    assert_eq!(claim["data"]["shopper_id"], json!(shopper.id));
    assert_eq!(claim["actor"], json!({"kind": "shopper", "id": shopper.id}));

    shopper.client.post(&format!("/v1/calls/{}/start", visit.call_id), &json!({})).expect(200);
    let last = (0..30).map(|n| write(&mut shopper.client, &visit.messages(), &format!("message {n}"))).last().unwrap();
    let seen = positions(&socket.events_upto(last));
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");

    socket.say(&json!({"type": "unsubscribe", "id": "all"}));
    socket.next_of("unsubscribed");
    socket.say(&json!({"type": "unsubscribe", "id": "conversation"}));
    socket.next_of("unsubscribed");
    write(&mut shopper.client, &visit.messages(), "unheard");
    socket.expect_quiet();
    server.stop();
}

#[test]
fn who_comes_later_catches_up_and_goes_on_without_gap_or_double() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let mut visit = shop.live_visit(&mut shopper);
    let path = visit.messages();
    for n in 0..150 {
        write(&mut visit.customer, &path, &format!("before {n}"));
    }

    // Messages come in all the while the socket catches up.
    let address = server.address().to_owned();
    let token = visit.token.clone();
    let writer = std::thread::spawn(move || {
        let mut client = Client::new(&address).with_token(&token);
        (0..150).map(|n| position(&client.post(&path, &json!({ "body": format!("while {n}") })).expect(201))).last().unwrap()
    });
    let mut sockets: Vec<_> = ["conversation", "account", "work"]
        .into_iter()
        .map(|topic| {
            let mut socket = Socket::open(server.address(), &shop.token);
            let key = match topic {
                "conversation" => Some(visit.conversation_id.as_str()),
                "work" => Some(shopper.id.as_str()),
                _ => None,
            };
            socket.follow(topic, topic, key, Some(visit.position));
            socket
        })
        .collect();
    let last = writer.join().unwrap();
    let wanted: Vec<i64> = all_history(&mut shop.owner, &format!("/v1/conversations/{}", visit.conversation_id), last)
        .into_iter()
        .filter(|at| *at > visit.position)
        .collect();
    for socket in &mut sockets {
        let mut seen = Vec::new();
        while seen.last() != Some(&last) {
            match socket.receive() {
                Came::Said(said) if said["type"] == "event" && said["stream"]["category"] == "conversation" => {
                    seen.push(said["position"].as_i64().unwrap());
                }
                Came::Said(_) => {}
                closed => panic!("{closed:?}"),
            }
        }
        assert_eq!(seen, wanted);
    }
    server.stop();
}

fn all_history(client: &mut Client, path: &str, at_least: i64) -> Vec<i64> {
    let (mut positions, mut next) = (Vec::new(), format!("{path}/history?limit=200&at_least={at_least}"));
    loop {
        let page = client.get(&next).expect(200);
        positions.extend(walk::items(&page).iter().map(|event| event["position"].as_i64().expect("a position")));
        match page.json()["next"].as_str() {
            Some(cursor) => next = format!("{path}/history?limit=200&cursor={cursor}"),
            None => return positions,
        }
    }
}

#[test]
fn a_customer_sees_their_own_call_and_nothing_internal() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let (visit, other) = (shop.visit(), shop.visit());
    let mut socket = Socket::open(server.address(), &visit.token);
    socket.follow_visit(&visit);
    for (topic, key) in [
        ("call", Some(other.call_id.as_str())),
        ("conversation", Some(other.conversation_id.as_str())),
        ("queue", None),
        ("account", None),
        ("work", Some(shopper.id.as_str())),
    ] {
        let mut frame = json!({"type": "subscribe", "id": "no", "topic": topic});
        if let Some(key) = key {
            frame["key"] = json!(key);
        }
        socket.say(&frame);
        let refused = socket.next_of("error");
        assert!(["not_found", "not_allowed"].contains(&refused["problem"]["code"].as_str().unwrap()), "{topic}: {refused}");
        assert_eq!(refused["id"], "no");
    }

    let (call, conversation) = (format!("/v1/calls/{}", visit.call_id), format!("/v1/conversations/{}", visit.conversation_id));
    shopper.client.post(&format!("{call}/claim"), &json!({})).expect(200);
    shopper.client.post(&format!("{call}/start"), &json!({})).expect(200);
    shopper.client.put(&format!("{conversation}/note"), &json!({"text": "a difficult customer"})).expect(200);
    shopper.client.post(&format!("{conversation}/tags"), &json!({"tag": "vip"})).expect(200);
    let internal = json!({"body": "never shown", "visibility": "internal"});
    shopper.client.post(&visit.messages(), &internal).expect(201);
    let last = write(&mut shopper.client, &visit.messages(), "Good morning!");
    let events = socket.events_upto(last);
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"call.claimed") && kinds.contains(&"call.started"), "{kinds:?}");
    assert!(kinds.iter().all(|kind| !kind.contains("note") && !kind.contains("tag") && !kind.contains("routing")), "{kinds:?}");
    let said = events.iter().map(ToString::to_string).collect::<String>();
    assert!(!said.contains("never shown") && !said.contains(&shopper.id) && !said.contains(&other.call_id), "{said}");
    assert!(said.contains("Good morning!"), "personal values are shown plainly: {said}");
    server.stop();
}

#[test]
fn a_shoppers_work_begins_and_ends_with_the_events_that_say_so() {
    let (_place, server, mut shop) = shop();
    let (mut sofia, other) = (shop.hire("sofia@example.com"), shop.visit());
    let visit = shop.visit();
    let mut socket = Socket::open(server.address(), sofia.client.token().unwrap());
    socket.follow_live("mine", "work", None);
    assert_eq!(socket.next_of("event")["event"], "shopper.connected", "a shopper who follows their own work is there");
    shop.owner.post(&format!("/v1/calls/{}/cancel", other.call_id), &json!({})).expect(200);
    // A call that waits is nobody's work.
    socket.expect_quiet();

    let call = format!("/v1/calls/{}", visit.call_id);
    sofia.client.post(&format!("{call}/claim"), &json!({})).expect(200);
    sofia.client.post(&format!("{call}/start"), &json!({})).expect(200);
    let written = write(&mut shop.owner.with_token(&visit.token), &visit.messages(), "hello");
    let events = socket.events_upto(written);
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    for wanted in ["call.claimed", "call.started", "conversation.agent_joined", "conversation.message_sent"] {
        assert!(kinds.contains(&wanted), "{wanted}: {kinds:?}");
    }

    // Who comes in the middle of it has it too.
    let mut late = Socket::open(server.address(), &shop.token);
    late.follow_live("theirs", "work", Some(&sofia.id));
    let ended = position(&sofia.client.post(&format!("{call}/end"), &json!({})).expect(200));
    for socket in [&mut socket, &mut late] {
        let kinds: Vec<_> = socket.events_upto(ended).iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect();
        assert!(kinds.iter().any(|kind| kind == "call.finished"), "{kinds:?}");
    }
    shop.owner.with_token(&visit.token).post(&format!("{call}/rating"), &json!({"nps": 9})).expect(201);
    shop.visit();
    // What is over is nobody's work.
    late.expect_quiet();
    socket.expect_quiet();

    // Neither is what was given back and waits again.
    let again = shop.visit();
    let call = format!("/v1/calls/{}", again.call_id);
    sofia.client.post(&format!("{call}/claim"), &json!({})).expect(200);
    let released = position(&sofia.client.post(&format!("{call}/release"), &json!({})).expect(200));
    socket.events_upto(released);
    shop.owner.post(&format!("{call}/cancel"), &json!({})).expect(200);
    socket.expect_quiet();
    server.stop();
}

#[test]
fn a_slow_reader_is_told_to_resume_and_loses_nothing() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let mut visit = shop.live_visit(&mut shopper);
    let mut socket = Socket::open(server.address(), &shop.token);
    socket.follow("slow", "conversation", Some(&visit.conversation_id), Some(visit.position));
    socket.next_of("caught_up");
    // More than the kernel's buffers and the queue hold, while nobody reads.
    let body = json!({ "body": "x".repeat(9_000) });
    let path = visit.messages();
    let mut last = visit.position;
    for _ in 0..1_500 {
        last = position(&visit.customer.post(&path, &body).expect(201));
    }
    let (mut seen, mut resumed) = (Vec::new(), 0);
    while seen.last() != Some(&last) {
        match socket.receive() {
            Came::Said(said) if said["type"] == "event" => seen.push(said["position"].as_i64().unwrap()),
            Came::Said(said) if said["type"] == "resume" => {
                assert_eq!((&said["id"], &said["reason"]), (&json!("slow"), &json!("slow")));
                resumed += 1;
                socket.follow("slow", "conversation", Some(&visit.conversation_id), said["after"].as_i64());
            }
            Came::Said(_) => {}
            closed => panic!("{closed:?}"),
        }
    }
    assert!(resumed > 0, "the reader was never too slow");
    let wanted = all_history(&mut shop.owner, &format!("/v1/conversations/{}", visit.conversation_id), last);
    assert_eq!(seen, wanted.into_iter().filter(|at| *at > visit.position).collect::<Vec<_>>());
    server.stop();
}

#[test]
fn a_right_that_is_taken_away_cuts_the_connection() {
    let (_place, server, mut shop) = shop();
    let mut nobody = server.client();
    let within = |mut socket: Socket, what: &str| {
        let begun = Instant::now();
        // The event that took it away may be among what was followed.
        while let Came::Said(said) = socket.receive() {
            if said["type"] == "revoked" {
                break;
            }
            assert_eq!(said["type"], "event", "{what}");
        }
        assert_eq!(socket.closed(), 4401, "{what}");
        assert!(begun.elapsed() < CUT_WITHIN, "{what}: {:?}", begun.elapsed());
    };

    let token = sign_in(&mut nobody, OWNER_EMAIL, OWNER_PASSWORD);
    let (mut other, mut socket) = (Socket::open(server.address(), &shop.token), Socket::open(server.address(), &token));
    socket.follow_live("queue", "queue", None);
    other.follow_live("queue", "queue", None);
    nobody.with_token(&token).delete("/v1/sessions/current").expect(200);
    within(socket, "a session was revoked");
    // The other session of the same user goes on.
    other.expect_quiet();

    let body = json!({
        "email": "pau@example.com", "name": "Pau", "password": OWNER_PASSWORD, "modules": ["calls"]
    });
    let made = shop.owner.post("/v1/users", &body).expect(201);
    let (id, token) = (text(&made, "id"), sign_in(&mut nobody, "pau@example.com", OWNER_PASSWORD));
    let mut socket = Socket::open(server.address(), &token);
    socket.follow_live("all", "account", None);
    let without = json!({"modules": ["settings"]});
    shop.owner.patch(&format!("/v1/users/{id}"), &without).expect(200);
    within(socket, "the module was closed");

    let shopper = shop.hire("sofia@example.com");
    let mut socket = Socket::open(server.address(), shopper.client.token().unwrap());
    socket.follow_live("mine", "work", None);
    shop.owner.delete(&format!("/v1/shoppers/{}", shopper.id)).expect(200);
    within(socket, "the shopper has left the shop");
    server.stop();
}

#[test]
fn a_token_comes_in_the_header_the_subprotocol_or_the_first_message_and_never_in_none() {
    let (_place, server, shop) = shop();
    let address = server.address();
    let protocols = format!("vitrina.v1, bearer.{}", shop.token);
    let mut socket = Socket::handshake(address, &[("Sec-WebSocket-Protocol", &protocols)]).unwrap();
    socket.next_of("welcome");
    let mut socket = Socket::handshake(address, &[]).unwrap();
    socket.say(&json!({"type": "authenticate", "token": shop.token}));
    socket.next_of("welcome");
    socket.say(&json!({"type": "authenticate", "token": shop.token}));
    assert_eq!(socket.next_of("error")["problem"]["code"], "invalid_body");

    let mut socket = Socket::handshake(address, &[]).unwrap();
    socket.say(&json!({"type": "subscribe", "id": "a", "topic": "queue"}));
    assert_eq!(socket.next_of("error")["problem"]["code"], "unauthenticated");
    assert_eq!(socket.closed(), 1008);
    let mut socket = Socket::handshake(address, &[("Authorization", "Bearer vts_wrong")]).unwrap();
    assert_eq!(socket.next_of("error")["problem"]["code"], "unauthenticated");
    assert_eq!(socket.closed(), 4401);
    match Socket::handshake(address, &[("Authorization", "Basic xyz")]) {
        Err(tungstenite::Error::Http(response)) => {
            assert_eq!(response.status(), 401);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        }
        other => panic!("{:?}", other.err()),
    }
    server.stop();
}

#[test]
fn wrong_frames_are_answered_and_broken_ones_end_the_connection() {
    let (_place, server, shop) = shop();
    let mut socket = Socket::open(server.address(), &shop.token);
    for (frame, code) in [
        (json!("text"), "invalid_body"),
        (json!({"type": "dance"}), "invalid_body"),
        (json!({"type": "subscribe", "id": "a", "topic": "call"}), "invalid_field"),
        (json!({"type": "subscribe", "id": "a", "topic": "call", "key": "00000000-0000-0000-0000-000000000000"}), "not_found"),
        (json!({"type": "subscribe", "id": "a", "topic": "queue", "after": -1}), "invalid_field"),
        (json!({"type": "unsubscribe", "id": "a"}), "invalid_field"),
        (json!({"type": "signal", "topic": "queue", "key": "00000000-0000-0000-0000-000000000000", "signal": "typing"}), "invalid_field"),
    ] {
        socket.say(&frame);
        let said = loop {
            match socket.receive() {
                Came::Said(said) if said["type"] == "subscribed" => {}
                Came::Said(said) => break said,
                closed => panic!("{closed:?}"),
            }
        };
        assert_eq!((&said["type"], &said["problem"]["code"]), (&json!("error"), &json!(code)), "{frame}");
    }
    socket.send(Message::text("{"));
    assert_eq!(socket.next_of("error")["problem"]["code"], "malformed_json");
    for (message, code) in [(Message::binary(vec![1]), 1003), (Message::text("x".repeat(100_000)), 1009)] {
        let mut socket = Socket::open(server.address(), &shop.token);
        socket.send(message);
        assert_eq!(socket.closed(), code);
    }
    socket.expect_quiet();
    server.stop();
}

#[test]
fn typing_reaches_the_others_and_is_no_event() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let visit = shop.live_visit(&mut shopper);
    let mut staff = Socket::open(server.address(), shopper.client.token().unwrap());
    let mut customer = Socket::open(server.address(), &visit.token);
    let mut stranger = Socket::open(server.address(), &shop.token);
    for (socket, topic, key) in [
        (&mut staff, "conversation", &visit.conversation_id),
        (&mut customer, "conversation", &visit.conversation_id),
        (&mut stranger, "call", &visit.call_id),
    ] {
        socket.follow("chat", topic, Some(key), Some(visit.position));
        socket.next_of("caught_up");
    }
    let typing = json!({"type": "signal", "topic": "conversation", "key": visit.conversation_id, "signal": "typing", "data": {"on": true}});
    staff.say(&typing);
    let heard = customer.next_of("signal");
    assert_eq!((&heard["signal"], &heard["data"], &heard["ids"]), (&json!("typing"), &json!({"on": true}), &json!(["chat"])));
    assert_eq!(heard["from"], json!({"kind": "shopper"}), "a customer does not learn who exactly");
    customer.say(&typing);
    assert_eq!(staff.next_of("signal")["from"], json!({"kind": "customer", "id": visit.customer_id}));
    customer.expect_quiet();
    stranger.expect_quiet();
    // A flood is cut down to what one person can mean.
    (0..200).for_each(|_| customer.say(&typing));
    customer.expect_quiet();
    // Signals go their own way through the server, so the first one is waited for.
    staff.next_of("signal");
    let mut heard = 1;
    staff.say(&json!({"type": "ping"}));
    while matches!(staff.receive(), Came::Said(said) if said["type"] == "signal") {
        heard += 1;
    }
    assert!((1..100).contains(&heard), "{heard}");
    server.stop();
}

#[test]
fn two_processes_on_one_database_show_each_others_events_signals_and_cuts() {
    let place = Engine::Postgres.place("live_two");
    let first = Server::start(&place);
    let second = Server::start(&place);
    let mut shop = Shop::open(&first);
    let mut shopper = shop.hire("sofia@example.com");
    let visit = shop.live_visit(&mut shopper);
    let mut here = Socket::open(first.address(), &visit.token);
    let mut there = Socket::open(second.address(), shopper.client.token().unwrap());
    here.follow_live("chat", "conversation", Some(&visit.conversation_id));
    there.follow("chat", "conversation", Some(&visit.conversation_id), Some(visit.position));
    there.next_of("caught_up");
    let mut remote = shopper.client.moved_to(second.address());
    for n in 0..20 {
        write(&mut shopper.client, &visit.messages(), &format!("first {n}"));
        write(&mut remote, &visit.messages(), &format!("second {n}"));
    }
    let last = write(&mut remote, &visit.messages(), "last");
    let wanted: Vec<i64> = all_history(&mut shop.owner, &format!("/v1/conversations/{}", visit.conversation_id), last)
        .into_iter()
        .filter(|at| *at > visit.position)
        .collect();
    assert_eq!(positions(&here.events_upto(last)), wanted);
    assert_eq!(positions(&there.events_upto(last)), wanted);

    here.say(&json!({"type": "signal", "topic": "conversation", "key": visit.conversation_id, "signal": "typing"}));
    assert_eq!(there.next_of("signal")["signal"], "typing");
    shopper.client.delete("/v1/sessions/current").expect(200);
    assert_eq!(there.next_of("revoked"), json!({"type": "revoked"}));
    assert_eq!(there.closed(), 4401);
    first.stop();
    second.stop();
}

#[test]
fn the_end_of_the_server_is_told_and_a_client_goes_on_where_it_was() {
    let place: Place = Engine::Sqlite.place("live_stop");
    let server = Server::start(&place);
    let mut shop = Shop::open(&server);
    let visit = shop.visit();
    let mut socket = Socket::open(server.address(), &shop.token);
    socket.follow_live("call", "call", Some(&visit.call_id));
    let reader = std::thread::spawn(move || socket.closed());
    server.stop();
    assert_eq!(reader.join().unwrap(), 1001);

    let server = Server::start(&place);
    let mut shop = shop.moved_to(&server);
    let call = format!("/v1/calls/{}", visit.call_id);
    let cancelled = position(&shop.owner.post(&format!("{call}/cancel"), &json!({})).expect(200));
    let wanted: Vec<_> = all_history(&mut shop.owner, &call, cancelled).into_iter().filter(|at| *at > visit.position).collect();
    let mut socket = Socket::open(server.address(), &shop.token);
    socket.follow("call", "call", Some(&visit.call_id), Some(visit.position));
    assert_eq!(positions(&socket.events_upto(*wanted.last().unwrap())), wanted);
    server.stop();
}

/// The lines of an event stream that have one of these names, until `enough` says so.
fn stream_of(
    server: &Server,
    token: &str,
    query: &str,
    headers: &str,
    enough: impl Fn(&[(String, String)]) -> bool,
) -> Vec<(String, String)> {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out that is not zero");
    let head = format!("GET /v1/events?{query} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).expect("the server reads");
    let mut lines = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line = line.expect("the stream goes on");
        if let Some((name @ ("id" | "event" | "data"), value)) = line.split_once(": ") {
            lines.push((name.to_owned(), value.to_owned()));
        }
        if enough(&lines) {
            return lines;
        }
    }
    lines
}

fn ids(lines: &[(String, String)]) -> Vec<i64> {
    lines.iter().filter(|(name, _)| name == "id").map(|(_, id)| id.parse().expect("a position")).collect()
}

#[test]
fn an_event_stream_goes_on_after_the_last_event_that_was_seen() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let mut visit = shop.live_visit(&mut shopper);
    let path = visit.messages();
    let first = write(&mut visit.customer, &path, "one");
    let second = write(&mut visit.customer, &path, "two");
    let query = format!("topic=conversation&key={}&after={}", visit.conversation_id, visit.position);
    let lines =
        stream_of(&server, &shop.token, &query, "", |lines| ids(lines).last() == Some(&second) && lines.last().unwrap().0 == "data");
    assert_eq!(ids(&lines).iter().rev().take(2).rev().copied().collect::<Vec<_>>(), [first, second]);
    let data: serde_json::Value = serde_json::from_str(&lines.last().unwrap().1).unwrap();
    assert_eq!((&data["event"], &data["data"]["body"]), (&json!("conversation.message_sent"), &json!("two")));

    let third = write(&mut visit.customer, &path, "three");
    let again = format!("Last-Event-ID: {second}\r\n");
    let lines = stream_of(&server, &visit.token, &query, &again, |lines| ids(lines).last() == Some(&third));
    assert_eq!(ids(&lines), [third], "the header wins over the query, and the customer may read too");

    for (query, status) in [("topic=queue", 403), ("topic=call", 422), ("topic=everything", 400)] {
        let answer = shop.owner.with_token(&visit.token).get(&format!("/v1/events?{query}"));
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
    }
    shop.nobody.get("/v1/events?topic=queue").expect(401);
    server.stop();
}

#[test]
fn an_event_stream_ends_when_the_right_to_it_does() {
    let (_place, server, _shop) = shop();
    let mut nobody = server.client();
    let token = sign_in(&mut nobody, OWNER_EMAIL, OWNER_PASSWORD);
    let mut caller = nobody.with_token(&token);
    let has_begun = |lines: &[(String, String)]| lines.iter().any(|(_, value)| value == "caught_up");
    std::thread::scope(|scope| {
        let (started, begun) = std::sync::mpsc::channel();
        let reader = scope.spawn(|| {
            let started = started;
            stream_of(&server, &token, "topic=queue", "", |lines| {
                if has_begun(lines) {
                    // The other side may have stopped listening after the first.
                    let _ = started.send(());
                }
                false
            })
        });
        begun.recv().unwrap();
        caller.delete("/v1/sessions/current").expect(200);
        let lines = reader.join().unwrap();
        assert!(lines.iter().any(|(name, value)| name == "event" && value == "revoked"), "{lines:?}");
    });
    server.stop();
}

#[test]
fn a_customers_socket_tells_that_they_are_there_and_that_they_are_gone() {
    let (_place, server, mut shop) = shop();
    let visit = shop.visit();
    let mut staff = Socket::open(server.address(), &shop.token);
    staff.follow_live("call", "call", Some(&visit.call_id));
    let mut customer = Socket::open(server.address(), &visit.token);
    customer.follow_visit(&visit);
    let came = staff.next_of("event");
    assert_eq!(came["event"], "call.customer_connected");
    assert_eq!(came["actor"], json!({"kind": "customer", "id": visit.customer_id}));
    // Nothing that the customer needs to be told.
    customer.expect_quiet();
    drop(customer);
    let gone = staff.next_of("event");
    assert_eq!(gone["event"], "call.customer_disconnected");
    assert_eq!(gone["data"]["connection_id"], came["data"]["connection_id"]);
    assert!(gone["data"]["until"].is_string(), "the grace ends at an instant that is known: {gone}");
    server.stop();
}
