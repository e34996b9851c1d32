//! A shopper's day where work is pulled: look who waits, take one, stay until it is over, rest now and then. Chats go side by side; a call wants
//! the whole shopper.

use super::{
    floor::{Company, Floor},
    pushed::Pushed,
    staff::Shopper,
};
use crate::{
    books::Claim,
    client::{Fault, Written},
    live::{Heard, Listener, Sign, Subscription, Topic, Until},
    options::{Mode, Sockets},
    random::Random,
};
use serde::Deserialize;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::JoinSet, time::timeout};
use uuid::Uuid;

/// How often an idle shopper looks who waits, when nobody calls.
const LOOKS_EVERY: Duration = Duration::from_millis(250);
/// The status of an answer that says that nobody waits.
const NO_CONTENT: u16 = 204;
/// How far down the queue a shopper looks: enough that two seldom want the same.
const LOOKS_AT: u32 = 20;

/// What is known of a shopper's day.
#[derive(Debug, Default)]
pub struct ShopperBook {
    /// What the shopper's socket said.
    pub heard: Vec<Heard>,
    /// Position of the last thing that the shopper did.
    pub position: i64,
    /// What may not have happened.
    pub faults: Vec<String>,
}

/// Works until the floor closes.
pub async fn work(floor: Arc<Floor>, shopper: Arc<Shopper>) -> ShopperBook {
    let mut book = ShopperBook::default();
    let topics = [
        Subscription { topic: Topic::Work, key: None, after: Some(shopper.hired_at) },
        Subscription { topic: Topic::Queue, key: None, after: None },
    ];
    let name = || shopper.plan.name.clone();
    let gone_home = match (floor.rules.mode, floor.sockets) {
        // Whoever has no socket would never hear of an offer.
        (Mode::Push, _) => {
            let (socket, told) = Listener::begin_telling(&shopper.client, name(), &topics);
            let mut pushed = Pushed::new(&floor, &shopper, told);
            pushed.work(&mut book).await;
            let gone_home = go_home(&shopper, Some(socket), &mut book).await;
            pushed.look_back();
            gone_home
        }
        (Mode::Pull, sockets) => {
            let socket = (sockets == Sockets::On).then(|| Listener::begin(&shopper.client, name(), &topics));
            pull(&floor, &shopper, &mut book).await;
            go_home(&shopper, socket, &mut book).await
        }
    };
    if let Err(fault) = gone_home {
        book.faults.push(format!("shopper {}: {fault}", shopper.plan.name));
    }
    book
}

async fn pull(floor: &Arc<Floor>, shopper: &Arc<Shopper>, book: &mut ShopperBook) {
    let mut day = Workday { floor, shopper, chats: JoinSet::new(), served: 0, random: luck(shopper) };
    let mut breaks = shopper.plan.breaks.iter();
    let mut next_break = breaks.next();
    while !floor.is_closed() {
        let step = match next_break {
            Some(rest) if day.served >= rest.after_visits && day.chats.is_empty() => {
                next_break = breaks.next();
                day.served = 0;
                shopper.steps_out(floor, rest.length_s).await
            }
            _ => day.step().await,
        };
        if let Err(fault) = step {
            book.faults.push(format!("shopper {}: {fault}", shopper.plan.name));
            day.idle().await;
        }
    }
}

/// The last thing that a shopper does is also the last that their socket says.
async fn go_home(shopper: &Shopper, socket: Option<Listener>, book: &mut ShopperBook) -> Result<(), Fault> {
    book.position = shopper.becomes("offline").await?.position;
    if let Some(socket) = socket {
        book.heard = socket.end(vec![Until { subscription: 0, sign: Sign::Position(book.position) }]).await?;
    }
    Ok(())
}

fn luck(shopper: &Shopper) -> Random {
    Random::new(u64::from(shopper.plan.number), "choice", 0)
}

/// What became of looking for a call.
enum Took {
    Call(Claim),
    TooLate,
    Nobody,
}

/// The call that the router picked.
#[derive(Deserialize)]
struct Next {
    id: Uuid,
    position: i64,
    version: i64,
}

