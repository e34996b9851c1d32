//! What a step leads to in a shopper: their status, and their book of work.

use crate::{Failure, Unit};
use vitrina_domain::{
    ids::ShopperId,
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

/// Strikes work out of the shopper's book, if it is in it.
///
/// # Errors
/// [`Failure`], to be passed on with `?`.
pub fn free(unit: &mut Unit<'_>, shopper_id: ShopperId, work: Work) -> Result<(), Failure> {
    if unit.state::<Shopper>(shopper_id)?.works_on(work) {
        unit.run::<Shopper>(shopper_id, ShopperAction::Free { work })?;
    }
    Ok(())
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
