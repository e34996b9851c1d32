//! What a step leads to in a shopper: their status, and their book of work.

use crate::{Failure, Unit};
use vitrina_domain::{
    call::Call,
    conversation::Conversation,
    ids::{CustomerId, ShopperId},
    routing::Work,
    shopper::{Shopper, ShopperAction, Status, StatusCause, Terms},
};

/// Enters work in the shopper's book.
///
/// # Errors
/// [`Failure`]: refused when the terms do not hold.
pub fn assign(unit: &mut Unit<'_>, shopper_id: ShopperId, work: Work, terms: Terms) -> Result<(), Failure> {
    unit.run::<Shopper>(shopper_id, ShopperAction::Assign { work, terms })
}

/// Strikes work out of the shopper's book, if it is in it; the book says whom they served with it.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn free(unit: &mut Unit<'_>, shopper_id: ShopperId, work: Work) -> Result<(), Failure> {
    if unit.state::<Shopper>(shopper_id)?.works_on(work) {
        let served = served(unit, shopper_id, work)?;
        unit.run::<Shopper>(shopper_id, ShopperAction::Free { work, served })?;
    }
    Ok(())
}

/// The customer of the work, if the shopper takes part in the call or ever took part in the chat: not of an offer that came to
/// nothing, a claim that was given back, or a call that another one goes on with.
fn served(unit: &mut Unit<'_>, shopper_id: ShopperId, work: Work) -> Result<Option<CustomerId>, Failure> {
    Ok(match work {
        Work::Call(call) => {
            let call = unit.state::<Call>(call)?;
            call.participants().contains(&shopper_id).then(|| call.customer_id())
        }
        Work::Conversation(chat) => {
            let chat = unit.state::<Conversation>(chat)?;
            chat.took_part(shopper_id).then(|| chat.customer_id())
        }
    })
}

/// Changes the shopper's status if it is the one named; whoever chose another status meanwhile keeps it.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn becomes(unit: &mut Unit<'_>, shopper_id: ShopperId, from: Status, to: Status, cause: StatusCause) -> Result<(), Failure> {
    if unit.state::<Shopper>(shopper_id)?.status() == from {
        unit.run::<Shopper>(shopper_id, ShopperAction::SetStatus { status: to, cause })?;
    }
    Ok(())
}
