//! What a customer answers to its commands.

use super::{Customer, CustomerAction, CustomerEvent, Details, Profile};
use crate::{aggregate::Aggregate, ids::CustomerId, order::Order, personal::Personal, refusal::Refusal, stream::Category, text};
use std::collections::BTreeSet;

impl Aggregate for Customer {
    const CATEGORY: Category = Category::Customer;
    type Action = CustomerAction;

    fn decide(&self, order: &Order<CustomerAction>) -> Result<Vec<CustomerEvent>, Refusal> {
        match &order.command {
            CustomerAction::Create { .. } if self.exists => Err(Refusal::AlreadyExists),
            CustomerAction::Create { customer_id, details } => Ok(vec![CustomerEvent::Created(profile(*customer_id, details)?)]),
            CustomerAction::Update { .. } if !self.exists => Err(Refusal::NotFound),
            CustomerAction::Update { customer_id, details } => {
                let profile = profile(*customer_id, details)?;
                Ok(if profile == Profile::default() { vec![] } else { vec![CustomerEvent::Updated(profile)] })
            }
        }
    }

    fn state_name(&self) -> &'static str {
        if self.exists { "active" } else { "absent" }
    }
}

fn profile(id: CustomerId, details: &Details) -> Result<Profile, Refusal> {
    let personal = |value: Option<String>| value.map(|value| Personal::known(id, value));
    Ok(Profile {
        external_id: text::optional(&details.external_id, |t| text::foreign_id("/external_id", t))?,
        name: personal(text::optional(&details.name, |t| text::name("/name", t))?),
        email: personal(text::optional(&details.email, |t| text::email("/email", t))?),
        phone: personal(text::optional(&details.phone, |t| text::phone("/phone", t))?),
        address: personal(text::optional(&details.address, |t| text::block("/address", t, text::ADDRESS_CHARS_MAX))?),
        language: text::optional(&details.language, |t| text::language("/language", t))?,
        country: text::optional(&details.country, |t| text::country("/country", t))?,
        segment: text::optional(&details.segment, |t| text::label("/segment", t))?,
        company: text::optional(&details.company, |t| text::name("/company", t))?,
        cleared: BTreeSet::from_iter(details.cleared.iter().copied()).into_iter().collect(),
    })
}
