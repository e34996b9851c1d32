//! The steps of a call, each with what follows from it.

use super::{assign, becomes, free, policy, tell_customer};
use crate::{Failure, Unit};
use vitrina_domain::{
    call::{Call, CallAction, CancelReason, EndReason, ReleaseCause, State, WrapUp},
    conversation::{CloseReason, Conversation, ConversationAction},
    ids::{CallId, ShopperId},
    notice::Notice,
    routing::{Decided, Work, after},
    shopper::{Shopper, Status, StatusCause, Terms},
};

/// A shopper takes the call. Who was being asked is free again.
///
/// # Errors
/// [`Failure`]: refused when somebody else has it.
pub fn claim(unit: &mut Unit<'_>, call: CallId, shopper_id: ShopperId, terms: Terms) -> Result<(), Failure> {
    let asked = unit.state::<Call>(call)?.offer();
    let start_by = after(policy(unit)?.claim_timeout_s, unit.at());
    unit.run::<Call>(call, CallAction::Claim { shopper_id, start_by })?;
    if let Some(offer) = asked.filter(|offer| offer.shopper_id != shopper_id) {
        free(unit, offer.shopper_id, Work::Call(call))?;
    }
    assign(unit, shopper_id, Work::Call(call), terms)
}

/// The router's choice takes the call at once.
///
/// # Errors
/// [`Failure`]: refused when somebody else has it, or the shopper has no room.
pub fn claim_next(unit: &mut Unit<'_>, call: CallId, decided: &Decided) -> Result<(), Failure> {
    unit.run::<Call>(call, CallAction::Decide { decided: Box::new(decided.clone()) })?;
    let limits = policy(unit)?.limits(None);
    claim(unit, call, decided.shopper_id, Terms::Room(limits))
}

/// The router's choice is asked, and keeps room for it.
///
/// # Errors
/// [`Failure`]: refused when the call does not wait any more, or the shopper is not available or has no room.
pub fn offer(unit: &mut Unit<'_>, call: CallId, decided: &Decided) -> Result<(), Failure> {
    let (shopper_id, policy) = (decided.shopper_id, policy(unit)?);
    unit.run::<Call>(call, CallAction::Decide { decided: Box::new(decided.clone()) })?;
    let until = after(policy.offer_timeout_s.max(1), unit.at()).expect("an offer has an end");
    unit.run::<Call>(call, CallAction::Offer { shopper_id, until })?;
    assign(unit, shopper_id, Work::Call(call), Terms::Available(policy.limits(None)))
}

/// The shopper who is asked takes the call.
///
/// # Errors
/// [`Failure`]: refused when they are not asked any more.
pub fn accept(unit: &mut Unit<'_>, call: CallId, shopper_id: ShopperId) -> Result<(), Failure> {
    let start_by = after(policy(unit)?.claim_timeout_s, unit.at());
    unit.run::<Call>(call, CallAction::AcceptOffer { shopper_id, start_by })?;
    assign(unit, shopper_id, Work::Call(call), Terms::None)
}

/// The shopper who is asked does not take the call.
///
/// # Errors
/// [`Failure`]: refused when they are not asked any more.
pub fn decline(unit: &mut Unit<'_>, call: CallId, shopper_id: ShopperId) -> Result<(), Failure> {
    unit.run::<Call>(call, CallAction::DeclineOffer { shopper_id })?;
    free(unit, shopper_id, Work::Call(call))
}

/// The offer's time has come. Who does not answer is not there, and is asked nothing more until they say so.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn expire_offer(unit: &mut Unit<'_>, call: CallId, shopper_id: ShopperId) -> Result<(), Failure> {
    let stood = unit.state::<Call>(call)?.is_offered_to(shopper_id);
    unit.run::<Call>(call, CallAction::ExpireOffer { shopper_id })?;
    if stood && !unit.state::<Call>(call)?.is_offered_to(shopper_id) {
        free(unit, shopper_id, Work::Call(call))?;
        becomes(unit, shopper_id, Status::Available, Status::Away, StatusCause::IdleTimeout)?;
    }
    Ok(())
}

