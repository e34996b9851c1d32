//! A customer's visit: asks for a call or a chat, waits, is served or goes, rates.

use super::{
    floor::{Counts, Floor, Taken},
    session::Talk,
};
use crate::{
    books::{End, Said, Speaker, Subject, VisitBook},
    client::{Client, Fault, Made, Written},
    live::{Listener, Sign, Subscription, Topic, Until},
    options::Sockets,
    plan::{Ballot, Beginning, Visit, Wish},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};
use uuid::Uuid;

/// Nobody of the day has to wait longer than this, by the clock: whoever does was forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(1_800);

/// Plays the visit and gives its book.
pub async fn visit(floor: Arc<Floor>, plan: Visit) -> VisitBook {
    Counts::up(&floor.counts.arrived);
    let mut book = VisitBook::new(plan.number, plan.wish);
    let mut socket = None;
    let outcome = match plan.wish {
        Wish::Call => call(&floor, &plan, &mut socket, &mut book).await,
        Wish::Chat => chat(&floor, &plan, &mut socket, &mut book).await,
    };
    if let Err(fault) = outcome {
        book.faults.push(format!("visit {}: {fault}", plan.number));
    }
    if let Some(socket) = socket {
        match socket.end(signs(&book)).await {
            Ok(heard) => book.heard = heard,
            Err(fault) => book.faults.push(format!("visit {}: {fault}", plan.number)),
        }
    }
    Counts::up(&floor.counts.gone);
    book
}

async fn call(floor: &Floor, plan: &Visit, socket: &mut Option<Listener>, book: &mut VisitBook) -> Result<(), Fault> {
    let nobody = Client::new(floor.nobody.servers(), plan.number as usize);
    let made: Made = nobody.post("/v1/calls", &call_wanted(floor, plan)).await?.json()?;
    let conversation_id = made.conversation_id.ok_or_else(|| Fault::Missing("a call without a conversation".to_owned()))?;
    let written = Written { id: made.id, position: made.position, version: 2, recorded_at: made.recorded_at };
    book.call_id = Some(made.id);
    book.conversation_id = Some(conversation_id);
    book.customer_id = Some(made.customer_id);
    book.promised(Subject::Call, &["call.requested", "call.queued"], &written);
    book.promised(Subject::Conversation, &["conversation.opened"], &Written { version: 1, ..written });
    let customer = nobody.with_token(&made.customer_token);
    let topics = [(Topic::Call, made.id), (Topic::Conversation, conversation_id)];
    *socket = listen(floor, &customer, plan, &topics);
    let mut comers = floor.expect(made.id);
    floor.somebody_waits.notify_one();
    if plan.looks {
        look_at_place(&customer, &made).await?;
    }

    let Some(mut taken) = wait(floor, plan.patience_s, &mut comers).await? else {
        return leave_queue(&customer, made.id, book).await;
    };
    match plan.session.beginning {
        Beginning::Straight => {}
        Beginning::GivenBack => {
            let released: Written = taken.shopper.client.post(&format!("/v1/calls/{}/release", made.id), &json!({})).await?.json()?;
            book.promised(Subject::Call, &["call.queued"], &released);
            // The shopper is free before somebody else can come.
            drop(taken);
            floor.somebody_waits.notify_one();
            taken = match wait(floor, None, &mut comers).await? {
                Some(taken) => taken,
                None => return Err(forgotten()),
            };
        }
        Beginning::CalledOff => {
            let cancelled: Written = taken.shopper.client.post(&format!("/v1/calls/{}/cancel", made.id), &json!({})).await?.json()?;
            book.promised(Subject::Call, &["call.cancelled"], &cancelled);
            book.end = End::CalledOff;
            return Ok(());
        }
    }
    let _counted = InSession::begin(&floor.counts);
    floor.pace.pause(plan.session.gets_ready_s).await;
    let mut talk = Talk::new(floor, customer.clone(), socket.as_ref(), taken, Some(made.id), conversation_id, book);
    talk.start().await?;
    talk.all(&plan.session.steps).await?;
    talk.hang_up(&plan.session).await?;
    // Free for the next one; the rating is the customer's own business.
    drop(talk);
    book.end = End::Served;
    rate(&customer, &format!("/v1/calls/{}/rating", made.id), Subject::Call, &plan.session.ballots, book).await
}

