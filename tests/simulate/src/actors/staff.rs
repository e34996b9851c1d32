//! Those who work: they are made by the owner, sign in and are available. Some serve the queue, some help the others.

use super::floor::Floor;
use crate::{
    client::{Client, Fault, Written},
    options::Mode,
    plan::Staff,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};
use uuid::Uuid;

/// Signs in every simulated shopper. They are made for a day and belong to nobody.
const PASSWORD: &str = "a simulated shopper, made for a day";

/// A shopper who has signed in.
#[derive(Debug)]
pub struct Shopper {
    /// Its id.
    pub id: Uuid,
    /// What they are like.
    pub plan: Staff,
    /// Position in the log at which they came.
    pub hired_at: i64,
    /// Signed in.
    pub client: Client,
}

#[derive(Deserialize)]
struct SignedIn {
    token: String,
}

impl Shopper {
    /// Says whether work may come.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn becomes(&self, status: &str) -> Result<Written, Fault> {
        self.client.put(&format!("/v1/shoppers/{}/status", self.id), &json!({ "status": status })).await?.json()
    }

    /// Is away for this many seconds of the day, or until it is over.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn steps_out(&self, floor: &Floor, length_s: f64) -> Result<(), Fault> {
        self.becomes("away").await?;
        tokio::select! {
            () = floor.pace.pause(length_s) => {}
            () = floor.until_closed() => {}
        }
        self.becomes("available").await.map(|_| ())
    }
}

/// Makes all these shoppers and signs them in. The first so many are available; the others are too where work is pulled, while
/// where it is pushed they would be given some.
///
/// # Errors
/// When the server refuses one of them.
pub async fn hire(owner: &Client, account_id: Uuid, staff: Vec<Staff>, serving: u32, mode: Mode) -> Result<Vec<Arc<Shopper>>, Fault> {
    let mut tasks = JoinSet::new();
    for plan in staff {
        let status = if plan.number < serving || mode == Mode::Pull { "available" } else { "away" };
        tasks.spawn(hire_one(owner.clone(), account_id, plan, status));
    }
    let mut hired = Vec::new();
    while let Some(one) = tasks.join_next().await {
        hired.push(Arc::new(one.expect("hiring does not panic")?));
    }
    hired.sort_by_key(|shopper| shopper.plan.number);
    Ok(hired)
}

async fn hire_one(owner: Client, account_id: Uuid, plan: Staff, status: &str) -> Result<Shopper, Fault> {
    let email = format!("shopper-{}-{}@example.com", plan.number, owner.servers().run().simple());
    let body = json!({
        "name": plan.name, "email": email, "password": PASSWORD, "languages": plan.languages, "expertise": plan.expertise,
        "collections": plan.collections, "max_concurrent": plan.chats_max,
    });
    let made: Written = owner.post("/v1/shoppers", &body).await?.json()?;
    let nobody = Client::new(owner.servers(), plan.number as usize);
    let credentials = json!({ "email": email, "password": PASSWORD, "account_id": account_id });
    let signed_in: SignedIn = nobody.post("/v1/sessions", &credentials).await?.json()?;
    let shopper = Shopper { id: made.id, plan, hired_at: made.position, client: nobody.with_token(&signed_in.token) };
    shopper.becomes(status).await?;
    Ok(shopper)
}

/// Signs the owner in.
///
/// # Errors
/// When the server refuses.
pub async fn sign_in(nobody: &Client, email: &str, password: &str) -> Result<Client, Fault> {
    let signed_in: SignedIn = nobody.post("/v1/sessions", &json!({ "email": email, "password": password })).await?.json()?;
    Ok(nobody.with_token(&signed_in.token))
}

/// Shoppers who serve no queue: they help, and take over what others hand on. Each does one thing at a time.
#[derive(Debug)]
pub struct Colleagues {
    free: Mutex<mpsc::UnboundedReceiver<Arc<Shopper>>>,
    come_back: mpsc::UnboundedSender<Arc<Shopper>>,
}

/// A colleague who is among it, and free again when dropped.
#[derive(Debug)]
pub struct Colleague {
    /// Who.
    pub shopper: Arc<Shopper>,
    come_back: mpsc::UnboundedSender<Arc<Shopper>>,
}

impl Colleagues {
    /// These.
    pub fn new(shoppers: Vec<Arc<Shopper>>) -> Self {
        let (come_back, free) = mpsc::unbounded_channel();
        for shopper in shoppers {
            // The receiver is at hand.
            let _ = come_back.send(shopper);
        }
        Self { free: Mutex::new(free), come_back }
    }

    /// The next one who is free.
    pub async fn next(&self) -> Colleague {
        let shopper = self.free.lock().await.recv().await.expect("a sender of ours is alive");
        Colleague { shopper, come_back: self.come_back.clone() }
    }
}

impl Drop for Colleague {
    fn drop(&mut self) {
        let _ = self.come_back.send(self.shopper.clone());
    }
}