/// The claim is given up, and the customer waits again.
///
/// # Errors
/// [`Failure`]: refused when nobody holds a claim.
pub fn release(unit: &mut Unit<'_>, call: CallId, cause: ReleaseCause) -> Result<(), Failure> {
    let before = unit.state::<Call>(call)?;
    let (holder, taking_part) = (before.holder(), before.participants().to_vec());
    unit.run::<Call>(call, CallAction::Release { cause })?;
    if unit.state::<Call>(call)?.state() != State::Waiting {
        return Ok(());
    }
    if let Some(shopper_id) = holder {
        in_conversation(unit, call, ConversationAction::Leave { shopper_id })?;
    }
    taking_part.into_iter().try_for_each(|shopper| free(unit, shopper, Work::Call(call)))
}

/// The call goes live, and its holder joins its conversation. Takes part in it only from here on, so that a claim that was
/// given back does not count as a second agent.
///
/// # Errors
/// [`Failure`]: refused when nobody holds a claim.
pub fn start(unit: &mut Unit<'_>, call: CallId) -> Result<(), Failure> {
    unit.run::<Call>(call, CallAction::Start)?;
    let Some(shopper_id) = unit.state::<Call>(call)?.holder() else { return Ok(()) };
    in_conversation(unit, call, ConversationAction::Join { shopper_id })?;
    becomes_busy(unit, shopper_id)
}

/// The live part is over.
///
/// # Errors
/// [`Failure`]: refused when it is not live.
pub fn end(unit: &mut Unit<'_>, call: CallId, reason: EndReason, wrap_up: WrapUp) -> Result<(), Failure> {
    unit.run::<Call>(call, CallAction::End { reason, wrap_up })?;
    over(unit, call)
}

/// The work after the call is done.
///
/// # Errors
/// [`Failure`]: refused when there is none.
pub fn finish(unit: &mut Unit<'_>, call: CallId) -> Result<(), Failure> {
    unit.run::<Call>(call, CallAction::Finish)?;
    over(unit, call)
}

/// The call will not take place.
///
/// # Errors
/// [`Failure`]: refused when it is over.
pub fn cancel(unit: &mut Unit<'_>, call: CallId, reason: CancelReason) -> Result<(), Failure> {
    let asked = unit.state::<Call>(call)?.offer();
    unit.run::<Call>(call, CallAction::Cancel { reason })?;
    if let Some(offer) = asked {
        free(unit, offer.shopper_id, Work::Call(call))?;
    }
    over(unit, call)
}

/// A deadline of the call has come: the aggregate decides whether it still holds, and what follows when it does.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn fall_due(unit: &mut Unit<'_>, call: CallId, action: CallAction) -> Result<(), Failure> {
    let before = unit.state::<Call>(call)?;
    let (asked, was_over) = (before.offer(), before.state().is_terminal());
    unit.run::<Call>(call, action)?;
    if was_over || !unit.state::<Call>(call)?.state().is_terminal() {
        return Ok(());
    }
    if let Some(offer) = asked {
        free(unit, offer.shopper_id, Work::Call(call))?;
    }
    over(unit, call)
}

/// Another shopper is asked into the call and its conversation.
///
/// # Errors
/// [`Failure`]: refused when there is no room for another, or nobody has it.
pub fn invite(unit: &mut Unit<'_>, call: CallId, shopper_id: ShopperId) -> Result<(), Failure> {
    unit.run::<Call>(call, CallAction::Invite { shopper_id })?;
    in_conversation(unit, call, ConversationAction::Join { shopper_id })?;
    assign(unit, shopper_id, Work::Call(call), Terms::None)
}