async fn chat(floor: &Floor, plan: &Visit, socket: &mut Option<Listener>, book: &mut VisitBook) -> Result<(), Fault> {
    let nobody = Client::new(floor.nobody.servers(), plan.number as usize);
    let made: Made = nobody.post("/v1/conversations", &chat_wanted(floor, plan)).await?.json()?;
    let written = Written { id: made.id, position: made.position, version: 1, recorded_at: made.recorded_at };
    book.conversation_id = Some(made.id);
    book.customer_id = Some(made.customer_id);
    book.promised(Subject::Conversation, &["conversation.opened"], &written);
    let customer = nobody.with_token(&made.customer_token);
    *socket = listen(floor, &customer, plan, &[(Topic::Conversation, made.id)]);
    let mut comers = floor.expect(made.id);
    let text = format!("{} ({})", plan.product.name, plan.product.sku);
    say(&customer, made.id, Speaker::Customer, "public", text, book).await?;
    floor.chat_waits(made.id);

    let Some(taken) = wait(floor, plan.patience_s, &mut comers).await? else {
        let closed: Written = customer.post(&format!("/v1/conversations/{}/close", made.id), &json!({})).await?.json()?;
        book.promised(Subject::Conversation, &["conversation.closed"], &closed);
        book.end = End::Abandoned;
        return Ok(());
    };
    if let Some(joined) = &taken.joined {
        book.promised(Subject::Conversation, &["conversation.agent_joined"], joined);
    }
    book.takes_part(taken.shopper.id);
    let _counted = InSession::begin(&floor.counts);
    let mut talk = Talk::new(floor, customer.clone(), socket.as_ref(), taken, None, made.id, book);
    talk.all(&plan.session.steps).await?;
    talk.close(&plan.session).await?;
    drop(talk);
    book.end = End::Served;
    rate(&customer, &format!("/v1/conversations/{}/rating", made.id), Subject::Conversation, &plan.session.ballots, book).await
}

/// The customer's socket: everything of their own from its beginning.
fn listen(floor: &Floor, customer: &Client, plan: &Visit, topics: &[(Topic, Uuid)]) -> Option<Listener> {
    let subscriptions: Vec<Subscription> =
        topics.iter().map(|(topic, key)| Subscription { topic: *topic, key: Some(*key), after: Some(0) }).collect();
    (floor.sockets == Sockets::On).then(|| Listener::begin(customer, format!("customer {}", plan.number), &subscriptions))
}

/// What the customer's socket has to have said in the end.
fn signs(book: &VisitBook) -> Vec<Until> {
    let of = |subscription: usize, kind: &'static str, times: usize| Until { subscription, sign: Sign::Times(kind, times) };
    let rated = of(0, "survey.answered", book.ratings.len());
    match (book.wish, book.end) {
        (_, End::Unfinished) => Vec::new(),
        (Wish::Chat, _) => vec![of(0, "conversation.closed", 1), rated],
        (Wish::Call, End::Served) => vec![of(0, "call.finished", 1), of(1, "conversation.closed", 1), rated],
        (Wish::Call, _) => vec![of(0, "call.cancelled", 1), of(1, "conversation.closed", 1)],
    }
}

/// Waits for a shopper; `None` when the customer's patience came to its end first.
async fn wait(floor: &Floor, patience_s: Option<f64>, comers: &mut UnboundedReceiver<Taken>) -> Result<Option<Taken>, Fault> {
    Counts::up(&floor.counts.waiting);
    let came = match patience_s {
        None => timeout(FORGOTTEN_AFTER, comers.recv()).await.map_err(|_| forgotten())?,
        Some(seconds) => {
            // Without pauses the customer goes at once, and is served only by who was faster still.
            tokio::select! {
                biased;
                came = comers.recv() => came,
                () = floor.pace.pause(seconds) => None,
            }
        }
    };
    Counts::down(&floor.counts.waiting);
    Ok(came)
}

