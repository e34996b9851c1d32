//! What customer and shopper do together, step by step, each with their own token.

use super::{
    floor::{Floor, Taken},
    staff::{Colleague, Shopper},
    visit::say,
};
use crate::{
    books::{Line, Speaker, Subject, VisitBook},
    client::{Client, Fault, Written},
    live::Listener,
    plan::{Act, Ending, Hand, Product, Session, Step},
};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// A session that goes on.
pub struct Talk<'a> {
    floor: &'a Floor,
    customer: Client,
    shopper: Arc<Shopper>,
    /// Keeps the shopper who took it, until the end or until somebody takes over.
    taken: Option<Taken>,
    /// A colleague who took over, kept until the end.
    took_over: Option<Colleague>,
    /// The customer's socket.
    socket: Option<&'a Listener>,
    call: Option<Uuid>,
    conversation: Uuid,
    book: &'a mut VisitBook,
}

impl<'a> Talk<'a> {
    /// Both are there.
    pub fn new(
        floor: &'a Floor,
        customer: Client,
        socket: Option<&'a Listener>,
        taken: Taken,
        call: Option<Uuid>,
        conversation: Uuid,
        book: &'a mut VisitBook,
    ) -> Self {
        Self { floor, customer, shopper: taken.shopper.clone(), taken: Some(taken), took_over: None, socket, call, conversation, book }
    }

    /// The book of the visit.
    pub fn book(&mut self) -> &mut VisitBook {
        self.book
    }

    /// The call goes live.
    pub async fn start(&mut self) -> Result<(), Fault> {
        let started = self.in_call(Hand::Shopper, "start", json!({})).await?;
        self.book.promised(Subject::Call, &["call.started"], &started);
        self.book.holders.push(self.shopper.id);
        self.book.takes_part(self.shopper.id);
        Ok(())
    }

    /// One step after the other.
    pub async fn all(&mut self, steps: &[Step]) -> Result<(), Fault> {
        for step in steps {
            self.floor.pace.pause(step.after_s).await;
            self.step(&step.act).await?;
        }
        Ok(())
    }

    /// The call ends, with or without work afterwards.
    pub async fn hang_up(&mut self, session: &Session) -> Result<(), Fault> {
        let hand = match session.ending {
            Ending::Customer => Hand::Customer,
            Ending::Shopper => Hand::Shopper,
        };
        let Some(wrap_up_s) = session.wrap_up_s else {
            let ended = self.in_call(hand, "end", json!({})).await?;
            self.book.promised(Subject::Call, &["call.ended", "call.finished"], &ended);
            return Ok(());
        };
        let ended = self.in_call(hand, "end", json!({ "wrap_up": "keep" })).await?;
        self.book.promised(Subject::Call, &["call.ended"], &ended);
        self.floor.pace.pause(wrap_up_s).await;
        let finished = self.in_call(Hand::Shopper, "finish", json!({})).await?;
        self.book.promised(Subject::Call, &["call.finished"], &finished);
        Ok(())
    }

    /// The chat is closed.
    pub async fn close(&mut self, ending: Ending) -> Result<(), Fault> {
        let client = match ending {
            Ending::Customer => &self.customer,
            Ending::Shopper => &self.shopper.client,
        };
        let closed: Written = client.post(&format!("/v1/conversations/{}/close", self.conversation), &json!({})).await?.json()?;
        self.book.promised(Subject::Conversation, &["conversation.closed"], &closed);
        Ok(())
    }

    async fn step(&mut self, act: &Act) -> Result<(), Fault> {
        match act {
            Act::Say { by, text } => self.says(*by, "public", text).await,
            Act::Whisper(text) => self.says(Hand::Shopper, "internal", text).await,
            Act::Show(product) => self.show(product).await,
            Act::Add { product, quantity, by } => self.add(product, *quantity, *by).await,
            Act::Change { sku, quantity } => self.change(sku, *quantity).await,
            Act::Remove { sku } => self.remove(sku).await,
            Act::NeedHelp { text } => self.need_help(text).await,
            Act::HandOver { text } => self.hand_over(text).await,
            Act::Tag(tag) => self.tag(tag).await,
            Act::LoseSocket => {
                if let Some(socket) = self.socket {
                    socket.lose_connection();
                }
                Ok(())
            }
        }
    }

    async fn says(&mut self, by: Hand, visibility: &'static str, text: &str) -> Result<(), Fault> {
        let (client, speaker) = match by {
            Hand::Customer => (&self.customer, Speaker::Customer),
            Hand::Shopper => (&self.shopper.client, Speaker::Shopper(self.shopper.id)),
        };
        say(client, self.conversation, speaker, visibility, text.to_owned(), self.book).await
    }

    async fn show(&mut self, product: &Product) -> Result<(), Fault> {
        let body = json!({
            "sku": product.sku, "name": product.name, "price": { "amount": product.cents, "currency": "EUR" },
            "collections": [product.collection],
        });
        let shown = self.in_call(Hand::Shopper, "products", body).await?;
        self.book.promised(Subject::Call, &["product.shown"], &shown);
        self.book.shown.push(product.sku.clone());
        Ok(())
    }

