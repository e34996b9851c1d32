//! A customer who has one more question when everything is over: the word to the closed conversation opens another one, which
//! somebody has to come to (PRODUCT.md Z10). The customer goes on with the token that the answer carries.

use super::{
    floor::{Floor, InSession},
    session::Talk,
    visit::{forgotten, listen, wait},
};
use crate::{
    books::{End, Said, Speaker, Subject, VisitBook},
    client::{Client, Fault, Written},
    live::{Listener, Sign, Topic, Until},
    plan::{Again, Wish},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// The answer to the word.
#[derive(Deserialize)]
struct WentOn {
    #[serde(flatten)]
    written: Written,
    conversation_id: Uuid,
    previous_conversation_id: Option<Uuid>,
    customer_token: Option<String>,
}

/// Plays it, and gives the book of the conversation that began.
pub(super) async fn play(floor: &Floor, plan: &Again, customer: &Client, before: &mut VisitBook) -> VisitBook {
    let mut book = VisitBook::new(before.number, Wish::Chat);
    let mut socket = None;
    if let Err(fault) = talk(floor, plan, customer, before, &mut socket, &mut book).await {
        book.faults.push(format!("visit {}, again: {fault}", before.number));
    }
    if let Some(socket) = socket {
        let closed = Until { subscription: 0, sign: Sign::Times("conversation.closed", 1) };
        let signs = if book.end == End::Unfinished { Vec::new() } else { vec![closed] };
        book.has_heard(socket.end(signs).await);
    }
    book
}

async fn talk(
    floor: &Floor,
    plan: &Again,
    customer: &Client,
    before: &mut VisitBook,
    socket: &mut Option<Listener>,
    book: &mut VisitBook,
) -> Result<(), Fault> {
    let over = before.conversation_id.ok_or_else(|| Fault::Missing("a conversation to write to".to_owned()))?;
    floor.pace.pause(plan.after_s).await;
    let answer = customer.post(&format!("/v1/conversations/{over}/messages"), &json!({ "body": plan.text })).await?;
    let WentOn { written, conversation_id, previous_conversation_id, customer_token } = answer.json()?;
    let token = customer_token.filter(|_| previous_conversation_id == Some(over) && conversation_id != over);
    let token = token.ok_or_else(|| Fault::Missing(format!("a conversation that continues {over}, with a token")))?;
    before.continued_in = Some(conversation_id);
    book.continues = Some(over);
    book.conversation_id = Some(conversation_id);
    book.customer_id = before.customer_id;
    book.promised(Subject::Conversation, &["conversation.opened", "conversation.message_sent"], &written);
    book.acknowledged.push((written.position, answer.arrived));
    let said = Said { id: written.id, position: written.position, by: Speaker::Customer, visibility: "public", text: plan.text.clone() };
    book.said.push(said);

    let customer = customer.with_token(&token);
    *socket = listen(floor, &customer, book.number, &[(Topic::Conversation, conversation_id)]);
    let mut comers = floor.expect(conversation_id);
    floor.chat_waits(conversation_id);
    let taken = wait(floor, None, &mut comers).await?.ok_or_else(forgotten)?;
    if let Some(joined) = &taken.joined {
        book.promised(Subject::Conversation, &["conversation.agent_joined"], joined);
    }
    book.takes_part(taken.shopper.id);
    let _counted = InSession::begin(&floor.counts);
    let mut talk = Talk::new(floor, customer, socket.as_ref(), taken, None, conversation_id, book);
    talk.all(&plan.steps).await?;
    talk.close(plan.ending).await?;
    drop(talk);
    book.end = End::Served;
    Ok(())
}
