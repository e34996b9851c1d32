//! What reaches whom: staff see what they follow, a shopper their own work, a customer their own call.

use super::{shop, write};
use serde_json::json;
use vitrina_tests::{
    socket::{Socket, positions},
    walk::position,
};

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
