//! A customer's visit: asks for a call or a chat, waits, is served or goes, rates.

use super::{
    again,
    appointment::Agreed,
    buying,
    floor::{Counts, Floor, InSession, Taken},
    meeting,
    presence::Person,
    session::Talk,
    wanted,
};
use crate::{
    books::{End, Said, Speaker, Subject, VisitBook},
    client::{Client, Fault, Made, Written},
    live::{Listener, Sign, Subscription, Topic, Until},
    media::Side,
    options::Sockets,
    plan::{Ballot, Beginning, Kept, Visit, Wish},
};
use chrono::Utc;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};
use uuid::Uuid;

/// Nobody of the day has to wait longer than this, by the clock: whoever does was forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(1_800);

/// Plays the visit and gives its book, and one more when the customer wrote again.
pub async fn visit(floor: Arc<Floor>, plan: Visit) -> Vec<VisitBook> {
    Counts::up(&floor.counts.arrived);
    let mut book = VisitBook::new(plan.number, plan.wish);
    let mut socket = None;
    let outcome = match plan.wish {
        Wish::Call => call(&floor, &plan, &mut socket, &mut book).await,
        Wish::Chat => chat(&floor, &plan, &mut socket, &mut book).await,
    };
    let mut second = None;
    match (outcome, &plan.session.again) {
        (Ok(customer), Some(again)) if book.end == End::Served => second = Some(again::play(&floor, again, &customer, &mut book).await),
        (Ok(_), _) => {}
        (Err(fault), _) => book.faults.push(format!("visit {}: {fault}", plan.number)),
    }
    if let Some(socket) = socket {
        book.has_heard(socket.end(signs(&book)).await);
    }
    Counts::up(&floor.counts.gone);
    std::iter::once(book).chain(second).collect()
}

async fn call(floor: &Floor, plan: &Visit, socket: &mut Option<Listener>, book: &mut VisitBook) -> Result<Client, Fault> {
    let nobody = Client::new(floor.nobody.servers(), plan.number as usize);
    let agreed = plan.appointment.map(|appointment| Agreed::on(floor, appointment));
    let mut wanted = wanted::call(floor, plan);
    if let Some(agreed) = &agreed {
        wanted["schedule"] = agreed.wanted();
    }
    let made: Made = nobody.post("/v1/calls", &wanted).await?.json()?;
    let conversation_id = made.conversation_id.ok_or_else(|| Fault::Missing("a call without a conversation".to_owned()))?;
    let written = Written { id: made.id, position: made.position, version: 2, recorded_at: made.recorded_at };
    book.call_id = Some(made.id);
    book.conversation_id = Some(conversation_id);
    book.customer_id = Some(made.customer_id);
    let second = if agreed.is_some() { "call.scheduled" } else { "call.queued" };
    book.promised(Subject::Call, &["call.requested", second], &written);
    book.promised(Subject::Conversation, &["conversation.opened"], &Written { version: 1, ..written });
    let customer = nobody.with_token(&made.customer_token);
    let topics = [(Topic::Call, made.id), (Topic::Conversation, conversation_id)];
    let mut comers = floor.expect(made.id);
    if let Some(agreed) = agreed {
        if agreed.until_time(floor, &customer, made.id, book).await? == Kept::StaysAway {
            return Ok(customer);
        }
        *socket = listen(floor, &customer, plan.number, &topics);
        let queued: Written = customer.post(&format!("/v1/calls/{}/queue", made.id), &json!({})).await?.json()?;
        book.promised(Subject::Call, &["call.queued"], &queued);
    } else {
        *socket = listen(floor, &customer, plan.number, &topics);
    }
    floor.somebody_waits.notify_one();
    if plan.looks {
        look_at_place(&customer, made.id, book.position).await?;
    }

    let Some(mut taken) = wait(floor, plan.patience_s, &mut comers).await? else {
        leave_queue(&customer, made.id, book).await?;
        return Ok(customer);
    };
    match plan.session.beginning {
        Beginning::Straight => {}
        Beginning::GivenBack => {
            let released: Written = taken.shopper.client.post(&format!("/v1/calls/{}/release", made.id), &json!({})).await?.json()?;
            book.promised(Subject::Call, &["call.queued"], &released);
            // The shopper is free before somebody else can come.
            drop(taken);
            floor.somebody_waits.notify_one();
            taken = wait(floor, None, &mut comers).await?.ok_or_else(forgotten)?;
        }
        Beginning::CalledOff => {
            let cancelled: Written = taken.shopper.client.post(&format!("/v1/calls/{}/cancel", made.id), &json!({})).await?.json()?;
            book.promised(Subject::Call, &["call.cancelled"], &cancelled);
            book.end = End::CalledOff;
            return Ok(customer);
        }
    }
    let _counted = InSession::begin(&floor.counts);
    floor.pace.pause(plan.session.gets_ready_s).await;
    let shopper = taken.shopper.clone();
    let mut talk = Talk::new(floor, customer.clone(), socket.as_ref(), taken, Some(made.id), conversation_id, book);
    talk.start().await?;
    let people = [
        Person { who: made.customer_id, side: Side::Customer, device: plan.person.device, client: customer.clone() },
        Person { who: shopper.id, side: Side::Shopper, device: "desktop", client: shopper.client.clone() },
    ];
    let met = meeting::play(floor, &plan.meeting, made.id, people, talk.book()).await;
    talk.all(&plan.session.steps).await?;
    let asked = Utc::now();
    talk.hang_up(&plan.session).await?;
    if let Some(met) = met {
        met.end(asked, talk.book()).await;
    }
    // Free for the next one; the rating is the customer's own business.
    drop(talk);
    book.end = End::Served;
    rate(&customer, &format!("/v1/calls/{}/rating", made.id), Subject::Call, &plan.session.ballots, book).await?;
    if let Some(purchase) = &plan.session.purchase {
        buying::buys(floor, purchase, book).await?;
    }
    Ok(customer)
}

