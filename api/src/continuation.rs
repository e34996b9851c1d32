//! A talk that goes on after its conversation was closed: the customer's next word opens a new one (PRODUCT.md Z10).
//!
//! The conversations that follow on one another make a row. The first one knows which is the last, and every change of
//! that goes through its stream: so two quick messages, also through two processes, open one conversation and not two. A
//! customer's token is for one of them and opens what follows it, to read, to write and to follow live; whoever follows one
//! that is closed is told by `conversation.continued` where the talk goes on.

use crate::{
    auth::customer_token::Claims,
    error::{ApiError, Result},
    reading,
    wiring::State,
    writing::log_problem,
};
use vitrina_commands::{Failure, Unit, step};
use vitrina_domain::{
    conversation::{Continues, Conversation, ConversationAction, ConversationEvent, Opened},
    ids::{AccountId, ConversationId},
    refusal::Refusal,
    stream::Category,
};
use vitrina_eventlog::{Position, StreamId, Version};
use vitrina_projections::conversations;

/// Where a customer's word went when its conversation was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Next {
    /// The conversation that takes it.
    pub conversation: ConversationId,
    /// The one that was written to.
    pub previous: ConversationId,
}

/// Refuses a customer whose token does not open the conversation, within the command.
pub(crate) fn must_open(unit: &mut Unit<'_>, claims: &Claims, id: ConversationId) -> Result<(), Failure> {
    if claims.conversation == id {
        return Ok(());
    }
    let own = unit.state::<Conversation>(claims.conversation)?.origin().unwrap_or(claims.conversation);
    let conversation = unit.state::<Conversation>(id)?;
    if conversation.customer_id() == claims.customer && conversation.origin() == Some(own) {
        return Ok(());
    }
    Err(unit.refuse::<Conversation>(id, Refusal::NotFound))
}

/// Refuses a customer whose token does not open the conversation as it is known at this position.
pub(crate) async fn must_show(state: &State, claims: &Claims, id: ConversationId, at: Position) -> Result<()> {
    if claims.conversation == id {
        return Ok(());
    }
    let found = conversations::get(&state.store, claims.account, id, at).await.map_err(reading::problem)?;
    let origin = found.filter(|one| one.row.customer_id == claims.customer).and_then(|one| one.row.origin_id);
    let Some(origin) = origin else { return Err(ApiError::not_found("conversation")) };
    if origin == claims.conversation {
        return Ok(());
    }
    let own = conversations::get(&state.store, claims.account, claims.conversation, at).await.map_err(reading::problem)?;
    if own.is_some_and(|own| own.row.origin_id == Some(origin)) { Ok(()) } else { Err(ApiError::not_found("conversation")) }
}

/// Refuses a customer whose token does not open the conversation as the log has it: for those who follow, who hear of a
/// conversation before it can be read.
pub(crate) async fn must_follow(state: &State, claims: &Claims, id: ConversationId) -> Result<()> {
    if claims.conversation == id {
        return Ok(());
    }
    let found = opened(state, claims.account, id).await?.filter(|opened| opened.customer_id == claims.customer);
    let origin = found.and_then(|opened| opened.continues).map(|continues| continues.origin_id);
    let Some(origin) = origin else { return Err(ApiError::not_found("conversation")) };
    if origin == claims.conversation {
        return Ok(());
    }
    let own = opened(state, claims.account, claims.conversation).await?.and_then(|opened| opened.continues);
    if own.is_some_and(|own| own.origin_id == origin) { Ok(()) } else { Err(ApiError::not_found("conversation")) }
}

/// How a conversation was opened; `None` when there is none of this id.
async fn opened(state: &State, account: AccountId, id: ConversationId) -> Result<Option<Opened>> {
    let stream = StreamId::new(account, Category::Conversation, id.0);
    let first = state.log.read_stream(stream, Version::ZERO, 1).await.map_err(log_problem)?;
    let events = state.log.decode_as::<ConversationEvent>(first).await.map_err(log_problem)?;
    Ok(events.into_iter().find_map(|event| if let ConversationEvent::Opened(opened) = event { Some(opened) } else { None }))
}

/// Where the customer's word goes: `None` while the conversation is open, else the one that continues it. `fresh` is opened
/// where there is none, in the same command.
pub(crate) fn go_on(unit: &mut Unit<'_>, id: ConversationId, fresh: ConversationId) -> Result<Option<Next>, Failure> {
    let written_to = unit.state::<Conversation>(id)?;
    if !written_to.is_closed() {
        return Ok(None);
    }
    let (origin_id, customer_id) = (written_to.origin().unwrap_or(id), written_to.customer_id());
    let (channel, language, country) =
        (written_to.channel().to_owned(), written_to.language().map(str::to_owned), written_to.country().map(str::to_owned));
    let last = unit.state::<Conversation>(origin_id)?.continued_in();
    if let Some(last) = last
        && unit.state::<Conversation>(last)?.is_open()
    {
        return Ok(Some(Next { conversation: last, previous: id }));
    }
    let continues = Some(Continues { previous_id: last.unwrap_or(id), origin_id });
    let open = ConversationAction::Open { customer_id, call_id: None, channel, language, country, department: None, continues };
    // A trial goes on as a trial, whoever writes.
    unit.stay_with::<Conversation>(id)?;
    step::open_chat(unit, fresh, open)?;
    unit.run::<Conversation>(origin_id, ConversationAction::Continue { conversation_id: fresh })?;
    // Whoever follows the one that was the last is told as well.
    if let Some(last) = last {
        unit.run::<Conversation>(last, ConversationAction::Continue { conversation_id: fresh })?;
    }
    Ok(Some(Next { conversation: fresh, previous: id }))
}
