//! What is of the moment: typing, which is no event, and being there, which is one.

use super::shop;
use serde_json::json;
use vitrina_tests::socket::{Came, Socket};

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
