//! A customer of the shop.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, stream::Category};
use serde::{Deserialize, Serialize};

/// A customer's state: only that the shop knows one. What it knows is in the read model.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Customer {
    exists: bool,
}

impl_cqrs!(Customer, Category::Customer, CustomerAction, CustomerEvent);

impl Customer {
    fn fold(&mut self, event: CustomerEvent) {
        match event {
            CustomerEvent::Created(_) => self.exists = true,
            CustomerEvent::Updated(_) => {}
        }
    }
}
