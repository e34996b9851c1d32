//! What a connection says: its token, its frames, and what becomes of wrong ones.

use super::shop;
use serde_json::json;
use tokio_tungstenite::tungstenite::{self, Message};
use vitrina_tests::socket::{Came, Socket};

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
    for (message, code) in [(Message::binary(vec![1]), 1003), (Message::text("x".repeat(200_000)), 1009)] {
        let mut socket = Socket::open(server.address(), &shop.token);
        socket.send(message);
        assert_eq!(socket.closed(), code);
    }
    socket.expect_quiet();
    server.stop();
}
