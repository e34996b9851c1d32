//! A right that is taken away ends what it had opened.

use super::shop;
use serde_json::json;
use vitrina_tests::{
    server::{OWNER_EMAIL, OWNER_PASSWORD},
    socket::{Came, Socket},
    walk::{sign_in, text},
};

#[test]
fn a_right_that_is_taken_away_cuts_the_connection() {
    let (_place, server, mut shop) = shop();
    let mut nobody = server.client();
    let is_cut = |mut socket: Socket, what: &str| {
        // The event that took it away may be among what was followed.
        while let Came::Said(said) = socket.receive() {
            if said["type"] == "revoked" {
                break;
            }
            assert_eq!(said["type"], "event", "{what}");
        }
        assert_eq!(socket.closed(), 4401, "{what}");
    };

    let token = sign_in(&mut nobody, OWNER_EMAIL, OWNER_PASSWORD);
    let (mut other, mut socket) = (Socket::open(server.address(), &shop.token), Socket::open(server.address(), &token));
    socket.follow_live("queue", "queue", None);
    other.follow_live("queue", "queue", None);
    nobody.with_token(&token).delete("/v1/sessions/current").expect(200);
    is_cut(socket, "a session was revoked");
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
    is_cut(socket, "the module was closed");

    let shopper = shop.hire("sofia@example.com");
    let mut socket = Socket::open(server.address(), shopper.client.token().unwrap());
    socket.follow_live("mine", "work", None);
    shop.owner.delete(&format!("/v1/shoppers/{}", shopper.id)).expect(200);
    is_cut(socket, "the shopper has left the shop");
    server.stop();
}
