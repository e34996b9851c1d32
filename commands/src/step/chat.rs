//! A chat begins, and finds its shopper.

use super::{assign, policy};
use crate::{Failure, Unit};
use vitrina_domain::{
    account::Account,
    conversation::{Conversation, ConversationAction},
    ids::ConversationId,
    routing::{Decided, Limits, Work},
    shopper::Terms,
};

/// A chat begins, with what the account promises of it now.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn open_chat(unit: &mut Unit<'_>, chat: ConversationId, open: ConversationAction) -> Result<(), Failure> {
    let account = unit.account();
    let promise = unit.state::<Account>(account)?.promise();
    unit.open::<Conversation>(chat, open)?;
    match promise {
        Some(terms) => unit.run::<Conversation>(chat, ConversationAction::Promise { terms: Box::new(terms) }),
        None => Ok(()),
    }
}

/// The router's choice joins the chat at once, if they are available.
///
/// # Errors
/// [`Failure`]: refused when somebody is in it, or the shopper is not available or has no room.
pub fn join_routed(unit: &mut Unit<'_>, chat: ConversationId, decided: &Decided) -> Result<(), Failure> {
    join(unit, chat, decided, Terms::Available)
}

/// The shopper who asked for work joins the chat that the router chose for them.
///
/// # Errors
/// [`Failure`]: refused when somebody is in it, or the shopper has no room.
pub fn join_next(unit: &mut Unit<'_>, chat: ConversationId, decided: &Decided) -> Result<(), Failure> {
    join(unit, chat, decided, Terms::Room)
}

fn join(unit: &mut Unit<'_>, chat: ConversationId, decided: &Decided, terms: impl Fn(Limits) -> Terms) -> Result<(), Failure> {
    let (shopper_id, limits) = (decided.shopper_id, policy(unit)?.limits(None));
    unit.run::<Conversation>(chat, ConversationAction::Decide { decided: Box::new(decided.clone()) })?;
    unit.run::<Conversation>(chat, ConversationAction::Claim { shopper_id })?;
    assign(unit, shopper_id, Work::Conversation(chat), terms(limits))
}
