//! Whose a call or a conversation is: a customer whom the same append makes, or one who is known.

use super::{
    calls::{must_be_a_customer, under},
    shapes::CustomerDetails,
};
use crate::{
    claims,
    error::{ApiError, Result},
};
use uuid::Uuid;
use vitrina_commands::{Failure, Unit};
use vitrina_domain::{
    customer::{self, Customer, CustomerAction},
    ids::CustomerId,
};

/// Who the customer is.
pub(super) enum Whose {
    /// Somebody new.
    New(Box<customer::Details>),
    /// Somebody known.
    Known(CustomerId),
}

impl Whose {
    /// Somebody new, of whom as much is known as was given.
    pub(super) fn new(details: Option<&CustomerDetails>) -> Self {
        Self::New(Box::new(details.cloned().unwrap_or_default().into()))
    }

    /// Whom staff mean: the one they name, or somebody new.
    pub(super) fn by_staff(known: Option<CustomerId>, details: Option<&CustomerDetails>) -> Result<Self> {
        match (known, details) {
            (Some(_), Some(_)) => Err(ApiError::field("/customer", "twice", "either customer_id or customer, not both")),
            (Some(known), None) => Ok(Self::Known(known)),
            (None, details) => Ok(Self::new(details)),
        }
    }

    /// The id of the known one, or one to be given.
    pub(super) fn id(&self) -> CustomerId {
        match self {
            Self::New(_) => CustomerId(Uuid::now_v7()),
            Self::Known(known) => *known,
        }
    }

    /// Makes the new one under this id, or refuses a known one who is none of the account's.
    pub(super) fn meet(&self, unit: &mut Unit<'_>, customer_id: CustomerId) -> Result<(), Failure> {
        match self {
            Self::New(details) => {
                if let Some(external_id) = &details.external_id {
                    unit.claim(claims::CUSTOMER_EXTERNAL_ID, external_id.trim().as_bytes().to_vec(), customer_id);
                }
                let create = CustomerAction::Create { customer_id, details: details.as_ref().clone() };
                under("/customer", unit.open::<Customer>(customer_id, create))
            }
            Self::Known(known) => must_be_a_customer(unit, *known),
        }
    }

    /// Which language the customer speaks, and in which country they live, where it was not said of this visit.
    pub(super) fn background(
        unit: &mut Unit<'_>,
        customer_id: CustomerId,
        [language, country]: [Option<String>; 2],
    ) -> Result<[Option<String>; 2], Failure> {
        let customer = unit.state::<Customer>(customer_id)?;
        let own = |own: Option<&str>| own.map(str::to_owned);
        Ok([language.or_else(|| own(customer.language())), country.or_else(|| own(customer.country()))])
    }
}
