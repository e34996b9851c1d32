//! What a shopper works on: the room that work takes, kept on the shopper's own stream, so that two processes that give
//! work to the same shopper at the same moment cannot both find the last room free.

use super::{Shopper, ShopperAction, Status, Terms};
use crate::{
    refusal::Refusal,
    routing::{Load, Work},
};

impl Shopper {
    /// What the shopper works on.
    pub fn load(&self) -> Load {
        let mut load = Load::default();
        self.work.iter().for_each(|work| load.add(*work));
        load
    }

    /// What takes room, in the order in which it was given.
    pub fn work(&self) -> &[Work] {
        &self.work
    }

    /// Whether this work takes room.
    pub fn works_on(&self, work: Work) -> bool {
        self.work.contains(&work)
    }

    /// Whether the work may be given on these terms.
    ///
    /// # Errors
    /// [`Refusal::IllegalTransition`] names what is in the way: `full`, or the status.
    pub(super) fn must_take(&self, work: Work, terms: Terms) -> Result<(), Refusal> {
        let action = ShopperAction::Assign { work, terms }.name();
        let limits = match terms {
            Terms::None => return Ok(()),
            Terms::Available(_) if self.status != Status::Available => {
                return Err(Refusal::IllegalTransition { state: self.status.as_str(), action });
            }
            Terms::Room(limits) | Terms::Available(limits) => limits,
        };
        if self.load().has_room(work, self.limits(limits)) { Ok(()) } else { Err(Refusal::IllegalTransition { state: "full", action }) }
    }
}