struct Workday<'a> {
    floor: &'a Arc<Floor>,
    shopper: &'a Arc<Shopper>,
    chats: JoinSet<()>,
    served: u32,
    random: Random,
}

impl Workday<'_> {
    async fn step(&mut self) -> Result<(), Fault> {
        if self.chats.len() < self.shopper.plan.chats_max as usize
            && let Some(chat) = self.floor.next_chat()
        {
            return self.take_chat(chat).await;
        }
        if self.chats.is_empty() && self.take_call().await? {
            return Ok(());
        }
        self.idle().await;
        Ok(())
    }

    /// Until somebody waits, a chat is over or it is time to look again.
    async fn idle(&mut self) {
        let changed = async {
            tokio::select! {
                () = self.floor.somebody_waits.notified() => {}
                () = self.floor.until_closed() => {}
                Some(_) = self.chats.join_next() => {}
            }
        };
        let _ = timeout(LOOKS_EVERY, changed).await;
    }

    async fn take_chat(&mut self, chat: Uuid) -> Result<(), Fault> {
        let joined = self.shopper.client.post(&format!("/v1/conversations/{chat}/claim"), &json!({})).await;
        match joined {
            Ok(answer) => {
                let joined: Written = answer.json()?;
                let over = self.floor.came(self.claim(chat, joined.version, joined.position), self.shopper, Some(joined));
                self.served += 1;
                self.chats.spawn(until_over(over));
                Ok(())
            }
            // The customer has gone.
            Err(fault) if fault.is_conflict() => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Takes one of those who wait and stays until it is over; `false` when there was nobody.
    async fn take_call(&mut self) -> Result<bool, Fault> {
        // Every second shopper leaves the choice to the router.
        let by_router = self.floor.company == Company::Alone && self.shopper.plan.number.is_multiple_of(2);
        let took = if by_router { self.take_next().await? } else { self.take_by_hand().await? };
        match took {
            Took::Call(claim) => {
                self.served += 1;
                until_over(self.floor.came(claim, self.shopper, None)).await;
                Ok(true)
            }
            Took::TooLate => Ok(true),
            Took::Nobody => Ok(false),
        }
    }

    async fn take_next(&self) -> Result<Took, Fault> {
        let answer = self.shopper.client.post("/v1/queue/next", &json!({ "only": "call" })).await?;
        if answer.status == NO_CONTENT {
            return Ok(Took::Nobody);
        }
        let Next { id, position, version } = answer.json()?;
        Ok(Took::Call(self.claim(id, version, position)))
    }

    async fn take_by_hand(&mut self) -> Result<Took, Fault> {
        let Some(call) = self.choose().await? else { return Ok(Took::Nobody) };
        match self.shopper.client.post(&format!("/v1/calls/{call}/claim"), &json!({})).await {
            Ok(answer) => {
                let Written { version, position, .. } = answer.json()?;
                Ok(Took::Call(self.claim(call, version, position)))
            }
            // Another shopper was faster, or the customer has gone: look again.
            Err(fault) if fault.is_conflict() => Ok(Took::TooLate),
            Err(fault) => Err(fault),
        }
    }

    fn claim(&self, id: Uuid, version: i64, position: i64) -> Claim {
        Claim { id, shopper_id: self.shopper.id, version, position }
    }

    /// One of the first who wait, among those of this day.
    async fn choose(&mut self) -> Result<Option<Uuid>, Fault> {
        let queue = self.shopper.client.get(&format!("/v1/queue?limit={LOOKS_AT}")).await?;
        let ours = |waiting: &&serde_json::Value| waiting["product"]["url"].as_str().is_some_and(|url| url.contains(&self.floor.mark));
        let waiting: Vec<Uuid> = queue["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(ours)
            .filter_map(|waiting| waiting["call_id"].as_str()?.parse().ok())
            .collect();
        Ok(if waiting.is_empty() { None } else { Some(self.random.pick(&waiting)) })
    }
}

/// Waits until the visit lets the shopper go.
pub(super) async fn until_over(over: oneshot::Receiver<()>) {
    // Dropped unsent: that is the sign.
    let _ = over.await;
}