fn forgotten() -> Fault {
    Fault::Missing(format!("nobody came within {} minutes", FORGOTTEN_AFTER.as_secs() / 60))
}

async fn look_at_place(customer: &Client, made: &Made) -> Result<(), Fault> {
    let place = customer.get(&format!("/v1/calls/{}/queue?at_least={}", made.id, made.position)).await?;
    let (is_waiting, at) = (place["is_waiting"].as_bool(), place["place"].as_i64());
    match (is_waiting, at) {
        (Some(true), Some(1..)) | (Some(false), None) => Ok(()),
        _ => Err(Fault::Missing(format!("a place in the queue that makes sense, not {place}"))),
    }
}

/// The customer goes. A shopper who claimed at the same moment finds the call cancelled.
async fn leave_queue(customer: &Client, call: Uuid, book: &mut VisitBook) -> Result<(), Fault> {
    let body = json!({ "reason": "abandoned_in_queue" });
    let cancelled: Written = customer.post(&format!("/v1/calls/{call}/cancel"), &body).await?.json()?;
    book.promised(Subject::Call, &["call.cancelled"], &cancelled);
    book.end = End::Abandoned;
    Ok(())
}

/// Somebody says something.
pub(super) async fn say(
    client: &Client,
    conversation: Uuid,
    by: Speaker,
    visibility: &'static str,
    text: String,
    book: &mut VisitBook,
) -> Result<(), Fault> {
    let body = json!({ "body": text, "visibility": visibility });
    let answer = client.post(&format!("/v1/conversations/{conversation}/messages"), &body).await?;
    let written: Written = answer.json()?;
    book.promised(Subject::Conversation, &["conversation.message_sent"], &written);
    book.acknowledged.push((written.position, answer.arrived));
    book.said.push(Said { id: written.id, position: written.position, by, visibility, text });
    Ok(())
}

async fn rate(client: &Client, path: &str, of: Subject, ballots: &[Ballot], book: &mut VisitBook) -> Result<(), Fault> {
    for ballot in ballots {
        let written: Written = client.post(path, &ballot_given(ballot)).await?.json()?;
        book.promised(of, &["survey.answered"], &written);
        book.ratings.push((written.id, ballot.clone()));
    }
    Ok(())
}

/// Counts a session until it is dropped.
struct InSession<'a>(&'a Counts);

impl<'a> InSession<'a> {
    fn begin(counts: &'a Counts) -> Self {
        Counts::up(&counts.in_session);
        Self(counts)
    }
}

impl Drop for InSession<'_> {
    fn drop(&mut self) {
        Counts::down(&self.0.in_session);
    }
}

fn call_wanted(floor: &Floor, plan: &Visit) -> Value {
    let (person, product) = (&plan.person, &plan.product);
    json!({
        "account_id": floor.account_id,
        "customer": { "name": person.name, "email": person.email, "language": person.language, "country": person.country },
        "product": {
            "sku": product.sku, "name": product.name, "price": { "amount": product.cents, "currency": "EUR" },
            "url": format!("https://shop.example/{}/{}", floor.mark, plan.number),
        },
        "platform": "web", "device": person.device, "language": person.language, "country": person.country,
    })
}

fn chat_wanted(floor: &Floor, plan: &Visit) -> Value {
    let person = &plan.person;
    json!({
        "account_id": floor.account_id,
        "customer": { "name": person.name, "email": person.email, "language": person.language, "country": person.country },
        "channel": format!("sim-{}", floor.mark), "language": person.language, "country": person.country,
    })
}

fn ballot_given(ballot: &Ballot) -> Value {
    let mut given = json!({});
    let members = [
        ("nps", ballot.nps.map(Value::from)),
        ("csat", ballot.csat.map(Value::from)),
        ("face", ballot.face.map(Value::from)),
        ("comment", ballot.comment.clone().map(Value::from)),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            given[name] = value;
        }
    }
    given
}