/// The call is handed to another shopper.
///
/// # Errors
/// [`Failure`]: refused when nobody has it.
pub fn transfer(unit: &mut Unit<'_>, call: CallId, to: ShopperId) -> Result<(), Failure> {
    let from = unit.state::<Call>(call)?.holder();
    unit.run::<Call>(call, CallAction::Transfer { to })?;
    in_conversation(unit, call, ConversationAction::Join { shopper_id: to })?;
    assign(unit, to, Work::Call(call), Terms::None)?;
    let from = from.filter(|from| *from != to);
    if let Some(from) = from {
        free(unit, from, Work::Call(call))?;
    }
    if unit.state::<Call>(call)?.state() != State::Live {
        return Ok(());
    }
    becomes_busy(unit, to)?;
    from.map_or(Ok(()), |from| becomes(unit, from, Status::Busy, Status::Available, StatusCause::Call))
}

/// The shopper who holds the call is gone for good. A colleague who is in it and there goes on with it; else the customer
/// waits again, in the old place, before all who came later, and is told when they had met.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn forsake(unit: &mut Unit<'_>, call: CallId, shopper_id: ShopperId) -> Result<(), Failure> {
    let state = unit.state::<Call>(call)?;
    if state.holder() != Some(shopper_id) || !matches!(state.state(), State::Claimed | State::Live) {
        return Ok(());
    }
    if state.media().has_shopper(shopper_id) {
        // Who still talks with the customer is there, with or without a socket.
        return Ok(());
    }
    let (had_met, conversation) = (state.state() == State::Live, state.conversation_id());
    let others: Vec<ShopperId> = state.participants().iter().copied().filter(|other| *other != shopper_id).collect();
    let mut in_it = Vec::new();
    for other in others {
        let book = unit.state::<Shopper>(other)?;
        if book.works_on(Work::Call(call)) {
            in_it.push((other, book.status()));
        }
    }
    if let Some((colleague, _)) = in_it.iter().find(|(_, status)| *status != Status::Offline) {
        let colleague = *colleague;
        transfer(unit, call, colleague)?;
        return in_conversation(unit, call, ConversationAction::Leave { shopper_id });
    }
    unit.run::<Call>(call, CallAction::LoseShopper { shopper_id })?;
    for gone in std::iter::once(shopper_id).chain(in_it.into_iter().map(|(other, _)| other)) {
        in_conversation(unit, call, ConversationAction::Leave { shopper_id: gone })?;
        free(unit, gone, Work::Call(call))?;
    }
    if had_met && unit.state::<Conversation>(conversation)?.is_open() {
        tell_customer(unit, conversation, Notice::ShopperLost)?;
    }
    Ok(())
}

/// A shopper who was available works on a call now.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn becomes_busy(unit: &mut Unit<'_>, shopper_id: ShopperId) -> Result<(), Failure> {
    becomes(unit, shopper_id, Status::Available, Status::Busy, StatusCause::Call)
}

/// Does this in the conversation that the call owns.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn in_conversation(unit: &mut Unit<'_>, call: CallId, action: ConversationAction) -> Result<(), Failure> {
    let conversation = unit.state::<Call>(call)?.conversation_id();
    if unit.state::<Conversation>(conversation)?.is_open() { unit.run::<Conversation>(conversation, action) } else { Ok(()) }
}

/// When the call has come to its end: closes its conversation and sets those who took part free.
fn over(unit: &mut Unit<'_>, id: CallId) -> Result<(), Failure> {
    let call = unit.state::<Call>(id)?;
    let (state, holder, taking_part) = (call.state(), call.holder(), call.participants().to_vec());
    if !state.is_terminal() {
        return Ok(());
    }
    in_conversation(unit, id, ConversationAction::Close { reason: CloseReason::CallEnded })?;
    for shopper in &taking_part {
        free(unit, *shopper, Work::Call(id))?;
    }
    match holder {
        Some(shopper_id) if !taking_part.is_empty() => becomes(unit, shopper_id, Status::Busy, Status::Available, StatusCause::Call),
        _ => Ok(()),
    }
}
