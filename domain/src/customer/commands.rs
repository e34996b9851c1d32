//! Commands of a customer.

use super::Detail;
use crate::ids::CustomerId;

/// Details of a customer, as they come in; they are trimmed and checked by the aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// The shop's own id of the customer; the caller adds the unique claim.
    pub external_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone, E.164.
    pub phone: Option<String>,
    /// Postal address, in as many lines as it takes.
    pub address: Option<String>,
    /// BCP 47 tag of the browser's language.
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The shop's segment, such as `vip`.
    pub segment: Option<String>,
    /// The company that a B2B customer buys for.
    pub company: Option<String>,
    /// What is no longer known.
    pub cleared: Vec<Detail>,
}

/// What can be asked of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerAction {
    /// The shop meets the customer; nothing needs to be known yet.
    Create {
        /// The stream's own id: the subject of the personal data.
        customer_id: CustomerId,
        /// What is known.
        details: Details,
    },
    /// Gives or corrects details; absent ones stay.
    Update {
        /// The stream's own id: the subject of the personal data.
        customer_id: CustomerId,
        /// What is new.
        details: Details,
    },
}
