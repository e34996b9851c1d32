//! A talk that goes on after its conversation was closed: the customer's next word opens a new one (PRODUCT.md Z10).
//!
//! The conversations that follow on one another make a row. The first one knows which is the last, and every change of
//! that goes through its stream: so two quick messages, also through two processes, open one conversation and not two. A
//! customer's token is for the first one and opens the whole row.

use crate::{
    auth::customer_token::Claims,
    error::{ApiError, Result},
    reading,
    wiring::State,
};
use vitrina_commands::{Failure, Unit};
use vitrina_domain::{
    conversation::{Continues, Conversation, ConversationAction},
    ids::ConversationId,
    refusal::Refusal,
};
use vitrina_eventlog::Position;
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
    let conversation = unit.state::<Conversation>(id)?;
    if conversation.customer_id() == claims.customer && conversation.origin() == Some(claims.conversation) {
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
    let theirs = found.is_some_and(|one| one.row.customer_id == claims.customer && one.row.origin_id == Some(claims.conversation));
    if theirs { Ok(()) } else { Err(ApiError::not_found("conversation")) }
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
    unit.open::<Conversation>(fresh, open)?;
    unit.run::<Conversation>(origin_id, ConversationAction::Continue { conversation_id: fresh })?;
    Ok(Some(Next { conversation: fresh, previous: id }))
}
