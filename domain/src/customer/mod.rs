//! A customer of the shop.

mod commands;
mod decide;
mod events;
pub use commands::*;
pub use events::*;

use crate::{aggregate::impl_cqrs, refusal::Refusal, stream::Category};
use serde::{Deserialize, Serialize};

/// A customer's state: that the shop knows one, and by which id of its own. What else it knows is in the read model.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Customer {
    exists: bool,
    external_id: Option<String>,
    language: Option<String>,
    country: Option<String>,
}

impl_cqrs!(Customer, Category::Customer, CustomerAction, CustomerEvent);

impl Customer {
    /// The shop's own id of the customer: the unique name that the caller has claimed.
    pub fn external_id(&self) -> Option<&str> {
        self.external_id.as_deref()
    }

    /// BCP 47 tag of their language.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Where they live: ISO 3166-1 alpha-2.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// Refuses who is not known.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn must_exist(&self) -> Result<(), Refusal> {
        if self.exists { Ok(()) } else { Err(Refusal::NotFound) }
    }

    fn fold(&mut self, event: CustomerEvent) {
        let (CustomerEvent::Created(profile) | CustomerEvent::Updated(profile)) = event;
        self.exists = true;
        let changed = [
            (&mut self.external_id, profile.external_id, Detail::ExternalId),
            (&mut self.language, profile.language, Detail::Language),
            (&mut self.country, profile.country, Detail::Country),
        ];
        for (known, given, detail) in changed {
            if given.is_some() || profile.cleared.contains(&detail) {
                *known = given;
            }
        }
    }
}