    async fn add(&mut self, product: &Product, quantity: u32, by: Hand) -> Result<(), Fault> {
        let body = json!({
            "cart_id": format!("cart-{}", self.the_call()?), "sku": product.sku, "name": product.name, "quantity": quantity,
            "unit_price": { "amount": product.cents, "currency": "EUR" }, "collections": [product.collection],
        });
        let added = self.in_call(by, "cart/items", body).await?;
        self.book.promised(Subject::Call, &["cart.item_added"], &added);
        let line = self.book.cart.entry(product.sku.clone()).or_insert(Line { quantity: 0, cents: product.cents });
        line.quantity += quantity;
        Ok(())
    }

    async fn change(&mut self, sku: &str, quantity: u32) -> Result<(), Fault> {
        let path = format!("/v1/calls/{}/cart/items/{sku}", self.the_call()?);
        let changed = self.customer.send("PATCH", &path, Some(&json!({ "quantity": quantity }))).await?.good()?;
        let Some(line) = self.book.cart.get_mut(sku) else { return Err(Fault::Missing(format!("a line {sku} in the plan's cart"))) };
        // The same quantity again is no event.
        if line.quantity != quantity {
            line.quantity = quantity;
            self.book.promised(Subject::Call, &["cart.item_updated"], &changed.json()?);
        }
        Ok(())
    }

    async fn remove(&mut self, sku: &str) -> Result<(), Fault> {
        let path = format!("/v1/calls/{}/cart/items/{sku}", self.the_call()?);
        let removed = self.customer.send("DELETE", &path, None).await?.good()?;
        self.book.cart.remove(sku);
        self.book.promised(Subject::Call, &["cart.item_removed"], &removed.json()?);
        Ok(())
    }

    /// A colleague comes, says something and goes; what was asked is answered.
    async fn need_help(&mut self, text: &str) -> Result<(), Fault> {
        let base = format!("/v1/conversations/{}", self.conversation);
        let asked: Written = self.shopper.client.put(&format!("{base}/status"), &json!({ "status": "need_help" })).await?.json()?;
        self.book.promised(Subject::Conversation, &["conversation.status_changed"], &asked);
        let colleague = self.floor.colleagues.next().await;
        let helper = &colleague.shopper;
        let joined: Written = helper.client.post(&format!("{base}/join"), &json!({})).await?.json()?;
        self.book.promised(Subject::Conversation, &["conversation.agent_joined", "conversation.status_changed"], &joined);
        self.book.takes_part(helper.id);
        say(&helper.client, self.conversation, Speaker::Shopper(helper.id), "public", text.to_owned(), self.book).await?;
        let left: Written = helper.client.post(&format!("{base}/leave"), &json!({})).await?.json()?;
        self.book.promised(Subject::Conversation, &["conversation.agent_left"], &left);
        self.book.goes(helper.id);
        Ok(())
    }

    /// A colleague takes over and stays until the end.
    async fn hand_over(&mut self, text: &str) -> Result<(), Fault> {
        let colleague = self.floor.colleagues.next().await;
        let to = colleague.shopper.clone();
        match self.call {
            Some(_) => {
                let transferred = self.in_call(Hand::Shopper, "transfer", json!({ "shopper_id": to.id })).await?;
                self.book.promised(Subject::Call, &["call.transferred"], &transferred);
                self.book.holders.push(to.id);
            }
            None => {
                let base = format!("/v1/conversations/{}", self.conversation);
                let body = json!({ "to": { "shopper_id": to.id }, "note": "The customer would like to see more." });
                let handed: Written = self.shopper.client.post(&format!("{base}/handover"), &body).await?.json()?;
                let kinds = ["conversation.handed_off", "conversation.agent_joined", "conversation.agent_left"];
                self.book.promised(Subject::Conversation, &kinds, &handed);
                self.book.goes(self.shopper.id);
            }
        }
        self.book.takes_part(to.id);
        self.shopper = to;
        // Whoever handed on is free.
        self.taken = None;
        self.took_over = Some(colleague);
        self.says(Hand::Shopper, "public", text).await
    }

    async fn tag(&mut self, tag: &'static str) -> Result<(), Fault> {
        let path = format!("/v1/conversations/{}/tags", self.conversation);
        let tagged: Written = self.shopper.client.post(&path, &json!({ "tag": tag })).await?.json()?;
        if self.book.tags.insert(tag) {
            self.book.promised(Subject::Conversation, &["conversation.tag_added"], &tagged);
        }
        Ok(())
    }

    async fn in_call(&self, by: Hand, what: &str, body: serde_json::Value) -> Result<Written, Fault> {
        let client = match by {
            Hand::Customer => &self.customer,
            Hand::Shopper => &self.shopper.client,
        };
        client.post(&format!("/v1/calls/{}/{what}", self.the_call()?), &body).await?.json()
    }

    fn the_call(&self) -> Result<Uuid, Fault> {
        self.call.ok_or_else(|| Fault::Missing("a call, in the plan of a chat".to_owned()))
    }
}
