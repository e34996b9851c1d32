//! The shop's main job in terms of HTTP: sign in, hire a shopper, let a customer ask for a call, serve it. Suites build on
//! these steps and look at what they are about.

use crate::{
    http::{Answer, Client},
    server::{OWNER_EMAIL, OWNER_PASSWORD, Server},
};
use serde_json::{Value, json};

/// An open shop: its owner is signed in.
#[derive(Debug)]
pub struct Shop {
    /// The owner.
    pub owner: Client,
    /// The owner's token.
    pub token: String,
    /// Somebody without a token.
    pub nobody: Client,
}

/// A shopper who may sign in.
#[derive(Debug)]
pub struct Shopper {
    /// Its id, also the user's.
    pub id: String,
    /// Signed in.
    pub client: Client,
}

/// A customer who has asked for a call.
#[derive(Debug)]
pub struct Visit {
    /// The call.
    pub call_id: String,
    /// The call's chat.
    pub conversation_id: String,
    /// The customer.
    pub customer_id: String,
    /// With the token for this call and conversation.
    pub customer: Client,
    /// That token.
    pub token: String,
    /// Position of the last event of its steps here.
    pub position: i64,
}

/// A shopper's password in these suites.
pub const SHOPPER_PASSWORD: &str = "a password of twenty characters";

impl Shop {
    /// Signs the owner in.
    pub fn open(server: &Server) -> Self {
        let mut nobody = server.client();
        let token = sign_in(&mut nobody, OWNER_EMAIL, OWNER_PASSWORD);
        Self { owner: nobody.with_token(&token), token, nobody }
    }

    /// The same shop at another address: after a restart.
    pub fn moved_to(&self, server: &Server) -> Self {
        let nobody = server.client();
        Self { owner: nobody.with_token(&self.token), token: self.token.clone(), nobody }
    }

    /// A new shopper, signed in and available.
    pub fn hire(&mut self, email: &str) -> Shopper {
        let body = json!({ "name": "Sofía Reyes", "email": email, "password": SHOPPER_PASSWORD });
        let id = text(&self.owner.post("/v1/shoppers", &body).expect(201), "id");
        let token = sign_in(&mut self.nobody, email, SHOPPER_PASSWORD);
        let mut client = self.nobody.with_token(&token);
        client.put(&format!("/v1/shoppers/{id}/status"), &json!({ "status": "available" })).expect(200);
        Shopper { id, client }
    }

    /// A customer asks for a call.
    pub fn visit(&mut self) -> Visit {
        let answer = self.nobody.post("/v1/calls", &request_of_a_call()).expect(201);
        let token = text(&answer, "customer_token");
        Visit {
            call_id: text(&answer, "id"),
            conversation_id: text(&answer, "conversation_id"),
            customer_id: text(&answer, "customer_id"),
            customer: self.nobody.with_token(&token),
            token,
            position: position(&answer),
        }
    }

    /// A visit whose call is live with `shopper`.
    pub fn live_visit(&mut self, shopper: &mut Shopper) -> Visit {
        let mut visit = self.visit();
        shopper.client.post(&format!("/v1/calls/{}/claim", visit.call_id), &json!({})).expect(200);
        let started = shopper.client.post(&format!("/v1/calls/{}/start", visit.call_id), &json!({})).expect(200);
        visit.position = position(&started);
        visit
    }
}

impl Visit {
    /// Where its messages are.
    pub fn messages(&self) -> String {
        format!("/v1/conversations/{}/messages", self.conversation_id)
    }
}

/// What a customer sends to ask for a call.
pub fn request_of_a_call() -> Value {
    json!({
        "customer": { "name": "Ana Prado", "email": "ana@example.com", "language": "es" },
        "product": { "sku": "SKU-1", "name": "Blue coat", "price": { "amount": 12990, "currency": "EUR" } },
        "platform": "web",
        "device": "mobile",
        "language": "es",
        "country": "ES"
    })
}

/// Signs in and gives the token.
pub fn sign_in(client: &mut Client, email: &str, password: &str) -> String {
    let answer = client.post("/v1/sessions", &json!({ "email": email, "password": password }));
    text(&answer.expect(201), "token")
}

/// A text member of an answer.
///
/// # Panics
/// When it has none.
#[track_caller]
pub fn text(answer: &Answer, member: &str) -> String {
    let json = answer.json();
    json[member].as_str().unwrap_or_else(|| panic!("no text `{member}` in {json}")).to_owned()
}

/// The position in an answer: of the command, or of what was read.
#[track_caller]
pub fn position(answer: &Answer) -> i64 {
    let json = answer.json();
    json["position"].as_i64().unwrap_or_else(|| panic!("no position in {json}"))
}

/// The items of a list.
#[track_caller]
pub fn items(answer: &Answer) -> Vec<Value> {
    let json = answer.json();
    json["items"].as_array().unwrap_or_else(|| panic!("no items in {json}")).clone()
}