async fn chat(floor: &Floor, plan: &Visit, socket: &mut Option<Listener>, book: &mut VisitBook) -> Result<Client, Fault> {
    let nobody = Client::new(floor.nobody.servers(), plan.number as usize);
    let made: Made = nobody.post("/v1/conversations", &wanted::chat(floor, plan)).await?.json()?;
    let written = Written { id: made.id, position: made.position, version: 1, recorded_at: made.recorded_at };
    book.conversation_id = Some(made.id);
    book.customer_id = Some(made.customer_id);
    book.promised(Subject::Conversation, &["conversation.opened"], &written);
    let customer = nobody.with_token(&made.customer_token);
    *socket = listen(floor, &customer, plan.number, &[(Topic::Conversation, made.id)]);
    let mut comers = floor.expect(made.id);
    let text = format!("{} ({})", plan.product.name, plan.product.sku);
    say(&customer, made.id, Speaker::Customer, "public", text, book).await?;
    floor.chat_waits(made.id);

    let Some(taken) = wait(floor, plan.patience_s, &mut comers).await? else {
        let closed: Written = customer.post(&format!("/v1/conversations/{}/close", made.id), &json!({})).await?.json()?;
        book.promised(Subject::Conversation, &["conversation.closed"], &closed);
        book.end = End::Abandoned;
        return Ok(customer);
    };
    if let Some(joined) = &taken.joined {
        book.promised(Subject::Conversation, &["conversation.agent_joined"], joined);
    }
    book.takes_part(taken.shopper.id);
    let _counted = InSession::begin(&floor.counts);
    let mut talk = Talk::new(floor, customer.clone(), socket.as_ref(), taken, None, made.id, book);
    talk.all(&plan.session.steps).await?;
    talk.close(plan.session.ending).await?;
    drop(talk);
    book.end = End::Served;
    rate(&customer, &format!("/v1/conversations/{}/rating", made.id), Subject::Conversation, &plan.session.ballots, book).await?;
    Ok(customer)
}

/// The customer's socket: everything of their own from its beginning.
pub(super) fn listen(floor: &Floor, customer: &Client, number: u32, topics: &[(Topic, Uuid)]) -> Option<Listener> {
    let subscriptions: Vec<Subscription> =
        topics.iter().map(|(topic, key)| Subscription { topic: *topic, key: Some(*key), after: Some(0) }).collect();
    (floor.sockets == Sockets::On).then(|| Listener::begin(customer, format!("customer {number}"), &subscriptions))
}

/// What the customer's socket has to have said in the end.
fn signs(book: &VisitBook) -> Vec<Until> {
    let of = |subscription: usize, kind: &'static str, times: usize| Until { subscription, sign: Sign::Times(kind, times) };
    let rated = of(0, "survey.answered", book.ratings.len());
    let continued = |subscription| of(subscription, "conversation.continued", usize::from(book.continued_in.is_some()));
    match (book.wish, book.end) {
        (_, End::Unfinished) => Vec::new(),
        (Wish::Chat, _) => vec![of(0, "conversation.closed", 1), rated, continued(0)],
        (Wish::Call, End::Served) => vec![of(0, "call.finished", 1), of(1, "conversation.closed", 1), rated, continued(1)],
        (Wish::Call, _) => vec![of(0, "call.cancelled", 1), of(1, "conversation.closed", 1)],
    }
}

/// Waits for a shopper; `None` when the customer's patience came to its end first.
pub(super) async fn wait(floor: &Floor, patience_s: Option<f64>, comers: &mut UnboundedReceiver<Taken>) -> Result<Option<Taken>, Fault> {
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

pub(super) fn forgotten() -> Fault {
    Fault::Missing(format!("nobody came within {} minutes", FORGOTTEN_AFTER.as_secs() / 60))
}

async fn look_at_place(customer: &Client, call: Uuid, position: i64) -> Result<(), Fault> {
    let place = customer.get(&format!("/v1/calls/{call}/queue?at_least={position}")).await?;
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
        let written: Written = client.post(path, &wanted::ballot(ballot)).await?.json()?;
        book.promised(of, &["survey.answered"], &written);
        book.ratings.push((written.id, ballot.clone()));
    }
    Ok(())
}
